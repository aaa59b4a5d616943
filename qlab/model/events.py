"""What flows tell the front ends: frozen facts, in order. A front end renders them and never asks back.

Every flow is a generator of these; the last event carries the result.
"""

from dataclasses import dataclass
from pathlib import Path

from qlab.model.lab import Check, Lab
from qlab.model.report import CheckResult, Isolation, Report
from qlab.model.service import Choice, Service


@dataclass(frozen=True, slots=True)
class Event:
    """Something a person may want to know."""


@dataclass(frozen=True, slots=True)
class Note(Event):
    """One line beside the result: a warning, an explanation."""

    text: str


# start


@dataclass(frozen=True, slots=True)
class WorkspaceMade(Event):
    """A workspace was made where there was none."""

    root: Path


@dataclass(frozen=True, slots=True)
class StarterLaidOut(Event):
    """The learner's folder is there. Files that existed were kept as they are."""

    folder: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceChosen(Event):
    """How a service will be had, and why."""

    choice: Choice


@dataclass(frozen=True, slots=True)
class ServiceUp(Event):
    """A service answers."""

    service: Service


@dataclass(frozen=True, slots=True)
class ServiceDown(Event):
    """A service of ours was stopped."""

    name: str
    handle: str


@dataclass(frozen=True, slots=True)
class LabReady(Event):
    """Result of `start`: everything the lab needs is there."""

    lab: Lab
    folder: Path
    services: tuple[Service, ...]
    next_command: str


# check


@dataclass(frozen=True, slots=True)
class CheckRunStarted(Event):
    """The checks that will run, in the order of the manifest."""

    lab: Lab
    folder: Path
    checks: tuple[Check, ...]
    seed: str
    isolation: Isolation


@dataclass(frozen=True, slots=True)
class CheckStarted(Event):
    """One check began."""

    id: str


@dataclass(frozen=True, slots=True)
class CheckFinished(Event):
    """One check ended."""

    result: CheckResult


@dataclass(frozen=True, slots=True)
class CheckCompleted(Event):
    """Result of `check`."""

    report: Report
    saved_as: Path | None
    """The full report as JSON; None when the checked folder is outside a workspace."""


# run


@dataclass(frozen=True, slots=True)
class ProgramStarted(Event):
    """A program of the learner runs."""

    name: str
    command: tuple[str, ...]
    pid: int


@dataclass(frozen=True, slots=True)
class ProgramSaid(Event):
    """One line of a program's output."""

    name: str
    stream: str
    """`out` or `err`."""
    text: str


@dataclass(frozen=True, slots=True)
class ProgramEnded(Event):
    """Result of `run`: the exit status, negative for a signal."""

    name: str
    status: int
    seconds: float


# images


@dataclass(frozen=True, slots=True)
class ImageProgress(Event):
    """An image is being fetched or built."""

    image: str
    doing: str
    """What is going on, in words: `pulling`, `installing packages`."""
    done: int = 0
    """Bytes so far; 0 when not known."""
    total: int = 0
    """Bytes in all; 0 when not known."""


@dataclass(frozen=True, slots=True)
class ImageReady(Event):
    """An image is on this machine."""

    image: str
    megabytes: int
    seconds: float
