"""Around every command: errors become clear lines and the promised exit code; a signal ends it as Ctrl-C does."""

import os
import signal
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

from qlab.cli.out import Out
from qlab.model.errors import Interrupted, QlabError
from qlab.model.exits import ExitCode


def guarded(work: Callable[[], ExitCode | int | None], out: Out) -> int:
    """Run a command; its exit code, whatever happens."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return int(work() or 0)
    except (KeyboardInterrupt, Interrupted):
        out.tell("stopped")
        return ExitCode.INTERRUPTED
    except QlabError as error:
        show(error, out)
        return error.exit_code
    except Exception:  # noqa: BLE001 - the last place before a traceback would reach a learner
        return crash(out)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def show(error: QlabError, out: Out) -> None:
    """An error as lines: what happened, what was found, what to do."""
    out.tell(out.paint("error", "red", err=True) + f": {error.what}")
    for line in error.found.splitlines():
        out.tell(f"  found  {line}")
    for index, remedy in enumerate(error.remedies):
        out.tell(("  try    " if index == 0 else "         ") + remedy)


def _kept(details: str) -> str:
    try:
        with tempfile.NamedTemporaryFile("w", prefix="qlab-crash-", suffix=".txt", delete=False) as file:
            file.write(details.encode("ascii", "backslashreplace").decode())
    except OSError:  # the disk is full: perhaps the very reason
        return "what `QLAB_DEBUG=1 qlab …` prints"
    return str(Path(file.name))


def crash(out: Out) -> int:
    """A fault in qlab: say so, keep the details in a file."""
    details = traceback.format_exc()
    if os.environ.get("QLAB_DEBUG"):
        out.tell(details)
    out.tell(out.paint("error", "red", err=True) + ": this is a fault in qlab, not in your work")
    out.tell(f"  found  {details.strip().splitlines()[-1]}")
    out.tell(f"  try    send {_kept(details)} to the people who make qlab")
    return ExitCode.FAULT
