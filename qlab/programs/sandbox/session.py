"""The tier that every system has: a session of its own, limits, and a sweep for what is left behind."""

import resource
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from qlab.model.report import Isolation
from qlab.programs import kernel
from qlab.programs.sandbox.tier import Confined, Limits


class SessionTier:
    """Session + limits + sweep. Stops accidents, not attacks."""

    name = "session"

    def isolation(self) -> Isolation:
        """What this tier promises."""
        return Isolation(
            self.name,
            kept=(
                "your programs work on a copy: your own files stay as they are",
                "programs that hide in the background are found and ended",
                "processor time, file size and output are limited",
                "no program can reach into the report of a running check",
            ),
            not_kept=(
                "programs can read files outside your workspace, the checks among them",
                "programs can use the network",
            ),
        )

    def confine(self, argv: Sequence[str], env: Mapping[str, str], cwd: Path, limits: Limits) -> Confined:
        """Limits and ties to the parent are set in the new process before it becomes the program."""

        def before_exec() -> None:
            for kind, value in (
                (resource.RLIMIT_CORE, 0),
                (resource.RLIMIT_CPU, limits.cpu_seconds),
                (resource.RLIMIT_FSIZE, limits.file_size),
                (resource.RLIMIT_NOFILE, limits.open_files),
                (resource.RLIMIT_AS, limits.memory),
            ):
                if value or kind == resource.RLIMIT_CORE:
                    # One second more, so that the program dies of SIGXCPU, which tells why, and not of SIGKILL.
                    hard = value + 1 if kind == resource.RLIMIT_CPU else value
                    highest = resource.getrlimit(kind)[1]
                    if highest != resource.RLIM_INFINITY:
                        hard = min(hard, highest)
                    resource.setrlimit(kind, (min(value, hard), hard))
            kernel.forbid_inspecting()
            kernel.forbid_privileges()
            kernel.die_with_parent(signal.SIGKILL)

        return Confined(tuple(argv), env, cwd, before_exec)
