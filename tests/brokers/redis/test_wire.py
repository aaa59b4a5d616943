"""The reader of replies: however the bytes are cut, and whatever answers instead of a Redis."""

import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qlab.brokers.base import find
from qlab.brokers.redis.address import Address
from qlab.brokers.redis.wire import Reply, ReplyError, Wire, encode
from qlab.model.service import Endpoint


@contextmanager
def answering(*pieces: bytes, close: bool = True) -> Iterator[Endpoint]:
    """A server that says these pieces to the first who connects, whatever it is asked."""
    over = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.recv(65536)
            for piece in pieces:
                connection.sendall(piece)
            if not close:
                over.wait(10)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        port = listener.getsockname()[1]
        try:
            yield Endpoint("127.0.0.1", port, f"redis://127.0.0.1:{port}/0")
        finally:
            over.set()
            thread.join()


def ask(endpoint: Endpoint, timeout: float = 5.0) -> Reply:
    with Wire(Address.of(endpoint.url), timeout) as wire:
        return wire.ask("ANY")


def as_bytes(reply: Reply) -> bytes:
    """A reply as a server sends it."""
    match reply:
        case None:
            return b"$-1\r\n"
        case int():
            return b":%d\r\n" % reply
        case bytes():
            return b"$%d\r\n%s\r\n" % (len(reply), reply)
        case _:
            return b"*%d\r\n" % len(reply) + b"".join(map(as_bytes, reply))


leaves = st.none() | st.integers(-(2**63), 2**63 - 1) | st.binary(max_size=50)
replies = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4), max_leaves=12)


@settings(max_examples=60, deadline=None)
@given(replies, st.lists(st.integers(0, 400), max_size=6))
def test_any_reply_however_it_is_cut(reply: Reply, cuts: list[int]) -> None:
    data = as_bytes(reply)
    edges = [0, *sorted(cut % len(data) for cut in cuts), len(data)]
    pieces = [data[start:end] for start, end in itertools.pairwise(edges)]
    with answering(*pieces) as endpoint:
        assert ask(endpoint) == reply


def test_an_error_reply_is_raised_with_its_words() -> None:
    with answering(b"-LOADING Redis is loading\r\n") as endpoint, pytest.raises(ReplyError, match="LOADING"):
        ask(endpoint)


@pytest.mark.parametrize(
    "piece", [b"", b"+PON", b"$5\r\nab", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-x\r\n", b"$x\r\n", b"x" * 70000]
)
def test_what_is_no_redis_is_an_oserror(piece: bytes) -> None:
    with answering(piece) as endpoint, pytest.raises(OSError):
        ask(endpoint)


def test_silence_ends_at_the_limit() -> None:
    with answering(b"+PON", close=False) as endpoint, pytest.raises(TimeoutError):
        ask(endpoint, timeout=0.05)


@pytest.mark.parametrize(("said", "ready"), [(b"+PONG\r\n", True), (b"-LOADING\r\n", False), (b"SMTP\r\n", False)])
def test_ping_is_true_for_a_pong_alone(said: bytes, ready: bool) -> None:
    with answering(said) as endpoint:
        assert find("redis").ping(endpoint, 5.0) is ready


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    endpoint = find("redis").endpoint("127.0.0.1", port)
    assert not find("redis").ping(endpoint, 1.0)
    assert find("redis").identity(endpoint, 1.0) == ""


def test_commands_are_written_as_counted_words() -> None:
    assert encode("SET", b"\r\n", 12) == b"*3\r\n$3\r\nSET\r\n$2\r\n\r\n\r\n$2\r\n12\r\n"
