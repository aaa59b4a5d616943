"""How long to wait. A deadline is the cost of a failing program only, so it may be generous; on a slow machine it grows.

The factor comes from one measurement at the start of a run: starting an interpreter and importing a client library,
the same work every program of a check begins with.
"""

import subprocess
import time
from collections.abc import Sequence

NOMINAL = 0.12
"""Seconds the measured work takes on a quiet machine of ordinary speed."""
_MARGIN = 2.0


class Patience:
    """Turns seconds on a quiet machine into seconds on this one."""

    def __init__(self, factor: float = 1.0) -> None:
        self.factor = max(1.0, factor)

    def seconds(self, quiet: float) -> float:
        """How long to wait for what takes at most `quiet` seconds on a quiet machine."""
        return quiet * self.factor * _MARGIN

    def deadline(self, quiet: float) -> float:
        """The monotonic time until which to wait."""
        return time.monotonic() + self.seconds(quiet)


class Calibration:
    """One measurement, begun now and read later so that it runs beside other work."""

    def __init__(self, argv: Sequence[str]) -> None:
        self._began = time.monotonic()
        self._process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def patience(self) -> Patience:
        """Waits for the measurement to end."""
        self._process.wait()
        return Patience((time.monotonic() - self._began) / NOMINAL)
