"""Hidden checks run as the manifest says, and whatever goes wrong in one is named and stays in it: never a pass."""

import json
import os
import time
from pathlib import Path

import pytest

from qlab.model.exits import ExitCode
from qlab.model.report import Fault
from tests.desk import GOOD, LABS, Desk

HEAD = "from qlab.checkkit import Bench, expect\n"


def function(name: str, *body: str) -> str:
    lines = [
        f"def test_{name}(bench: Bench) -> None:",
        f'    """The check {name}."""',
        *(f"    {line}" for line in body),
    ]
    return "\n".join(lines) + "\n"


def test_correct_programs_pass_in_the_order_of_the_manifest(desk: Desk) -> None:
    desk.write(GOOD)
    graded = desk.graded()
    assert graded.outcomes == {"echo.ready": "pass", "echo.all": "pass", "echo.order": "pass"}
    assert (graded.report.points, graded.report.exit_code) == (4, ExitCode.DONE)
    assert desk.left_behind() == []


def test_a_check_whose_need_failed_is_blocked_and_not_begun(desk: Desk) -> None:
    desk.write('print(\'{"event": "redy"}\')')
    graded = desk.graded()
    assert graded.outcomes == {"echo.ready": "fail", "echo.all": "blocked", "echo.order": "blocked"}
    assert [id for what, id in graded.order if what == "start"] == ["echo.ready"]
    assert "echo.ready has to pass first" in graded.results["echo.all"].observed
    assert graded.report.exit_code == ExitCode.FAILED


def test_a_failure_teaches_expected_observed_timeline_next_step_and_repeat(desk: Desk) -> None:
    desk.write((LABS / "echo/hidden/submissions/wrong/backwards/echo.py").read_text())
    result = desk.graded(seed="s33d").results["echo.order"]
    assert result.outcome.value == "fail"
    assert "order of the ids" in result.expected
    assert "order of the ids" in result.observed
    assert result.timeline
    assert result.next_step == "When do you print each line?"
    assert result.repeat == "qlab check echo --only echo.order --seed s33d"
    assert result.hints == 4


def test_one_marked_alone_runs_alone(desk: Desk) -> None:
    body = ("bench.run('main')",)
    desk.lab(
        HEAD + "".join(function(name, *body) for name in ("one", "two", "lonely", "three")),
        'id = "work.one"',
        'id = "work.two"',
        'id = "work.lonely"\nalone = true',
        'id = "work.three"\nneeds = ["work.lonely"]',
        program="print('x')",
    )
    graded = desk.graded("small")
    assert set(graded.outcomes.values()) == {"pass"}
    begin, end = graded.order.index(("start", "work.lonely")), graded.order.index(("end", "work.lonely"))
    assert end == begin + 1
    running = sum(1 if what == "start" else -1 for what, _ in graded.order[:begin])
    assert running == 0


def test_others_run_side_by_side(desk: Desk, tmp_path: Path) -> None:
    for name in "01":
        os.mkfifo(tmp_path / name)
    desk.lab(
        HEAD
        + function("one", "bench.run('main', worker_id='a')")
        + function("two", "bench.run('main', worker_id='b')"),
        'id = "work.one"',
        'id = "work.two"',
        program="import os\nme = os.environ['WORKER_ID'] == 'a'\n"
        f"first, second = ('{tmp_path}/0', '{tmp_path}/1')\n"
        "for path, writes in ((first, me), (second, not me)):\n"
        "    os.close(os.open(path, os.O_WRONLY if writes else os.O_RDONLY))\n",
    )
    assert set(desk.graded("small").outcomes.values()) == {"pass"}


def test_a_check_that_raises_is_the_labs_error_with_the_line(desk: Desk) -> None:
    desk.lab(HEAD + function("bad", "1 / 0") + function("good", "pass"), 'id = "work.bad"', 'id = "work.good"')
    graded = desk.graded("small")
    assert graded.outcomes == {"work.bad": "error", "work.good": "pass"}
    assert graded.results["work.bad"].fault is Fault.LAB
    assert "ZeroDivisionError" in graded.results["work.bad"].observed
    assert "1 / 0" in graded.results["work.bad"].observed
    assert graded.report.exit_code == ExitCode.LAB_WRONG


@pytest.mark.parametrize(
    "body",
    ["import pytest; pytest.skip('later')", "raise SystemExit(0)", "raise KeyboardInterrupt", "import os; os._exit(0)"],
)
def test_a_check_cannot_end_itself_into_a_pass(desk: Desk, body: str) -> None:
    desk.lab(HEAD + function("odd", body) + function("good", "pass"), 'id = "work.odd"', 'id = "work.good"')
    assert desk.graded("small").outcomes == {"work.odd": "error", "work.good": "pass"}


def test_a_file_of_checks_with_a_mistake_in_its_grammar_says_where(desk: Desk) -> None:
    desk.lab(HEAD + function("good", "pass"), 'id = "work.good"')
    (desk.labs / "small/hidden/checks/test_work.py").write_text(HEAD + function("good", "pass") + "\nimport nowhere\n")
    result = desk.graded("small").results["work.good"]
    assert (result.outcome.value, result.fault) == ("error", Fault.LAB)
    assert "nowhere" in result.observed


