"""Each command does what it says, in plain lines, with the exit code it promises, and knows what one meant to type."""

import json
import subprocess
import sys

import pytest

from tests.desk import GOOD, LABS, Desk


def test_a_day_at_the_desk(desk: Desk) -> None:
    begun = desk.qlab("start", "echo")
    assert begun.returncode == 0
    assert f"made your workspace: {desk.home}" in begun.stdout
    assert "qlab check echo" in begun.stdout

    assert "One JSON object on a line" in desk.qlab("read").stdout
    assert "Say it back" in desk.qlab("read").stdout, "the next page that was not read"

    desk.write("")
    failed = desk.qlab("check")
    assert failed.returncode == 1
    assert "FAIL  echo.ready" in failed.stdout
    assert "BLOCK echo.all" in failed.stdout
    assert "begin with: qlab check echo --only echo.ready" in failed.stdout

    hint = desk.qlab("hint")
    assert (hint.returncode, "hint 1 of 4" in hint.stdout) == (0, True)
    assert "hint 2 of 4" in desk.qlab("hint").stdout

    desk.write(GOOD)
    passed = desk.qlab("check")
    assert passed.returncode == 0
    assert "3 passed · 4 of 4 points" in passed.stdout

    assert "3 of 3 passed" in desk.qlab("list").stdout
    assert "3 of 3 checks passed" in desk.qlab("status").stdout
    assert "nothing of ours was running" in desk.qlab("stop").stdout


def test_run_gives_the_program_its_input_settings_and_status(desk: Desk) -> None:
    desk.qlab("start", "echo")
    desk.write(GOOD)
    done = desk.qlab("run", "echo", stdin='{"id": 7}\n', env={"GREETING": "salom"})
    assert done.returncode == 0
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"event": "ready", "greeting": "salom"},
        {"event": "said", "id": 7},
    ]
    desk.write("raise SystemExit(3)")
    assert desk.qlab("run", "echo").returncode == 1
    assert desk.left_behind() == []


def test_reset_keeps_the_old_files_beside(desk: Desk) -> None:
    desk.qlab("start", "echo")
    desk.write("mine")
    asked = desk.qlab("reset", "echo")
    assert asked.returncode == 2
    assert "--yes" in asked.stderr
    done = desk.qlab("reset", "echo", "--yes")
    assert done.returncode == 0
    assert "TODO" in (desk.home / "echo/echo.py").read_text()
    (kept,) = desk.home.glob("echo.before-*")
    assert (kept / "echo.py").read_text() == "mine"


def test_init_makes_a_workspace_that_is_found_from_inside(desk: Desk) -> None:
    assert desk.qlab("init", "mine").returncode == 0
    inner = desk.folder / "mine/echo/deep"
    assert desk.qlab("start", "echo", cwd=desk.folder / "mine").returncode == 0
    inner.mkdir()
    (desk.folder / "mine/echo/echo.py").write_text(GOOD)
    checked = desk.qlab("check", cwd=inner)
    assert checked.returncode == 0, checked.stderr
    assert str(desk.folder / "mine/echo") in checked.stderr
    inside = desk.qlab("init", "inner", cwd=desk.folder / "mine")
    assert inside.returncode == 2
    assert "inside another workspace" in inside.stderr
    assert "already" in desk.qlab("init", ".", cwd=desk.folder / "mine").stderr


def test_any_folder_can_be_checked_and_the_journal_stays_as_it_is(desk: Desk) -> None:
    folder = LABS / "echo/hidden/submissions/correct/loop"
    done = desk.qlab("check", ".", "--lab", "echo", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert not desk.home.exists()
    assert desk.left_behind() == []
    assert sorted(path.name for path in folder.iterdir()) == ["echo.py"]


def test_one_check_can_be_repeated_exactly(desk: Desk) -> None:
    desk.write(GOOD)
    done = desk.qlab("check", "echo", "--only", "order", "--seed", "abc", "--json")
    document = json.loads(done.stdout)
    assert [check["id"] for check in document["checks"]] == ["echo.order"]
    assert document["seed"] == "abc"
    assert desk.qlab("check", "echo", "--step", "echo").returncode == 0


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (["--help"], 0, ""),
        (["--version"], 0, ""),
        (["chekc"], 2, "Did you mean 'check'?"),
        (["check", "ehco"], 2, "did you mean echo?"),
        (["check", "echo", "--only", "redy"], 2, "did you mean echo.ready?"),
        (["check", "echo", "--step", "ekho"], 2, "did you mean echo?"),
        (["run", "ecko", "--lab", "echo"], 2, "did you mean 'echo'?"),
        (["read", "echo", "raed"], 2, "did you mean read?"),
        (["read", "echo", "9"], 2, "pages 1 to 2"),
        (["hint", "redy", "--lab", "echo"], 2, "did you mean echo.ready?"),
        (["hint", "ready", "--lab", "echo", "--number", "9"], 2, "hints 1 to 4"),
        (["services", "up", "rdis"], 2, "redis"),
        (["check", "echo", "--seed", "../../x"], 2, "1 to 64 letters"),
        (["check", "--nonsense"], 2, "qlab check --help"),
        (["check", "echo", "--runner", "magic"], 2, "container"),
        (["check", "/nowhere", "--lab", "echo"], 2, "there is no folder"),
        (["check", "work/echo/echo.py", "--lab", "echo"], 2, "is not a folder"),
        (["start", "day1"], 5, "not written yet"),
    ],
)
def test_a_mistake_gets_a_clear_line_and_the_right_code(desk: Desk, words: list[str], code: int, hint: str) -> None:
    desk.write(GOOD)
    done = desk.qlab(*words)
    assert done.returncode == code, done.stderr
    assert hint in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    assert desk.left_behind() == []


