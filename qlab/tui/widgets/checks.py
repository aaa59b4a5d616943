"""The checks of a lab: every row is there from the start, and only those that failed grow in place."""

from collections.abc import Iterable
from time import monotonic
from typing import TYPE_CHECKING

from textual.content import Content

from qlab.model.report import CheckResult, Moment, Outcome
from qlab.model.text import plain, plural
from qlab.tui import words
from qlab.tui.glyphs import Glyphs
from qlab.tui.widgets.rows import Heading, Row, Rows
from qlab.tui.words import BAD, CARE, HEADING, MUTED, fit, hang, lines

if TYPE_CHECKING:
    from qlab.flows.hint import HintShown
    from qlab.model.lab import Check, Lab

_MOMENTS = 8
"""Lines of a timeline that are shown before a person asks for all."""
_TALLEST = 8
"""Lines of one answer that are shown before a person asks for all."""
_LABEL = 10
_ROOM_FOR_NAMES = 40
"""Columns beside the names of programs that a timeline needs."""


class CheckRow(Row):
    """One check and, when it failed, why."""

    def __init__(self, check: "Check", glyphs: Glyphs) -> None:
        super().__init__(check.id)
        self.check = check
        self._glyphs = glyphs
        self.outcome: Outcome | None = None
        """The latest outcome; None while there is none."""
        self.result: CheckResult | None = None
        """Its details, where they are known."""
        self.began: float | None = None
        """When it began, while it runs."""
        self.waiting = False
        """True from the start of a run until its turn."""
        self.hints: list[HintShown] = []
        self.open = False
        self.whole = False
        """True when every moment of the timeline is shown."""

    @property
    def failed(self) -> bool:
        """True when there is something to tell."""
        return self.outcome not in (None, Outcome.PASS)

    def unfold(self) -> None:
        """One level more: closed, open, with the whole timeline, closed."""
        if not self.open:
            self.open, self.whole = True, False
        elif self.result and not self.whole and self._long(self.result):
            self.whole = True
        else:
            self.open = False
        self.redraw()

    def add_hint(self, hint: "HintShown") -> None:
        """One more; the last is given again when it is asked for again."""
        if all(had.rung != hint.rung for had in self.hints):
            self.hints.append(hint)
        self.open = True
        self.redraw()

    @staticmethod
    def _long(result: CheckResult) -> bool:
        longest = max(len(result.expected), len(result.observed))
        return len(result.timeline) > _MOMENTS or longest > _TALLEST * 40 or "\n" in result.observed + result.expected

    def draw(self, width: int) -> Content:
        """The line and what hangs from it. The cursor is as wide as on other rows, margins too."""
        head, rest = self._rows(width - 2)
        if self.chosen:
            style = self.cursor_style
            head = [
                Content.assemble(" ", row.without_spans).pad_right(width - row.cell_length - 1).stylize(style)
                for row in head
            ]
        else:
            head = [" " + row for row in head]
        return lines([*head, *(" " + row for row in rest)])

    def _rows(self, width: int) -> tuple[list[Content], list[Content]]:
        sign, word, style, right = self._state()
        tail = Content.styled(right, MUTED)
        head = Content.assemble((f"{sign} {word:<5}", style), " ")
        title = self.check.title or self.check.id
        failed = self.failed and not self.waiting and self.began is None
        # A title that failed wraps, for it says what to mend, and so does the chosen one; any other is cut.
        if failed or self.chosen:
            rows = hang(head, Content.styled(title, "bold" if failed else ""), width - len(right) - 1)
            rows[0] = words.spread(rows[0], tail, width, self._glyphs)
        else:
            rows = [words.spread(head + title, tail, width, self._glyphs)]
        return rows, self._details(width) if self.open and not self.waiting and self.began is None else []

    def _state(self) -> tuple[str, str, str, str]:
        if self.began is not None:
            return self._glyphs.busy, "RUN", CARE, f"{monotonic() - self.began:.0f} s"
        if self.waiting or self.outcome is None:
            return self._glyphs.todo, "WAIT", MUTED, ""
        sign, style = words.outcome(self.outcome, self._glyphs)
        return sign, self.outcome.word, style, f"{self.result.seconds:.1f} s" if self.result else ""

    def _details(self, width: int) -> list[Content]:
        result = self.result
        rows: list[tuple[str, Content]] = []
        inner = width - 4
        # Red is for the learner's work alone: what is ours, or could not be told, is not.
        edge = BAD if result and result.outcome is Outcome.FAIL else CARE
        if result:
            observed_style = BAD if result.outcome is Outcome.FAIL else ""
            own = self._labelled("expected", result.expected, inner)
            own += self._labelled("observed", result.observed, inner, observed_style)
            if result.timeline:
                own.append(Content.styled("what happened", "bold"))
                own += self._timeline(result.timeline, inner)
            own += self._labelled("next step", result.next_step, inner)
            own += self._labelled("again", result.repeat, inner)
            rows += [(edge, row) for row in own]
        elif self.failed:
            rows.append((edge, Content.styled("its details are in an older report: c checks again", MUTED)))
        for hint in self.hints:
            head = Content.styled(f"hint {hint.rung} of {hint.of}  ", f"bold {CARE}")
            rows += [(CARE, row) for row in hang(head, plain(hint.text.replace("\n", " "), 2_000), inner)]
        given = self.hints[-1].rung if self.hints else 0
        if result and given < result.hints and result.outcome is Outcome.FAIL:
            left = "for the next one" if given else f"{plural(result.hints, 'hint')}, gentle first"
            more = Content.assemble("press ", ("h", "bold"), f" ({left})")
            rows += [(CARE, row) for row in hang(Content.styled(f"{'hint':<{_LABEL}}", "bold"), more, inner)]
        return [Content.assemble("  ", (self._glyphs.edge, edge), " ") + row for edge, row in rows]

    def _labelled(self, label: str, text: str, width: int, style: str = "") -> list[Content]:
        rows: list[Content] = []
        for line in plain(text, 2_000).splitlines():
            head = Content.styled(f"{'' if rows else label:<{_LABEL}}", "bold")
            rows += hang(head, Content.styled(line, style), width)
        if len(rows) > _TALLEST and not self.whole:
            left = len(rows) - _TALLEST
            more = Content.styled(f"{'':<{_LABEL}}{plural(left, 'more line')} ({self._glyphs.enter} shows all)", MUTED)
            rows = [*rows[:_TALLEST], more]
        return rows

    def _timeline(self, timeline: tuple[Moment, ...], width: int) -> Iterable[Content]:
        shown = timeline if self.whole else _around(timeline)
        wide = max(len(m.who) for m in shown)
        # In a column of their own the names leave too little room on a narrow pane.
        columns = width - wide >= _ROOM_FOR_NAMES
        begin = timeline.index(shown[0])
        if begin:
            yield Content.styled(f"    {begin} earlier ({self._glyphs.enter} shows all)", MUTED)
        for moment in shown:
            mark = self._glyphs.decisive if moment.decisive else " "
            head, who, what = f"  {mark} {moment.t:6.3f} s  ", plain(moment.who), plain(moment.what)
            if columns:
                head = f"{head}{who:<{wide}}  "
            else:
                what = f"{who}: {what}"
            for row in hang(Content(head), what, width):
                yield row.stylize(BAD) if moment.decisive else row
        if left := len(timeline) - begin - len(shown):
            yield Content.styled(f"    {left} later ({self._glyphs.enter} shows all)", MUTED)


