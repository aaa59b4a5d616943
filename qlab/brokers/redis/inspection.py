"""Look into a Redis server from outside the programs that use it: counts, a record of commands, a subscriber."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from qlab.brokers.redis.client import text_client
from qlab.model.service import Endpoint

_MONITOR = re.compile(r"^(?P<time>[\d.]+) \[(?P<db>\d+) (?P<client>[^\]]+)\] (?P<words>.*)$")
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", '"': '"', "\\": "\\"}


def calls(endpoint: Endpoint) -> dict[str, int]:
    """How often each command was called since the server started, by lower-case name: {"brpop": 3}."""
    with text_client(endpoint) as connection:
        stats = connection.info("commandstats")
    return {name.removeprefix("cmdstat_").lower(): int(entry["calls"]) for name, entry in stats.items()}


@dataclass(frozen=True, slots=True)
class Seen:
    """One command as the server saw it."""

    t: float
    """Monotonic seconds when it was read here."""
    client: str
    """Address of the connection, or `lua` for a command inside a script."""
    argv: tuple[str, ...]

    @property
    def name(self) -> str:
        """The command's name in capitals."""
        return self.argv[0].upper()


@dataclass(slots=True)
class Recording:
    """Commands in the order the server ran them. Complete once the `record` block has ended."""

    commands: list[Seen] = field(default_factory=list)


@contextmanager
def record(endpoint: Endpoint) -> Iterator[Recording]:
    """Record every command of every client (MONITOR) while the block runs.

    At the end a marker is sent through the same server and waited for, so that nothing sent before is missed.
    """
    recording = Recording()
    marker = f"qlab:end-of-record:{id(recording)}"
    done = threading.Event()
    ready = threading.Event()
    watcher = text_client(endpoint)

    def listen() -> None:
        with suppress(Exception), watcher.monitor() as monitor:  # type: ignore[no-untyped-call]
            connection = monitor.connection
            ready.set()
            while not done.is_set():
                raw = connection.read_response()
                text = raw.decode(errors="replace") if isinstance(raw, bytes) else str(raw)
                seen = _parse(text)
                if seen is None:
                    continue
                if seen.argv == ("ECHO", marker):
                    break
                recording.commands.append(seen)
        ready.set()
        done.set()

    thread = threading.Thread(target=listen, daemon=True, name="redis-record")
    thread.start()
    ready.wait(10)
    try:
        yield recording
    finally:
        with suppress(Exception), text_client(endpoint) as other:
            other.execute_command("ECHO", marker)
            done.wait(10)
        done.set()
        with suppress(Exception):
            watcher.close()


def _parse(text: str) -> Seen | None:
    found = _MONITOR.match(text)
    if not found:
        return None
    words = tuple(_unescape(word) for word in _WORD.findall(found["words"]))
    return Seen(time.monotonic(), found["client"], words) if words else None


def _unescape(word: str) -> str:
    def one(escape: re.Match[str]) -> str:
        code = escape[1]
        return chr(int(code[1:], 16)) if code.startswith("x") and len(code) == 3 else _ESCAPES.get(code, code)

    return re.sub(r"\\(x[0-9a-fA-F]{2}|.)", one, word)


class Listener:
    """A subscriber of channels that keeps what it hears."""

    def __init__(self, endpoint: Endpoint, channels: tuple[str, ...]) -> None:
        self.messages: list[tuple[str, str]] = []
        """(channel, text) in the order they came."""
        self.changed = threading.Condition()
        self._client = text_client(endpoint)
        self._pubsub = self._client.pubsub()  # type: ignore[no-untyped-call]
        self._pubsub.subscribe(*channels)
        confirmed = 0
        while confirmed < len(channels):
            reply = self._pubsub.get_message(timeout=10)
            if reply is None:
                raise TimeoutError("Redis did not confirm the subscription")
            confirmed += reply["type"] == "subscribe"
        self._thread = threading.Thread(target=self._listen, daemon=True, name="redis-listener")
        self._thread.start()

    def _listen(self) -> None:
        # The connection breaks when the check kills or restarts its server; what was heard until then stands.
        with suppress(Exception):
            for reply in self._pubsub.listen():
                if reply["type"] == "message":
                    with self.changed:
                        self.messages.append((reply["channel"], reply["data"]))
                        self.changed.notify_all()

    def wait(self, count: int, seconds: float) -> bool:
        """True once at least `count` messages came; False after so many seconds."""
        with self.changed:
            return self.changed.wait_for(lambda: len(self.messages) >= count, seconds)
