"""The record answers from what was written, and from nothing else."""

from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from qlab.model.report import Outcome
from qlab.progress.journal import Entry, Journal
from qlab.progress.record import Record


def record(*lines: tuple[str, dict[str, Any]]) -> Record:
    """A record of these lines, one second apart."""
    return Record(Entry(float(second), kind, data) for second, (kind, data) in enumerate(lines))


def checked(results: dict[str, str], lab: str = "day03", **more: Any) -> tuple[str, dict[str, Any]]:
    return ("checked", {"lab": lab, "results": results, **more})


RESET = ("reset", {"lab": "day03", "kept_as": "day03.before-x"})


def test_the_lab_started_last_is_known() -> None:
    assert record().last_started() is None
    assert record(("started", {"lab": "day01"}), ("started", {"lab": "day03"})).last_started() == "day03"


def test_a_run_of_some_checks_changes_only_those() -> None:
    asked = record(checked({"a.x": "pass", "a.y": "fail"}), checked({"a.y": "pass"}), checked({"a.x": "fail"}))
    assert asked.results("day03") == {"a.x": Outcome.FAIL, "a.y": Outcome.PASS}
    assert asked.passed("day03") == {"a.y"}
    assert asked.attempts("day03") == 3


def test_labs_do_not_mix() -> None:
    asked = record(checked({"a.x": "pass"}), checked({"a.x": "fail"}, lab="day04"))
    assert asked.passed("day03") == {"a.x"}
    assert asked.passed("day04") == frozenset()
    assert asked.results("day05") == {}


def test_the_last_report_is_where_the_last_run_put_it() -> None:
    asked = record(checked({}, report="one.json"), checked({}, report="two.json"), checked({}, report=None))
    assert asked.last_report("day03") == "two.json"
    assert asked.last_report("day04") is None


def test_the_same_failure_is_counted_until_it_is_broken() -> None:
    asked = record(
        checked({"a.x": "fail"}),
        checked({"a.x": "pass"}),
        checked({"a.x": "fail"}),
        checked({"a.y": "pass"}),
        checked({"a.x": "error"}),
        checked({"a.x": "fail"}),
    )
    assert asked.failures_in_a_row("day03", "a.x") == 2
    assert asked.failures_in_a_row("day03", "a.y") == 0


def test_after_a_reset_nothing_is_passed_but_the_attempts_and_hints_remain() -> None:
    asked = record(
        checked({"a.x": "pass", "a.y": "fail"}, report="one.json"),
        ("hint", {"lab": "day03", "check": "a.y", "rung": 2}),
        RESET,
    )
    assert asked.results("day03") == {}
    assert asked.last_report("day03") is None
    assert asked.failures_in_a_row("day03", "a.y") == 0
    assert asked.attempts("day03") == 1
    assert asked.hints_shown("day03", "a.y") == 2


def test_the_highest_hint_counts() -> None:
    hints = [("hint", {"lab": "day03", "check": "a.x", "rung": rung}) for rung in (1, 3, 2)]
    assert record(*hints).hints_shown("day03", "a.x") == 3
    assert record(*hints).hints_shown("day03", "a.y") == 0


def test_pages_read_are_known_by_their_step() -> None:
    asked = record(("read", {"lab": "day03", "step": "lists"}), ("read", {"lab": "day03", "step": "lists"}))
    assert asked.pages_read("day03") == {"lists"}


def test_it_reads_what_the_journal_wrote(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append("started", lab="day03")
    journal.append("checked", lab="day03", seed="s", results={"a.x": Outcome.PASS}, seconds=1.0, points=1, of=1)
    asked = Record(journal.read())
    assert asked.last_started() == "day03"
    assert asked.passed("day03") == {"a.x"}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["day03", "a.x", "fail"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.dictionaries(st.sampled_from(["lab", "check", "rung", "step", "results", "report"]), ANYTHING)
KINDS = st.sampled_from(["started", "checked", "hint", "read", "reset", "other"])


@settings(max_examples=60)
@given(st.lists(st.tuples(KINDS, FIELDS), max_size=6))
def test_an_edited_journal_never_breaks_a_question(lines: list[tuple[str, dict[str, Any]]]) -> None:
    asked = record(*lines)
    asked.last_started()
    asked.last_report("day03")
    asked.passed("day03")
    assert asked.attempts("day03") >= 0
    assert asked.failures_in_a_row("day03", "a.x") >= 0
    assert asked.hints_shown("day03", "a.x") >= 0
    assert all(isinstance(step, str) for step in asked.pages_read("day03"))
