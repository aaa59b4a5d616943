"""The contract of a runner: one way to have a service."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from qlab.brokers.base import Broker
from qlab.model.service import Endpoint, RunnerName


@dataclass(frozen=True, slots=True)
class Offer:
    """Whether a runner can serve a broker on this machine, and the reason in words a learner understands."""

    can: bool
    why: str
    """If it can: why this way (`redis-server 7.0.15 is installed`). If not: what is missing."""
    after_download: bool = False
    """True when it cannot now and could once its image is downloaded."""
    remedy: str = ""
    """If it cannot: the one thing to do, such as the command that gives this user the right to speak to the engine."""


@dataclass(frozen=True, slots=True)
class Place:
    """Whose server it will be and where its files go."""

    workspace: str
    """Absolute path of the workspace, the label by which `qlab stop` finds it."""
    folder: Path
    """Folder for data, log and record; exists, is empty or ours."""
    run: str = ""
    """Id of the check run the server belongs to; empty for the workspace's shared server."""


class Server(ABC):
    """One running server of ours, with the faults every runner can make.

    A shared server outlives the command that started it. A check's own server (Place.run is set) dies with the
    process that started it, however that ends.
    """

    endpoint: Endpoint
    handle: str
    """Process id or container id."""

    @abstractmethod
    def kill(self) -> None:
        """SIGKILL; returns when the process is gone. Its data stay."""

    @abstractmethod
    def restart(self) -> None:
        """Kill (if running) and start again on the same port with the same data; returns when it answers."""

    @abstractmethod
    def pause(self) -> None:
        """Stop answering without closing anything."""

    @abstractmethod
    def resume(self) -> None:
        """Go on after pause."""

    @abstractmethod
    def stop(self) -> None:
        """End it and remove every file it had. Safe to call twice."""

    @abstractmethod
    def log(self) -> str:
        """The last lines of the server's own log, for error messages."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Runner(ABC):
    """One way to have a service."""

    name: RunnerName

    @abstractmethod
    def offer(self, broker: Broker) -> Offer:
        """Can this runner serve the broker here, now? Cheap; never downloads."""

    @abstractmethod
    def start(self, broker: Broker, place: Place) -> Server:
        """Start a server and return when a protocol round trip succeeded.

        Raises ServiceFailed (died or never ready: the last lines of its log are in `found`), or an Engine error.
        Whatever was started is gone again when it raises.
        """

    @abstractmethod
    def find(self, broker: Broker, place: Place) -> Server | None:
        """The shared server of this workspace that an earlier command started, if it still answers."""

    @abstractmethod
    def leftovers(self, workspace: str) -> list[str]:
        """Handles of everything of ours that still runs or lies around for this workspace."""

    def clear_runs(self, workspace: str) -> list[str]:
        """Stop and remove what check runs of this workspace left whose starter is gone; returns their handles.

        Only runners whose servers can outlive their starter have any.
        """
        return []

    @abstractmethod
    def clear(self, workspace: str) -> list[str]:
        """Stop and remove all leftovers of this workspace; returns their handles. Touches nothing that is not ours."""
