"""From what the child reported to a result. Whatever was not said clearly is an error of ours, never a pass."""

import math
from collections.abc import Mapping
from typing import Any

from qlab.model.lab import Check
from qlab.model.report import CheckResult, Fault, Moment, Outcome
from qlab.model.text import plain

_TEXT = 4_000


def result(check: Check, entry: Mapping[str, Any], *, seed: str, again: str, hints: int) -> CheckResult:
    """The result of one `finished` entry."""
    try:
        outcome = Outcome(entry["outcome"])
        fault = Fault(entry["fault"]) if entry.get("fault") else None
        seconds = float(entry["seconds"])
        timeline = tuple(
            Moment(float(t), plain(str(who), 40), plain(str(what), 200), bool(d))
            for t, who, what, d in entry.get("timeline", ())
        )
        if not math.isfinite(seconds):
            raise ValueError("seconds is not a number")
    except (KeyError, ValueError, TypeError) as error:
        return missing(check, f"the check's report was malformed: {error}")
    passed = outcome is Outcome.PASS
    return CheckResult(
        id=check.id,
        title=check.title,
        step=check.step,
        outcome=outcome,
        points=check.points if passed else 0,
        of=check.points,
        seconds=seconds,
        expected=plain(str(entry.get("expected", "")), _TEXT),
        observed=plain(str(entry.get("observed", "")), _TEXT),
        timeline=() if passed else timeline,
        next_step=plain(str(entry.get("next_step", "")), _TEXT),
        repeat="" if passed else f"{again} --only {check.id} --seed {seed}",
        hints=hints,
        fault=fault if outcome in (Outcome.ERROR, Outcome.UNKNOWN) else None,
    )


def missing(check: Check, why: str) -> CheckResult:
    """The result of a check that was not reported."""
    return CheckResult(
        id=check.id,
        title=check.title,
        step=check.step,
        outcome=Outcome.ERROR,
        of=check.points,
        observed=why,
        fault=Fault.QLAB,
    )
