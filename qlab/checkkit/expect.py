"""How a check says what it wanted and what it saw. Data first, sentences second; every failure carries both.

Anything a check raises that is not from here is the lab's fault, never the learner's.
"""

import json
from typing import Any, NoReturn

from qlab.model.text import plain

_LONGEST = 300


class CheckFailed(Exception):
    """The learner's program did not do what the task says."""

    def __init__(self, expected: str, observed: str, next_step: str = "") -> None:
        super().__init__(f"expected {expected}; observed {observed}")
        self.expected = expected
        self.observed = observed
        self.next_step = next_step


class CheckUnknown(Exception):
    """It could not be told. Neither passed nor failed."""


def fail(*, expected: str, observed: str, next_step: str = "") -> NoReturn:
    """End the check: the task is not done."""
    raise CheckFailed(expected, observed, next_step)


def that(condition: object, *, expected: str, observed: str, next_step: str = "") -> None:
    """Go on if the condition holds; else the check fails with these words."""
    if not condition:
        fail(expected=expected, observed=observed, next_step=next_step)


def equal(observed: Any, expected: Any, *, what: str, next_step: str = "") -> None:
    """Go on if both are equal; else the check fails and shows both values of `what`."""
    if observed != expected:
        fail(expected=f"{what}: {shown(expected)}", observed=f"{what}: {shown(observed)}", next_step=next_step)


def unknown(why: str) -> NoReturn:
    """End the check: it could not be told."""
    raise CheckUnknown(why)


def shown(value: Any) -> str:
    """A value as the learner would write it, cut when long."""
    if isinstance(value, str):
        return plain(value, _LONGEST)
    if isinstance(value, (set, frozenset)):
        try:
            value = sorted(value)
        except TypeError:  # of several kinds
            value = sorted(value, key=repr)
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    return plain(text, _LONGEST)
