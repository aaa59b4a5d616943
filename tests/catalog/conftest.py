"""A small whole lab on disk, which each test may spoil in its own way."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

MANIFEST = """\
format = 1
id = "tiny"
title = "A tiny lab"
about = "For tests."
part = "Tests"
minutes = 10
services = ["redis"]
libraries = ["redis"]
reference = "plain"

[settings.TTL_SECONDS]
default = "300"
about = "seconds a code stays valid"

[programs.echo]
about = "repeats what it hears"
python.run = ["python", "echo.py"]
go.build = ["go", "build", "-o", "bin/echo", "./echo"]
go.run = ["./bin/echo"]
go.reads = ["/usr/local/go"]

[[steps]]
id = "theory"
kind = "read"
title = "What an echo is"
page = "lesson/01-echo.md"

[[steps]]
id = "echo"
kind = "practice"
title = "Write it"
page = "lesson/02-task.md"
programs = ["echo"]

[[checks]]
id = "echo.runs"

[[checks]]
id = "echo.repeats"
points = 3
needs = ["echo.runs"]
alone = true
seconds = 5
public = true
"""

CHECKS = '''\
"""Checks of the echo."""


def test_runs(program):
    """It starts.

    And this is for authors.
    """


async def test_repeats(program):
    """It says what it heard."""
'''

HINTS = "".join(
    f"## {check}\n\n1. What do you see?\n2. The idea.\n3. The tool.\n4. An example.\n\n"
    for check in ("echo.runs", "echo.repeats")
)

EXPECT = 'of = "plain"\nwhy = "It says nothing."\nfails = ["echo.runs", "echo.repeats"]\n'

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a text under tmp_path, with the folders it needs."""

    def put(name: str, text: str) -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), encoding="utf-8")
        return file

    return put


@pytest.fixture
def tiny(tmp_path: Path, write: Write) -> Path:
    """The folder of a lab that has nothing wrong with it."""
    write("tiny/lab.toml", MANIFEST)
    write("tiny/lesson/01-echo.md", "# Echo\n")
    write("tiny/lesson/02-task.md", "# Task\n")
    write("tiny/hints.md", HINTS)
    write("tiny/starter/echo.py", "# TODO\n")
    write("tiny/hidden/checks/test_echo.py", CHECKS)
    write("tiny/hidden/submissions/correct/plain/echo.py", "print(input())\n")
    write("tiny/hidden/submissions/correct/other/echo.py", "import sys\nsys.stdout.write(sys.stdin.read())\n")
    write("tiny/hidden/submissions/wrong/silent/echo.py", "pass\n")
    write("tiny/hidden/submissions/wrong/silent/expect.toml", EXPECT)
    return tmp_path / "tiny"
