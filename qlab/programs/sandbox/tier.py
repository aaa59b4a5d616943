"""The contract of an isolation tier."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from qlab.model.report import Isolation


@dataclass(frozen=True, slots=True)
class Limits:
    """What one program may use. Bytes and seconds; generous for honest programs."""

    cpu_seconds: int = 120
    memory: int = 4_000_000_000
    """Address space; threads reserve much more of it than they use. 0 is no limit, for languages that reserve it all."""
    file_size: int = 64_000_000
    open_files: int = 1_024


@dataclass(frozen=True, slots=True)
class Confined:
    """How to start one program inside a tier: arguments for subprocess.Popen."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    preexec: Callable[[], None] | None


class Tier(Protocol):
    """One way to keep a program apart."""

    name: str

    def isolation(self) -> Isolation:
        """The promises kept and not kept, in words for the learner."""
        ...

    def confine(self, argv: Sequence[str], env: Mapping[str, str], cwd: Path, limits: Limits) -> Confined:
        """Wrap a command so that it runs inside this tier."""
        ...
