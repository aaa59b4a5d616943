"""The journal keeps what it was given through kills, full disks and two writers, and never breaks a reader."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from qlab.model.errors import JournalNotWritten, MachineNotReady
from qlab.progress.journal import Journal

WRITER = """
import sys
from pathlib import Path
from qlab.progress.journal import Journal
journal = Journal(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    journal.append("tried", who=sys.argv[2], number=number, filler="x" * 200)
    if number == 0:
        print("go", flush=True)
"""


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """A journal in a workspace that has no .qlab yet."""
    return Journal(tmp_path / ".qlab" / "journal.jsonl")


def start_writer(journal: Journal, who: str, lines: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WRITER, str(journal.path), who, str(lines)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def test_what_was_appended_is_read_back_in_order(journal: Journal) -> None:
    before = time.time()
    journal.append("started", lab="day03")
    journal.append("checked", lab="day03", results={"a.b": "pass"}, seconds=1.5, report=None)
    first, second = journal.read()
    assert (first.kind, dict(first.data)) == ("started", {"lab": "day03"})
    assert second.data["results"] == {"a.b": "pass"}
    assert before - 1 <= first.t <= second.t <= time.time() + 1


def test_a_journal_that_is_not_there_is_empty(journal: Journal) -> None:
    assert list(journal.read()) == []
    assert not journal.path.exists()


def test_names_that_are_not_unicode_are_kept(journal: Journal) -> None:
    journal.append("reset", lab="day03", kept_as="caf\udce9 ✓\n")
    (entry,) = journal.read()
    assert entry.data["kept_as"] == "caf\udce9 ✓\n"


def test_the_time_is_not_the_callers_to_give(journal: Journal) -> None:
    with pytest.raises(ValueError, match="time of the entry"):
        journal.append("started", t=1)


def test_data_that_json_cannot_hold_writes_nothing(journal: Journal) -> None:
    with pytest.raises(TypeError):
        journal.append("started", lab=object())
    assert list(journal.read()) == []


@pytest.mark.parametrize("torn", [b'{"t": 1, "ki', b"\0\0\0", b"\xff"])
def test_a_line_torn_by_a_crash_is_passed_over_and_the_next_one_is_whole(journal: Journal, torn: bytes) -> None:
    journal.append("started", lab="day01")
    with journal.path.open("ab") as file:
        file.write(torn)
    journal.append("started", lab="day02")
    journal.append("started", lab="day03")
    assert [entry.data["lab"] for entry in journal.read()] == ["day01", "day02", "day03"]
    assert torn in journal.path.read_bytes()


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[1, 2]",
        b'"text"',
        b"null",
        b"{}",
        b'{"t": 1}',
        b'{"kind": "started"}',
        b'{"t": "1", "kind": "started"}',
        b'{"t": true, "kind": "started"}',
        b'{"t": 1, "kind": 2}',
        b"[" * 100_000,
        b'{"t": 1' + b"0" * 400 + b', "kind": "x"}',
        b'{"t": ' + b"1" * 5000 + b', "kind": "x"}',
        '{"t": 1, "kind": "x"}'.encode("utf-16"),
    ],
)
def test_a_line_that_is_no_entry_is_passed_over(journal: Journal, line: bytes) -> None:
    journal.append("started", lab="day01")
    with journal.path.open("ab") as file:
        file.write(line + b"\n")
    journal.append("started", lab="day02")
    assert [entry.data["lab"] for entry in journal.read()] == ["day01", "day02"]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(max_size=200), tail=st.binary(max_size=30))
@example(noise=b'{"t": NaN, "kind": "x"}\n{"t": 1e999, "kind": ""}\n', tail=b"\r")
def test_any_bytes_are_read_without_an_error_and_can_be_appended_to(
    journal: Journal, noise: bytes, tail: bytes
) -> None:
    journal.path.parent.mkdir(exist_ok=True)
    journal.path.write_bytes(noise + tail)
    before = list(journal.read())
    journal.append("started", lab="day03")
    *rest, last = journal.read()
    assert (last.kind, dict(last.data)) == ("started", {"lab": "day03"})
    assert len(rest) == len(before)
    assert journal.path.read_bytes().startswith(noise + tail)


def test_a_writer_killed_in_the_middle_loses_nothing_that_was_acknowledged(journal: Journal) -> None:
    for round_ in range(3):
        writer = start_writer(journal, f"w{round_}", 100_000)
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"go\n"
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        seen = [entry.data["number"] for entry in journal.read() if entry.data["who"] == f"w{round_}"]
        assert seen == list(range(len(seen)))
        assert seen
    journal.append("started", who="me", number=0)
    assert [entry.data["who"] for entry in journal.read()][-1] == "me"


def test_two_writers_at_once_lose_and_mix_nothing(journal: Journal) -> None:
    writers = [start_writer(journal, who, 500) for who in ("a", "b")]
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    for who in ("a", "b"):
        assert [e.data["number"] for e in journal.read() if e.data["who"] == who] == list(range(500))
    assert len(journal.path.read_bytes().splitlines()) == 1000


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_said_and_the_result_is_still_right(journal: Journal) -> None:
    journal.path.parent.mkdir()
    journal.path.symlink_to("/dev/full")
    with pytest.raises(JournalNotWritten, match="the result itself is right") as caught:
        journal.append("started", lab="day03")
    assert caught.value.found == "No space left on device"
    assert caught.value.remedies


LIMITED = """
import resource, sys
from pathlib import Path
from qlab.model.errors import JournalNotWritten
from qlab.progress.journal import Journal
journal = Journal(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    while True:
        journal.append("tried", filler="x" * 300)
except JournalNotWritten as error:
    print(error.found)
"""


@pytest.mark.parametrize("torn", [b"", b'{"torn'])
def test_a_line_that_does_not_fit_is_taken_back_to_the_byte(journal: Journal, torn: bytes) -> None:
    journal.append("started", lab="day03")
    with journal.path.open("ab") as file:
        file.write(torn)
    command = [sys.executable, "-c", LIMITED, str(journal.path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said.stdout == "File too large\n"
    text = journal.path.read_bytes()
    assert text.endswith(b'"}\n')
    # Two fit, the third was begun and taken back.
    assert [entry.kind for entry in journal.read()] == ["started", "tried", "tried"]
    journal.append("started", lab="day04")
    assert len(list(journal.read())) == 4


READ_ONLY = """
import os
from pathlib import Path
from qlab.model.errors import JournalNotWritten
from qlab.progress.journal import Journal
if os.geteuid() == 0:  # the superuser may write everywhere, so be nobody
    os.setuid(65534)
try:
    Journal(Path("journal.jsonl")).append("started", lab="day03")
except JournalNotWritten as error:
    print(error.found)
"""


def test_a_folder_that_may_not_be_written_says_so(tmp_path: Path) -> None:
    folder = tmp_path / ".qlab"
    folder.mkdir(mode=0o555)
    command = [sys.executable, "-c", READ_ONLY]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
    assert said == "Permission denied\n"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("path", ["/proc/qlab/journal.jsonl", "/dev/null/journal.jsonl"])
def test_a_place_where_no_file_can_be_says_so(path: str) -> None:
    with pytest.raises(JournalNotWritten, match=path):
        Journal(Path(path)).append("started", lab="day03")


def test_a_folder_where_the_journal_should_be_is_said_on_both_ways(journal: Journal) -> None:
    journal.path.mkdir(parents=True)
    with pytest.raises(JournalNotWritten):
        journal.append("started", lab="day03")
    with pytest.raises(MachineNotReady, match="cannot be read"):
        list(journal.read())


def test_every_line_is_json_that_other_tools_can_read(journal: Journal) -> None:
    journal.append("hint", lab="day03", check="a.b", rung=1)
    (line,) = journal.path.read_text(encoding="ascii").splitlines()
    assert json.loads(line) | {"t": 0} == {"t": 0, "kind": "hint", "lab": "day03", "check": "a.b", "rung": 1}


def test_a_device_in_the_journals_place_holds_no_entries_and_is_not_read_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.symlink_to("/dev/full")
    assert list(Journal(path).read()) == []


def test_a_named_pipe_in_the_journals_place_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    os.mkfifo(path)
    assert list(Journal(path).read()) == []
