"""Services as plain data: which broker runs where, by whose means, and why that way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class RunnerName(StrEnum):
    """The four ways to have a service."""

    EXTERNAL = "external"
    """A server the user gave by URL; never stopped by us."""
    CONTAINER = "container"
    """A container of the Docker engine."""
    NATIVE = "native"
    """A server program installed on this machine."""
    EMBEDDED = "embedded"
    """A server that came with qlab's own packages."""


class ServiceState(StrEnum):
    """What a service is doing, in the word the learner reads."""

    UP = "up"
    STARTING = "starting"
    DOWN = "down"
    EXITED = "exited"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a service answers."""

    host: str
    port: int
    url: str
    """The address as its clients write it, such as `redis://127.0.0.1:40123/0`. May hold a password: see `shown`."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Pages a person can open, by name, such as a management page."""

    @property
    def shown(self) -> str:
        """The address without what must not be printed."""
        scheme, _, rest = self.url.rpartition("://")
        return f"{scheme}://{rest.rpartition('@')[2]}" if scheme else rest


@dataclass(frozen=True, slots=True)
class Choice:
    """Which runner a service gets, and the one line that explains it."""

    service: str
    runner: RunnerName
    why: str


@dataclass(frozen=True, slots=True)
class Service:
    """A service that answers now."""

    name: str
    runner: RunnerName
    why: str
    """The line that explains the choice of runner."""
    endpoint: Endpoint
    identity: str
    """What this very server calls itself (Redis: run_id), so that a stranger on the same port is not taken for it."""
    handle: str
    """How its runner finds it again: a process id, a container id, or the URL."""
    seconds: float = 0.0
    """How long it took until it answered."""
    attached: bool = False
    """True when it was running before this command."""
