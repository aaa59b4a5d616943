"""A check says what it wanted and what it saw, in values a learner can read."""

import pytest

from qlab.checkkit.expect import CheckFailed, CheckUnknown, equal, fail, shown, that, unknown


def test_equal_values_say_nothing_and_unequal_ones_show_both() -> None:
    equal([1, 2], [1, 2], what="numbers")
    with pytest.raises(CheckFailed) as failed:
        equal([2, 1], [1, 2], what="order", next_step="Sort?")
    assert (failed.value.expected, failed.value.observed) == ("order: [1, 2]", "order: [2, 1]")
    assert failed.value.next_step == "Sort?"


def test_a_condition_that_holds_says_nothing() -> None:
    that([1], expected="x", observed="y")
    with pytest.raises(CheckFailed):
        that([], expected="x", observed="y")


def test_a_check_may_fail_or_give_up_in_words() -> None:
    with pytest.raises(CheckFailed):
        fail(expected="a", observed="b")
    with pytest.raises(CheckUnknown, match="the broker died"):
        unknown("the broker died")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("café", "café"),
        ({"b", "a"}, '["a", "b"]'),
        ({"id": None, "ok": True}, '{"id": null, "ok": true}'),
        (b"raw", "b'raw'"),
        ("\x1b[31mred\x07 \ud800", "red "),
        ("x" * 1_000, "x" * 300 + "… (700 more characters)"),
    ],
)
def test_a_value_is_shown_as_the_learner_would_write_it(value: object, text: str) -> None:
    assert shown(value) == text


def test_things_that_cannot_be_sorted_or_written_as_json_are_shown_too() -> None:
    assert shown({1, "a"})
    assert shown(object())
