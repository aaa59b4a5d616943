"""How the stories are told: what is on the screen, and waiting for it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import cast

from textual.pilot import Pilot

from qlab.tui.app import QlabApp

LABS = Path(__file__).parent.parent / "labs"
ECHO = LABS / "echo"

P = Pilot[None]


def submit(home: Path, name: str) -> None:
    """Put a submission of the corpus in the learner's folder."""
    shutil.copy(ECHO / "hidden" / "submissions" / name / "echo.py", home / "echo" / "echo.py")


def shown(app: QlabApp) -> str:
    """What a person reads now, line by line."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def until(pilot: P, true: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for something to become true; flows run in threads and take what they take."""
    for _ in range(int(seconds / 0.05)):
        if true():
            return
        await pilot.pause(0.05)
    raise AssertionError(f"it never came; on the screen:\n{shown(cast('QlabApp', pilot.app))}")


async def sees(pilot: P, *words: str) -> str:
    """Wait until all these words are on the screen; the screen."""
    app = cast("QlabApp", pilot.app)
    await until(pilot, lambda: all(word in shown(app) for word in words))
    return shown(app)


async def sees_no(pilot: P, word: str) -> str:
    """Wait until a word is gone."""
    app = cast("QlabApp", pilot.app)
    await until(pilot, lambda: word not in shown(app))
    return shown(app)
