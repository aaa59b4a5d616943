"""Every mistake an author can make without running anything is one line that says what to do."""

from pathlib import Path

import pytest

from qlab.catalog import manifest
from qlab.catalog.lint import problems
from tests.catalog.conftest import CHECKS, EXPECT, HINTS, MANIFEST, Write


def told(lab: Path) -> list[str]:
    return problems(manifest.read(lab, titles=False))


def test_a_good_lab_has_no_problems(tiny: Path) -> None:
    assert told(tiny) == []


def test_a_draft_has_no_problems_yet(tiny: Path) -> None:
    (tiny / "lab.toml").write_text("draft = true\n" + MANIFEST)
    (tiny / "hints.md").unlink()
    assert told(tiny) == []


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        (
            "hidden/checks/test_echo.py",
            CHECKS.replace("test_runs", "test_starts"),
            'hidden/checks/test_echo.py: test_starts is no check, add [[checks]] with id = "echo.starts" to lab.toml',
        ),
        (
            "hidden/checks/test_echo.py",
            CHECKS.replace("test_runs", "test_starts"),
            "hidden/checks/test_echo.py: has no test_runs, write it",
        ),
        (
            "hidden/checks/test_echo.py",
            CHECKS.replace('    """It says what it heard."""\n', "    pass\n"),
            "hidden/checks/test_echo.py: test_repeats has no docstring, write the line the learner reads",
        ),
        (
            "hidden/checks/test_echo.py",
            CHECKS + "    import time\n    time.sleep(1)\n",
            "hidden/checks/test_echo.py: line 14 sleeps, wait for what should happen instead",
        ),
        (
            "hidden/checks/helper.py",
            "from time import sleep\n\n\ndef rest():\n    sleep(1)\n",
            "hidden/checks/helper.py: line 5 sleeps, wait for what should happen instead",
        ),
        ("hidden/checks/test_echo.py", "def (", "hidden/checks/test_echo.py: line 1 is not Python (found"),
        ("hints.md", HINTS.replace("4. An example.", "", 1), "hints.md: echo.runs has 3 hints, write 4 from gentle"),
        ("hints.md", HINTS + "## echo.gone\n1. A.\n", "hints.md: echo.gone is no check, mend the heading"),
        ("hints.md", "## echo.runs\nx\n", "hints.md: line 2: a hint of echo.runs must begin with its number (found x)"),
        ("lesson/01-echo.md", "x\n" * 121, "lesson/01-echo.md: has 121 lines, split it into pages of at most 120"),
        (
            "lesson/01-echo.md",
            f"# Echo\n\n```python\n{'x' * 66}\n{'x' * 67}\n```\n",
            "lesson/01-echo.md:5: a line of a drawing is 67 characters wide, the screen shows 66: make it narrower",
        ),
        (
            "lab.toml",
            MANIFEST.replace('"echo.py"]', '"eco.py"]'),
            "lab.toml: programs.echo.python.run starts eco.py, which starter/ does not have",
        ),
        (
            "lab.toml",
            MANIFEST.replace('reference = "plain"', 'reference = "best"'),
            'lab.toml: reference = "best" is no correct submission, name one of: other, plain',
        ),
        (
            "hidden/submissions/wrong/silent/expect.toml",
            EXPECT.replace(', "echo.repeats"', ""),
            "hidden/submissions/wrong/: none must fail echo.repeats, write a wrong program that it catches",
        ),
        (
            "hidden/submissions/wrong/silent/expect.toml",
            EXPECT.replace("plain", "plane"),
            'hidden/submissions/wrong/silent/expect.toml: of: no such correct submission (found "plane"), did you mean',
        ),
    ],
)
def test_each_mistake_is_one_line(tiny: Path, write: Write, name: str, text: str, line: str) -> None:
    write(f"tiny/{name}", text)
    found = told(tiny)
    assert any(problem.startswith(line) for problem in found), found
    assert all("\n" not in problem and str(tiny) not in problem for problem in found)


def test_only_what_is_fenced_must_be_narrow(tiny: Path, write: Write) -> None:
    wide = "─" * 66 + "\n"
    write("tiny/lesson/01-echo.md", f"{'word ' * 30}\n\n```\n{wide}```\n\n{'word ' * 30}\n\n~~~~\n```\n{wide}~~~~\n")
    assert told(tiny) == []


def test_the_page_of_a_practice_is_drawn_on_the_same_screen(tiny: Path, write: Write) -> None:
    write("tiny/lesson/02-task.md", f"~~~\n```\n{'─' * 104}\n~~~\n{'x' * 104}\n")
    assert told(tiny) == [
        "lesson/02-task.md:3: a line of a drawing is 104 characters wide, the screen shows 66: make it narrower"
    ]


def test_one_reference_is_not_enough(tiny: Path) -> None:
    (tiny / "hidden/submissions/correct/other").rename(tiny / "gone")
    assert told(tiny) == ["hidden/submissions/correct/: has 1, write at least 2 that differ in their way"]


def test_a_lab_without_starter_says_so(tiny: Path) -> None:
    (tiny / "starter").rename(tiny / "begin")
    assert told(tiny)[0].startswith("starter/: is missing")


def test_a_program_may_be_a_module_or_an_executable(tiny: Path, write: Write) -> None:
    for run, file in (('["python", "-m", "app.main"]', "app/main.py"), ('["./serve", "--port"]', "serve")):
        (tiny / "lab.toml").write_text(MANIFEST.replace('["python", "echo.py"]', run))
        assert len(told(tiny)) == 1
        write(f"tiny/starter/{file}", "")
        assert told(tiny) == []
