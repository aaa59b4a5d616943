"""Questions over the journal: what was started, what passed, which hints were shown.

The journal may have been edited or torn, so a field that does not look as it should counts as not written.

Kinds: `started {lab}` · `checked {lab, seed, results: {check: outcome}, seconds, points, of, report}` ·
`hint {lab, check, rung}` · `read {lab, step}` · `reset {lab, kept_as}`.
"""

from collections.abc import Iterable, Iterator, Mapping

from qlab.model.report import Outcome
from qlab.progress.journal import Entry


class Record:
    """What a journal tells. Made from its entries, oldest first; it does not see what is appended later."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)

    def last_started(self) -> str | None:
        """Id of the lab started last; None when none was."""
        for entry in reversed(self.entries):
            if entry.kind == "started" and isinstance(entry.data.get("lab"), str):
                return str(entry.data["lab"])
        return None

    def attempts(self, lab: str) -> int:
        """How often the lab was checked, wholly or in part, resets notwithstanding."""
        return sum(1 for _ in self._of(lab, "checked"))

    def results(self, lab: str) -> dict[str, Outcome]:
        """Check id to its latest outcome since the last reset. A partial run changes only its own checks."""
        latest: dict[str, Outcome] = {}
        for run in self._runs(lab):
            latest.update(run)
        return latest

    def passed(self, lab: str) -> frozenset[str]:
        """Ids of the checks whose latest outcome is a pass."""
        return frozenset(id for id, outcome in self.results(lab).items() if outcome is Outcome.PASS)

    def last_report(self, lab: str) -> str | None:
        """What the latest run since the last reset wrote as `report`; None when there is none."""
        for entry in reversed(self._since_reset(lab)):
            report = entry.data.get("report")
            if entry.kind == "checked" and isinstance(report, str):
                return report
        return None

    def failures_in_a_row(self, lab: str, check: str) -> int:
        """How many of the latest runs that judged this check failed it, without another outcome between them.

        Runs that could not judge it (blocked, unknown, error) neither count nor end the row.
        """
        row = 0
        for run in reversed(self._runs(lab)):
            outcome = run.get(check)
            if outcome is Outcome.FAIL:
                row += 1
            elif outcome in (Outcome.PASS, Outcome.UNSTABLE):
                break
        return row

    def hints_shown(self, lab: str, check: str) -> int:
        """The highest hint shown for the check, 1 for the first; 0 for none. A reset does not make them unseen."""
        rungs = [e.data.get("rung") for e in self._of(lab, "hint") if e.data.get("check") == check]
        return max((rung for rung in rungs if isinstance(rung, int) and not isinstance(rung, bool)), default=0)

    def pages_read(self, lab: str) -> frozenset[str]:
        """Ids of the steps whose page was read."""
        steps = (entry.data.get("step") for entry in self._of(lab, "read"))
        return frozenset(step for step in steps if isinstance(step, str))

    def _of(self, lab: str, kind: str) -> Iterator[Entry]:
        return (entry for entry in self.entries if entry.kind == kind and entry.data.get("lab") == lab)

    def _since_reset(self, lab: str) -> list[Entry]:
        # After a reset the folder holds the starter again: old outcomes are about files that lie elsewhere.
        kept: list[Entry] = []
        for entry in self.entries:
            if entry.data.get("lab") == lab:
                if entry.kind == "reset":
                    kept = []
                kept.append(entry)
        return kept

    def _runs(self, lab: str) -> list[dict[str, Outcome]]:
        return [_outcomes(entry.data.get("results")) for entry in self._since_reset(lab) if entry.kind == "checked"]


def _outcomes(results: object) -> dict[str, Outcome]:
    known = {outcome.value: outcome for outcome in Outcome}
    if not isinstance(results, Mapping):
        return {}
    return {str(id): known[said] for id, said in results.items() if isinstance(said, str) and said in known}
