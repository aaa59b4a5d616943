"""Wait until a server answers: asked every few milliseconds, ended by its death or a generous deadline."""

import threading
import time
from collections.abc import Callable

from qlab.model.errors import ServiceFailed

DEADLINE = 20.0
"""Seconds. A server that is well answers in milliseconds; this is for a machine on its knees."""

INTERVAL = 0.01
"""Seconds between two looks."""

EARLY, EARLY_INTERVAL = 0.05, 0.002
"""A Redis is ready in 5 to 15 ms, so in the first moments the looks are closer together."""

SHORT, LONG = 0.1, 2.0
"""Seconds one question may take, at first and at most. Short at first: what answers nothing may be a stranger that
took the port, and then our own server has already ended."""


def wait_ready(
    title: str,
    ready: Callable[[float], bool],
    gone: threading.Event,
    log: Callable[[], str],
    deadline: float = DEADLINE,
) -> None:
    """Return when `ready(timeout)` is true. Raises ServiceFailed, with the end of the log, on death or deadline.

    `gone` is set when the process has ended.
    """
    began = time.monotonic()
    end = began + deadline
    patience = SHORT
    while True:
        asked = time.monotonic()
        # Asked before looking at `gone`: a server that died after answering once did not become ready.
        if ready(patience) and not gone.is_set():
            return
        if time.monotonic() - asked >= patience:  # a busy machine: give the next question more time
            patience = min(2 * patience, LONG)
        left = end - time.monotonic()
        if gone.is_set():
            raise ServiceFailed(f"{title} ended before it was ready", found=_end_of(log()), remedies=_remedies(title))
        if left <= 0:
            what = f"{title} did not answer within {deadline:.0f} seconds"
            raise ServiceFailed(what, found=_end_of(log()), remedies=_remedies(title))
        gone.wait(EARLY_INTERVAL if time.monotonic() - began < EARLY else INTERVAL)


def _end_of(log: str) -> str:
    return f"the end of its log:\n{log}" if log else "its log is empty"


def _remedies(title: str) -> list[str]:
    return [f"run `qlab doctor`, which looks at what {title} needs"]
