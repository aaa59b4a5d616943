"""How long to wait. A deadline is the cost of a failing program only, so it may be generous; on a slow machine it grows.

The factor comes from one measurement at the start of a run: starting an interpreter and importing as much as a client
library does, the same work every program of a check begins with.
"""

import subprocess
import sys
import time
from contextlib import suppress

NOMINAL = 0.12
"""Seconds the measured work takes on a quiet machine of ordinary speed."""
_MARGIN = 2.0
_MOST = 20.0
"""A machine slower than that is not waited for: a check that runs out of time then says so."""


class Patience:
    """Turns seconds on a quiet machine into seconds on this one."""

    def __init__(self, factor: float = 1.0) -> None:
        self.factor = min(max(1.0, factor), _MOST)

    def seconds(self, quiet: float) -> float:
        """How long to wait for what takes at most `quiet` seconds on a quiet machine."""
        return quiet * self.factor * _MARGIN

    def deadline(self, quiet: float) -> float:
        """The monotonic time until which to wait."""
        return time.monotonic() + self.seconds(quiet)


class Calibration:
    """One measurement, begun now and read later so that it runs beside other work."""

    _WORK = "import asyncio, ssl, json, time; print(time.monotonic())"
    """Says itself when it was done: whoever asks may have been busy until later."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", "-c", self._WORK],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def patience(self) -> Patience:
        """Waits for the measurement to end."""
        said, _ = self._process.communicate()
        done = time.monotonic()
        with suppress(ValueError):
            done = float(said)
        return Patience((done - self._began) / NOMINAL)
