"""A server process: one that we started, or one that an earlier command started."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from qlab.services.runners import labels

PR_SET_PDEATHSIG = 1


class Process(Protocol):
    """What a server needs of its process."""

    pid: int

    def send(self, signum: int) -> None:
        """Send a signal; nothing happens if the process is gone."""

    def wait(self, timeout: float) -> bool:
        """Wait for its end; False if it still runs after `timeout` seconds."""


class Child:
    """A process we start. A thread of its own starts it and reaps it, so `gone` is set the moment it ends.

    The thread also lives as long as the process: Linux sends the signal of a tied process when the *thread* that
    started it ends, not when our process does.
    """

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str], folder: Path, output: Path, *, tied: bool
    ) -> None:
        """Start it. A tied process gets SIGKILL when ours ends, however that ends. Raises OSError."""
        self.pid = 0
        self.gone = threading.Event()
        self._born = threading.Event()
        self._error: OSError | None = None
        self._process: subprocess.Popen[bytes] | None = None
        setup = _dies_with_parent() if tied else None
        threading.Thread(target=self._live, args=(command, env, folder, output, setup), daemon=True).start()
        try:
            self._born.wait()
        except BaseException:  # Ctrl-C right here: the process may be half born
            self._born.wait()
            self.send(signal.SIGKILL)
            raise
        if self._error is not None:
            raise self._error

    def send(self, signum: int) -> None:
        if self._process is not None and not self.gone.is_set():
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signum)

    def wait(self, timeout: float) -> bool:
        return self.gone.wait(timeout)

    def _live(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        folder: Path,
        output: Path,
        setup: Callable[[], None] | None,
    ) -> None:
        try:
            with output.open("ab") as out:
                self._process = subprocess.Popen(
                    command,
                    cwd=folder,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    # Ctrl-C in the terminal is for qlab, which then ends its servers in order.
                    start_new_session=True,
                    preexec_fn=setup,  # noqa: PLW1509 - nothing but one system call prepared before the fork
                )
            self.pid = self._process.pid
        except OSError as error:
            self._error = error
        finally:
            self._born.set()
        if self._process is not None:
            self._process.wait()
        self.gone.set()


class Found:
    """A process that an earlier command started, held so that its number cannot come to mean a stranger."""

    def __init__(self, pid: int, fd: int) -> None:
        self.pid = pid
        self._fd = fd

    @classmethod
    def at(cls, pid: int, folder: Path) -> "Found | None":
        """The process `pid` if it is the server that keeps its files in `folder`."""
        fd = -1
        if hasattr(os, "pidfd_open"):
            try:
                fd = os.pidfd_open(pid)
            except OSError:
                return None
        found = cls(pid, fd)  # held first and looked at then: what we looked at is what we hold
        return found if labels.is_ours(pid, folder) else None

    def send(self, signum: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            if self._fd >= 0:
                signal.pidfd_send_signal(self._fd, signum)
            else:
                os.kill(self.pid, signum)

    def wait(self, timeout: float) -> bool:
        if self._fd >= 0:
            poll = select.poll()
            poll.register(self._fd, select.POLLIN)
            return bool(poll.poll(timeout * 1000))
        tick = threading.Event()  # no such descriptor on this system: look every 10 ms
        for _ in range(max(1, int(timeout / 0.01))):
            if _ended(self.pid):
                return True
            tick.wait(0.01)
        return _ended(self.pid)

    def __del__(self) -> None:
        if self._fd >= 0:
            with contextlib.suppress(OSError):
                os.close(self._fd)


def running(pid: int) -> bool:
    """Does a process of this number run?"""
    return pid > 0 and not _ended(pid)


def stopped(pid: int) -> bool:
    """Does the process rest after SIGSTOP? True when it is gone."""
    return _state(pid)[:1] in ("T", "")


def _ended(pid: int) -> bool:
    """Gone, or a zombie that only waits for its parent."""
    return _state(pid)[:1] in ("Z", "X", "")


def _state(pid: int) -> str:
    """The letter by which the system says what a process does; empty when there is none."""
    if labels.SHOWN:
        try:
            return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].strip()[:1]
        except OSError:
            return ""
    return subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()[:1]


def _dies_with_parent() -> Callable[[], None] | None:
    """What a child does between fork and exec to be killed with us; None where the system has no such thing."""
    if not sys.platform.startswith("linux"):
        return None
    import ctypes

    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()  # looked up before the fork: a child must not load libraries

    def setup() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # we ended in between, so no signal will come
            os._exit(1)

    return setup
