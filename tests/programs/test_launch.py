"""Programs start as processes of their own, with an environment made from nothing, in whatever language."""

import os
import signal
from pathlib import Path

import pytest

from qlab.model.errors import MachineNotReady
from qlab.model.lab import Command
from qlab.programs import sweep
from qlab.programs.launch import BuildFailed, Launcher, Process, ProgramMissing
from tests.desk import Desk

PYTHONS = ["PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"]
PYTHON = Command(run=("python", "main.py"))


def write(launcher: Launcher, text: str, file: str = "main.py", mode: int = 0o600) -> None:
    (launcher.folder / file).write_text(text)
    (launcher.folder / file).chmod(mode)


def finished(process: Process) -> tuple[int | None, str]:
    """Exit status and all it said."""
    status = process.wait(30)
    process.end()
    return status, "\n".join(line.text for line in process.output.lines)


def test_the_environment_is_made_from_nothing(launcher: Launcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    monkeypatch.setenv("PYTHONPATH", "/evil")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k nothing")
    write(launcher, "import os\nprint(sorted(os.environ))")
    _, said = finished(launcher.start("main", PYTHON, worker_id="w7"))
    assert said == str(["HOME", "LANG", "PATH", *PYTHONS, "QLAB_RUN", "STATE_DIR", "TMPDIR", "WORKER_ID"])


def test_a_worker_keeps_its_state_folder_and_others_have_theirs(launcher: Launcher) -> None:
    assert launcher.variables("w1")["STATE_DIR"] == launcher.variables("w1")["STATE_DIR"]
    assert launcher.variables("w1")["STATE_DIR"] != launcher.variables("w2")["STATE_DIR"]
    assert Path(launcher.variables("w1")["STATE_DIR"]).is_dir()


def test_a_program_that_is_missing_says_where_it_should_be(launcher: Launcher) -> None:
    with pytest.raises(ProgramMissing) as missing:
        launcher.start("main", PYTHON)
    assert (missing.value.what, missing.value.found) == ("main should be in main.py", "nothing there")


def test_a_program_that_is_a_folder_says_so(launcher: Launcher) -> None:
    (launcher.folder / "main.py").mkdir()
    with pytest.raises(ProgramMissing) as missing:
        launcher.start("main", PYTHON)
    assert missing.value.found == "a folder"


def test_a_script_without_the_right_to_run_names_the_cure(launcher: Launcher) -> None:
    write(launcher, "#!/bin/sh\necho hello\n", "main.sh")
    with pytest.raises(ProgramMissing) as missing:
        launcher.start("main", Command(run=("./main.sh",)))
    assert "chmod +x" in missing.value.remedies[0]


def test_a_script_in_another_language_runs_as_it_is(launcher: Launcher) -> None:
    write(launcher, '#!/bin/sh\nread line; echo "$line $1 $WORKER_ID"\n', "main.sh", 0o700)
    process = launcher.start("main", Command(run=("./main.sh",)), ["there"])
    process.write(b"hello\n", 5)
    assert finished(process) == (0, "hello there w1")


def test_a_source_that_is_no_text_dies_with_words_that_say_so(launcher: Launcher) -> None:
    (launcher.folder / "main.py").write_bytes(b"print('caf\xe9')\n")
    status, said = finished(launcher.start("main", PYTHON))
    assert status == 1
    assert "Non-UTF-8 code" in said


def test_writing_to_a_program_that_never_reads_gives_up(launcher: Launcher) -> None:
    write(launcher, "import signal\nprint('up')\nsignal.pause()")
    process = launcher.start("main", PYTHON)
    assert process.write(b"x" * 1_000_000, 0.3) < 1_000_000
    process.end()
    assert process.status == -signal.SIGKILL


def test_writing_to_a_program_that_has_ended_tells_how_much_it_took(launcher: Launcher) -> None:
    write(launcher, "")
    process = launcher.start("main", PYTHON)
    process.wait(30)
    assert process.write(b"x" * 1_000_000, 5) < 1_000_000
    process.end()


def test_the_end_comes_to_who_ignores_every_request(launcher: Launcher) -> None:
    write(
        launcher,
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up')\nwhile True: signal.pause()",
    )
    process = launcher.start("main", PYTHON)
    with process.output.changed:
        assert process.output.changed.wait_for(lambda: process.output.lines, 30)
    process.send(signal.SIGTERM)
    assert process.wait(0.2) is None
    process.end()
    process.end()
    assert process.status == -signal.SIGKILL


def test_a_background_process_that_keeps_the_pipe_holds_nobody_up(launcher: Launcher, run: str) -> None:
    write(
        launcher,
        "import os, signal\nif os.fork() == 0:\n    os.setsid()\n    signal.pause()\nprint('parent ends')",
    )
    process = launcher.start("main", PYTHON)
    assert process.wait(10) == 0
    assert [line.text for line in process.output.lines] == ["parent ends"]
    process.end()
    assert sweep.end_marked(run) == 1
    with process.output.changed:
        assert process.output.changed.wait_for(lambda: process.output.closed, 10)


# building


def test_a_build_command_runs_before(launcher: Launcher) -> None:
    command = Command(
        run=("./bin/main",),
        build=("sh", "-c", "mkdir bin && printf '#!/bin/sh\\necho built' > bin/main && chmod +x bin/main"),
    )
    launcher.build("main", command)
    assert finished(launcher.start("main", command)) == (0, "built")


def test_a_build_that_fails_shows_what_the_compiler_said(launcher: Launcher) -> None:
    with pytest.raises(BuildFailed) as failed:
        launcher.build("main", Command(run=("x",), build=("sh", "-c", "echo ok; echo 'main.c:1: no' >&2; exit 2")))
    assert failed.value.found == "main.c:1: no"
    assert "status 2" in failed.value.what


def test_a_compiler_that_is_not_here_is_the_machines_fault(launcher: Launcher) -> None:
    with pytest.raises(MachineNotReady) as missing:
        launcher.build("main", Command(run=("x",), build=("no-such-compiler", "main.x")))
    assert "install no-such-compiler" in missing.value.remedies[0]


def test_a_build_knows_the_toolchain_and_no_secret(launcher: Launcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    monkeypatch.setenv("GOPROXY", "off")
    launcher.build("main", Command(run=("x",), build=("sh", "-c", "env > seen")))
    seen = (launcher.folder / "seen").read_text()
    assert "s3cret" not in seen
    assert "GOPROXY=off" in seen
    assert f"HOME={os.environ['HOME']}\n" in seen


def test_a_build_that_babbles_and_leaves_something_behind_ends_all_the_same(launcher: Launcher, run: str) -> None:
    launcher.build("main", Command(run=("x",), build=("sh", "-c", "sleep 1000 & head -c 200000000 /dev/zero; exit 0")))
    assert sweep.marked(run) == set()


def test_a_program_of_the_shell_solves_a_lab(desk: Desk) -> None:
    desk.write('language = "sh"\n', "qlab.toml")
    desk.write(
        '#!/bin/sh\nprintf \'{"event": "ready", "greeting": "%s"}\\n\' "$GREETING"\n'
        'while read -r line; do printf \'{"event": "said", %s\\n\' "${line#?}"; done\n',
        "echo.sh",
    ).chmod(0o755)
    assert set(desk.graded().outcomes.values()) == {"pass"}


@pytest.mark.needs("go")
def test_a_program_in_go_solves_a_lab(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("GOFLAGS", "-mod=mod"), ("GOPROXY", "off"), ("GOTOOLCHAIN", "local")):
        monkeypatch.setenv(name, value)
    desk.write('language = "go"\n', "qlab.toml")
    desk.write("module echo\n\ngo 1.20\n", "go.mod")
    desk.write(
        """package main

import (
	"bufio"
	"encoding/json"
	"os"
)

func main() {
	out := json.NewEncoder(os.Stdout)
	out.Encode(map[string]string{"event": "ready", "greeting": os.Getenv("GREETING")})
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var job struct{ ID string }
		json.Unmarshal(lines.Bytes(), &job)
		out.Encode(map[string]string{"event": "said", "id": job.ID})
	}
}
""",
        "main.go",
    )
    assert set(desk.graded().outcomes.values()) == {"pass"}
    assert not (desk.home / "echo/bin").exists(), "the build belongs in the copy"


@pytest.mark.needs("go")
def test_a_program_in_go_that_does_not_compile_shows_the_compilers_words(desk: Desk) -> None:
    desk.write('language = "go"\n', "qlab.toml")
    desk.write("module echo\n\ngo 1.20\n", "go.mod")
    desk.write("package main\n\nfunc main() { nonsense() }\n", "main.go")
    with pytest.raises(BuildFailed) as failed:
        desk.graded()
    assert "undefined: nonsense" in failed.value.found
    assert desk.left_behind() == []
