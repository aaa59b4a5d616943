"""A program's last words are about the learner's own lines."""

from pathlib import Path

from qlab.checkkit.lastwords import last_words

WORK = Path("/runs/1/work")

TRACEBACK = """\
Traceback (most recent call last):
  File "/runs/1/work/otp/worker.py", line 12, in <module>
    job = json.loads(line)
          ^^^^^^^^^^^^^^^^
  File "/usr/lib/python3.11/json/__init__.py", line 346, in loads
    return _default_decoder.decode(s)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^
json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)
""".splitlines()


def test_of_a_traceback_only_the_learners_own_lines_and_the_error_are_told() -> None:
    assert last_words(TRACEBACK, WORK) == (
        'File "otp/worker.py", line 12, in <module> / job = json.loads(line) / '
        "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)"
    )


def test_ordinary_lines_are_told_as_they_are_the_last_ones_only() -> None:
    assert last_words([f"line {n}" for n in range(9)], WORK, count=2) == "line 7 / line 8"


def test_a_program_that_said_nothing_has_no_last_words() -> None:
    assert last_words(["", "   ", "^^^^"], WORK) == ""
