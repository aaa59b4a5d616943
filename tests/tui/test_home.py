"""Home: where to go on."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from qlab.flows.world import World
from qlab.model.events import Event
from qlab.tui.app import QlabApp
from qlab.tui.bridge import Cancel
from qlab.tui.home import HomeScreen
from qlab.tui.lab import LabScreen
from qlab.tui.verbs import Verbs
from qlab.tui.widgets.lablist import LabList
from tests.tui.story import sees, sees_no, shown, until


async def test_it_opens_on_the_lab_that_was_started_last(started: Path) -> None:
    app = QlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "in progress", "step 2 of 2", "1/2", "✓ 1 What an event is")
        assert app.screen.query_one(LabList).cursor == "echo"


async def test_nothing_started_is_told_with_what_to_press() -> None:
    app = QlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await sees(pilot, "not started", "opens it", "no services yet")
        labs = app.screen.query_one(LabList)
        assert labs.cursor == "day03"
        assert "draft" in screen


async def test_no_world_is_made_before_the_first_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flow, and with it every probe, needs a world; none is made until a frame was painted."""
    app = QlabApp()
    frames: list[str] = []
    seen_before: list[bool] = []
    here = World.here
    display = app._display

    def painted(screen: object, renderable: object) -> None:
        frames.append("painted")
        display(screen, renderable)  # type: ignore[arg-type]

    def made() -> World:
        seen_before.append(bool(frames))
        assert threading.current_thread() is not threading.main_thread()
        return here()

    monkeypatch.setattr(app, "_display", painted)
    monkeypatch.setattr(World, "here", made)
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "Redis as a queue")
    assert seen_before
    assert all(seen_before)


async def test_the_services_line_says_that_it_is_asking_until_it_knows() -> None:
    asked = threading.Event()

    class Slow(Verbs):
        def status(self, world: World, cancel: Cancel) -> Iterator[Event]:
            asked.wait(20)
            return super().status(world, cancel)

    app = QlabApp(verbs=Slow())
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "asking what runs", "Redis as a queue")
        asked.set()
        await sees_no(pilot, "asking what runs")


async def test_letters_and_arrows_move_and_drafts_are_only_told() -> None:
    app = QlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "Say it back")
        labs = app.screen.query_one(LabList)
        for key, cursor in (
            ("g", "day01"),
            ("j", "day02"),
            ("down", "day03"),
            ("k", "day02"),
            ("G", "echo"),
            ("up", "day06"),
        ):
            await pilot.press(key)
            assert labs.cursor == cursor, key
        await sees(pilot, "not written yet")
        await pilot.press("enter")
        await sees(pilot, "announced but not written yet")
        assert isinstance(app.screen, HomeScreen)


async def test_a_filter_leaves_the_labs_with_these_letters_and_esc_clears_it() -> None:
    app = QlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "Say it back")
        await pilot.press("slash", "s", "a", "y", "space", "i")
        await sees_no(pilot, "Redis as a queue")
        await pilot.press("enter")
        await sees(pilot, "filter: say i")
        await pilot.press("escape")
        await sees(pilot, "Redis as a queue")


async def test_enter_opens_and_q_comes_back_and_quits(started: Path) -> None:
    app = QlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "in progress")
        await pilot.press("enter")
        await sees(pilot, "1 Theory")
        assert isinstance(app.screen, LabScreen)
        await pilot.press("q")
        await sees(pilot, "in progress")
        await pilot.press("enter")
        await sees(pilot, "1 Theory")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, HomeScreen))
        await pilot.press("q")
    assert app.return_code == 0


async def test_a_broken_lab_is_shown_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = tmp_path / "labs" / "torn"
    lab.mkdir(parents=True)
    (lab / "lab.toml").write_text('format = 1\nid = "torn"\ntitel = "Torn"\n')
    monkeypatch.setenv("QLAB_LABS", str(tmp_path / "labs"))
    app = QlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await sees(pilot, "torn broken", "1 broken")
        assert "Redis as a queue" in screen
        await pilot.press("G")
        await sees(pilot, "titel: no such key", "did you mean")
        await pilot.press("enter")
        await sees(pilot, "torn is broken")


async def test_a_folder_of_labs_that_is_not_there_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QLAB_LABS", "/nowhere/at/all")
    app = QlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "/nowhere/at/all", "try    make the folder")


async def test_help_shows_the_keys_of_this_screen() -> None:
    app = QlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "Say it back")
        await pilot.press("question_mark")
        await sees(pilot, "Keys of this screen", "open the lab under the cursor")
        await pilot.press("escape")
        await sees_no(pilot, "Keys of this screen")


@pytest.mark.parametrize(
    ("width", "has", "lacks"),
    [(120, "━━", ""), (80, "Steps", ""), (60, "Say it back", "Steps"), (39, "qlab needs 40x10", "day03")],
)
async def test_every_width_has_a_shape(started: Path, width: int, has: str, lacks: str) -> None:
    app = QlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "in progress")
        await pilot.resize_terminal(width, 24)
        screen = await sees(pilot, has)
        assert not lacks or lacks not in screen
        assert all(len(line) <= width for line in screen.splitlines())


async def test_where_nothing_can_be_drawn_only_the_way_out_works(started: Path) -> None:
    app = QlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "in progress")
        await pilot.resize_terminal(39, 9)
        await sees(pilot, "qlab needs 40x10")
        for key in ("enter", "c", "slash", "question_mark", "ctrl+p"):
            await pilot.press(key)
        await pilot.pause(0.2)
        assert isinstance(app.screen, HomeScreen)
        assert shown(app).strip() == "qlab needs 40x10; q quits"
        await pilot.press("q")
    assert app.return_code == 0
