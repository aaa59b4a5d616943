"""One lab whole: what the journal tells, and the last report where it still tells the same."""

import json
from pathlib import Path

import pytest

from qlab.flows.look import LabSeen, look
from qlab.flows.world import World
from qlab.model.errors import NoSuchLab
from qlab.model.report import CheckResult, Outcome, Report
from qlab.model.workspace import Workspace

LABS = Path(__file__).parent.parent / "labs"
REPORT = Report(
    "echo",
    (
        CheckResult("echo.ready", "says hello", "echo", Outcome.PASS, 1, 1),
        CheckResult("echo.all", "says all", "echo", Outcome.FAIL, 0, 2, observed="nothing"),
    ),
    1.5,
    "5eed",
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World({"QLAB_LABS": str(LABS), "QLAB_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}, tmp_path)


def checked(world: World, *, results: dict[str, str], report: str) -> Workspace:
    workspace = Workspace(world.home_workspace)
    workspace.reports.mkdir(parents=True)
    (workspace.reports / "last.json").write_text(json.dumps(REPORT.as_json()))
    entry = {"t": 1000, "kind": "checked", "lab": "echo", "results": results, "report": report}
    workspace.journal.write_text(json.dumps(entry) + "\n")
    return workspace


def seen(world: World) -> LabSeen:
    [event] = look(world, "echo")
    assert isinstance(event, LabSeen)
    return event


def test_nothing_is_known_of_a_lab_nobody_began(world: World) -> None:
    event = seen(world)
    assert (event.details, event.checked, event.folder) == ({}, None, None)
    assert [check.id for check in event.state.lab.checks] == ["echo.ready", "echo.all", "echo.order"]


def test_the_last_report_tells_what_was_found_and_when(world: World) -> None:
    workspace = checked(world, results={"echo.ready": "pass", "echo.all": "fail"}, report="last.json")
    workspace.lab("echo").mkdir()
    event = seen(world)
    assert event.details["echo.all"].observed == "nothing"
    assert event.checked == 1000
    assert event.folder == workspace.lab("echo")


def test_what_the_report_says_is_left_out_where_a_later_check_says_otherwise(world: World) -> None:
    checked(world, results={"echo.ready": "pass", "echo.all": "pass"}, report="last.json")
    assert set(seen(world).details) == {"echo.ready"}


@pytest.mark.parametrize("report", ["gone.json", "", "../../elsewhere/last.json", "torn.json"])
def test_a_report_that_cannot_be_read_leaves_the_outcomes(world: World, report: str) -> None:
    workspace = checked(world, results={"echo.all": "fail"}, report=report)
    elsewhere = workspace.root.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "last.json").write_text(json.dumps(REPORT.as_json()))
    (workspace.reports / "last.json").unlink()
    (workspace.reports / "torn.json").write_text('{"schema": 1, "lab": "ec')
    event = seen(world)
    assert event.details == {}
    assert event.state.results == {"echo.all": Outcome.FAIL}


def test_a_lab_that_is_not_there_is_said(world: World) -> None:
    with pytest.raises(NoSuchLab):
        list(look(world, "nothere"))
