"""The verdict on a learner's work, as plain data. The same numbers reach the terminal, the screens and --json."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from qlab.model.exits import ExitCode

SCHEMA = 1


class Outcome(StrEnum):
    """What became of a check. Only PASS earns points; ERROR and UNKNOWN are never the learner's."""

    PASS = "pass"
    FAIL = "fail"
    BLOCKED = "blocked"
    """A check it needs failed first."""
    UNSTABLE = "unstable"
    """Failed, then passed when run again: shown as such."""
    UNKNOWN = "unknown"
    """Could not be told, such as when the broker died."""
    ERROR = "error"
    """Our fault."""

    @property
    def word(self) -> str:
        """What stands before a check that ended so: at most five letters."""
        return _WORDS[self][0]

    def counted(self, count: int) -> str:
        """`3 passed`: so many checks ended so."""
        return f"{count} {_WORDS[self][1]}"


_WORDS = {
    Outcome.PASS: ("PASS", "passed"),
    Outcome.FAIL: ("FAIL", "failed"),
    Outcome.BLOCKED: ("BLOCK", "blocked"),
    Outcome.UNSTABLE: ("SHAKY", "unstable"),
    Outcome.UNKNOWN: ("?????", "not told"),
    Outcome.ERROR: ("ERROR", "with an error of ours"),
}
"""Each outcome as a word, and as it is counted. Every front end says these; colours and signs only repeat them."""


class Fault(StrEnum):
    """Whose fault an ERROR is."""

    LAB = "lab"
    """The check itself is wrong: its author must mend it."""
    QLAB = "qlab"
    """The grader did not do its part."""
    MACHINE = "machine"
    """This machine could not run it (no broker, no disk)."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline of a check."""

    t: float
    """Seconds since the check began."""
    who: str
    """A program's name, `redis`, or `qlab` for what the check did."""
    what: str
    decisive: bool = False
    """True for the line that decided the verdict."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found."""

    id: str
    title: str
    step: str
    outcome: Outcome
    points: int = 0
    """Points earned."""
    of: int = 0
    """Points possible."""
    seconds: float = 0.0
    expected: str = ""
    observed: str = ""
    timeline: tuple[Moment, ...] = ()
    next_step: str = ""
    repeat: str = ""
    """The command that runs exactly this again."""
    hints: int = 0
    """How many hints there are for it."""
    fault: Fault | None = None
    """Whose fault it is when the outcome is ERROR or UNKNOWN."""

    def as_json(self) -> dict[str, Any]:
        """The documented shape, one object of `checks` in `check --json`."""
        return {
            "id": self.id,
            "title": self.title,
            "step": self.step,
            "outcome": self.outcome.value,
            "points": self.points,
            "of": self.of,
            "seconds": round(self.seconds, 3),
            "expected": self.expected,
            "observed": self.observed,
            "timeline": [
                {"t": round(m.t, 3), "who": m.who, "what": m.what, "decisive": m.decisive} for m in self.timeline
            ],
            "next_step": self.next_step,
            "repeat": self.repeat,
            "hints": self.hints,
            "fault": self.fault.value if self.fault else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "CheckResult":
        """Read back what `as_json` wrote."""
        return cls(
            id=str(data["id"]),
            title=str(data["title"]),
            step=str(data["step"]),
            outcome=Outcome(data["outcome"]),
            points=int(data["points"]),
            of=int(data["of"]),
            seconds=float(data["seconds"]),
            expected=str(data["expected"]),
            observed=str(data["observed"]),
            timeline=tuple(
                Moment(float(m["t"]), str(m["who"]), str(m["what"]), bool(m["decisive"])) for m in data["timeline"]
            ),
            next_step=str(data["next_step"]),
            repeat=str(data["repeat"]),
            hints=int(data["hints"]),
            fault=Fault(data["fault"]) if data.get("fault") else None,
        )


@dataclass(frozen=True, slots=True)
class Isolation:
    """How strongly the learner's programs were kept apart from the grader, in promises."""

    tier: str
    kept: tuple[str, ...] = ()
    not_kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict on one lab, or on a part of it."""

    lab: str
    results: tuple[CheckResult, ...]
    seconds: float
    seed: str
    """Every random value of the run comes from it: the same seed makes the same run."""
    isolation: Isolation = field(default_factory=lambda: Isolation("none"))
    notes: tuple[str, ...] = ()
    """What the learner should know beside the verdict, one line each."""

    @property
    def points(self) -> int:
        """Points earned."""
        return sum(r.points for r in self.results)

    @property
    def of(self) -> int:
        """Points possible."""
        return sum(r.of for r in self.results)

    def count(self, outcome: Outcome) -> int:
        """How many checks ended so."""
        return sum(1 for r in self.results if r.outcome is outcome)

    @property
    def outcome(self) -> Outcome:
        """The worst news first: our error, a failure, not told, and PASS only if every check passed."""
        for worst in (Outcome.ERROR, Outcome.FAIL, Outcome.BLOCKED, Outcome.UNSTABLE, Outcome.UNKNOWN):
            if self.count(worst):
                return Outcome.FAIL if worst is Outcome.BLOCKED else worst
        return Outcome.PASS if self.results else Outcome.UNKNOWN

    @property
    def exit_code(self) -> ExitCode:
        """What `qlab check` exits with."""
        faults = {r.fault for r in self.results if r.outcome is Outcome.ERROR}
        if faults:
            if Fault.LAB in faults:
                return ExitCode.LAB_WRONG
            return ExitCode.NOT_READY if faults == {Fault.MACHINE} else ExitCode.FAULT
        if self.outcome is Outcome.PASS:
            return ExitCode.DONE
        return ExitCode.NOT_READY if self.outcome is Outcome.UNKNOWN else ExitCode.FAILED

    def as_json(self) -> dict[str, Any]:
        """The documented shape of `check --json`."""
        return {
            "schema": SCHEMA,
            "lab": self.lab,
            "outcome": self.outcome.value,
            "points": self.points,
            "of": self.of,
            "seconds": round(self.seconds, 3),
            "seed": self.seed,
            "sandbox": {
                "tier": self.isolation.tier,
                "kept": list(self.isolation.kept),
                "not_kept": list(self.isolation.not_kept),
            },
            "notes": list(self.notes),
            "checks": [r.as_json() for r in self.results],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Report":
        """Read back what `as_json` wrote."""
        sandbox = data["sandbox"]
        return cls(
            lab=str(data["lab"]),
            results=tuple(CheckResult.from_json(c) for c in data["checks"]),
            seconds=float(data["seconds"]),
            seed=str(data["seed"]),
            isolation=Isolation(str(sandbox["tier"]), tuple(sandbox["kept"]), tuple(sandbox["not_kept"])),
            notes=tuple(data.get("notes", ())),
        )
