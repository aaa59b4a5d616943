"""What the tests of programs share: a launcher in a folder of its own, and runs whose processes are counted at the end."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qlab.programs import library, sweep
from qlab.programs.launch import Launcher
from qlab.programs.sandbox.session import SessionTier

Launch = Callable[..., Launcher]


@pytest.fixture
def run() -> Iterator[str]:
    """The id of a run; nothing of it is left after the test."""
    run = secrets.token_hex(6)
    yield run
    sweep.end_marked(run)


@pytest.fixture
def launcher(tmp_path: Path, cache: Path, run: str) -> Launcher:
    """Starts programs of the folder `work`."""
    (tmp_path / "work").mkdir()
    return Launcher(tmp_path / "work", tmp_path / "scratch", library.view((), cache), SessionTier(), run)
