"""A workspace of its own for every story."""

import shutil
from pathlib import Path

import pytest

from tests.tui.story import ECHO, LABS


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home workspace that does not exist yet, and the small labs of the tests."""
    monkeypatch.setenv("QLAB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QLAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("QLAB_LABS", str(LABS))
    for name in ("NO_COLOR", "QLAB_ASCII", "TEXTUAL_THEME", "COLORFGBG", "VISUAL", "EDITOR", "QLAB_REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    return tmp_path / "home"


@pytest.fixture
def started(home: Path) -> Path:
    """The echo lab as if it was started and its first page read."""
    (home / ".qlab").mkdir(parents=True)
    (home / ".qlab" / "journal.jsonl").write_text(
        '{"t": 1000, "kind": "started", "lab": "echo"}\n{"t": 1001, "kind": "read", "lab": "echo", "step": "read"}\n'
    )
    shutil.copytree(ECHO / "starter", home / "echo")
    return home
