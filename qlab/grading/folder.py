"""The scratch folder of one run, held by a lock while the run lives and swept afterwards by whoever comes next.

A run is a check run, or one program of the learner under `qlab run`.
"""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from qlab.model.errors import NotWritable
from qlab.programs import sweep

_LOCK = "lock"
_PROGRAM = "program"


@contextmanager
def _turn(runs: Path) -> Iterator[None]:
    """One at a time: between making a run's folder and locking it, it looks abandoned."""
    turn = os.open(runs / ".turn", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield
    finally:
        os.close(turn)


@contextmanager
def run_folder(runs: Path, program: str = "") -> Iterator[tuple[str, Path]]:
    """A new folder below `runs` and the run's id; removed at the end with every process that carries the id.

    `program` names the one program of `qlab run`. Raises NotWritable.
    """
    run = secrets.token_hex(6)
    folder = runs / run
    try:
        runs.mkdir(parents=True, exist_ok=True)
        with _turn(runs):
            folder.mkdir()
            lock = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if program:
                (folder / _PROGRAM).write_text(program, encoding="utf-8")
    except OSError as error:
        raise NotWritable(
            f"cannot make a folder for this run in {runs}",
            found=error.strerror or str(error),
            remedies=[f"free some space, or give yourself the right: `chmod u+rwx {runs.parent}`"],
        ) from error
    try:
        yield run, folder
    finally:
        sweep.end_marked(run)
        # Half removed it looks abandoned, too.
        with suppress(OSError), _turn(runs):
            shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def programs(runs: Path) -> dict[str, str]:
    """Run id to program, for every `qlab run` that is going on."""
    found = {}
    for file in runs.glob(f"*/{_PROGRAM}"):
        with suppress(OSError):
            if not _is_abandoned(file.parent):
                found[file.parent.name] = file.read_text(encoding="utf-8")
    return found


def end_programs(runs: Path) -> list[str]:
    """End every program that a `qlab run` of this workspace runs; returns their names."""
    running = programs(runs)
    for run in running:
        sweep.end_marked(run)
    return sorted(running.values())


def abandoned(runs: Path) -> list[str]:
    """Ids of runs whose qlab is gone without clearing up: their lock is free."""
    folders = sorted(runs.iterdir()) if runs.is_dir() else ()
    return [folder.name for folder in folders if not folder.name.startswith(".") and _is_abandoned(folder)]


def _is_abandoned(folder: Path) -> bool:
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True


def clear_abandoned(runs: Path) -> list[str]:
    """End the processes and remove the folders of abandoned runs; returns their ids."""
    if not abandoned(runs):
        return []
    with _turn(runs):
        cleared = abandoned(runs)
        for run in cleared:
            sweep.end_marked(run)
            with suppress(OSError):
                shutil.rmtree(runs / run)
    return cleared
