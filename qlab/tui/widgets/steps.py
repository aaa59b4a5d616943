"""The steps of a lab, in the order of the learner's day."""

from typing import TYPE_CHECKING

from textual.content import Content

from qlab.tui.glyphs import Glyphs
from qlab.tui.widgets.rows import Row, Rows
from qlab.tui.words import ACCENT, GOOD, MUTED, fit, hang, lines

if TYPE_CHECKING:
    from qlab.flows.lessons import LabState
    from qlab.model.lab import Step


def draw_step(
    step: "Step", number: int, done: bool, now: bool, width: int, glyphs: Glyphs, *, wraps: bool = False
) -> Content:
    """`✓ 1 Lists: LPUSH and BRPOP`; the one to do now is bold."""
    sign, style = (glyphs.done, GOOD) if done else (glyphs.now, ACCENT) if now else (glyphs.todo, MUTED)
    # Two digits are rare; the number keeps its column.
    head, title = Content.assemble((sign, style), f" {number} "), Content.styled(step.title, "bold" if now else "")
    return lines(hang(head, title, width)) if wraps else fit(head + title, width, glyphs)


class StepRow(Row):
    """A step."""

    def __init__(self, step: "Step", number: int, glyphs: Glyphs) -> None:
        super().__init__(step.id)
        self.step, self._number, self._glyphs = step, number, glyphs
        self.done = self.now = False

    def draw(self, width: int) -> Content:
        """One line; the chosen step has all of its title."""
        line = draw_step(self.step, self._number, self.done, self.now, width, self._glyphs, wraps=self.chosen)
        return line.without_spans if self.chosen else line


class StepList(Rows):
    """All steps."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="steps")
        self._glyphs = glyphs

    async def show(self, state: "LabState", cursor: str | None) -> None:
        """How far the learner is. The rows stay; only their signs change."""
        if [row.key for row in self.rows] != [step.id for step in state.lab.steps]:
            rows = [StepRow(step, number, self._glyphs) for number, step in enumerate(state.lab.steps, 1)]
            for made in rows:
                _mark(made, state)
            await self.fill(rows, cursor)
            return
        for row in self.rows:
            if isinstance(row, StepRow):
                _mark(row, state)
                row.refresh()


def _mark(row: StepRow, state: "LabState") -> None:
    row.done = row.key in state.steps_done
    row.now = state.next_step is not None and row.key == state.next_step.id
