"""Find and end processes that a learner's program left behind, also those that hid in the background.

A program may fork, start a session of its own and ignore SIGTERM. Two ways find it: as a descendant (the grader adopts
orphans) and by the variable `QLAB_RUN` that every process of a run inherits.
"""

import os
import signal
from collections.abc import Collection, Iterable, Iterator
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


def _environments() -> Iterator[tuple[int, list[bytes]]]:
    """Every other process of this user and the variables it was started with, the newest first.

    Read one by one while the caller acts: a program that only forks lives for a moment.
    """
    entries = _PROC.iterdir() if _PROC.is_dir() else ()
    for pid in sorted((int(entry.name) for entry in entries if entry.name.isdigit()), reverse=True):
        with suppress(OSError):
            variables = (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
            if pid != os.getpid():
                yield pid, variables


def _marked(run: str) -> Iterator[int]:
    wanted = f"{MARK}={run}".encode()
    return (pid for pid, variables in _environments() if wanted in variables)


def marked(run: str) -> set[int]:
    """Living processes of this user that carry `QLAB_RUN=<run>`, other than this one."""
    return set(_marked(run))


def marked_runs() -> set[str]:
    """The runs that any living process of this user carries in its environment."""
    prefix = f"{MARK}=".encode()
    return {
        item[len(prefix) :].decode(errors="replace")
        for _, variables in _environments()
        for item in variables
        if item.startswith(prefix) and len(item) > len(prefix)
    }


def _kill(pids: Iterable[int]) -> set[int]:
    """SIGKILL to each with its group, as they come: the system ends a whole group before any of it can fork again."""
    ended = set()
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            group = os.getpgid(pid)
            ended.add(pid)
            if group == os.getpgrp():
                os.kill(pid, signal.SIGKILL)
            else:
                os.killpg(group, signal.SIGKILL)
    return ended


def _reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def end_descendants(root: int, spare: Collection[int] = ()) -> int:
    """End every process below `root` except `spare` and what is below it. Returns how many there were.

    A learner's program has a session of its own, so its groups hold nothing else.
    """
    ended: set[int] = set()
    for _ in range(_ROUNDS):
        found = descendants(root, spare)
        if not found:
            break
        ended |= _kill(sorted(found, reverse=True))
    if root == os.getpid() and not spare:
        _reap()
    return len(ended)


def end_marked(run: str) -> int:
    """End every process that carries this run's mark. Returns how many there were."""
    ended: set[int] = set()
    quiet = 0
    for _ in range(_ROUNDS):
        found = _kill(_marked(run))
        ended |= found
        # One that forks may slip by a look, hardly two.
        quiet = 0 if found else quiet + 1
        if quiet == 2:
            break
    return len(ended)
