"""Times commands in turn, A B C A B C, so that a machine that grows slower grows slower for all."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timed:
    """One command and what its rounds took, in seconds."""

    name: str
    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle round."""
        return statistics.median(self.rounds)

    def row(self, against: "Timed") -> str:
        """One line of a Markdown table: median, range, ratio."""
        low, high = min(self.rounds), max(self.rounds)
        ratio = self.median / against.median
        return f"| {self.name} | {self.median * 1000:.0f} ms | {low * 1000:.0f} to {high * 1000:.0f} | {ratio:.2f} |"


def environment(**extra: str) -> dict[str, str]:
    """This process's environment, but bytecode may be kept: people's Python does that too."""
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONDONTWRITEBYTECODE", "QLAB_LABS")}
    return {**env, **extra}


def command(argv: Sequence[str], env: Mapping[str, str], cwd: str | None = None) -> Callable[[], float]:
    """A round that runs a command to its end and returns how long that took. Raises when it cannot be started."""

    def once() -> float:
        began = time.perf_counter()
        subprocess.run(argv, env=dict(env), cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True)
        return time.perf_counter() - began

    return once


def interleaved(rounds: int, once: Mapping[str, Callable[[], float]]) -> dict[str, Timed]:
    """All of them in turn, after one round that is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in once}
    for index in range(rounds + 1):
        for name, run in once.items():
            seconds = run()
            if index:
                taken[name].append(seconds)
    return {name: Timed(name, tuple(all_rounds)) for name, all_rounds in taken.items()}
