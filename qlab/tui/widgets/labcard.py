"""The lab under the cursor: what it is, how far the learner is, and how the last check went."""

from typing import TYPE_CHECKING

from textual.content import Content

from qlab.model.report import Outcome
from qlab.tui.glyphs import Glyphs
from qlab.tui.widgets.drawn import Drawn
from qlab.tui.widgets.lablist import sign_of
from qlab.tui.widgets.steps import draw_step
from qlab.tui.widgets.trouble import told
from qlab.tui.words import ACCENT, BAD, HEADING, MUTED, ago, counted, fit, hang, lines

if TYPE_CHECKING:
    from qlab.flows.lessons import LabState
    from qlab.flows.look import LabSeen
    from qlab.model.errors import QlabError


class LabCard(Drawn):
    """The right half of home."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="card")
        self._glyphs = glyphs
        self._state: LabState | None = None
        self._seen: LabSeen | None = None
        self._error: QlabError | None = None
        self._now = 0.0
        self._first_time = False

    def show(self, state: "LabState", *, first_time: bool) -> None:
        """A lab, as the list knows it."""
        self._state, self._error, self._first_time = state, None, first_time
        if self._seen and self._seen.state.lab.id != state.lab.id:
            self._seen = None
        self.refresh()

    def show_more(self, seen: "LabSeen", now: float) -> None:
        """What the last check said."""
        self._seen, self._now = seen, now
        self.refresh()

    def show_error(self, error: "QlabError") -> None:
        """A lab that cannot be used, or no labs at all."""
        self._state, self._seen, self._error = None, None, error
        self.refresh()

    def draw(self, width: int) -> Content:
        """All of it, steps shortened where the screen is low."""
        if self._error:
            return lines(told(self._error, width, self._glyphs))
        if self._state is None:
            return Content("")
        head, steps = self._head(width), self._steps(width)
        room = self.size.height - len(head)
        tail = self._tail(width, wraps=True)
        if len(steps) + len(tail) > room:
            tail = self._tail(width, wraps=False)
        return lines([*head, *self._shortened(steps, room - len(tail)), *tail])

    def _shortened(self, steps: list[Content], room: int) -> list[Content]:
        """The steps around the one to do now, where not all have room. Their heading is two lines."""
        if len(steps) <= room or len(steps) < 4:
            return steps
        assert self._state
        heading, rows = steps[:2], steps[2:]
        keep = max(room - len(heading) - 1, 1)
        now = next((i for i, s in enumerate(self._state.lab.steps) if s is self._state.next_step), 0)
        begin = max(min(now - 1, len(rows) - keep), 0)
        more = Content.styled(f"  and {len(rows) - keep} more", MUTED)
        return [*heading, *rows[begin : begin + keep], more]

    def _head(self, width: int) -> list[Content]:
        state, glyphs = self._state, self._glyphs
        assert state
        lab = state.lab
        sign, style = sign_of(state, glyphs)
        done, of = len(state.steps_done), len(lab.steps)
        if lab.draft:
            word = "not written yet"
        elif of and done == of:
            word = "done"
        else:
            word = "in progress" if state.started else "not started"
        facts = [f"{lab.minutes} min"]
        if not lab.draft and done < of:
            next_step = state.next_step
            at = lab.steps.index(next_step) + 1 if next_step else 1
            facts.append(f"step {at} of {of}" if state.started else f"{of} steps")
        if lab.services:
            facts.append(", ".join(lab.services))
        line = Content.styled(f"{sign} {word}", style)
        for fact in facts:
            # A fact that does not fit is left out whole: half of it says nothing.
            part = f" {glyphs.dot} {fact}"
            if line.cell_length + len(part) <= width:
                line += Content.styled(part, MUTED)
        return [
            fit(Content.assemble((f"{lab.id}  ", "bold"), (lab.title, "bold")), width, glyphs),
            line,
            *Content(lab.about).wrap(width),
        ]

    def _steps(self, width: int) -> list[Content]:
        state = self._state
        assert state
        if not state.lab.steps:
            return []
        rows = [
            draw_step(
                step,
                number,
                step.id in state.steps_done,
                state.started and step is state.next_step,
                width,
                self._glyphs,
            )
            for number, step in enumerate(state.lab.steps, 1)
        ]
        return [Content(""), Content.styled("Steps", HEADING), *rows]

    def _tail(self, width: int, *, wraps: bool) -> list[Content]:
        state, seen, glyphs = self._state, self._seen, self._glyphs
        assert state
        if state.lab.draft:
            return []
        if self._first_time and not state.started:
            return [
                Content(""),
                *hang(
                    Content.styled(f"{glyphs.enter}  ", f"bold {ACCENT}"),
                    "opens it: your files are laid out, its services start, the first page is shown.",
                    width,
                ),
                *hang(
                    Content.styled("?  ", f"bold {ACCENT}"),
                    "shows all keys. No image is downloaded before you ask for it.",
                    width,
                ),
            ]
        if not state.results:
            return []
        when = f" {glyphs.dot} {ago(max(self._now - seen.checked, 0))}" if seen and seen.checked else ""
        not_run = len(state.lab.checks) - len(state.results)
        rows = [
            Content(""),
            Content.styled(f"Last check{when}", HEADING),
            counted(state.results.values(), glyphs, waiting=not_run, rest="not run", width=width),
        ]
        # The list knows ids only; titles come with the whole lab.
        if seen and (
            title := next((c.title for c in seen.state.lab.checks if state.results.get(c.id) is Outcome.FAIL), "")
        ):
            head = Content.styled(f"{glyphs.failed} {Outcome.FAIL.word} ", BAD)
            rows += hang(head, title, width) if wraps else [fit(head + title, width, glyphs)]
        return rows
