"""One lab whole, for the screens: its checks with titles, how far the learner is, and the last report with its details."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qlab.flows.lessons import LabState, state
from qlab.flows.world import World
from qlab.model.events import Event
from qlab.model.report import CheckResult, Report
from qlab.model.workspace import Workspace
from qlab.progress.record import Record


@dataclass(frozen=True, slots=True)
class LabSeen(Event):
    """Result of `look`."""

    state: LabState
    details: dict[str, CheckResult]
    """Check id to what the latest report says of it, where that is still the latest outcome."""
    checked: float | None
    """When the lab was checked last, in seconds since 1970 UTC."""
    folder: Path | None
    """The learner's folder, once it is there."""


def look(world: World, name: str) -> Iterator[Event]:
    """Yields LabSeen. Raises NoSuchLab, LabBroken."""
    lab = world.lab(name)
    workspace = world.workspace()
    record = world.record(workspace)
    progress = state(lab, record)
    report = _report(workspace, record, lab.id) if workspace else None
    results = report.results if report else ()
    folder = workspace.lab(lab.id) if workspace else None
    yield LabSeen(
        state=progress,
        details={r.id: r for r in results if progress.results.get(r.id) is r.outcome},
        checked=next(
            (e.t for e in reversed(record.entries) if e.kind == "checked" and e.data.get("lab") == lab.id), None
        )
        if progress.results
        else None,
        folder=folder if folder and folder.is_dir() else None,
    )


def _report(workspace: Workspace, record: Record, lab: str) -> Report | None:
    """The last report; None when there is none or it cannot be read, for the journal alone tells the outcomes."""
    name = record.last_report(lab)
    if not name:
        return None
    try:
        # Only the name counts: the journal may have been edited, and must not point elsewhere.
        return Report.from_json(json.loads((workspace.reports / Path(name).name).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None
