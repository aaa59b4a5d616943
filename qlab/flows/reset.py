"""`qlab reset LAB`: the starter again. What was there is kept beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qlab.catalog import starter
from qlab.flows.world import World, not_draft
from qlab.model.errors import NothingToCheck
from qlab.model.events import Event


@dataclass(frozen=True, slots=True)
class LabReset(Event):
    """Result of `reset`."""

    folder: Path
    kept_as: Path
    """Where the learner's old files are now."""


def reset(world: World, name: str | None = None) -> Iterator[Event]:
    """Yields LabReset. Raises NothingToCheck when the lab was not started, NotWritable, JournalNotWritten."""
    lab = not_draft(world.lab(name))
    workspace = world.present_workspace()
    folder = workspace.lab(lab.id)
    if not folder.exists():
        raise NothingToCheck(f"{lab.id} was not started yet", remedies=[f"begin with `qlab start {lab.id}`"])
    kept = starter.put_aside(folder)
    starter.lay_out(lab, folder)
    world.journal(workspace).append("reset", lab=lab.id, kept_as=kept.name)
    yield LabReset(folder, kept)