@pytest.mark.parametrize("words", [["check"], ["check", "echo"], ["run", "echo"], ["hint"], ["reset", "--yes"]])
def test_outside_of_everything_there_is_nothing_to_check(desk: Desk, words: list[str]) -> None:
    done = desk.qlab(*words)
    assert done.returncode == 5, done.stderr
    assert "qlab" in done.stderr, "the next command is named"
    assert not desk.home.exists()


def test_without_a_terminal_the_bare_command_says_where_one_is(desk: Desk) -> None:
    done = desk.qlab()
    assert done.returncode == 0
    assert "nothing started yet" in done.stdout


def test_colours_only_where_they_are_wanted(desk: Desk) -> None:
    assert "\x1b" not in desk.qlab("list").stdout
    assert "\x1b[" in desk.qlab("list", env={"FORCE_COLOR": "1"}).stdout
    assert "\x1b" not in desk.qlab("list", env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).stdout


@pytest.mark.parametrize(
    "words", [["--help"], ["list"], ["read", "echo"], ["check", "echo"], ["doctor"], ["hint", "all"]]
)
def test_a_terminal_that_knows_ascii_only_gets_ascii(desk: Desk, words: list[str]) -> None:
    desk.qlab("start", "echo")
    desk.write("")
    env = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = desk.qlab(*words, env=env)
    assert done.returncode in (0, 1, 3)
    assert (done.stdout + done.stderr).isascii()
    assert "Traceback" not in done.stderr


def shell(desk: Desk, line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f'set -o pipefail; qlab() {{ {sys.executable} -m qlab "$@"; }}; {line}'],
        cwd=desk.folder,
        env=desk.env,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_reader_that_goes_away_does_no_harm(desk: Desk) -> None:
    for line in ("qlab list | head -1", "qlab --help | head -1", "qlab list --json | true", "qlab list 2>&1 | true"):
        done = shell(desk, line)
        assert (done.returncode, done.stderr) == (0, ""), line


def test_a_check_nobody_reads_is_finished_and_recorded(desk: Desk) -> None:
    desk.write(GOOD)
    assert shell(desk, "qlab check echo 2>/dev/null | true").returncode == 0
    desk.write("")
    assert shell(desk, "qlab check echo 2>/dev/null | true").returncode == 1
    assert len((desk.home / ".qlab/journal.jsonl").read_text().splitlines()) == 2


def test_a_program_nobody_reads_is_ended(desk: Desk) -> None:
    desk.qlab("start", "echo")
    desk.write("while True: print('y')")
    shell(desk, "qlab run echo 2>/dev/null | head -1")
    assert desk.left_behind() == []


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_completion_knows_the_commands(desk: Desk, name: str) -> None:
    script = desk.qlab("--show-completion", name)
    assert script.returncode == 0, script.stderr
    assert "_QLAB_COMPLETE" in script.stdout


def test_completion_names_labs(desk: Desk) -> None:
    env = {"_QLAB_COMPLETE": "complete_bash", "COMP_WORDS": "qlab check day", "COMP_CWORD": "2"}
    assert "day03" in desk.qlab(env=env).stdout


@pytest.mark.parametrize("words", [["--help"], ["list"], ["status"], ["check", "--help"]])
def test_what_only_looks_opens_nothing_large(desk: Desk, words: list[str]) -> None:
    desk.qlab("start", "echo")
    code = (
        "import sys\nsys.argv[0] = 'qlab'\nfrom qlab.__main__ import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "large = {'textual', 'rich', 'docker', 'pytest', '_pytest', 'pika', 'kafka', 'redis', 'aiosmtplib'}\n"
        "print('opened', sorted(large & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=desk.folder, env=desk.env, capture_output=True, text=True
    )
    assert "opened []" in done.stderr


def test_start_says_how_qlab_comes_onto_the_path_where_it_is_not(desk: Desk) -> None:
    done = desk.qlab("start", "echo", env={"PATH": "/usr/bin:/bin"})
    assert "`qlab` is not on your PATH yet" in done.stdout
    assert "/bin/activate`" in done.stdout
