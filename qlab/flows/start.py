"""`qlab start LAB`: lay out the learner's files, bring up the services, remember it."""

from collections.abc import Iterator

from qlab.catalog import starter
from qlab.flows.world import World, make_workspace, not_draft
from qlab.model.events import Event, LabReady, StarterLaidOut, WorkspaceMade
from qlab.model.service import RunnerName, Service


def start(
    world: World, name: str | None, *, runner: RunnerName | None = None, may_pull: bool = False
) -> Iterator[Event]:
    """Yields WorkspaceMade (only if it was made), StarterLaidOut, a ServiceChosen and a ServiceUp for each service, LabReady.

    Files that exist are kept as they are. Raises NoSuchLab, LabBroken, NothingToCheck (a draft), NotWritable,
    ServiceUnavailable, ServiceFailed, an engine's error, JournalNotWritten.
    """
    lab = not_draft(world.lab(name, "start"))
    workspace = world.workspace()
    if workspace is None:
        workspace = make_workspace(world.home_workspace)
        yield WorkspaceMade(workspace.root)
    folder = workspace.lab(lab.id)
    written, kept = starter.lay_out(lab, folder)
    yield StarterLaidOut(folder, written, kept)
    services: list[Service] = yield from world.services(workspace).up(lab.services, forced=runner, may_pull=may_pull)
    world.journal(workspace).append("started", lab=lab.id)
    yield LabReady(lab, folder, tuple(services), f"qlab check {lab.id}")
