"""All a program says, taken in as it comes: events, log text, and how much there was. Drained and capped.

One JSON object per line on stdout with a string `event` is an event; anything else is log text. A program that prints
gigabytes costs us neither memory nor time: past a limit its bytes are counted and thrown away.
"""

import fcntl
import json
import os
import selectors
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MAX_LINE = 262_144
"""Bytes of one line that are looked at; the contract promises learners 64 KB."""
MAX_READ = 32_000_000
"""Bytes of one program that are looked at; what comes after is counted only."""
MAX_LINES = 100_000
"""Lines of one program that are looked at, events or not: each costs far more than its bytes."""
KEPT_LINES = 400
"""Log lines kept from the beginning and again from the end."""
_BLOCK = 65_536
_DEEPEST = 64
"""Levels of lists and objects in an event; deeper ones could not be compared or shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not an event."""

    t: float
    stream: str
    """`out` or `err`."""
    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """One event."""

    t: float
    """Monotonic seconds when it was read."""
    data: dict[str, Any]
    text: str
    """The line as it was written."""


class Output:
    """Takes in a program's stdout and stderr on a thread of its own until both are closed."""

    def __init__(self, out: int, err: int, *, told: Callable[[Said | Line], None] | None = None) -> None:
        """`out` and `err` are file descriptors, owned from now on. `told` is called on the reading thread for all that is said."""
        self._streams = {out: "out", err: "err"}
        self._rest: dict[int, bytearray] = {out: bytearray(), err: bytearray()}
        self._skipping: set[int] = set()
        self._told = told
        self._busy = False
        self.changed = threading.Condition()
        """Notified whenever something was said, and at the end."""
        self.said: list[Said] = []
        self._first_lines: list[Line] = []
        self._last_lines: deque[Line] = deque(maxlen=KEPT_LINES)
        self._looked_at = 0
        self.bytes = 0
        """All bytes read, looked at or not."""
        self.lines_dropped = 0
        self.not_utf8 = False
        self.closed = False
        self._thread = threading.Thread(target=self._drain, daemon=True, name="output")
        self._thread.start()

    @property
    def flooded(self) -> bool:
        """True when the program said more than is looked at."""
        return self.bytes > MAX_READ or self._looked_at >= MAX_LINES

    @property
    def lines(self) -> list[Line]:
        """Log lines, the first and the last ones when there were many."""
        with self.changed:
            return [*self._first_lines, *self._last_lines]

    def events(self, name: str | None = None, **fields: Any) -> list[dict[str, Any]]:
        """Events said so far, of this name, whose fields have these values; oldest first."""
        with self.changed:
            said = list(self.said)
        return [
            s.data
            for s in said
            if (name is None or s.data["event"] == name) and all(s.data.get(k) == v for k, v in fields.items())
        ]

    def settle(self, within: float = 5.0) -> None:
        """Call after the program is dead: returns when everything it wrote before has been taken in.

        A background process of the program may keep the pipe open, so its end cannot be waited for; it may even write
        without end, so what a full pipe holds is enough.
        """
        deadline = time.monotonic() + within
        with self.changed:
            enough = self.bytes + _BLOCK + sum(_capacity(descriptor) for descriptor in self._streams)
            # Readable is asked before busy: between the two the reader may finish, never start, without being seen.
            while not self.closed and (self._readable() or self._busy) and self.bytes < enough:
                if time.monotonic() >= deadline:
                    break
                self.changed.wait(0.01)

    def _readable(self) -> bool:
        with selectors.DefaultSelector() as selector:
            for descriptor in self._streams:
                selector.register(descriptor, selectors.EVENT_READ)
            return bool(selector.select(0))

    def _drain(self) -> None:
        with selectors.DefaultSelector() as selector:
            for descriptor in self._streams:
                selector.register(descriptor, selectors.EVENT_READ)
            while selector.get_map():
                for key, _ in selector.select():
                    self._busy = True
                    descriptor = int(key.fd)
                    block = os.read(descriptor, _BLOCK)
                    if block:
                        self._take(descriptor, block)
                    else:
                        selector.unregister(descriptor)
                        self._flush(descriptor)
                    with self.changed:
                        self._busy = False
                        self.changed.notify_all()
            with self.changed:
                self.closed = True
                for descriptor in self._streams:
                    os.close(descriptor)
                self._streams = {}
                self.changed.notify_all()

    def _take(self, descriptor: int, block: bytes) -> None:
        self.bytes += len(block)
        if self.flooded:
            return
        rest = self._rest[descriptor]
        *lines, tail = block.split(b"\n")
        for line in lines:
            whole = bytes(rest) + line
            rest.clear()
            if descriptor in self._skipping:
                self._skipping.discard(descriptor)
            else:
                # However the bytes were cut: of a line longer than that, the head.
                self._line(descriptor, whole[:MAX_LINE])
        if descriptor not in self._skipping:
            rest += tail
            if len(rest) > MAX_LINE:
                # The head of an endless line is shown; the rest of it is skipped.
                self._line(descriptor, bytes(rest[:MAX_LINE]))
                rest.clear()
                self._skipping.add(descriptor)

    def _flush(self, descriptor: int) -> None:
        if self._rest[descriptor] and not self.flooded:
            self._line(descriptor, bytes(self._rest[descriptor]))
            self._rest[descriptor].clear()

    def _line(self, descriptor: int, raw: bytes) -> None:
        if self._looked_at >= MAX_LINES:
            return
        self._looked_at += 1
        now = time.monotonic()
        stream = self._streams[descriptor]
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            self.not_utf8 = True
            text = raw.decode(errors="replace")
        event = _event(text) if stream == "out" else None
        said = Said(now, event, text) if event is not None else Line(now, stream, text.rstrip("\r"))
        with self.changed:
            if isinstance(said, Said):
                self.said.append(said)
            elif len(self._first_lines) < KEPT_LINES:
                self._first_lines.append(said)
            else:
                self.lines_dropped += len(self._last_lines) == KEPT_LINES
                self._last_lines.append(said)
        if self._told:
            self._told(said)


def _event(text: str) -> dict[str, Any] | None:
    """The event on this line, or None when it is log text."""
    if not text.startswith("{"):
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or not isinstance(data.get("event"), str):
        return None
    if text.count("[") + text.count("{") > _DEEPEST and not _is_flat(data, _DEEPEST):
        return None
    return data


def _is_flat(value: Any, levels: int) -> bool:
    """True when there are at most so many levels of lists and objects."""
    if not isinstance(value, (dict, list)):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_is_flat(one, levels - 1) for one in inner)


def _capacity(descriptor: int) -> int:
    """Bytes that a pipe can hold."""
    return fcntl.fcntl(descriptor, fcntl.F_GETPIPE_SZ) if hasattr(fcntl, "F_GETPIPE_SZ") else _BLOCK
