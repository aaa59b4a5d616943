"""`qlab list` and `qlab read`: what there is to learn, how far the learner is, and the pages."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qlab.catalog.lesson import page
from qlab.flows.world import World, not_draft
from qlab.model.errors import JournalNotWritten, LabBroken, UsageError
from qlab.model.events import Event
from qlab.model.lab import Lab, Step, StepKind
from qlab.model.nearest import nearest
from qlab.model.report import Outcome
from qlab.progress.record import Record


@dataclass(frozen=True, slots=True)
class LabState:
    """A lab and how far the learner is with it."""

    lab: Lab
    steps_done: frozenset[str]
    """Ids of steps read, or whose checks all pass."""
    results: dict[str, Outcome]
    """Check id to its latest outcome."""
    started: bool

    @property
    def passed(self) -> int:
        """Checks whose latest outcome is a pass."""
        return sum(1 for o in self.results.values() if o is Outcome.PASS)

    @property
    def next_step(self) -> Step | None:
        """The first step not done."""
        return next((s for s in self.lab.steps if s.id not in self.steps_done), None)


@dataclass(frozen=True, slots=True)
class LabsListed(Event):
    """Result of `list`."""

    labs: tuple[LabState, ...]
    broken: tuple[tuple[str, LabBroken], ...]
    """Labs that cannot be used, with the reason."""
    current: str | None
    """Id of the lab started last."""


@dataclass(frozen=True, slots=True)
class PageShown(Event):
    """Result of `read`: one page of a lab."""

    lab: Lab
    step: Step
    number: int
    """1 for the first page."""
    text: str
    """Markdown."""


def labs(world: World) -> Iterator[Event]:
    """Yields LabsListed. Raises UsageError when a folder of labs is not there."""
    record = world.record(world.workspace())
    catalog = world.catalog
    yield LabsListed(
        tuple(state(lab, record) for lab in catalog.labs), tuple(catalog.broken.items()), record.last_started()
    )


def state(lab: Lab, record: Record) -> LabState:
    """How far the learner is with one lab."""
    results = {id: o for id, o in record.results(lab.id).items() if any(c.id == id for c in lab.checks)}
    read = record.pages_read(lab.id)
    done = set()
    for step in lab.steps:
        checks = lab.checks_of(step.id)
        if step.kind is StepKind.READ:
            if step.id in read:
                done.add(step.id)
        elif checks and all(results.get(c.id) is Outcome.PASS for c in checks):
            done.add(step.id)
    started = any(e.kind == "started" and e.data.get("lab") == lab.id for e in record.entries)
    return LabState(lab, frozenset(done), results, started)


def read(
    world: World, name: str | None = None, step: str | None = None, *, language: str = "", mark: bool = True
) -> Iterator[Event]:
    """Yields PageShown. `step` is an id or a number from 1; without it, the first page not read yet.

    A page shown is a page read, unless `mark` is false: whoever can see it being left calls `turn`.
    Raises NoSuchLab, NothingToCheck, UsageError (no such page), LabBroken.
    """
    lab = not_draft(world.lab(name))
    chosen = _step(lab, step, state(lab, world.record(world.workspace())))
    text = page(lab, chosen, language)
    yield PageShown(lab, chosen, lab.steps.index(chosen) + 1, text)
    if mark:
        _mark(world, lab, chosen)


def turn(world: World, name: str, step: str, *, left: Iterable[str]) -> Iterator[Event]:
    """Go on to a page: those left behind are marked as read. Yields PageShown; raises what `read` raises."""
    lab = not_draft(world.lab(name))
    marked = world.record(world.workspace()).pages_read(lab.id)
    for id in left:
        if id not in marked:
            _mark(world, lab, lab.step(id))
    yield from read(world, name, step, mark=False)


def _mark(world: World, lab: Lab, step: Step) -> None:
    if workspace := world.workspace():
        # A page read on a full disk is still read; only its mark is lost.
        try:
            world.journal(workspace).append("read", lab=lab.id, step=step.id)
        except JournalNotWritten:
            return


def _step(lab: Lab, wanted: str | None, progress: LabState) -> Step:
    if wanted is None:
        return progress.next_step or lab.steps[0]
    if wanted.isdecimal() and 1 <= int(wanted) <= len(lab.steps):
        return lab.steps[int(wanted) - 1]
    for step in lab.steps:
        if step.id == wanted:
            return step
    close = nearest(wanted, [s.id for s in lab.steps])
    raise UsageError(
        f"{lab.id} has no page {wanted!r}",
        found=f"pages 1 to {len(lab.steps)}: {', '.join(s.id for s in lab.steps)}",
        remedies=[f"did you mean {close}?"] if close else [],
    )
