"""Find and end processes that a learner's program left behind, also those that hid in the background.

A program may fork, start a session of its own and ignore SIGTERM. Two ways find it: as a descendant (the grader adopts
orphans) and by the variable `QLAB_RUN` that every process of a run inherits.
"""

import os
import signal
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

MARK = "QLAB_RUN"
"""Variable that names the check run a process belongs to."""

_PROC = Path("/proc")
_ROUNDS = 200
"""A process that forks faster than it is ended must not keep us here for ever; limits on processes stop it first."""


def _parents() -> dict[int, int]:
    """Process id to parent's id, without those already dead."""
    parents: dict[int, int] = {}
    for entry in _PROC.iterdir() if _PROC.is_dir() else ():
        if not entry.name.isdigit():
            continue
        with suppress(OSError, ValueError, IndexError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            state, parent, threads = fields[0], fields[1], fields[17]
            # A program whose first thread has ended looks dead while its other threads go on.
            if state not in "ZX" or int(threads) > 1:
                parents[int(entry.name)] = int(parent)
    return parents


def descendants(root: int, spare: Iterable[int] = ()) -> set[int]:
    """Living processes below `root`, without `root`, without `spare` and what is below those.

    All from one look at the process table: between two looks a spared process may start another, which would then
    belong to nobody.
    """
    children: dict[int, list[int]] = {}
    for pid, parent in _parents().items():
        children.setdefault(parent, []).append(pid)
    spared = set(spare)
    found: set[int] = set()
    queue = [root]
    while queue:
        for child in children.get(queue.pop(), ()):
            if child not in found and child not in spared:
                found.add(child)
                queue.append(child)
    return found


def marked(run: str) -> set[int]:
    """Living processes of this user that carry `QLAB_RUN=<run>`, other than this one."""
    wanted = f"{MARK}={run}".encode()
    found: set[int] = set()
    for pid in _parents():
        with suppress(OSError):
            if wanted in (_PROC / str(pid) / "environ").read_bytes().split(b"\0"):
                found.add(pid)
    found.discard(os.getpid())
    return found


def marked_runs() -> set[str]:
    """The runs that any living process of this user carries in its environment."""
    prefix = f"{MARK}=".encode()
    runs: set[str] = set()
    for pid in _parents():
        with suppress(OSError):
            for item in (_PROC / str(pid) / "environ").read_bytes().split(b"\0"):
                if item.startswith(prefix) and len(item) > len(prefix):
                    runs.add(item[len(prefix) :].decode(errors="replace"))
    return runs


def _signal_all(pids: Iterable[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def end_descendants(root: int, spare: Collection[int] = ()) -> int:
    """End every process below `root` except `spare` and what is below it. Returns how many there were.

    All are stopped first, so that none can fork while others are being ended.
    """
    ended: set[int] = set()
    for _ in range(_ROUNDS):
        found = descendants(root, spare)
        if not found:
            break
        ended |= found
        _signal_all(found, signal.SIGSTOP)
        _signal_all(found, signal.SIGKILL)
        if root == os.getpid() and not spare:
            _reap()
    return len(ended)


def end_marked(run: str) -> int:
    """End every process that carries this run's mark. Returns how many there were."""
    ended: set[int] = set()
    for _ in range(_ROUNDS):
        found = marked(run)
        if not found:
            break
        ended |= found
        _signal_all(found, signal.SIGSTOP)
        _signal_all(found, signal.SIGKILL)
    return len(ended)
