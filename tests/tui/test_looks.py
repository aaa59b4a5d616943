"""What it looks like where colours, signs or time are scarce."""

import subprocess
import sys
from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme

from qlab.tui import glyphs, themes, words
from qlab.tui.app import QlabApp
from qlab.tui.widgets.checks import CheckList
from tests.tui.story import sees, submit, until

ROLES = ("primary", "accent", "success", "warning", "error")
TEXTS = ["foreground", "foreground-muted", "text-muted", *ROLES, *(f"text-{role}" for role in ROLES)]


def contrast(one: Color, other: Color) -> float:
    """As WCAG counts it."""

    def luminance(colour: Color) -> float:
        parts = [v / 255 / 12.92 if v / 255 <= 0.03928 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in colour.rgb]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [themes.DARK, themes.LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("ground", ["background", "surface", "panel"])
def test_all_text_of_a_theme_can_be_read(theme: Theme, ground: str) -> None:
    colours = theme.to_color_system().generate()
    below = Color.parse(colours[ground])
    for name in TEXTS:
        colour = Color.parse(colours[name])
        assert contrast(below.blend(colour, colour.a, alpha=1), below) >= 4.5, name
    for state in ("", "blurred-"):
        cursor = [Color.parse(colours[f"block-cursor-{state}{half}"]) for half in ("background", "foreground")]
        assert contrast(*cursor) >= 4.5
    assert contrast(Color.parse(colours["border-blurred"]), Color.parse(colours["background"])) >= 3


@pytest.mark.parametrize("theme", ["qlab-dark", "qlab-light"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_everything_on_the_screen_can_be_read(
    started: Path, monkeypatch: pytest.MonkeyPatch, theme: str, size: tuple[int, int]
) -> None:
    """Not the theme's promise but what was drawn: every cell with a letter, after a failed check."""
    monkeypatch.setenv("TEXTUAL_THEME", theme)
    submit(started, "wrong/backwards")
    # What Textual itself makes of the variable when it is imported.
    monkeypatch.setattr(QlabApp.theme, "_default", theme)
    app = QlabApp("echo")
    async with app.run_test(size=size) as pilot:
        assert app.theme == theme
        assert app.screen.styles.background == Color.parse(
            themes.DARK.background if "dark" in theme else themes.LIGHT.background
        )
        await sees(pilot, "echo.py")
        await pilot.press("c")
        await sees(pilot, "FAIL")
        for key in ("h", "1", "2", "4", "q"):
            for strip in app.screen._compositor.render_strips():
                for segment in strip:
                    style = segment.style
                    if (
                        not any(c.isalnum() for c in segment.text)
                        or style is None
                        or not style.color
                        or not style.bgcolor
                    ):
                        continue
                    colours = [Color.from_rich_color(c) for c in (style.color, style.bgcolor)]
                    assert contrast(*colours) >= 4.5, (segment.text, style)
            await pilot.press(key)
            await pilot.pause(0.2)


def test_the_theme_is_the_one_asked_for_or_fits_the_terminal() -> None:
    known = dict.fromkeys(("qlab-dark", "qlab-light", "nord"), themes.DARK)
    assert themes.choose({}, known) == "qlab-dark"
    assert themes.choose({"COLORFGBG": "0;15"}, known) == "qlab-light"
    assert themes.choose({"COLORFGBG": "15;0"}, known) == "qlab-dark"
    assert themes.choose({"COLORFGBG": "12;8"}, known) == "qlab-dark"
    assert themes.choose({"COLORFGBG": "0;15", "TEXTUAL_THEME": "nord"}, known) == "nord"
    assert themes.choose({"TEXTUAL_THEME": "gone", "COLORFGBG": "default"}, known) == "qlab-dark"


async def test_without_colour_no_colour_is_sent_and_every_word_is_there(
    started: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    submit(started, "wrong/backwards")
    app = QlabApp("echo")
    async with app.run_test(size=(80, 30)) as pilot:
        await sees(pilot, "echo.py")
        await pilot.press("c")
        await sees(pilot, "✓ PASS", "✗ FAIL", "2 passed", "1 failed")
        # The cursor comes to the failure once the row has its new height.
        await until(pilot, lambda: app.screen.query_one(CheckList).cursor == "echo.order")
        await pilot.pause(0.2)
        cursor = []
        for y, row in enumerate(app.screen._compositor.render_strips()):
            strip = row.apply_filter(app._filters[-1], app.screen.background_colors[1]) if app._filters else row
            for segment in strip:
                if segment.style and segment.text.strip():
                    assert segment.style.color is None or segment.style.color.is_default, segment
                    if segment.style.reverse and "FAIL" in segment.text:
                        cursor.append(y)
        assert len(cursor) == 1, "the cursor must be seen without colour, and on the title of the check alone"
        reversed_rows = [
            y
            for y, row in enumerate(app.screen._compositor.render_strips())
            if any(s.style and s.style.reverse and s.text.strip() for s in row) and y > 1
        ]
        assert reversed_rows == cursor


@pytest.mark.parametrize("env", [{"QLAB_ASCII": "1"}, {"TERM": "linux"}])
async def test_plain_signs_alone(started: Path, monkeypatch: pytest.MonkeyPatch, env: dict[str, str]) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    submit(started, "wrong/backwards")
    app = QlabApp()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await sees(pilot, "in progress")
        assert not [line for line in screen.splitlines() if not line.replace("→", "").isascii()]  # a title of a lab
        await pilot.press("c")
        screen = await sees(pilot, "# FAIL", "x PASS", "# 1 failed")
        assert screen.isascii()
        await pilot.press("question_mark")
        assert (await sees(pilot, "Keys of this screen")).isascii()


def test_signs_are_chosen_by_terminal_encoding_and_wish() -> None:
    assert glyphs.choose({}, "utf-8") is glyphs.UNICODE
    assert glyphs.choose({"TERM": "linux"}, "utf-8") is glyphs.ASCII
    assert glyphs.choose({}, "ANSI_X3.4-1968") is glyphs.ASCII
    assert glyphs.choose({}, None) is glyphs.ASCII
    assert glyphs.choose({"QLAB_ASCII": "0"}, "UTF-8") is glyphs.UNICODE
    assert glyphs.choose({"QLAB_ASCII": "1"}, "UTF-8") is glyphs.ASCII


def test_times_are_told_as_people_do() -> None:
    told = [words.ago(seconds) for seconds in (0, 59, 60, 150, 3_600, 90_000, 200_000)]
    assert told == ["just now", "just now", "1 min ago", "2 min ago", "1 h ago", "1 day ago", "2 days ago"]


def test_opening_the_screens_imports_nothing_large_but_textual() -> None:
    code = (
        "import sys, qlab.tui.app\n"
        "print([m for m in ('docker', 'pytest', 'redis', 'pika', 'kafka', 'typer', 'qlab.flows', 'textual.widgets.markdown') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.strip() == "[]", run.stderr
