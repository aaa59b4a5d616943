"""Start a learner's program as a process of its own, with the environment the contract promises and nothing else.

`qlab run` and `qlab check` start programs in the same way and with the same names, so that a program cannot tell which one it is.
"""

import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from qlab.model.errors import MachineNotReady, QlabError
from qlab.model.exits import ExitCode
from qlab.model.lab import Command
from qlab.model.text import plain
from qlab.programs.library import LibraryView
from qlab.programs.output import Line, Output, Said
from qlab.programs.sandbox.tier import Confined, Limits, Tier
from qlab.programs.sweep import MARK

BUILD_SECONDS = 300.0
"""Wall limit of one build command."""
_BUILD_LIMITS = Limits(cpu_seconds=600, memory=0, file_size=1_000_000_000, open_files=4_096)
_BUILD_KEEPS = re.compile(
    r"HOME|GO[A-Z]+|CGO_[A-Z]+|CC|CXX|(CARGO|RUSTUP|JAVA|GRADLE|M2)_HOME|XDG_CACHE_HOME|npm_config_\w+"
)
"""Variables of the user that say where toolchains and their caches are. Nothing else of the user's goes into a build."""


class ProgramMissing(QlabError):
    """The file the lab's command names is not there, or cannot be run. The learner's to mend."""

    exit_code = ExitCode.FAILED


class BuildFailed(QlabError):
    """The build command of the program ended with an error. The learner's to mend."""

    exit_code = ExitCode.FAILED


