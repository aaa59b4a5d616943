"""The contract of a broker. A broker is one folder beside this file that offers `BROKER`, an instance of `Broker`.

A spec says what (image, command, port, readiness by protocol); a runner of qlab.services says how.
Nothing here starts anything: a broker only knows its own protocol and its own command line.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from qlab.model.errors import UsageError
from qlab.model.nearest import nearest
from qlab.model.service import Endpoint


@dataclass(frozen=True, slots=True)
class Image:
    """A container image of a broker."""

    reference: str
    """Pinned by version, such as `redis:7.4.1`."""
    megabytes: int
    """About how much a download is, shown before anything is fetched."""
    built: str
    """Tag of the same service built by `qlab images build`, without a registry."""
    packages: tuple[str, ...]
    """Debian packages that `qlab images build` installs."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing a broker holds now, for the board: a list, a queue, a topic."""

    kind: str
    name: str
    ready: int
    """Messages waiting; -1 where the thing does not count messages."""
    detail: str = ""
    """What else a person may want to know, in a few words: `2 subscribers`."""


class Broker(ABC):
    """What qlab must know of one broker."""

    name: str
    """Lower-case name, as in lab.toml: `redis`."""
    title: str
    """Name as people write it: `Redis`."""
    image: Image
    port: int
    """Port inside its container."""
    usual_port: int
    """Port its clients try by default; never taken for granted."""
    install: Mapping[str, str]
    """Package manager name to the one command that installs the server: {"apt-get": "apt-get install redis-server"}."""

    @abstractmethod
    def endpoint(self, host: str, port: int) -> Endpoint:
        """Where a server of ours answers."""

    @abstractmethod
    def parse(self, url: str) -> Endpoint:
        """The endpoint a user's URL names. Raises UsageError when it is no URL of this broker."""

    @abstractmethod
    def environment(self, endpoint: Endpoint) -> dict[str, str]:
        """Variables a learner's program gets, such as {"REDIS_URL": ...}."""

    @abstractmethod
    def ping(self, endpoint: Endpoint, timeout: float) -> bool:
        """One protocol round trip: True if the server is ready, False if not yet or away. Never raises for that."""

    @abstractmethod
    def identity(self, endpoint: Endpoint, timeout: float) -> str:
        """What this very server calls itself; empty when it does not answer. Differs after a restart."""

    @abstractmethod
    def container_command(self) -> Sequence[str]:
        """Arguments after the image name."""

    @abstractmethod
    def programs(self) -> Sequence[Path]:
        """Places where the server program may lie on this machine, best first, whether or not they exist."""

    @abstractmethod
    def embedded_program(self) -> Path | None:
        """The server program inside qlab's own packages, or None where there is none."""

    @abstractmethod
    def native_command(self, program: Path, port: int, folder: Path) -> Sequence[str]:
        """The argument vector of a server that listens on 127.0.0.1:port and keeps all its files in folder."""

    def version(self, program: Path) -> str:
        """What version the server program says it is, such as `7.0.15`; empty when it does not say. Cheap."""
        return ""

    def pid(self, endpoint: Endpoint, folder: Path, timeout: float) -> int | None:
        """Process id of the server that answers at endpoint, if it says that it keeps its files in folder.

        None when nothing answers, when it is somebody else's, or when this broker cannot tell.
        """
        return None

    @abstractmethod
    def rows(self, endpoint: Endpoint) -> Sequence[Row]:
        """What the server holds now, sorted by name."""


def names() -> tuple[str, ...]:
    """The brokers there are: the folders beside this file."""
    package = import_module("qlab.brokers")
    return tuple(sorted(m.name for m in iter_modules(package.__path__) if m.ispkg))


def find(name: str) -> Broker:
    """The broker of this name. Raises UsageError with the nearest known name."""
    if name not in names():
        close = nearest(name, names())
        raise UsageError(
            f"there is no service called {name!r}",
            found=f"known services: {', '.join(names())}",
            remedies=[f"did you mean {close!r}?"] if close else [],
        )
    broker = import_module(f"qlab.brokers.{name}").BROKER
    assert isinstance(broker, Broker)
    return broker
