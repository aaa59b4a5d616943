"""The learner's folder is laid out without touching a byte of what is there, whatever happens on the way."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from qlab.catalog import manifest
from qlab.catalog.starter import lay_out, put_aside
from qlab.model.errors import LabBroken, NotWritable, UsageError
from qlab.model.lab import Lab
from tests.catalog.conftest import Write


@pytest.fixture
def lab(tiny: Path, write: Write) -> Lab:
    """The tiny lab with a starter of some depth."""
    write("tiny/starter/deep/er/file.txt", "deep\n")
    write("tiny/starter/run.sh", "#!/bin/sh\n").chmod(0o755)
    write("tiny/starter/__pycache__/echo.pyc", "left by accident")
    (tiny / "starter/empty").mkdir()
    return manifest.read(tiny)


def everything(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_new_folder_gets_every_file(lab: Lab, tmp_path: Path) -> None:
    folder = tmp_path / "work/space/tiny"
    written, kept = lay_out(lab, folder)
    assert sorted(written) == ["deep/er/file.txt", "echo.py", "run.sh"]
    assert kept == ()
    assert everything(folder) == {"deep/er/file.txt": b"deep\n", "echo.py": b"# TODO\n", "run.sh": b"#!/bin/sh\n"}
    assert (folder / "empty").is_dir()


def test_a_program_stays_executable_and_a_text_does_not_become_it(lab: Lab, tmp_path: Path) -> None:
    lay_out(lab, tmp_path / "mine")
    assert os.access(tmp_path / "mine/run.sh", os.X_OK)
    assert not os.access(tmp_path / "mine/echo.py", os.X_OK)


def test_a_second_time_nothing_is_written(lab: Lab, tmp_path: Path) -> None:
    first, _ = lay_out(lab, tmp_path / "mine")
    written, kept = lay_out(lab, tmp_path / "mine")
    assert (written, sorted(kept)) == ((), sorted(first))


def test_what_the_learner_wrote_is_kept_byte_for_byte(lab: Lab, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "echo.py").write_bytes(b"\xff my own \r\n")
    (mine / "notes.txt").write_text("mine too")
    before = (mine / "echo.py").stat()
    written, kept = lay_out(lab, mine)
    assert kept == ("echo.py",)
    assert "echo.py" not in written
    assert (mine / "echo.py").read_bytes() == b"\xff my own \r\n"
    assert (mine / "notes.txt").read_text() == "mine too"
    after = (mine / "echo.py").stat()
    assert (before.st_ino, before.st_mtime_ns, before.st_mode) == (after.st_ino, after.st_mtime_ns, after.st_mode)


@pytest.mark.parametrize("target", ["elsewhere.py", "nowhere.py"])
def test_a_link_of_the_learners_is_kept_also_when_it_leads_nowhere(lab: Lab, tmp_path: Path, target: str) -> None:
    (tmp_path / "elsewhere.py").write_text("elsewhere")
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "echo.py").symlink_to(tmp_path / target)
    _, kept = lay_out(lab, mine)
    assert kept == ("echo.py",)
    assert (mine / "echo.py").readlink() == tmp_path / target
    assert (tmp_path / "elsewhere.py").read_text() == "elsewhere"
    assert not (tmp_path / "nowhere.py").exists()


def test_a_lab_without_starter_is_the_authors_fault(tiny: Path, tmp_path: Path) -> None:
    (tiny / "starter/echo.py").unlink()
    (tiny / "starter").rmdir()
    with pytest.raises(LabBroken, match="starter: is missing"):
        lay_out(manifest.read(tiny), tmp_path / "mine")


@pytest.mark.parametrize("name", ["mine", "mine/deep"])
def test_a_file_where_a_folder_belongs_is_named_and_kept(lab: Lab, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("a file")
    with pytest.raises(NotWritable) as caught:
        lay_out(lab, tmp_path / "mine")
    assert caught.value.remedies == (f"{file} is a file where a folder belongs: move it away, then try again",)
    assert file.read_text() == "a file"


READ_ONLY = """
import os
from pathlib import Path
from qlab.catalog import manifest
from qlab.catalog.starter import lay_out
from qlab.model.errors import NotWritable
lab = manifest.read(Path("tiny"))
if os.geteuid() == 0:  # the superuser may write everywhere, so be nobody
    os.setuid(65534)