@dataclass(frozen=True, slots=True)
class Launcher:
    """Everything the programs of one check, or of one `qlab run`, have in common."""

    folder: Path
    """The folder the programs start in: the copy of the learner's work, or the work itself for `qlab run`."""
    scratch: Path
    """Folder for HOME, TMPDIR and every STATE_DIR."""
    library: LibraryView
    tier: Tier
    run: str
    """Id of the run; every process carries it in its environment."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Service addresses and the lab's settings."""
    path: str = "/usr/local/bin:/usr/bin:/bin"
    """Where other languages' tools are looked for."""
    language: str = "python"

    def command_line(self, name: str, command: Command, args: Sequence[str] = ()) -> tuple[str, ...]:
        """The real argument vector. Raises ProgramMissing when its file is not there."""
        first, *rest = command.run
        if first == "python":
            if rest and not rest[0].startswith("-"):
                _must_be_file(name, self.folder, rest[0])
            return (str(self.library.python), *rest, *args)
        if "/" in first:
            _must_be_file(name, self.folder, first)
            return (str(self.folder / first), *rest, *args)
        return (first, *rest, *args)

    def variables(self, worker_id: str, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """The whole environment of a program, built from nothing."""
        for name in ("home", "tmp"):
            (self.scratch / name).mkdir(parents=True, exist_ok=True)
        state = self.scratch / "state" / worker_id
        state.mkdir(parents=True, exist_ok=True)
        return {
            "PATH": f"{self.library.folder / 'bin'}:{self.path}",
            "HOME": str(self.scratch / "home"),
            "TMPDIR": str(self.scratch / "tmp"),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "WORKER_ID": worker_id,
            "STATE_DIR": str(state),
            MARK: self.run,
            **self.environment,
            **(extra or {}),
        }

    def build(self, name: str, command: Command) -> None:
        """Run the build command of a program, if it has one. Raises BuildFailed with what it printed."""
        if not command.build:
            return
        kept = {key: value for key, value in os.environ.items() if _BUILD_KEEPS.fullmatch(key)}
        environment = {**self.variables("build"), **kept}
        confined = self.tier.confine(command.build, environment, self.folder, _BUILD_LIMITS)
        try:
            process = self._popen(name, confined, None, subprocess.DEVNULL)
        except FileNotFoundError as error:
            raise MachineNotReady(
                f"{name} is built with {command.build[0]!r}, which is not on this machine",
                remedies=[f"install {command.build[0]}, then run the check again"],
            ) from error
        except OSError as error:
            raise BuildFailed(
                f"building {name} failed: `{' '.join(command.build)}` cannot be run", found=error.strerror or ""
            ) from error
        try:
            status = process.wait(BUILD_SECONDS)
        finally:
            process.end()
        if status is None:
            raise BuildFailed(f"building {name} took longer than {BUILD_SECONDS:.0f} s and was stopped")
        if status != 0:
            lines = process.output.lines
            errors = [line.text for line in lines if line.stream == "err"]
            said = plain("\n".join(errors or [line.text for line in lines]), 2_000)
            raise BuildFailed(
                f"building {name} failed: `{' '.join(command.build)}` ended with status {status}",
                found=said,
                remedies=["correct the first error above, then run the check again"],
            )

    def start(
        self,
        name: str,
        command: Command,
        args: Sequence[str] = (),
        *,
        worker_id: str = "w1",
        extra: Mapping[str, str] | None = None,
        told: Callable[[Said | Line], None] | None = None,
        stdin: int = subprocess.PIPE,
    ) -> "Process":
        """Start the program and return at once. Raises ProgramMissing."""
        argv = self.command_line(name, command, args)
        # Runtimes other than Python reserve far more address space than they use.
        limits = Limits() if self.language == "python" else Limits(memory=0)
        confined = self.tier.confine(argv, self.variables(worker_id, extra), self.folder, limits)
        try:
            return self._popen(name, confined, told, stdin)
        except OSError as error:
            raise ProgramMissing(
                f"{name} could not be started: {' '.join(command.run)}",
                found=error.strerror or str(error),
                remedies=["the file must be there and be allowed to run (`chmod +x FILE`)"],
            ) from error

    @staticmethod
    def _popen(name: str, confined: Confined, told: Callable[[Said | Line], None] | None, stdin: int) -> "Process":
        popen = subprocess.Popen(
            confined.argv,
            env=dict(confined.env),
            cwd=confined.cwd,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
            preexec_fn=confined.preexec,  # noqa: PLW1509 - only calls bound before the fork are made in it
        )
        return Process(name, popen, told)


def _must_be_file(name: str, folder: Path, file: str) -> None:
    path = folder / file
    if path.is_file():
        return
    found = "a folder" if path.is_dir() else "nothing there"
    raise ProgramMissing(
        f"{name} should be in {file}",
        found=found,
        remedies=[
            f"write your program in {file}",
            "or `qlab start` again: it lays out files that are missing and keeps yours",
        ],
    )


class Process:
    """One running program."""

    def __init__(self, name: str, popen: subprocess.Popen[bytes], told: Callable[[Said | Line], None] | None) -> None:
        self.name = name
        self.pid = popen.pid
        self.started = time.monotonic()
        self._popen = popen
        assert popen.stdout
        assert popen.stderr
        self.output = Output(os.dup(popen.stdout.fileno()), os.dup(popen.stderr.fileno()), told=told)
        popen.stdout.close()
        popen.stderr.close()

    @property
    def status(self) -> int | None:
        """Exit status, negative for a signal; None while it runs."""
        return self._popen.poll()

    def write(self, data: bytes, seconds: float) -> int:
        """Write to the program's stdin. Returns how many bytes it took within so many seconds; fewer when it stopped reading or ended."""
        assert self._popen.stdin
        descriptor = self._popen.stdin.fileno()
        os.set_blocking(descriptor, False)
        deadline = time.monotonic() + seconds
        written = 0
        while written < len(data):
            _, writable, _ = select.select([], [descriptor], [], max(0.0, deadline - time.monotonic()))
            if not writable:
                break
            try:
                written += os.write(descriptor, data[written : written + 65_536])
            except BlockingIOError:
                continue
            except BrokenPipeError:
                break
        return written

    def close_input(self) -> None:
        """End of input."""
        if self._popen.stdin:
            with suppress(OSError):
                self._popen.stdin.close()

    def wait(self, seconds: float | None = None) -> int | None:
        """Exit status, or None if it still runs after so many seconds."""
        try:
            status = self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        self.output.settle()
        return status

    def send(self, number: int) -> None:
        """Send a signal to the program alone."""
        self._popen.send_signal(number)

    def end(self) -> None:
        """SIGKILL to the program and its group; returns when it is gone. Safe to call twice."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        if self._popen.poll() is None:
            self._popen.kill()
        self._popen.wait()
        self.close_input()
        self.output.settle()