def test_a_check_without_a_function_is_the_labs_error_and_blocks_who_needs_it(desk: Desk) -> None:
    desk.lab(
        HEAD + function("good", "pass"),
        'id = "work.gone"\ntitle = "Gone"',
        'id = "work.good"\nneeds = ["work.gone"]',
    )
    manifest = desk.labs / "small/lab.toml"
    assert "work.gone" in manifest.read_text()
    done = desk.qlab("check", "small")
    assert done.returncode == ExitCode.LAB_WRONG, done.stdout + done.stderr
    assert "gone" in done.stdout + done.stderr


def test_without_a_file_of_checks_the_learners_own_tests_are_not_taken_for_it(desk: Desk) -> None:
    desk.lab(HEAD, 'id = "work.good"\ntitle = "Good"')
    (desk.labs / "small/hidden/checks/test_work.py").unlink()
    desk.write('def test_good():\n    """Mine."""\n', "test_work.py", "small")
    done = desk.qlab("check", "small")
    assert done.returncode == ExitCode.LAB_WRONG, done.stdout + done.stderr


def test_a_check_that_never_ends_is_stopped_and_counts_for_nobody(desk: Desk) -> None:
    desk.lab(
        HEAD
        + function("stuck", "bench.start('main')", "import signal", "while True: signal.pause()")
        + function("good", "pass"),
        'id = "work.stuck"\nseconds = 1',
        'id = "work.good"',
        program="import signal\nsignal.pause()",
    )
    graded = desk.graded("small")
    assert graded.outcomes == {"work.stuck": "unknown", "work.good": "pass"}
    assert "not your program's fault" in graded.results["work.stuck"].observed
    assert graded.report.exit_code == ExitCode.NOT_READY
    assert desk.left_behind() == []


def test_a_program_that_kills_its_check_gets_an_error_and_never_a_pass(desk: Desk) -> None:
    desk.lab(
        HEAD + function("hit", "bench.run('main')") + function("good", "pass"),
        'id = "work.hit"',
        'id = "work.good"',
        program="import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nsignal.pause()",
    )
    graded = desk.graded("small")
    assert graded.outcomes == {"work.hit": "error", "work.good": "pass"}
    assert graded.results["work.hit"].fault is Fault.QLAB
    assert "signal 9" in graded.results["work.hit"].observed
    assert graded.report.exit_code == ExitCode.FAULT
    assert desk.left_behind() == []


def test_the_same_seed_gives_the_same_values_and_another_others(desk: Desk) -> None:
    desk.lab(
        HEAD + function("tell", "expect.fail(expected='x', observed=' '.join(bench.fresh.ids(3)))"), 'id = "work.tell"'
    )
    seen = [desk.graded("small", seed=seed).results["work.tell"].observed for seed in ("one", "one", "two")]
    assert seen[0] == seen[1] != seen[2]


def test_a_program_that_names_a_missing_one_fails_with_the_learners_words(desk: Desk) -> None:
    desk.write(GOOD)
    (desk.home / "echo/echo.py").unlink()
    result = desk.graded().results["echo.ready"]
    assert (result.outcome.value, result.expected, result.observed) == (
        "fail",
        "echo should be in echo.py",
        "nothing there",
    )


def test_a_signal_without_a_name_and_text_that_is_half_a_letter_do_no_harm(desk: Desk) -> None:
    desk.write('import os\nprint(\'{"event": "\\\\ud800", "x": "\\\\ud800"}\')\nos.kill(os.getpid(), 40)\n')
    result = desk.graded().results["echo.ready"]
    assert result.outcome.value == "fail"
    assert "by signal 40" in result.observed
    json.dumps(result.as_json(), ensure_ascii=False).encode()


def test_a_flood_fails_quickly_and_says_so(desk: Desk) -> None:
    desk.write("while True: print('y' * 60)")
    began = time.monotonic()
    result = desk.graded().results["echo.ready"]
    assert "prints without end" in result.observed
    assert time.monotonic() - began < 20


def test_bytes_that_are_no_text_are_mentioned(desk: Desk) -> None:
    desk.lab(
        HEAD + function("ready", "bench.start('main').wait_for('ready', within=0.3)"),
        'id = "work.ready"',
        program="import os, signal\nos.write(1, b'caf\\xe9\\n')\nsignal.pause()",
    )
    assert "not UTF-8" in desk.graded("small").results["work.ready"].observed


def test_a_program_that_fell_over_is_said_to_have_fallen_over_whatever_was_checked(desk: Desk) -> None:
    desk.write(GOOD + "\nimport rediss\n")
    result = desk.graded().results["echo.all"]
    assert result.outcome == "fail"
    assert "echo ended with an error of its own" in result.observed
    assert "No module named 'rediss'" in result.observed
    assert result.next_step.startswith("Mend that error of echo first")


def test_lines_that_are_nearly_events_are_shown(desk: Desk) -> None:
    nearly = "import sys\nfor line in sys.stdin:\n    print({'event': 'said', 'id': 1})\n"
    desk.write(GOOD.split("for line")[0] + nearly)
    result = desk.graded().results["echo.all"]
    assert "look like events and are not JSON: {'event': 'said', 'id': 1}" in result.observed
    assert "double quotes" in result.next_step
