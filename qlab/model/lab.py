"""A lab as plain data, exactly what its lab.toml and folder say. Made by qlab.catalog."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class StepKind(StrEnum):
    """What a learner does in a step."""

    READ = "read"
    PRACTICE = "practice"
    PROJECT = "project"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a lab, in the order of the learner's day."""

    id: str
    kind: StepKind
    title: str
    page: str
    """Path of the Markdown page inside the lab folder, such as `lesson/01-lists.md`."""
    programs: tuple[str, ...] = ()
    """Names of the programs the learner writes in this step; empty for a read step."""


@dataclass(frozen=True, slots=True)
class Command:
    """How to run a program in one language."""

    run: tuple[str, ...]
    """Argument vector that becomes the program itself; `python` means the interpreter qlab gives to programs."""
    build: tuple[str, ...] = ()
    """Argument vector run once before, in the folder of the programs; empty when nothing is built."""
    reads: tuple[str, ...] = ()
    """Folders outside the workspace the language needs to read, such as a toolchain."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program the learner writes. Checks start it as a process of its own and never import it."""

    name: str
    about: str
    commands: Mapping[str, Command]
    """Language name to command: `python`, `go`, ..."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the verdict."""

    id: str
    """`<step>.<name>`, such as `list_queue.fifo`; its function is `test_<name>` in hidden/checks/test_<step>.py."""
    step: str
    title: str
    """The line the learner reads: the first line of the function's docstring, or `title` in lab.toml where checks are not here."""
    points: int = 1
    needs: tuple[str, ...] = ()
    """Ids of checks that must pass first; if one fails this one is reported as blocked."""
    alone: bool = False
    """True for a check that judges parallelism or speed: no other check runs beside it."""
    seconds: float = 60.0
    """Wall limit of the whole check on a quiet machine; beyond it the lab is at fault, not the learner."""
    public: bool = False
    """True for a practice check that the learner's half of a bundle still carries."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A knob the lab's programs honour, passed as an environment variable."""

    name: str
    default: str
    about: str


@dataclass(frozen=True, slots=True)
class Lab:
    """A lab: what it teaches, what it needs, what it checks, and where it lies."""

    id: str
    """Folder-safe name, such as `day03` or `kafka-basics`."""
    title: str
    about: str
    """One or two sentences for the list of labs."""
    part: str
    """Heading under which the lab is listed."""
    minutes: int
    """How long a learner should plan for."""
    folder: Path
    """The lab's own folder, with lab.toml in it."""
    after: tuple[str, ...] = ()
    """Ids of labs that should come first; advice, never a lock."""
    services: tuple[str, ...] = ()
    """Names of the brokers it needs, such as `redis`."""
    libraries: tuple[str, ...] = ()
    """Distributions its Python programs may import besides the standard library."""
    settings: tuple[Setting, ...] = ()
    steps: tuple[Step, ...] = ()
    programs: Mapping[str, Program] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    reference: str = ""
    """Name of the submission under hidden/submissions/correct/ that is shown after passing."""
    draft: bool = False
    """True while the lab is announced but not written: it is listed and cannot be started."""

    @property
    def hidden(self) -> Path:
        """Folder of the hidden half: checks and submissions."""
        return self.folder / "hidden"

    @property
    def starter(self) -> Path:
        """Folder that is laid out as the learner's."""
        return self.folder / "starter"

    def step(self, id: str) -> Step:
        """The step of this id; KeyError if there is none."""
        for step in self.steps:
            if step.id == id:
                return step
        raise KeyError(id)

    def check(self, id: str) -> Check:
        """The check of this id; KeyError if there is none."""
        for check in self.checks:
            if check.id == id:
                return check
        raise KeyError(id)

    def checks_of(self, step: str) -> tuple[Check, ...]:
        """The checks of one step, in order."""
        return tuple(check for check in self.checks if check.step == step)
