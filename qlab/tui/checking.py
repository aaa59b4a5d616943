"""Checking: the keys that run a check and stop it, its results as they come, its hints, and how it stands."""

from time import monotonic
from typing import TYPE_CHECKING

from textual.content import Content
from textual.timer import Timer

from qlab.model.events import CheckCompleted, CheckFinished, CheckRunStarted, CheckStarted
from qlab.model.report import Outcome
from qlab.model.text import plural
from qlab.tui.labview import LabView
from qlab.tui.widgets.checks import CheckList
from qlab.tui.widgets.trouble import Trouble
from qlab.tui.words import MUTED, ago, counted, facts

if TYPE_CHECKING:
    from qlab.flows.hint import HintShown


class Checking(LabView):
    """Hears the flows of `check` and `hint`."""

    def __init__(self, lab: str, *, title: str = "", pane: str = "theory") -> None:
        super().__init__(lab, title=title, pane=pane)
        self._checked: float | None = None
        """When the lab was checked last, in seconds since 1970 UTC."""
        self._began = 0.0
        self._told = False
        """True once the latest run gave its verdict."""
        self._points = ""
        self._second: Timer | None = None

    # keys

    def action_check(self) -> None:
        """Check all."""
        self._check(None)

    def action_check_step(self) -> None:
        """Check the step of the row or page."""
        step = self._step_here
        if step is None or self._state is None:
            return
        if self._state.lab.checks_of(step.id):
            self._check(step.id)
        else:
            self._tell(f"this page has no checks: {step.title}")

    def action_stop(self) -> None:
        """End the running check."""
        if self.runs("check"):
            self.stop("check")
            self._tell("stopping the check")

    def action_hint(self) -> None:
        """The next hint for the chosen check if it failed, else for the first that did."""
        checks = self.query_one(CheckList)
        chosen = checks.find(checks.cursor) if checks.cursor else None
        failed = chosen if chosen and chosen.outcome in (Outcome.FAIL, Outcome.UNSTABLE) else checks.first_failure()
        if failed is None and self._pane == "checks":
            failed = chosen
        id = failed.key if failed else None
        verbs = self.qlab.verbs
        self.ask("hint", lambda world, cancel: verbs.hint(world, self._lab, id))

    def _check(self, step: str | None) -> None:
        if self.runs("check"):
            self._tell("a check is running: esc stops it")
            return
        self.query_one(Trouble).dismiss()
        self._notice, self._began, self._told = "", monotonic(), False
        verbs = self.qlab.verbs
        self.ask("check", lambda world, cancel: verbs.check(world, cancel, self._lab, step))
        self._second = self.set_interval(1.0, self._tick)
        self._show_pane("checks")

    def _tick(self) -> None:
        self.query_one(CheckList).tick()
        self._redraw()

    # what the flows say

    def heard_check_run_started(self, event: CheckRunStarted) -> None:
        """The checks that will run."""
        self._say(f"checking {plural(len(event.checks), 'check')}, isolation {event.isolation.tier}, seed {event.seed}")
        self.query_one(CheckList).begin(event.checks)
        self._redraw()

    def heard_check_started(self, event: CheckStarted) -> None:
        """One runs."""
        self.query_one(CheckList).running(event.id)
        self._redraw()

    def heard_check_finished(self, event: CheckFinished) -> None:
        """One is over."""
        self.query_one(CheckList).finished(event.result)
        self._redraw()

    def heard_check_completed(self, event: CheckCompleted) -> None:
        """The verdict."""
        report = event.report
        self._told, self._checked = True, self.qlab.clock()
        self._points = f"{report.points} of {report.of} points"
        told = counted((r.outcome for r in report.results), self.glyphs).plain
        self._say(f"{told}, {self._points} in {report.seconds:.1f} s")

    def heard_hint_shown(self, event: "HintShown") -> None:
        """A hint stands under its check."""
        checks = self.query_one(CheckList)
        if row := checks.find(event.check.id):
            row.add_hint(event)
            self._show_pane("checks")
            self.call_after_refresh(checks.show_end, row)
        self._say(f"hint {event.rung} of {event.of} for {event.check.id}")

    def _check_over(self) -> None:
        if self._second:
            self._second.stop()
        if not self._told:
            self._points = ""
        self.query_one(CheckList).stopped()

    # how it stands

    @property
    def _failures(self) -> int:
        return sum(row.outcome is Outcome.FAIL and not row.waiting for row in self.query_one(CheckList).checks)

    def _summary(self, room: int) -> Content:
        """The counts and, where there is room, how long or how long ago."""
        checks = self.query_one(CheckList)
        if not checks.checks:
            return Content("")
        when = ""
        if self.runs("check"):
            when = f"{monotonic() - self._began:.0f} s"
        elif self._checked:
            when = ago(max(self.qlab.clock() - self._checked, 0))
        return facts([checks.counts(room), Content.styled(when, MUTED)] if when else [checks.counts(room)], room, "  ")
