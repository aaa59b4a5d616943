"""The lab screen: read, check, see why, ask for a hint."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from qlab.flows.lessons import PageShown
from qlab.flows.world import World
from qlab.model.errors import ServiceUnavailable
from qlab.model.events import Event, Note, ServiceChosen, ServiceUp
from qlab.model.service import Choice, Endpoint, RunnerName, Service
from qlab.tui.app import QlabApp
from qlab.tui.home import HomeScreen
from qlab.tui.lab import LabScreen
from qlab.tui.verbs import Verbs
from qlab.tui.widgets.checks import CheckList
from tests.tui.story import sees, sees_no, shown, submit, until

FAILED = "✗ FAIL  Ids are said back in the order they came."


def read(home: Path) -> list[str]:
    """Pages that the journal tells were read."""
    entries = [json.loads(line) for line in (home / ".qlab" / "journal.jsonl").read_text().splitlines()]
    return [entry["step"] for entry in entries if entry["kind"] == "read"]


async def test_a_page_is_read_when_the_learner_goes_on_from_it(home: Path) -> None:
    """Opened however often, a lab is where it was; only going on moves it on."""
    for _ in range(2):
        app = QlabApp("echo")
        async with app.run_test(size=(80, 24)) as pilot:
            await sees(pilot, "Step 1 of 2", "One JSON object on a line is an event.", "0/2", "home/echo")
            assert read(home) == []
            await pilot.press("q")
            await sees(pilot, "step 1 of 2")
            await pilot.press("q")
    app = QlabApp("echo")
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "Step 1 of 2", "home/echo")
        await pilot.press("n")
        await sees(pilot, "Step 2 of 2", "1/2")
        await pilot.press("p")
        await sees(pilot, "Step 1 of 2")
        await pilot.press("n")
        await sees(pilot, "Step 2 of 2")
        assert read(home) == ["read"], "going back marks nothing, and no page is marked twice"
    again = QlabApp("echo")
    async with again.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "Step 2 of 2")


async def test_picking_a_later_step_goes_on_too_and_an_earlier_one_does_not(home: Path) -> None:
    app = QlabApp("echo")
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "Step 1 of 2", "home/echo")
        await pilot.press("2", "G", "enter")
        await sees(pilot, "Step 2 of 2", "1/2")
        await pilot.press("2", "g", "enter")
        await sees(pilot, "Step 1 of 2", "1/2")
        assert read(home) == ["read"]


async def test_going_on_from_the_last_page_reads_it(home: Path) -> None:
    app = QlabApp("echo")
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "Step 1 of 2", "home/echo")
        await pilot.press("2", "G", "enter")
        await sees(pilot, "Step 2 of 2")
        await pilot.press("n")
        await sees(pilot, "this is the last page")
        await until(pilot, lambda: read(home) == ["read", "echo"])


@pytest.mark.parametrize("back", ["escape", "q"])
async def test_a_lab_opened_from_the_command_line_goes_home_as_any_other(started: Path, back: str) -> None:
    app = QlabApp("echo")
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "Step 2 of 2", "echo.py")
        await pilot.press(back)
        await sees(pilot, "in progress", "step 2 of 2")
        await pilot.press("escape")
        assert isinstance(app.screen, HomeScreen)
        await pilot.press("enter")
        await sees(pilot, "Step 2 of 2", "echo.py")
        await pilot.press(back)
        await sees(pilot, "in progress")
        await pilot.press("q")
    assert app.return_code == 0


async def test_pages_turn_with_two_pairs_of_keys(started: Path) -> None:
    app = QlabApp("echo")
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "Step 2 of 2")
        await pilot.press("left_square_bracket")
        await sees(pilot, "Step 1 of 2", "What an event is")
        await pilot.press("n")
        await sees(pilot, "Step 2 of 2")
        await pilot.press("right_square_bracket")
        await sees(pilot, "this is the last page")
        await pilot.press("p")
        await sees(pilot, "Step 1 of 2")


async def test_digits_change_panes_and_enter_on_a_step_opens_its_page(started: Path) -> None:
    app = QlabApp("echo")
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "Step 2 of 2", "2 Steps 1/2")
        await pilot.press("2")
        await sees(pilot, "✓ 1 What an event is", "▶ 2 Say it back")
        await pilot.press("g", "enter")
        await sees(pilot, "One JSON object on a line")
        await pilot.press("3")
        await sees(pilot, "○ WAIT  Every id is said back.", "3 not run")
        await pilot.press("4")
        await sees(pilot, "echo is ready")


async def test_a_failed_check_grows_in_place_and_a_hint_stands_under_it(started: Path) -> None:
    submit(started, "wrong/backwards")
    app = QlabApp("echo")
    async with app.run_test(size=(80, 30)) as pilot:
        await sees(pilot, "echo.py")
        await pilot.press("c")
        screen = await sees(pilot, FAILED, "✓ 2 passed  ✗ 1 failed", "3 of 4 points")
        for words in ("✓ PASS  The program says", "✓ PASS  Every id", "expected", "observed", "what happened"):
            assert words in screen
        assert "next step When do you print each line?" in screen
        assert "again     qlab check echo --only echo.order" in screen
        assert "press h (4 hints, gentle first)" in screen
        assert app.screen.query_one(CheckList).cursor == "echo.order"
        await pilot.press("h")
        await sees(pilot, "hint 1 of 4  Which line was said first?")
        await pilot.press("h")
        await sees(pilot, "hint 2 of 4  Say each line before you read the next one.", "press h (for the next one)")
        await pilot.press("h", "h")
        await sees(pilot, "hint 4 of 4")
        await sees_no(pilot, "press h")
        await pilot.press("q")
        await sees(pilot, "qlab", "✗ 1 failed")


async def test_rows_are_there_from_the_start_and_none_moves_away(started: Path) -> None:
    submit(started, "correct/plain")
    app = QlabApp("echo")
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "echo.py")
        await pilot.press("c")
        await until(pilot, lambda: app.screen.query_one(CheckList).checks)
        assert [row.key for row in app.screen.query_one(CheckList).checks] == ["echo.ready", "echo.all", "echo.order"]
        await sees(pilot, "✓ 3 passed", "4 of 4 points", "2 Steps 2/2")


async def test_one_step_alone_is_checked(started: Path) -> None:
    submit(started, "correct/plain")
    app = QlabApp("echo")
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "Step 2 of 2", "echo.py")
        await pilot.press("p")
        await sees(pilot, "Step 1 of 2")
        await pilot.press("C")
        await sees(pilot, "this page has no checks")
        await pilot.press("n")
        await sees(pilot, "Step 2 of 2")
        await pilot.press("C")
        await sees(pilot, "✓ 3 passed")


async def test_a_running_check_is_stopped_by_esc_and_says_so(started: Path) -> None:
    (started / "echo" / "echo.py").write_text("import time\ntime.sleep(60)\n")
    app = QlabApp("echo")
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "echo.py")
        await pilot.press("c")
        await sees(pilot, "RUN", "esc stops")
        await pilot.press("escape")
        await sees(pilot, "the check was stopped")
        assert isinstance(app.screen, LabScreen)
        assert "RUN" not in shown(app)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, HomeScreen))


async def test_check_from_home_opens_the_lab_and_checks(started: Path) -> None:
    submit(started, "wrong/first_only")
    app = QlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "in progress")
        await pilot.press("c")
        await sees(pilot, "✗ FAIL  Every id is said back.", "✓ 1 passed  ✗ 2 failed")


async def test_what_was_found_before_is_there_when_the_lab_is_opened_again(started: Path) -> None:
    submit(started, "wrong/backwards")
    app = QlabApp("echo")
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "echo.py")
        await pilot.press("c")
        await sees(pilot, FAILED)
        await until(pilot, lambda: not app.screen.runs("check"))  # type: ignore[attr-defined]
    again = QlabApp("echo")
    async with again.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "3 Checks ✗ 1 failed")
        await pilot.press("3")
        await sees(pilot, FAILED, "expected", "when do you print".capitalize())


async def test_side_by_side_from_110_columns(started: Path) -> None:
    app = QlabApp("echo")
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await sees(pilot, "2 Steps 1/2", "3 Checks", "4 Log", "Say it back", "WAIT")
        assert "1 Theory" not in screen
        await pilot.resize_terminal(80, 24)
        await sees(pilot, "1 Theory")
        await pilot.resize_terminal(60, 24)
        screen = await sees(pilot, "1 Theory")
        assert all(len(line) <= 60 for line in screen.splitlines())
        await pilot.resize_terminal(39, 24)
        await sees_no(pilot, "1 Theory")
        await pilot.press("c")
        assert "qlab needs 40x10" in shown(app)
        await pilot.resize_terminal(120, 40)
        await sees(pilot, "3 Checks")
        assert not app.screen.runs("check")  # type: ignore[attr-defined]


async def test_no_editor_is_said_with_the_file(started: Path) -> None:
    app = QlabApp("echo")
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "Step 2 of 2", "echo.py")
        await pilot.press("e")
        await sees(pilot, "set $VISUAL or $EDITOR and e opens")


async def test_a_terminal_that_cannot_be_lent_is_said(started: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "true")
    app = QlabApp("echo")
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "Step 2 of 2", "echo.py")
        await pilot.press("e")
        await sees(pilot, "cannot be lent to an editor")


class Brokers(Verbs):
    """Starts a service as slowly as the test says, or not at all."""

    def __init__(self, *, fails: bool) -> None:
        self.go = threading.Event()
        self._fails = fails

    def start(self, world: World, lab: str) -> Iterator[Event]:
        yield ServiceChosen(Choice("redis", RunnerName.NATIVE, "redis-server is on this machine"))
        self.go.wait(20)
        if self._fails:
            raise ServiceUnavailable(
                "redis cannot be had on this machine",
                found="no engine, no redis-server [no markup]",
                remedies=["install redis-server", "or set QLAB_REDIS_URL"],
            )
        endpoint = Endpoint("127.0.0.1", 40123, "redis://127.0.0.1:40123/0")
        yield ServiceUp(Service("redis", RunnerName.NATIVE, "it is here", endpoint, "id", "1", 0.05))


async def test_a_service_comes_up_while_the_learner_reads(started: Path) -> None:
    brokers = Brokers(fails=False)
    app = QlabApp("echo", verbs=brokers)
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "… redis starting", "Step 2 of 2")
        brokers.go.set()
        await sees(pilot, "● redis up 127.0.0.1:40123 (native)")


async def test_a_service_that_cannot_be_had_is_told_with_its_remedies(started: Path) -> None:
    brokers = Brokers(fails=True)
    app = QlabApp("echo", verbs=brokers)
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "… redis starting")
        brokers.go.set()
        await sees(
            pilot,
            "! redis cannot be had",
            "found  no engine, no redis-server [no markup]",
            "try    install redis-server",
            "or set QLAB_REDIS_URL",
            "○ redis down",
        )
        await pilot.press("escape")
        await sees_no(pilot, "install redis-server")
        assert isinstance(app.screen, LabScreen)


async def test_the_chosen_row_has_all_of_its_title_and_is_seen_whole(started: Path) -> None:
    """Every row in turn, in a side column where not every title fits on one line."""
    app = QlabApp("echo")
    async with app.run_test(size=(110, 24)) as pilot:
        await sees(pilot, "Step 2 of 2", "echo.py")
        await pilot.press("3", "g")
        checks = app.screen.query_one(CheckList)
        for row in checks.checks:
            await until(pilot, lambda row=row: checks.cursor == row.key)  # type: ignore[misc]
            await pilot.pause(0.3)
            assert row.check.title in " ".join(row.draw(row.size.width).plain.split())
            assert checks.region.contains_region(row.region)
            assert [other.size.height for other in checks.checks if other is not row] == [1, 1]
            await pilot.press("j")
        assert checks.checks[-1].size.height == 2


async def test_the_log_shows_brackets_as_they_are_and_is_wrapped_anew(started: Path) -> None:
    said = "a note with [bold]brackets[/] and [link='x'] and $error, " + "long enough for more than one line " * 3

    class Noted(Verbs):
        def start(self, world: World, lab: str) -> Iterator[Event]:
            yield Note(said)

    app = QlabApp("echo", verbs=Noted())
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "Step 2 of 2")
        await pilot.press("4")
        await sees(pilot, "[bold]brackets[/] and [link='x'] and $error")
        await pilot.resize_terminal(60, 24)
        await until(pilot, lambda: said.strip() in " ".join(shown(app).split()))


async def test_a_drawing_that_is_too_wide_moves_sideways(started: Path) -> None:
    class Drawn(Verbs):
        def read(self, world: World, lab: str, step: str | None) -> Iterator[Event]:
            for event in super().read(world, lab, step):
                assert isinstance(event, PageShown)
                yield replace(event, text="# Wide\n\n```\n" + "left" + "-" * 58 + "right\n```\n")

    app = QlabApp("echo", verbs=Drawn())
    async with app.run_test(size=(60, 20)) as pilot:
        screen = await sees(pilot, "left---")
        assert "right" not in screen
        await pilot.press("right", "right")
        await sees(pilot, "--right")
        await pilot.press("left", "left")
        await sees(pilot, "left---")
        await pilot.resize_terminal(110, 30)
        await sees(pilot, "left---", "---right")


async def test_half_a_number_or_address_is_never_shown(started: Path) -> None:
    brokers = Brokers(fails=False)
    brokers.go.set()
    app = QlabApp("echo", verbs=brokers)
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "● redis up 127.0.0.1:40123 (native)")
        await pilot.resize_terminal(60, 20)
        top = (await sees_no(pilot, "(native)")).splitlines()[0]
        assert top.endswith("● redis up")


async def test_a_fault_of_ours_is_told_as_ours(started: Path) -> None:
    class Faulty(Verbs):
        def start(self, world: World, lab: str) -> Iterator[Event]:
            raise RuntimeError("[/] boom")

    app = QlabApp("echo", verbs=Faulty())
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "this is a fault in qlab, not in your work", "RuntimeError: [/] boom")


async def test_a_draft_opened_by_name_says_why_it_cannot(started: Path) -> None:
    app = QlabApp("day01")
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "announced but not written yet", "try    `qlab list`")
