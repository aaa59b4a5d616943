"""hints.md is read as its format says, and nonsense in it is named with its line."""

from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qlab.catalog import manifest
from qlab.catalog.hints import hints, parse
from qlab.model.errors import LabBroken

FILE = Path("hints.md")


def read(text: str) -> dict[str, tuple[str, ...]]:
    return parse(dedent(text), FILE)


def test_each_check_has_its_ladder() -> None:
    assert read("""\
        # Hints, for authors to read

        Not a hint.

        ## a.one
        1. First.
        2. Second.

        ## a.two

        1. Only.
        """) == {"a.one": ("First.", "Second."), "a.two": ("Only.",)}


def test_a_hint_may_have_lines_paragraphs_and_lists() -> None:
    assert read("""\
        ## a.one
        1. A question
           on two lines?

           - with a point
             1. and an inner number
        2. Next.
        """)["a.one"] == ("A question\non two lines?\n\n- with a point\n  1. and an inner number", "Next.")


def test_a_code_fence_is_left_alone() -> None:
    (rung, last) = read("""\
        ## a.one
        1. Look:
           ```python
           ## not.a_heading
        2. not a number either
           ```
        2. After.
        """)["a.one"]
    assert "## not.a_heading" in rung
    assert "2. not a number either" in rung
    assert last == "After."


def test_a_longer_fence_holds_a_shorter_one() -> None:
    text = "## a.one\n1. Look:\n````\n```\n2. inside\n````\n2. After.\n"
    assert len(read(text)["a.one"]) == 2


def test_windows_line_ends_are_harmless() -> None:
    assert read("## a.one\r\n1. First.\r\n2. Second.\r\n") == {"a.one": ("First.", "Second.")}


def test_a_check_without_hints_is_for_lint_to_say() -> None:
    assert read("## a.one\n") == {"a.one": ()}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("## a.one\n2. Second.\n", "line 2: hint 1 of a.one should come here"),
        ("## a.one\n1. First.\n3. Third.\n", "line 3: hint 2 of a.one should come here"),
        ("## a.one\nNo number.\n", "line 2: a hint of a.one must begin with its number"),
        ("## a.one\n1. A.\n\n## a.one\n1. B.\n", "line 4: this check has its hints further up"),
        ("## Hints for you\n", "line 1: after ## comes the id of a check"),
        ("##\n", "line 1: after ## comes the id of a check"),
        ("## a.one\n1. A.\n```\nx\n", "line 3: this code fence is never closed"),
        ("## a.one\n1.\n2. B.\n", "line 2: a hint of a.one is empty"),
    ],
)
def test_nonsense_is_named_with_file_and_line(text: str, complaint: str) -> None:
    with pytest.raises(LabBroken) as caught:
        parse(text, FILE)
    assert caught.value.what == f"hints.md: {complaint}"
    assert caught.value.found
    assert caught.value.remedies


def test_the_hints_of_a_lab_are_those_in_its_folder(tiny: Path) -> None:
    lab = manifest.read(tiny)
    assert hints(lab)["echo.repeats"] == ("What do you see?", "The idea.", "The tool.", "An example.")
    (tiny / "hints.md").unlink()
    assert hints(lab) == {}


def test_hints_that_are_not_utf8_are_named(tiny: Path) -> None:
    (tiny / "hints.md").write_bytes(b"## a.one\n1. \xff\n")
    with pytest.raises(LabBroken, match="line 2 is not UTF-8"):
        hints(manifest.read(tiny))


LINES = st.sampled_from(["## a.b", "## c.d", "1. x", "2. y", "```", "~~~~", "   text", "", "#", "1.", "## ?"])


@settings(max_examples=60)
@given(st.lists(LINES, max_size=12).map("\n".join) | st.text(max_size=80))
def test_any_text_gives_ladders_or_lab_broken(text: str) -> None:
    try:
        ladders = parse(text, FILE)
    except LabBroken:
        return
    assert all(rung.strip() for ladder in ladders.values() for rung in ladder)
