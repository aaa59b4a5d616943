"""`qlab doctor`: this machine, one line a question, each with the one thing to do."""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from qlab.brokers import base
from qlab.brokers.base import Broker
from qlab.engine import images
from qlab.engine.reach import Engine, ping
from qlab.flows.world import World
from qlab.model.errors import EngineAbsent, MachineNotReady, QlabError
from qlab.model.events import Event
from qlab.model.report import Isolation
from qlab.model.text import size
from qlab.programs.sandbox import probe
from qlab.services.choose import Runners, choose
from qlab.services.runners.external import variable

_LEAST_FREE = 500_000_000
"""Bytes of free disk below which labs with containers get into trouble."""


@dataclass(frozen=True, slots=True)
class Finding(Event):
    """One question about this machine and its answer."""

    about: str
    ok: bool
    answer: str
    needed: bool = True
    """False when qlab works without it."""
    to_do: str = ""
    """The one thing to do about it; empty when all is well."""


@dataclass(frozen=True, slots=True)
class MachineSeen(Event):
    """Result of `doctor`."""

    findings: tuple[Finding, ...]
    isolation: Isolation
    ready: tuple[str, ...]
    """Services that can be had here."""


def doctor(world: World) -> Iterator[Event]:
    """Yields each Finding as it is found, then MachineSeen. Raises nothing a machine could cause."""
    findings: list[Finding] = []
    engine: Engine | None = None
    steps: list[Callable[[], Finding]] = [_system, _python, lambda: _workspace(world), lambda: _disk(world)]
    for step in steps:
        findings.append(step())
        yield findings[-1]
    try:
        engine = ping(environ=world.env)
        finding = Finding("docker", True, "an engine answers", needed=False)
    except EngineAbsent as error:
        finding = Finding("docker", False, error.what, needed=False, to_do=error.remedies[0] if error.remedies else "")
    except MachineNotReady as error:
        finding = Finding("docker", False, error.what, to_do=error.remedies[0] if error.remedies else "")
    findings.append(finding)
    yield finding
    ready: list[str] = []
    for name in base.names():
        broker = base.find(name)
        if engine:
            findings.append(_image(engine, broker))
            yield findings[-1]
        findings.append(_service(world, broker))
        yield findings[-1]
        if findings[-1].ok:
            ready.append(name)
    yield MachineSeen(tuple(findings), probe.best().isolation(), tuple(ready))


def _system() -> Finding:
    name = platform.system()
    supported = name in ("Linux", "Darwin")
    answer = f"{name} {platform.release()} on {platform.machine()}, {os.cpu_count()} processors"
    return Finding("system", supported, answer, to_do="" if supported else "use Linux, macOS, or WSL2 on Windows")


def _python() -> Finding:
    return Finding("python", sys.version_info >= (3, 11), f"{platform.python_version()} in {sys.prefix}")


def _workspace(world: World) -> Finding:
    workspace = world.workspace()
    if workspace is None:
        return Finding("workspace", True, f"none yet; `qlab start` makes {world.home_workspace}", needed=False)
    if os.access(workspace.own, os.W_OK):
        return Finding("workspace", True, str(workspace.root))
    return Finding("workspace", False, f"{workspace.root} cannot be written", to_do=f"chmod -R u+w {workspace.own}")


def _disk(world: World) -> Finding:
    folder = world.home_workspace
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    return Finding(
        "disk",
        free > _LEAST_FREE,
        f"{size(free)} free",
        to_do="" if free > _LEAST_FREE else "make at least 500 MB free",
    )


def _image(engine: Engine, broker: Broker) -> Finding:
    for reference in (broker.image.reference, broker.image.built):
        facts = images.here(engine, reference)
        if facts:
            return Finding(f"{broker.name} image", True, f"{reference}, {facts.megabytes} MB", needed=False)
    return Finding(
        f"{broker.name} image",
        False,
        f"{broker.image.reference} is not here (about {broker.image.megabytes} MB)",
        needed=False,
        to_do=f"qlab images pull {broker.name}   or   qlab images build {broker.name}",
    )


def _service(world: World, broker: Broker) -> Finding:
    try:
        choice, _ = choose(broker, world.env.get(variable(broker)), None, Runners())
    except QlabError as error:
        return Finding(broker.name, False, error.what, to_do=error.remedies[0] if error.remedies else "")
    return Finding(broker.name, True, f"{choice.runner}: {choice.why}")
