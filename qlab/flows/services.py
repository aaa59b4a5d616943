"""`qlab services`, `qlab status`, `qlab stop`: what runs for this workspace."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from qlab.brokers import base
from qlab.brokers.base import Row
from qlab.flows.world import World, make_workspace
from qlab.grading.folder import abandoned, clear_abandoned, end_programs
from qlab.model.errors import LabBroken, NothingToCheck
from qlab.model.events import Event, ServiceDown
from qlab.model.service import RunnerName, Service, ServiceState
from qlab.model.workspace import Workspace


@dataclass(frozen=True, slots=True)
class StatusShown(Event):
    """Result of `status`."""

    workspace: Workspace | None
    lab: str | None
    """Id of the lab started last."""
    passed: int
    checks: int
    services: tuple[tuple[str, ServiceState, Service | None], ...]
    rows: tuple[tuple[str, Row], ...]
    """(service, what it holds now); only when asked for."""
    abandoned: tuple[str, ...]
    """Check runs that were cut off and left something behind; `qlab stop` clears them."""


@dataclass(frozen=True, slots=True)
class Stopped(Event):
    """Result of `stop`."""

    services: tuple[str, ...]
    runs: tuple[str, ...]
    """Ids of cut-off runs whose leavings were cleared."""
    programs: tuple[str, ...] = ()
    """Programs of `qlab run` that were ended."""


@dataclass(frozen=True, slots=True)
class LogShown(Event):
    """Result of `services logs`."""

    name: str
    lines: tuple[str, ...]


def status(world: World, *, rows: bool = False) -> Iterator[Event]:
    """Yields StatusShown; with `rows` also what each running service holds. Cheap: opens no engine."""
    workspace = world.workspace()
    if workspace is None:
        yield StatusShown(None, None, 0, 0, (), (), ())
        return
    record = world.record(workspace)
    lab = record.last_started()
    checks = 0
    with suppress(LabBroken):  # `qlab list` says what is wrong with it; what runs is shown all the same
        checks = len(world.catalog.find(lab).checks) if lab in world.catalog.folders else 0
    services = tuple(world.services(workspace).status())
    yield StatusShown(
        workspace,
        lab,
        len(record.passed(lab)) if lab else 0,
        checks,
        services,
        tuple((s.name, row) for _, _, s in services if rows and s for row in base.find(s.name).rows(s.endpoint)),
        tuple(abandoned(workspace.runs)),
    )


def up(
    world: World, names: Sequence[str], *, runner: RunnerName | None = None, may_pull: bool = False
) -> Iterator[Event]:
    """Start services by name, or attach to them; the current lab's without names. Yields ServiceChosen and ServiceUp.

    Raises UsageError, NothingToCheck (no names and no current lab), ServiceUnavailable, ServiceFailed, an engine's error.
    """
    names = names or world.lab(None, "start").services
    workspace = world.workspace() or make_workspace(world.home_workspace)
    for name in names:
        base.find(name)
    yield from world.services(workspace).up(tuple(names), forced=runner, may_pull=may_pull)


def down(world: World, names: Sequence[str] = ()) -> Iterator[Event]:
    """Stop services of this workspace, all without names. Yields ServiceDown for each that ran."""
    workspace = world.present_workspace()
    for name in names:
        base.find(name)
    yield from world.services(workspace).down(tuple(names) or None)


def stop(world: World) -> Iterator[Event]:
    """Stop all that qlab started for this workspace, also what a killed qlab left behind. Yields ServiceDown and Stopped."""
    places = [place for place in (world.workspace(), world.aside) if place is not None and place.own.is_dir()]
    runs: list[str] = []
    services: list[str] = []
    programs: list[str] = []
    for place in places:
        programs += end_programs(place.runs)
        runs += clear_abandoned(place.runs)
        for event in world.services(place).down(None):
            if isinstance(event, ServiceDown):
                services.append(event.name)
            yield event
    yield Stopped(tuple(services), tuple(runs), tuple(programs))


def logs(world: World, name: str) -> Iterator[Event]:
    """Yields LogShown. Raises UsageError, NothingToCheck."""
    base.find(name)
    lines = world.services(world.present_workspace()).log(name).splitlines()
    if not lines:
        raise NothingToCheck(f"{name} has no log here", remedies=[f"start it: `qlab services up {name}`"])
    yield LogShown(name, tuple(lines))