try:
    lay_out(lab, Path("mine"))
except NotWritable as error:
    print(error, error.found, sep="|")
"""


def test_a_folder_that_may_not_be_written_says_so(lab: Lab, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "mine").mkdir(mode=0o555)
    command = [sys.executable, "-c", READ_ONLY]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert said.startswith("mine: the files of the lab cannot be written here|Permission denied")
    assert list((tmp_path / "mine").iterdir()) == []


def test_a_folder_the_system_itself_keeps_closed_says_so(lab: Lab) -> None:
    # /proc refuses everybody, the superuser too.
    with pytest.raises(NotWritable, match="/proc/tiny"):
        lay_out(lab, Path("/proc/tiny"))


LIMITED = """
import resource, sys
from pathlib import Path
from qlab.catalog import manifest
from qlab.catalog.starter import lay_out
from qlab.model.errors import NotWritable
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    lay_out(manifest.read(Path(sys.argv[1])), Path(sys.argv[2]))
except NotWritable as error:
    print(error.found)
"""


def test_a_file_that_does_not_fit_leaves_no_half_of_it(lab: Lab, tmp_path: Path, write: Write) -> None:
    (lab.starter / "large.bin").write_bytes(b"x" * 5000)
    mine = tmp_path / "mine"
    said = subprocess.run([sys.executable, "-c", LIMITED, lab.folder, mine], capture_output=True, text=True, check=True)
    assert "File too large" in said.stdout
    assert all("large" not in name and "half" not in name for name in everything(mine))
    written, _ = lay_out(lab, mine)
    assert "large.bin" in written


KILLED = """
import sys
from pathlib import Path
from qlab.catalog import manifest
from qlab.catalog.starter import lay_out
lab = manifest.read(Path(sys.argv[1]))
print("go", flush=True)
lay_out(lab, Path(sys.argv[2]))
"""


def test_a_kill_in_the_middle_leaves_only_whole_files_and_the_next_start_mends_it(lab: Lab, tmp_path: Path) -> None:
    text = b"whole\n" * 20_000
    for number in range(200):
        (lab.starter / f"file{number:03}.txt").write_bytes(text)
    mine = tmp_path / "mine"
    child = subprocess.Popen([sys.executable, "-c", KILLED, lab.folder, mine], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"go\n"
    while child.poll() is None and not (mine / "file010.txt").exists():
        pass
    child.send_signal(signal.SIGKILL)
    child.communicate()
    found = sorted(mine.glob("file*.txt"))
    assert found
    assert all(file.read_bytes() == text for file in found)
    lay_out(lab, mine)
    assert len(list(mine.glob("file*.txt"))) == 200


def test_put_aside_keeps_everything_under_a_name_with_the_time(lab: Lab, tmp_path: Path) -> None:
    mine = tmp_path / "day03"
    lay_out(lab, mine)
    held = everything(mine)
    aside = put_aside(mine)
    assert re.fullmatch(r"day03\.before-\d{8}T\d{6}Z", aside.name)
    assert everything(aside) == held
    assert not mine.exists()


def test_many_times_in_one_second_each_has_its_own_name(tmp_path: Path) -> None:
    mine = tmp_path / "day03"
    names = set()
    for number in range(5):
        mine.mkdir()
        (mine / "number").write_text(str(number))
        names.add(put_aside(mine))
    assert len(names) == 5
    assert {(name / "number").read_text() for name in names} == set("01234")


def test_nothing_to_put_aside_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to put aside"):
        put_aside(tmp_path / "day03")


def test_a_folder_that_cannot_be_renamed_stays(tmp_path: Path) -> None:
    with pytest.raises(NotWritable, match="stays as it is"):
        put_aside(Path("/proc/self"))
