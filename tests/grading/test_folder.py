"""The folder of a run: gone afterwards, held while it lives, found when its owner was killed."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from qlab.grading.folder import abandoned, clear_abandoned, run_folder
from qlab.model.errors import NotWritable
from qlab.programs import sweep

HOLD = """
import os, signal, subprocess, sys
from pathlib import Path
from qlab.grading.folder import run_folder
with run_folder(Path(sys.argv[1])) as (run, folder):
    subprocess.Popen(["sleep", "1000"], env={"PATH": os.environ["PATH"], "QLAB_RUN": run}, stdout=subprocess.DEVNULL, start_new_session=True)
    os.write(1, run.encode() + b"\\n")
    signal.pause()
"""


def test_it_is_gone_afterwards(tmp_path: Path) -> None:
    with run_folder(tmp_path) as (run, folder):
        assert folder == tmp_path / run
        assert abandoned(tmp_path) == []
    assert not folder.exists()
    assert clear_abandoned(tmp_path) == []


def test_it_is_gone_though_the_work_in_it_failed(tmp_path: Path) -> None:
    with suppress(ZeroDivisionError), run_folder(tmp_path) as (_, folder):
        (folder / "deep").mkdir()
        raise ZeroDivisionError
    assert not folder.exists()


def test_a_killed_owner_leaves_what_the_next_one_clears(tmp_path: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout
    run = owner.stdout.readline().strip()
    assert abandoned(tmp_path) == []
    owner.kill()
    owner.communicate()
    assert abandoned(tmp_path) == [run]
    assert sweep.marked(run)
    assert clear_abandoned(tmp_path) == [run]
    assert not sweep.marked(run)
    assert [path.name for path in tmp_path.iterdir()] == [".turn"]


def test_an_interrupted_owner_leaves_nothing(tmp_path: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert owner.stdout
    run = owner.stdout.readline().strip()
    owner.send_signal(signal.SIGINT)
    owner.communicate()
    assert abandoned(tmp_path) == []
    assert not sweep.marked(run)


def test_one_that_begins_is_never_taken_for_abandoned(tmp_path: Path) -> None:
    done = threading.Event()
    cleared: list[str] = []

    def clear() -> None:
        while not done.is_set():
            cleared.extend(clear_abandoned(tmp_path))

    thread = threading.Thread(target=clear)
    thread.start()
    try:
        for _ in range(100):
            with run_folder(tmp_path) as (_, folder):
                assert folder.is_dir()
    finally:
        done.set()
        thread.join()
    assert cleared == []


@pytest.mark.parametrize("place", ["/proc/qlab", "/dev/null/qlab"])
def test_a_place_that_cannot_be_written_is_named(place: str) -> None:
    with pytest.raises(NotWritable) as refused, run_folder(Path(place)):
        pass
    assert place in refused.value.what
    assert os.path.dirname(place) in refused.value.remedies[0]  # noqa: PTH120 - a text
