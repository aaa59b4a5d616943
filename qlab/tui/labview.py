"""What every idea of the lab screen stands on: what is known of the lab, its four panes, its log and its one line of news."""

from pathlib import Path
from typing import TYPE_CHECKING

from textual import events
from textual.widget import Widget

from qlab.model.lab import Step
from qlab.tui.screen import QlabScreen
from qlab.tui.widgets.checks import CheckList
from qlab.tui.widgets.line import Line
from qlab.tui.widgets.log import LogPane
from qlab.tui.widgets.steps import StepList

if TYPE_CHECKING:
    from qlab.flows.lessons import LabState

PANES = ("theory", "steps", "checks", "log")


class LabView(QlabScreen):
    """One lab as far as it is known. Each idea adds the events it hears and the keys it acts on."""

    def __init__(self, lab: str, *, title: str = "", pane: str = "theory") -> None:
        super().__init__()
        self._lab, self._lab_title = lab, title
        self._pane = pane
        self._state: LabState | None = None
        self._page: Step | None = None
        self._folder: Path | None = None
        """The learner's, once it is there."""
        self._notice = ""
        """Stands in the line above the keys until something else is done."""

    @property
    def _step_here(self) -> Step | None:
        """The step of the row under the cursor, or of the page."""
        if self._state is None:
            return None
        if self._pane == "checks" and (id := self.query_one(CheckList).cursor):
            return self._state.lab.step(self._state.lab.check(id).step)
        if self._pane == "steps" and (id := self.query_one(StepList).cursor):
            return self._state.lab.step(id)
        return self._page

    def _look(self) -> None:
        verbs = self.qlab.verbs
        self.ask("look", lambda world, cancel: verbs.look(world, self._lab))

    # panes

    def action_pane(self, pane: str) -> None:
        """Go to a pane by its digit."""
        self._show_pane(pane)

    def _show_pane(self, pane: str) -> None:
        self._mark_pane(pane)
        self.query_one(f"#{pane}").focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Tab and clicks choose a pane too."""
        focused: Widget | None = event.widget
        if focused is not None and focused.id in PANES and focused.id != self._pane and self.has_class("-wide"):
            self._mark_pane(focused.id)

    def _mark_pane(self, pane: str) -> None:
        self._pane = pane
        for name in PANES:
            self.set_class(name == pane, f"-{name}")
        self._redraw()

    # telling

    def _say(self, text: str) -> None:
        """A line for the log."""
        self.query_one(LogPane).say(text, self.qlab.clock())
        self._redraw()

    def _tell(self, text: str) -> None:
        """The answer to a key."""
        self._notice = text
        self._redraw()

    def _redraw(self) -> None:
        """Something is known that the lines tell."""
        for line in self.query(Line):
            line.refresh()
