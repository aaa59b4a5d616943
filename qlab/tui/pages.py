"""Reading: which page is open, turning it, and when it counts as read."""

from typing import TYPE_CHECKING

from qlab.model.lab import Step
from qlab.tui.labview import LabView
from qlab.tui.widgets.steps import StepList
from qlab.tui.widgets.theory import Theory

if TYPE_CHECKING:
    from qlab.flows.lessons import PageShown


class Pages(LabView):
    """A page is read when the learner goes on from it, not when it is opened: opened again, the lab is where it was."""

    def __init__(self, lab: str, *, title: str = "", pane: str = "theory") -> None:
        super().__init__(lab, title=title, pane=pane)
        self._left: dict[str, None] = {}
        """Pages gone on from, in order. The first may be left before there is a workspace to note it in: a later turn does."""

    def _read(self) -> None:
        """The page where the learner is."""
        verbs = self.qlab.verbs
        self.ask("read", lambda world, cancel: verbs.read(world, self._lab, None))

    def _turn(self, to: Step) -> None:
        """Another page, or from the last one to itself."""
        if self._state is None or self._page is None:
            return
        steps = self._state.lab.steps
        if steps.index(to) > steps.index(self._page) or self._page == to == steps[-1]:
            self._left[self._page.id] = None
        left = tuple(self._left)
        verbs = self.qlab.verbs
        self.ask("read", lambda world, cancel: verbs.turn(world, self._lab, to.id, left))

    async def heard_page_shown(self, event: "PageShown") -> None:
        """A page to read."""
        self._page = event.step
        await self.query_one(Theory).show(event.text)
        self.query_one(StepList).move(event.step.id)
        self._redraw()

    def action_page(self, by: int) -> None:
        """Turn the page."""
        if self._state is None or self._page is None:
            return
        steps = self._state.lab.steps
        at = steps.index(self._page) + by
        if at < 0:
            self._tell("this is the first page")
            return
        if at < len(steps):
            self._notice = ""
            self._show_pane("theory")
        else:
            self._tell("this is the last page: c checks your work")
        self._turn(steps[min(at, len(steps) - 1)])

    def _open_step(self) -> None:
        """The page of the step under the cursor."""
        if self._state and (id := self.query_one(StepList).cursor):
            self._turn(self._state.lab.step(id))
            self._show_pane("theory")
