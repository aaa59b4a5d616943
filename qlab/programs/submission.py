"""A safe copy of the folder a learner wrote: regular files only, never through a link, capped in count and size.

The folder is untrusted: a link may point at a secret, a named pipe may block for ever, a sparse file may claim a terabyte.
"""

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from qlab.model.errors import NotASubmission, NotWritable
from qlab.model.text import plain, plural, size

SKIPPED = frozenset(
    {".git", ".hg", ".svn", ".qlab", ".venv", "venv", "__pycache__", "node_modules", ".mypy_cache", ".pytest_cache",
     ".ruff_cache", ".idea", ".vscode"}
)  # fmt: skip
"""Folders that are never part of a solution and often large."""

MAX_FILES = 2_000
"""Files, folders and whatever else lies there."""
MAX_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied, and what was left out and why, one line each."""

    files: int
    bytes: int
    left_out: tuple[str, ...]


def copy(source: Path, target: Path) -> Copied:
    """Copy `source` into `target`, which must not exist.

    Raises NotASubmission when source is missing, is no folder, cannot be read, or is larger than MAX_FILES or MAX_BYTES,
    and NotWritable when target cannot be written.
    """
    if not source.exists():
        raise NotASubmission(
            f"there is no folder {source}",
            remedies=[
                "`qlab start LAB` lays out the files to work on",
                "or give the folder: `qlab check FOLDER --lab LAB`",
            ],
        )
    if not source.is_dir():
        raise NotASubmission(
            f"{source} is not a folder",
            found="a file",
            remedies=[f"check its folder: `qlab check {source.parent} --lab LAB`"],
        )
    try:
        return _copy_all(source, target)
    except OSError as error:
        raise NotWritable(
            f"cannot copy {source} in order to check it",
            found=error.strerror or str(error),
            remedies=[f"free some space in {target.parent}"],
        ) from error


def _copy_all(source: Path, target: Path) -> Copied:
    left_out: list[str] = []
    files = seen = total = 0
    target.mkdir(parents=True)
    pending = [(source, target)]
    while pending:
        here, there = pending.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda e: e.name)
        except OSError as error:
            raise NotASubmission(
                f"cannot read {here}",
                found=error.strerror or "",
                remedies=[f"give yourself the right: `chmod u+rx {here}`"],
            ) from error
        for entry in entries:
            seen += 1
            if seen > MAX_FILES:
                raise _too_large(source)
            try:
                mode = entry.stat(follow_symlinks=False).st_mode
            except FileNotFoundError:
                continue  # an editor's draft, gone since the folder was listed
            if stat.S_ISDIR(mode):
                if entry.name not in SKIPPED:
                    (there / entry.name).mkdir()
                    pending.append((Path(entry.path), there / entry.name))
            elif not stat.S_ISREG(mode):
                name = plain(str(Path(entry.path).relative_to(source))).replace("\n", " ")
                left_out.append(f"{name} was left out: {_kind(mode)} is not a file a program could need")
            else:
                copied = _copy_file(Path(entry.path), there / entry.name, MAX_BYTES - total)
                files += copied is not None
                total += copied or 0
                if total > MAX_BYTES:
                    raise _too_large(source)
    return Copied(files, total, tuple(left_out))


def _too_large(source: Path) -> NotASubmission:
    return NotASubmission(
        f"{source} is too large to check",
        found=f"more than {plural(MAX_FILES, 'file')} or {size(MAX_BYTES)}",
        remedies=["move data and environments out of the lab's folder; only your programs belong there"],
    )


def _kind(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "a link"
    if stat.S_ISFIFO(mode):
        return "a named pipe"
    if stat.S_ISSOCK(mode):
        return "a socket"
    return "a device"


def _copy_file(source: Path, target: Path, allowed: int) -> int | None:
    """Copy at most `allowed` + 1 bytes, None when it is no file any more. O_NONBLOCK and O_NOFOLLOW because the entry may have changed since it was looked at."""
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NotASubmission(
            f"cannot read {source}",
            found=error.strerror or "",
            remedies=[f"give yourself the right: `chmod u+r {source}`"],
        ) from error
    with os.fdopen(descriptor, "rb") as reader:
        status = os.fstat(descriptor)
        return _take(reader, status.st_mode, target, allowed) if stat.S_ISREG(status.st_mode) else None


def _take(reader: BinaryIO, mode: int, target: Path, allowed: int) -> int:
    with target.open("wb") as writer:
        # st_size is not trusted: a sparse file claims more than it has, a growing one less.
        copied = 0
        while copied <= allowed and (block := reader.read(min(1 << 20, allowed + 1 - copied))):
            writer.write(block)
            copied += len(block)
        os.fchmod(writer.fileno(), 0o700 if mode & 0o111 else 0o600)
    return copied


def duplicate(copied: Path, target: Path) -> None:
    """A further copy of what `copy` made, for one check: programs may write beside their files."""
    shutil.copytree(copied, target, symlinks=True)
