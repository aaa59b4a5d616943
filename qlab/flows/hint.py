"""`qlab hint`: the next hint for a check, gentle first, and only when asked for."""

from collections.abc import Iterator
from dataclasses import dataclass

from qlab.catalog.hints import hints
from qlab.flows.check import select
from qlab.flows.world import World
from qlab.model.errors import NothingToCheck, UsageError
from qlab.model.events import Event
from qlab.model.lab import Check, Lab
from qlab.model.report import Outcome


@dataclass(frozen=True, slots=True)
class HintShown(Event):
    """Result of `hint`: one hint of a check's ladder."""

    lab: Lab
    check: Check
    rung: int
    """1 for the first."""
    of: int
    text: str
    """Markdown."""


def hint(
    world: World, check: str | None = None, *, name: str | None = None, rung: int | None = None
) -> Iterator[Event]:
    """Yields HintShown. Without a check: the first one that fails; without a rung: the one after the last shown.

    Raises NoSuchLab, NoSuchCheck, UsageError (no such rung), NothingToCheck (nothing fails, or no hints), LabBroken.
    """
    lab = world.lab(name)
    workspace = world.workspace()
    record = world.record(workspace)
    chosen = select(lab, None, [check])[0] if check else _first_failing(lab, record.results(lab.id))
    ladder = hints(lab).get(chosen.id, ())
    if not ladder:
        raise NothingToCheck(f"there are no hints for {chosen.id}")
    shown = record.hints_shown(lab.id, chosen.id)
    number = rung if rung is not None else min(shown + 1, len(ladder))
    if not 1 <= number <= len(ladder):
        raise UsageError(f"{chosen.id} has no hint {number}", found=f"hints 1 to {len(ladder)}")
    yield HintShown(lab, chosen, number, len(ladder), ladder[number - 1])
    if workspace and number > shown:
        world.journal(workspace).append("hint", lab=lab.id, check=chosen.id, rung=number)


def _first_failing(lab: Lab, results: dict[str, Outcome]) -> Check:
    for check in lab.checks:
        if results.get(check.id) in (Outcome.FAIL, Outcome.UNSTABLE):
            return check
    raise NothingToCheck(
        f"no check of {lab.id} failed the last time",
        remedies=[f"run them: `qlab check {lab.id}`", "or name one: `qlab hint CHECK`"],
    )
