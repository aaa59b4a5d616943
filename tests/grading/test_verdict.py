"""From a report line to a result: whatever is not said clearly is an error of ours and earns nothing."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qlab.grading.verdict import missing, result
from qlab.model.lab import Check
from qlab.model.report import CheckResult, Fault, Outcome

CHECK = Check("a.b", "a", "Title", points=3)


def judged(**entry: object) -> CheckResult:
    return result(CHECK, {"seconds": 0.1, **entry}, seed="s", again="qlab check lab", hints=4)


def test_only_a_pass_earns_points() -> None:
    assert judged(outcome="pass").points == 3
    for outcome in ("fail", "blocked", "unstable", "unknown", "error"):
        assert judged(outcome=outcome).points == 0


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"outcome": "PASS"},
        {"outcome": True},
        {"outcome": None},
        {"outcome": ["pass"]},
        {"outcome": "pass", "seconds": "soon"},
        {"outcome": "pass", "seconds": math.nan},
        {"outcome": "pass", "seconds": None},
        {"outcome": "pass", "fault": "sun"},
        {"outcome": "pass", "timeline": [[1, 2]]},
        {"outcome": "pass", "timeline": 7},
    ],
)
def test_a_malformed_line_is_our_error(entry: dict[str, object]) -> None:
    found = judged(**entry)
    assert (found.outcome, found.fault, found.points) == (Outcome.ERROR, Fault.QLAB, 0)


def test_a_pass_shows_no_timeline_and_needs_no_repeating() -> None:
    found = judged(outcome="pass", timeline=[[0.1, "qlab", "started", False]])
    assert (found.timeline, found.repeat) == ((), "")


def test_a_failure_is_nobodys_fault_but_the_programs() -> None:
    assert judged(outcome="fail", fault="qlab").fault is None


def test_a_check_that_was_not_reported_is_an_error() -> None:
    assert missing(CHECK, "gone").outcome is Outcome.ERROR


@given(
    st.dictionaries(
        st.sampled_from(["outcome", "seconds", "expected", "observed", "timeline", "next_step", "fault"]),
        st.none() | st.booleans() | st.floats() | st.text() | st.lists(st.text()) | st.just("pass") | st.just("fail"),
    )
)
def test_whatever_is_reported_nothing_crashes_and_a_pass_says_pass(entry: dict[str, object]) -> None:
    found = judged(**entry)
    assert (found.outcome is Outcome.PASS) <= (entry.get("outcome") == "pass")
    str(found.as_json()).encode(errors="strict")
