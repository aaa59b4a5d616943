"""What a Redis server holds now: lists, streams and sorted sets with their lengths, channels, the rest as a count."""

from qlab.brokers.base import Row
from qlab.brokers.redis.wire import Reply, ReplyError, Wire

MOST = 500
"""Keys shown of one kind; a board with more is not read by anyone."""

COUNTED = {"list": "LLEN", "stream": "XLEN", "zset": "ZCARD"}
KIND = {"list": "list", "stream": "stream", "zset": "sorted set"}


def held(wire: Wire) -> tuple[Row, ...]:
    """Everything in the connection's database and every channel with subscribers, sorted by name.

    Raises OSError when the server is away, ReplyError when it refuses (LOADING).
    """
    rows = [row for type_ in COUNTED for row in _counted(wire, type_)]
    return tuple(sorted([*rows, *_channels(wire), *_rest(wire)], key=lambda row: (row.name, row.kind)))


def _counted(wire: Wire, type_: str) -> list[Row]:
    names, more = _names(wire, type_)
    lengths = wire.ask_all([(COUNTED[type_], name) for name in names])
    groups = wire.ask_all([("XINFO", "GROUPS", name) for name in names]) if type_ == "stream" else [None] * len(names)
    # A key may vanish or change its kind between two questions; it is left out and seen at the next look.
    rows = [
        Row(KIND[type_], _text(name), length, _waiting(group))
        for name, length, group in zip(names, lengths, groups, strict=True)
        if isinstance(length, int) and length > 0
    ]
    if more:
        rows.append(Row(KIND[type_], "…", -1, f"only the first {MOST} are shown"))
    return rows


def _names(wire: Wire, type_: str) -> tuple[list[bytes], bool]:
    """Names of the keys of one type, and whether there are more."""
    names: dict[bytes, None] = {}  # SCAN may say a key twice
    cursor: bytes = b"0"
    while True:
        reply = wire.ask("SCAN", cursor, "COUNT", 10_000, "TYPE", type_)
        assert isinstance(reply, list)
        at, page = reply
        assert isinstance(at, bytes)
        assert isinstance(page, list)
        names.update((name, None) for name in page if isinstance(name, bytes))
        if len(names) > MOST:
            return sorted(names)[:MOST], True
        if at == b"0":
            return sorted(names), False
        cursor = at


def _waiting(groups: Reply | ReplyError) -> str:
    """`workers: 3 not acknowledged` for each consumer group of a stream."""
    if not isinstance(groups, list):
        return ""
    said = []
    for group in groups:
        assert isinstance(group, list)
        fact = dict(zip(group[::2], group[1::2], strict=False))
        said.append(f"{_text(fact.get(b'name'))}: {_text(fact.get(b'pending', 0))} not acknowledged")
    return ", ".join(said)


def _channels(wire: Wire) -> list[Row]:
    names = wire.ask("PUBSUB", "CHANNELS")
    assert isinstance(names, list)
    if not names:
        return []
    counts = wire.ask("PUBSUB", "NUMSUB", *(name for name in names[:MOST] if isinstance(name, bytes)))
    assert isinstance(counts, list)
    return [
        Row("channel", _text(name), -1, f"{_text(count)} subscriber{'' if count == 1 else 's'}")
        for name, count in zip(counts[::2], counts[1::2], strict=True)
    ]


def _rest(wire: Wire) -> list[Row]:
    """One line for all keys together, with how many of them have a time to live."""
    size, info = wire.ask_all([("DBSIZE",), ("INFO", "keyspace")])
    if not isinstance(size, int) or size == 0 or not isinstance(info, bytes):
        return []
    fields = [part for line in info.splitlines() if line.startswith(b"db") for part in line.split(b",")]
    expiring = sum(int(part[8:]) for part in fields if part.startswith(b"expires="))
    return [Row("keys", "all keys", -1, f"{size} in all, {expiring} with a time to live")]


def _text(name: Reply) -> str:
    return name.decode("utf-8", "backslashreplace") if isinstance(name, bytes) else str(name)
