"""A connection to Redis that asks and reads replies, with the standard library alone.

Pings and questions to INFO happen on every command of qlab; the client library costs 80 ms to import.
"""

import time
from typing import Self

from qlab.brokers.redis.address import Address

Reply = bytes | int | list["Reply"] | None
"""A reply of RESP 2: a simple or bulk string, a number, an array, or nil."""


class ReplyError(Exception):
    """The server answered with an error, such as `LOADING Redis is loading the dataset in memory`."""


def encode(*words: str | bytes | int) -> bytes:
    """One command as RESP bytes."""
    parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


class Wire:
    """One connection, logged in. Every question must be answered within `timeout` seconds in all.

    Everything raises OSError when the server is away, hangs or breaks off, and ReplyError when it refuses.
    """

    def __init__(self, address: Address, timeout: float) -> None:
        self._timeout = timeout
        self._deadline = time.monotonic() + timeout
        self._buffer = b""
        self._socket = address.connect(timeout)
        try:
            for words in address.greeting():
                self.ask(*words)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def ask(self, *words: str | bytes | int) -> Reply:
        """Send one command and return its reply."""
        reply = self.ask_all([words])[0]
        if isinstance(reply, ReplyError):
            raise reply
        return reply

    def ask_all(self, commands: list[tuple[str | bytes | int, ...]]) -> list[Reply | ReplyError]:
        """Send many commands at once; error replies are returned in their place, not raised."""
        self._deadline = time.monotonic() + self._timeout
        self._socket.settimeout(self._timeout)
        self._socket.sendall(b"".join(encode(*words) for words in commands))
        replies: list[Reply | ReplyError] = []
        for _ in commands:
            try:
                replies.append(self._reply())
            except ReplyError as error:
                replies.append(error)
        return replies

    def _reply(self) -> Reply:
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest
        if kind == b"-":
            raise ReplyError(rest.decode("utf-8", "replace"))
        try:
            number = int(rest)
        except ValueError:
            raise ConnectionError(f"this is not a Redis server: it answered {line[:40]!r}") from None
        if kind == b":":
            return number
        if kind == b"$":
            return None if number < 0 else self._exactly(number + 2)[:-2]
        if kind == b"*":
            return None if number < 0 else [self._reply() for _ in range(number)]
        raise ConnectionError(f"this is not a Redis server: it answered {line[:40]!r}")

    def _line(self) -> bytes:
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > 65536:  # a server of another protocol may talk without end and without a line
                raise ConnectionError("this is not a Redis server: its answer has no end of line")
            self._more()
        line, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
        return line

    def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._more()
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data

    def _more(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:  # the limit is on the whole answer: a server that drips must not hold us
            raise TimeoutError("Redis did not answer in time")
        self._socket.settimeout(left)
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionResetError("Redis closed the connection")
        self._buffer += data
