"""The exit codes qlab promises. Scripts and classrooms rely on them."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the number means to a shell."""

    DONE = 0
    """All requested checks passed, or the command did what it says."""
    FAILED = 1
    """A check failed, was blocked by a failed one, or did not agree with itself: the learner's work."""
    USAGE = 2
    """The words typed do not fit: a wrong option, lab, check or folder."""
    NOT_READY = 3
    """This machine cannot do it yet (no service, no permission, no disk), or the result could not be told."""
    LAB_WRONG = 4
    """The lab itself is wrong: its author must mend it."""
    NOTHING = 5
    """There was nothing to check."""
    FAULT = 70
    """A fault in qlab."""
    INTERRUPTED = 130
    """Ctrl-C."""
