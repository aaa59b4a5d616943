"""A learner's folder is copied without trusting it: links, pipes, devices, sparse files, names that are no text."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from qlab.model.errors import NotASubmission, NotWritable
from qlab.programs.submission import MAX_BYTES, MAX_FILES, SKIPPED, copy, duplicate
from tests.desk import without_rights


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    (folder / "inner").mkdir(parents=True)
    (folder / "main.py").write_text("print(1)\n")
    (folder / "inner" / "part.py").write_text("x = 1\n")
    return folder


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_files_arrive_as_they_are(work: Path, tmp_path: Path) -> None:
    copied = copy(work, tmp_path / "copy")
    assert (copied.files, copied.bytes, copied.left_out) == (2, 15, ())
    assert (tmp_path / "copy/inner/part.py").read_text() == "x = 1\n"


def test_a_program_may_still_be_run_and_nobody_else_may_read_it(work: Path, tmp_path: Path) -> None:
    (work / "main.py").chmod(0o4755)
    copy(work, tmp_path / "copy")
    assert (tmp_path / "copy/main.py").stat().st_mode & 0o7777 == 0o700
    assert (tmp_path / "copy/inner/part.py").stat().st_mode & 0o7777 == 0o600


def test_a_link_is_left_out_and_said(work: Path, tmp_path: Path) -> None:
    (work / "secret").symlink_to("/etc/passwd")
    (work / "outside").symlink_to("/etc")
    (work / "loop").symlink_to(work)
    copied = copy(work, tmp_path / "copy")
    assert names(tmp_path / "copy") == {"main.py", "inner", "inner/part.py"}
    assert len(copied.left_out) == 3
    assert copied.left_out[2] == "secret was left out: a link is not a file a program could need"


def test_a_named_pipe_a_socket_and_a_device_hold_nobody_up(work: Path, tmp_path: Path) -> None:
    os.mkfifo(work / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        # The address of a socket may be shorter than the path of a test.
        descriptor = os.open(work, os.O_RDONLY)
        listener.bind(f"/proc/self/fd/{descriptor}/talk")
        os.close(descriptor)
        copied = copy(work, tmp_path / "copy")
    assert [line.split(" was left out: ")[1].split(" is not")[0] for line in copied.left_out] == [
        "a named pipe",
        "a socket",
    ]


def test_a_sparse_terabyte_is_refused_before_it_fills_the_disk(work: Path, tmp_path: Path) -> None:
    with (work / "huge").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(NotASubmission) as refused:
        copy(work, tmp_path / "copy")
    assert "too large" in refused.value.what
    assert (tmp_path / "copy/huge").stat().st_size <= MAX_BYTES + 1


@pytest.mark.parametrize("kind", ["files", "folders", "links"])
def test_too_many_of_anything_is_too_much(work: Path, tmp_path: Path, kind: str) -> None:
    for number in range(MAX_FILES + 1):
        path = work / f"n{number}"
        if kind == "files":
            path.touch()
        elif kind == "folders":
            path.mkdir()
        else:
            path.symlink_to("x")
    with pytest.raises(NotASubmission) as refused:
        copy(work, tmp_path / "copy")
    assert "2,000 files" in refused.value.found


def test_folders_that_are_never_a_solution_are_passed_over(work: Path, tmp_path: Path) -> None:
    for name in SKIPPED:
        (work / name).mkdir()
        (work / name / "large").write_bytes(b"x")
    copy(work, tmp_path / "copy")
    assert names(tmp_path / "copy") == {"main.py", "inner", "inner/part.py"}


def test_a_folder_deeper_than_a_path_can_name_is_refused(work: Path, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", "import os\nfor _ in range(60): os.mkdir('d' * 100); os.chdir('d' * 100)"],
        cwd=work,
        check=True,
    )
    with pytest.raises((NotASubmission, NotWritable)) as refused:
        copy(work, tmp_path / "copy")
    assert refused.value.found == "File name too long"


def test_a_name_that_is_no_text_or_paints_the_terminal_is_shown_harmlessly(work: Path, tmp_path: Path) -> None:
    (work / os.fsdecode(b"caf\xe9")).symlink_to("x")
    (work / "\x1b[31mred\nPASS").symlink_to("x")
    for line in copy(work, tmp_path / "copy").left_out:
        assert line.isprintable()
        line.encode()


def test_a_file_that_goes_away_meanwhile_does_not_matter(work: Path, tmp_path: Path) -> None:
    done = threading.Event()

    def editor() -> None:
        while not done.is_set():
            (work / "main.py.swp").write_text("draft")
            (work / "main.py.swp").unlink()

    thread = threading.Thread(target=editor)
    thread.start()
    try:
        for number in range(100):
            assert copy(work, tmp_path / f"copy{number}").files in (2, 3)
    finally:
        done.set()
        thread.join()


def test_a_file_one_may_not_read_names_the_cure(work: Path, tmp_path: Path) -> None:
    (work / "main.py").chmod(0)
    code = f"""
from pathlib import Path
from qlab.model.errors import NotASubmission
from qlab.programs.submission import copy
try:
    copy(Path({str(work)!r}), Path({str(tmp_path / "copy")!r}))
except NotASubmission as error:
    print(error.found, error.remedies[0])
"""
    done = subprocess.run([sys.executable, "-c", code], preexec_fn=without_rights, capture_output=True, text=True)
    assert done.stdout.strip() == f"Permission denied give yourself the right: `chmod u+r {work}/main.py`", done.stderr


def test_what_is_no_folder_is_refused_with_the_next_command(work: Path, tmp_path: Path) -> None:
    with pytest.raises(NotASubmission) as missing:
        copy(tmp_path / "nowhere", tmp_path / "copy")
    assert "qlab start" in missing.value.remedies[0]
    with pytest.raises(NotASubmission) as file:
        copy(work / "main.py", tmp_path / "copy")
    assert f"qlab check {work} --lab" in file.value.remedies[0]


def test_a_place_that_cannot_be_written_is_the_machines_fault(work: Path) -> None:
    with pytest.raises(NotWritable):
        copy(work, Path("/proc/qlab/copy"))


def test_every_check_gets_a_copy_of_its_own(work: Path, tmp_path: Path) -> None:
    copy(work, tmp_path / "copy")
    duplicate(tmp_path / "copy", tmp_path / "again")
    (tmp_path / "again/main.py").write_text("changed")
    assert (tmp_path / "copy/main.py").read_text() == "print(1)\n"
