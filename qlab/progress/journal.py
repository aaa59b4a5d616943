"""The journal: what the learner did, one JSON object a line, only appended. A crash costs at most the last line."""

import fcntl
import json
import os
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from qlab.model.errors import JournalNotWritten, MachineNotReady


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal."""

    t: float
    """When, in seconds since 1970 UTC."""
    kind: str
    data: Mapping[str, Any]
    """The other fields of the line, not yet judged: the file may have been edited."""


_LONGEST = 1_000_000
"""Bytes of one line that are read at once; an entry is far shorter."""


class Journal:
    """An append-only file that several processes may write at once."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, kind: str, **data: Any) -> None:
        """Add one line and see it onto the disk.

        Raises JournalNotWritten when the system refuses; the file is then as it was before. Raises TypeError for
        data that JSON cannot hold, and ValueError for a field named `t`, which is ours.
        """
        if "t" in data:
            raise ValueError("the field t is the time of the entry")
        line = json.dumps({"t": round(time.time(), 3), "kind": kind, **data}).encode() + b"\n"
        try:
            self.path.parent.mkdir(exist_ok=True)
            handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                _add(handle, line)
            finally:
                os.close(handle)
        except OSError as error:
            raise JournalNotWritten(
                f"{self.path}: what happened could not be recorded; the result itself is right",
                found=error.strerror or str(error),
                remedies=["free some space or make the folder writable, then run the command again to record it"],
            ) from error

    def read(self) -> Iterator[Entry]:
        """Entries in the order written. A line that is torn, unreadable or no entry is passed over.

        Raises MachineNotReady when the file is there and cannot be opened.
        """
        try:
            # A device or a named pipe in the journal's place would never end, or never begin.
            with os.fdopen(os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
                lines: Iterable[bytes] = iter(partial(file.readline, _LONGEST), b"")
                for line in lines if _is_regular(file.fileno()) else ():
                    entry = _entry(line)
                    if entry is not None:
                        yield entry
        except FileNotFoundError:
            return
        except OSError as error:
            raise MachineNotReady(
                f"{self.path}: the record of your work cannot be read",
                found=error.strerror or str(error),
                remedies=["make the file readable for you"],
            ) from error


def _is_regular(handle: int) -> bool:
    return stat.S_ISREG(os.fstat(handle).st_mode)


def _add(handle: int, line: bytes) -> None:
    """Write one line at the end, or leave the file as it was. The lock is held."""
    size = os.fstat(handle).st_size
    # A process that died while writing left half a line: ours must not be glued to it.
    if size and os.pread(handle, 1, size - 1) != b"\n":
        line = b"\n" + line
    try:
        rest = memoryview(line)
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    except BaseException:
        with suppress(OSError):
            os.ftruncate(handle, size)
        raise


def _entry(line: bytes) -> Entry | None:
    try:
        values = json.loads(line.decode())
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, dict):
        return None
    t, kind = values.pop("t", None), values.pop("kind", None)
    if not isinstance(t, int | float) or isinstance(t, bool) or not isinstance(kind, str):
        return None
    try:
        return Entry(float(t), kind, values)
    except OverflowError:  # a whole number too large to be a time
        return None
