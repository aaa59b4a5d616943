"""One server process of ours, with the faults a process can have."""

import contextlib
import os
import shutil
import signal
import time
from pathlib import Path

from qlab.brokers.base import Broker
from qlab.model.errors import ServiceFailed
from qlab.services.ports import is_free
from qlab.services.ready import DEADLINE, wait_ready
from qlab.services.runners import child
from qlab.services.runners.base import Place, Server
from qlab.services.runners.labels import OUTPUT

PATIENCE = 10.0
"""Seconds a killed process may take to go; more means the machine is ill."""


class PortTaken(ServiceFailed):
    """Another program listens on the port."""


class ProcessServer(Server):
    """A server process. Its folder holds everything it has: data, log, record."""

    def __init__(
        self, broker: Broker, program: Path, place: Place, port: int, process: child.Process | None = None
    ) -> None:
        """Without a process it is not running yet: `restart` starts it."""
        self.endpoint = broker.endpoint("127.0.0.1", port)
        self._broker, self._program, self._place = broker, program, place
        self._process = process

    @property
    def handle(self) -> str:  # type: ignore[override]
        """Process id; it changes at a restart. Empty before the first start."""
        return str(self._process.pid) if self._process is not None else ""

    def kill(self) -> None:
        if self._process is None:
            return
        self._process.send(signal.SIGKILL)  # works on a paused process too
        if not self._process.wait(PATIENCE):
            raise ServiceFailed(
                f"{self._broker.title} (process {self.handle}) did not end within {PATIENCE:.0f} seconds of SIGKILL",
                remedies=["look at it with `ps`; if its state is D, a disk or network drive hangs"],
            )

    def restart(self) -> None:
        self.kill()
        command = self._broker.native_command(self._program, self.endpoint.port, self._place.folder)
        try:
            born = child.Child(
                command,
                environment(self._broker, self._place),
                self._place.folder,
                self._place.folder / OUTPUT,
                tied=bool(self._place.run),
            )
        except OSError as error:
            raise ServiceFailed(
                f"{self._broker.title} could not be started",
                found=f"{self._program}: {error.strerror}",
                remedies=["run `qlab doctor`, which looks at what it needs"],
            ) from error
        self._process, gone = born, born.gone
        try:
            wait_ready(self._broker.title, self._answers, gone, self.log, DEADLINE)
        except ServiceFailed as failed:
            taken = gone.is_set() and not is_free(self.endpoint.port)
            self.kill()
            if taken:
                what = f"port {self.endpoint.port} is used by another program, so {self._broker.title} cannot have it"
                raise PortTaken(what, found=failed.found, remedies=["run the command again"]) from failed
            raise
        except BaseException:  # Ctrl-C while waiting
            self.kill()
            raise

    def pause(self) -> None:
        assert self._process is not None
        self._process.send(signal.SIGSTOP)
        end = time.monotonic() + PATIENCE
        # The signal is delivered a moment later; whoever asks next must not get an answer.
        while not child.stopped(self._process.pid) and time.monotonic() < end:
            self._process.wait(0.001)

    def resume(self) -> None:
        assert self._process is not None
        self._process.send(signal.SIGCONT)

    def stop(self) -> None:
        # SIGKILL at once: its files go with it, so there is nothing to save.
        self.kill()
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self._place.folder)

    def log(self) -> str:
        return tail(self._place.folder)

    def _answers(self, timeout: float) -> bool:
        """Does this very server answer, and not a stranger that took the port first?"""
        if not self._broker.ping(self.endpoint, timeout):
            return False
        return cannot_tell(self._broker) or self._broker.pid(self.endpoint, self._place.folder, timeout) is not None


def environment(broker: Broker, place: Place) -> dict[str, str]:
    """The whole environment of a server: built from nothing, so that two machines run the same."""
    env = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}
    env |= {"QLAB_WORKSPACE": place.workspace, "QLAB_SERVICE": broker.name}
    return env | {"QLAB_RUN": place.run} if place.run else env


def cannot_tell(broker: Broker) -> bool:
    """True for a broker whose servers do not say which process they are."""
    return type(broker).pid is Broker.pid


def tail(folder: Path, lines: int = 20) -> str:
    """The last lines of the logs in a server's folder."""
    said: list[str] = []
    for path in sorted(folder.glob("*.log"), key=lambda path: path.name != OUTPUT):
        with contextlib.suppress(OSError), path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 8192))
            said += file.read().decode("utf-8", "replace").splitlines()
    return "\n".join(said[-lines:])
