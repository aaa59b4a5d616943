"""A learner's program can import what the lab names and what that needs, and nothing else of qlab's environment."""

import subprocess
import sys
from pathlib import Path

import pytest

from qlab.model.errors import LabBroken, NotWritable
from qlab.programs.library import view


def says(python: Path, code: str) -> str:
    done = subprocess.run([str(python), "-c", code], cwd="/", env={}, capture_output=True, text=True)
    return (done.stdout + done.stderr.strip().rpartition("\n")[2]).strip()


def test_the_named_library_is_there_and_its_neighbours_are_not(cache: Path) -> None:
    python = view(["redis"], cache).python
    assert says(python, "import redis; print(redis.Redis.__name__)") == "Redis"
    for hidden in ("qlab", "pytest", "docker", "textual", "pip"):
        assert says(python, f"import {hidden}") == f"ModuleNotFoundError: No module named '{hidden}'"


def test_it_is_an_ordinary_interpreter(cache: Path) -> None:
    python = view([], cache).python
    assert says(python, "exit('with words')") == "with words"
    assert says(python, "import json, ssl, sqlite3, asyncio; print(help.__class__.__name__)") == "_Helper"


def test_a_view_is_made_once(cache: Path) -> None:
    first = view(["redis"], cache)
    made = first.folder.stat().st_ctime_ns
    assert view(["redis", "redis"], cache) == first
    assert first.folder.stat().st_ctime_ns == made
    assert view([], cache) != first
    assert not [path for path in (cache / "views").iterdir() if path.name.startswith(".")]


def test_a_library_that_is_not_installed_is_the_labs_fault(cache: Path) -> None:
    with pytest.raises(LabBroken) as broken:
        view(["no-such-distribution"], cache)
    assert "no-such-distribution" in broken.value.what
    assert "pip install no-such-distribution" in broken.value.remedies[0]


def test_a_cache_that_cannot_be_written_names_the_way_out() -> None:
    with pytest.raises(NotWritable) as refused:
        view([], Path("/proc/qlab"))
    assert "QLAB_CACHE" in refused.value.remedies[0]


def test_two_at_once_make_one_view(tmp_path: Path) -> None:
    code = f"from pathlib import Path; from qlab.programs.library import view; print(view(['redis'], Path({str(tmp_path)!r})).folder)"
    both = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    folders = {process.communicate()[0] for process in both}
    assert len(folders) == 1
    assert len(list((tmp_path / "views").iterdir())) == 1
