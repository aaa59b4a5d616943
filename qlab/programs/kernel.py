"""The few calls to the Linux kernel that keep processes in hand. Elsewhere each is a no-op that says so by returning False."""

import ctypes
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_CAP_SYS_MODULE, _CAP_SYS_RAWIO, _CAP_SYS_PTRACE, _CAP_SYS_ADMIN = 16, 17, 19, 21

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _prctl(option: int, value: int) -> bool:
    return _libc is not None and _libc.prctl(option, value, 0, 0, 0) == 0


def die_with_parent(signal: int) -> bool:
    """This process gets `signal` when the thread that started it ends."""
    return _prctl(_PR_SET_PDEATHSIG, signal)


def forbid_inspection() -> bool:
    """Other programs of the same user can no longer read this process's memory or open files.

    Without it a learner's program could read the nonce of the grader's report and forge a verdict.
    """
    return _prctl(_PR_SET_DUMPABLE, 0)


def adopt_orphans() -> bool:
    """Descendants whose parent dies become children of this process, so that they can be found and ended."""
    return _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def forbid_inspecting() -> bool:
    """What this process becomes by exec cannot look into others, even where qlab runs as root.

    Root may read the memory of processes that forbid it; without these rights root is held like any other user.
    """
    dropped = True
    for right in (_CAP_SYS_MODULE, _CAP_SYS_RAWIO, _CAP_SYS_PTRACE, _CAP_SYS_ADMIN):
        dropped &= _prctl(_PR_CAPBSET_DROP, right)
    return dropped


def forbid_privileges() -> bool:
    """This process and its children can gain no rights through setuid programs."""
    return _prctl(_PR_SET_NO_NEW_PRIVS, 1)