def _around(timeline: tuple[Moment, ...]) -> tuple[Moment, ...]:
    """The moments up to the one that decided, and one after it."""
    if len(timeline) <= _MOMENTS:
        return timeline
    decisive = next((i for i, m in enumerate(timeline) if m.decisive), len(timeline) - 1)
    end = min(decisive + 2, len(timeline))
    begin = max(end - _MOMENTS, 0)
    return timeline[begin : max(end, begin + _MOMENTS)]


class CheckList(Rows):
    """All checks, under the titles of their steps where there is more than one."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="checks")
        self._glyphs = glyphs

    @property
    def checks(self) -> list[CheckRow]:
        """The rows that are checks."""
        return [row for row in self.rows if isinstance(row, CheckRow)]

    async def show(self, lab: "Lab", results: dict[str, Outcome], details: dict[str, CheckResult]) -> None:
        """What was found before. The first failure is open, the others are one key away."""
        if not lab.checks:
            await self.fill([self._heading("this lab has no checks", MUTED)], None)
            return
        rows: list[Row] = []
        steps = [step for step in lab.steps if lab.checks_of(step.id)]
        first: CheckRow | None = None
        for step in steps:
            if len(steps) > 1:
                rows.append(self._heading(step.title, HEADING))
            for check in lab.checks_of(step.id):
                row = CheckRow(check, self._glyphs)
                row.outcome, row.result = results.get(check.id), details.get(check.id)
                if first is None and row.outcome is Outcome.FAIL:
                    first = row
                    row.open = True
                rows.append(row)
        await self.fill(rows, first.key if first else None)

    def _heading(self, text: str, style: str) -> Heading:
        return Heading(lambda width: fit(Content.styled(text, style), width, self._glyphs))

    def find(self, id: str) -> CheckRow | None:
        """The row of a check."""
        row = self.row(id)
        return row if isinstance(row, CheckRow) else None

    def begin(self, checks: Iterable["Check"]) -> None:
        """A run begins: these wait."""
        self.touched = False
        for check in checks:
            if row := self.find(check.id):
                row.waiting, row.began, row.open, row.hints = True, None, False, []
                row.redraw()

    def running(self, id: str) -> None:
        """A check began."""
        if row := self.find(id):
            row.waiting, row.began = False, monotonic()
            row.redraw()

    def finished(self, result: CheckResult) -> None:
        """A check ended. The first that failed comes into view, unless a person looks elsewhere."""
        row = self.find(result.id)
        if row is None:
            return
        first = not any(r.open and r.failed for r in self.checks)
        row.waiting, row.began, row.outcome, row.result = False, None, result.outcome, result
        row.open, row.whole = row.failed and result.outcome is not Outcome.BLOCKED, False
        row.redraw()
        if row.open and first and not self.touched:
            self.call_after_refresh(self.move, row.key)

    def show_end(self, row: CheckRow) -> None:
        """Put the cursor on a row and bring its last line into view: a hint stands there."""
        self.move(row.key)
        self.call_after_refresh(self._bring_end, row)

    def _bring_end(self, row: CheckRow) -> None:
        bottom = row.virtual_region.bottom
        if bottom > self.scroll_offset.y + self.size.height:
            self.scroll_to(y=bottom - self.size.height, animate=False)

    def stopped(self) -> None:
        """The run is over: what did not end is as it was."""
        for row in self.checks:
            if row.waiting or row.began is not None:
                row.waiting, row.began = False, None
                row.redraw()

    def tick(self) -> None:
        """A second passed."""
        for row in self.checks:
            if row.began is not None:
                row.refresh()

    def counts(self, width: int) -> Content:
        """How it stands, in words."""
        rows = self.checks
        over = [r.outcome for r in rows if r.outcome and not r.waiting and r.began is None]
        running = sum(r.began is not None for r in rows)
        waiting = len(rows) - len(over) - running
        rest = "waiting" if any(r.waiting for r in rows) else "not run"
        return words.counted(over, self._glyphs, running=running, waiting=waiting, rest=rest, width=width)

    def first_failure(self) -> CheckRow | None:
        """The check to begin with."""
        return next((r for r in self.checks if r.outcome is Outcome.FAIL), None)
