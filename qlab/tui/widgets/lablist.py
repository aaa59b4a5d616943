"""The labs, by part: sign, id, title, steps done."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from qlab.tui.glyphs import Glyphs
from qlab.tui.widgets.rows import Heading, Row, Rows
from qlab.tui.words import ACCENT, CARE, GOOD, HEADING, MUTED, bar, fit, spread

if TYPE_CHECKING:
    from qlab.flows.lessons import LabsListed, LabState
    from qlab.model.errors import QlabError

_BAR = 8
_ROOM_FOR_BAR = 44


class LabRow(Row):
    """A lab."""

    def __init__(self, state: "LabState", glyphs: Glyphs, id_width: int) -> None:
        super().__init__(state.lab.id)
        self.state = state
        self._glyphs = glyphs
        self._id_width = id_width

    def draw(self, width: int) -> Content:
        """`▶ day03 Redis as a queue          3/9`."""
        glyphs, lab = self._glyphs, self.state.lab
        done, of = len(self.state.steps_done), len(lab.steps)
        sign, style = sign_of(self.state, glyphs)
        muted = MUTED if lab.draft else ""
        left = Content.assemble((sign, style), " ", (f"{lab.id:<{self._id_width}} {lab.title}", muted))
        right = Content(f"{done}/{of}")
        if lab.draft:
            right = Content.styled("not written yet" if width >= _ROOM_FOR_BAR else "draft", MUTED)
        elif width >= _ROOM_FOR_BAR:
            right = bar(done, of, _BAR, glyphs, style if done else MUTED) + f" {done:>2}/{of}"
        line = spread(left, right, width, glyphs)
        return line.without_spans if self.chosen else line


class BrokenRow(Row):
    """A lab that cannot be used, with the reason."""

    def __init__(self, id: str, error: "QlabError", glyphs: Glyphs) -> None:
        super().__init__(id)
        self.error = error
        self._glyphs = glyphs

    def draw(self, width: int) -> Content:
        """`! day07 broken: …`."""
        line = Content.assemble((f"{self._glyphs.trouble} ", CARE), f"{self.key} ", ("broken ", CARE), self.error.what)
        line = fit(line, width, self._glyphs)
        return line.without_spans if self.chosen else line


def sign_of(state: "LabState", glyphs: Glyphs) -> tuple[str, str]:
    """A lab's sign and its style."""
    if state.lab.draft:
        return glyphs.draft, MUTED
    if state.lab.steps and len(state.steps_done) == len(state.lab.steps):
        return glyphs.done, GOOD
    return (glyphs.now, ACCENT) if state.started else (glyphs.todo, "")


class LabList(Rows):
    """All labs, good ones first, those that are broken last."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="labs")
        self._glyphs = glyphs

    async def show(self, listed: "LabsListed", cursor: str | None, wanted: str = "") -> None:
        """Show what there is; with `wanted` only labs whose id or title holds it."""
        rows: list[Row] = []
        part = None
        states = [s for s in listed.labs if _holds(wanted, s.lab.id, s.lab.title)]
        width = max((len(s.lab.id) for s in states), default=0)
        for state in states:
            if state.lab.part != part:
                part = state.lab.part
                rows.append(self._heading(part))
            rows.append(LabRow(state, self._glyphs, width))
        broken = [(id, error) for id, error in listed.broken if _holds(wanted, id, error.what)]
        if broken:
            rows.append(self._heading("Broken: their author must mend them"))
            rows += [BrokenRow(id, error, self._glyphs) for id, error in broken]
        if not rows:
            text = f"no lab has {wanted!r} in its name" if wanted else "no labs here"
            rows.append(Heading(lambda width: fit(Content.styled(text, MUTED), width, self._glyphs)))
        await self.fill(rows, cursor or self._first(states))

    def _heading(self, text: str) -> Heading:
        return Heading(lambda width: fit(Content.styled(text, HEADING), width, self._glyphs))

    def _first(self, states: Sequence["LabState"]) -> str | None:
        """Where to begin when nothing was started: the first lab that is written."""
        return next((s.lab.id for s in states if not s.lab.draft), None)


def _holds(wanted: str, *texts: str) -> bool:
    return any(wanted.lower() in text.lower() for text in texts)
