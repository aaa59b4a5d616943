"""The learner's folder: laid out from starter/ without touching what is there, and put aside for a new start."""

import os
import secrets
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from qlab.model.errors import LabBroken, NotWritable, UsageError
from qlab.model.lab import Lab

SKIPPED = frozenset({"__pycache__", ".DS_Store", ".git"})
"""Names that lie in folders by accident and are nobody's work."""


def lay_out(lab: Lab, folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Copy starter/ into `folder`, and say which files were written and which were kept.

    Both are paths inside the folder, in order. What exists is kept byte for byte, a symlink too. Each file appears
    whole or not at all, so it may be called again after a crash. Raises LabBroken when the lab has no starter/, and
    NotWritable with the reason when the folder refuses; files written before that stay.
    """
    if not lab.starter.is_dir():
        raise LabBroken(f"{lab.starter}: is missing", found="a lab without a starter", remedies=["write starter/"])
    written: list[str] = []
    kept: list[str] = []
    target = folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for source in _everything(lab.starter):
            name = source.relative_to(lab.starter)
            target = folder / name
            if source.is_dir():
                target.mkdir(exist_ok=True)
                continue
            (written if _copy(source, target) else kept).append(name.as_posix())
    except OSError as error:
        raise _refused(f"{folder}: the files of the lab cannot be written here", target, error) from error
    return tuple(written), tuple(kept)


def put_aside(folder: Path) -> Path:
    """Rename a learner's folder to `<folder>.before-<UTC time>`, unique also twice in one second; the new path.

    Raises UsageError when there is no such folder, NotWritable when it cannot be renamed. Nothing is copied or lost.
    """
    if not os.path.lexists(folder):
        raise UsageError(f"{folder}: is not there, so there is nothing to put aside")
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    number = 1
    while True:
        aside = folder.with_name(f"{folder.name}.before-{stamp}" + (f"-{number}" if number > 1 else ""))
        number += 1
        if os.path.lexists(aside):
            continue
        try:
            return folder.rename(aside)
        except FileExistsError:
            continue  # somebody took the name in between
        except OSError as error:
            if aside.is_dir() and folder.exists():
                continue  # the same, as some systems say "not empty"
            raise _refused(f"{folder}: cannot be renamed, so it stays as it is", aside, error) from error


def _everything(top: Path) -> list[Path]:
    """Folders and files below `top`, parents first, by name."""
    found: list[Path] = []
    for base, folders, files in os.walk(top):
        folders[:] = sorted(set(folders) - SKIPPED)
        found.extend(Path(base, name) for name in folders)
        found.extend(Path(base, name) for name in sorted(files) if name not in SKIPPED)
    return found


def _copy(source: Path, target: Path) -> bool:
    """Copy one file unless something has its name; True when it was written."""
    if os.path.lexists(target):
        return False
    # The umask takes away what the learner does not want to give; only the executable bit is ours to keep.
    mode = 0o777 if source.stat().st_mode & 0o111 else 0o666
    half = target.with_name(f".{target.name}.{secrets.token_hex(4)}.qlab-half")
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(source.read_bytes())
            out.flush()
            os.fsync(out.fileno())
        return _give_name(half, target)
    finally:
        with suppress(OSError):
            half.unlink()


def _give_name(half: Path, target: Path) -> bool:
    """Let a finished file appear under its name; False when the name was taken meanwhile."""
    try:
        target.hardlink_to(half)
    except FileExistsError:
        return False
    except OSError:
        # A file system without hard links. Looking first is the best that is left there.
        if os.path.lexists(target):
            return False
        half.rename(target)
    return True


def _refused(what: str, target: Path, error: OSError) -> NotWritable:
    in_the_way = next((p for p in (target, *target.parents) if os.path.lexists(p) and not p.is_dir()), None)
    remedy = "free some space or make the folder writable, then try again: what is there is kept"
    if in_the_way is not None and isinstance(error, FileExistsError | NotADirectoryError):
        remedy = f"{in_the_way} is a file where a folder belongs: move it away, then try again"
    return NotWritable(what, found=f"{error.strerror or error} ({target})", remedies=[remedy])
