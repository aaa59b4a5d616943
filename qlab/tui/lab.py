"""A lab: its pages, steps, checks and log. One pane at a time below 110 columns, side by side from there."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content

from qlab.model.errors import Interrupted, QlabError
from qlab.model.events import StarterLaidOut
from qlab.tui.checking import Checking
from qlab.tui.editing import Editing
from qlab.tui.labview import PANES
from qlab.tui.pages import Pages
from qlab.tui.starting import Starting
from qlab.tui.widgets.checks import CheckList
from qlab.tui.widgets.keyline import KeyLine
from qlab.tui.widgets.line import Line
from qlab.tui.widgets.log import LogPane
from qlab.tui.widgets.rows import Rows
from qlab.tui.widgets.servicesline import draw_services
from qlab.tui.widgets.steps import StepList
from qlab.tui.widgets.tabs import Tabs
from qlab.tui.widgets.theory import Theory
from qlab.tui.widgets.trouble import Trouble
from qlab.tui.words import ACCENT, BAD, CARE, HEADING, MUTED, bar, facts, fit, spread

if TYPE_CHECKING:
    from qlab.flows.look import LabSeen


class LabScreen(Starting, Pages, Checking, Editing):
    """One lab."""

    AUTO_FOCUS = "#theory"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "escape", "Back", tooltip="stop a running check, close a message, or go home"),
        Binding("n,right_square_bracket", "page(1)", "Next", tooltip="next page"),
        Binding("p,left_square_bracket", "page(-1)", "Prev", tooltip="page before"),
        Binding("c", "check", "Check", tooltip="check the whole lab"),
        Binding("C,s", "check_step", "Step", tooltip="check only the step of this page or row"),
        Binding("h", "hint", "Hint", tooltip="next hint for the failed check"),
        Binding("e", "edit", "Edit", tooltip="open the step's program in $VISUAL or $EDITOR"),
        Binding("question_mark,f1", "help", "Help", tooltip="this sheet"),
        Binding("enter", "open", "Open a page, unfold a check", show=False),
        Binding("x", "stop", "Stop the running check", show=False),
        Binding("q", "back", "Home", show=False, tooltip="back home, whatever goes on"),
        *(Binding(str(i), f"pane('{pane}')", pane.title(), show=False) for i, pane in enumerate(PANES, 1)),
    ]

    def __init__(self, lab: str, *, title: str = "", check: bool = False) -> None:
        super().__init__(lab, title=title, pane="checks" if check else "theory")
        self._check_first = check

    def compose(self) -> ComposeResult:
        """All panes at once; the style sheet decides which are seen."""
        yield Line(self._top, id="top")
        yield Tabs(PANES, self.glyphs)
        with Horizontal(id="body"):
            yield Theory(self.glyphs)
            with Vertical(id="side"):
                yield Line(lambda width: self._heading("steps", width), id="steps-heading", classes="heading")
                yield StepList(self.glyphs)
                yield Line(lambda width: self._heading("checks", width), id="checks-heading", classes="heading")
                yield CheckList(self.glyphs)
                yield Line(lambda width: self._heading("log", width), id="log-heading", classes="heading")
                yield LogPane()
        yield Trouble(self.glyphs)
        yield Line(self._bottom, id="now")
        yield KeyLine(self.keys, self.glyphs)
        yield Line(self.too_small, id="small")

    def on_mount(self) -> None:
        """Paint first, then ask."""
        self._show_pane(self._pane)
        self.call_after_refresh(self._open)

    def _open(self) -> None:
        self._look()
        self._read()
        self._start()

    # what more than one idea hears

    async def heard_lab_seen(self, event: "LabSeen") -> None:
        """Everything about the lab but its pages."""
        first = self._state is None
        self._state, self._lab_title = event.state, event.state.lab.title
        self._folder = event.folder or self._folder
        self._checked = event.checked or self._checked
        self._needs(event.state.lab.services)
        await self.query_one(StepList).show(event.state, self._page.id if self._page else None)
        if first:
            await self.query_one(CheckList).show(event.state.lab, event.state.results, event.details)
        self._redraw()

    def heard_starter_laid_out(self, event: StarterLaidOut) -> None:
        """There is something to check."""
        super().heard_starter_laid_out(event)
        if self._check_first:
            self._check_first = False
            self.action_check()

    async def ended(self, name: str, error: QlabError | None) -> None:
        """A flow is over: say what failed, and look again where something was written."""
        if name == "check":
            self._check_over()
        if isinstance(error, Interrupted):
            self._tell("the check was stopped; what it found so far stays")
        elif error is not None:
            if name == "start":
                self._start_failed()
            self._say(f"{self.glyphs.trouble} {error.what}")
            self.query_one(Trouble).show(error)
        if name in ("read", "check", "start"):
            self._look()
        self._redraw()

    # keys

    def action_open(self) -> None:
        """Open the page of a step, or unfold a check."""
        if self._pane == "steps":
            self._open_step()
        elif self._pane == "checks":
            checks = self.query_one(CheckList)
            if checks.cursor and (row := checks.find(checks.cursor)):
                row.unfold()

    @on(Rows.Opened)
    def _clicked(self) -> None:
        self.action_open()

    def action_escape(self) -> None:
        """The nearest thing that can be left."""
        if self.runs("check"):
            self.action_stop()
        elif not self.query_one(Trouble).dismiss():
            self.action_back()

    def action_back(self) -> None:
        """Home, also when this screen was the first. A check nobody sees is ended."""
        self.stop("check")
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()
        else:
            from qlab.tui.home import HomeScreen

            # Textual cannot switch away from its first screen, so home comes over it.
            self.app.push_screen(HomeScreen())

    # what is drawn from all of it

    def _redraw(self) -> None:
        super()._redraw()
        news = {}
        if self._state:
            news["steps"] = Content.styled(f"{len(self._state.steps_done)}/{len(self._state.lab.steps)}", MUTED)
        if self.runs("check"):
            news["checks"] = Content.styled(f"{self.glyphs.busy} running", CARE)
        elif failed := self._failures:
            news["checks"] = Content.styled(f"{self.glyphs.failed} {failed} failed", BAD)
        self.query_one(Tabs).show(self._pane, news)

    def _top(self, width: int) -> Content:
        name = fit(Content.assemble((self._lab, "bold"), f" {self._lab_title}"), width, self.glyphs)
        parts = [name]
        if self._state:
            done, of = len(self._state.steps_done), len(self._state.lab.steps)
            parts.append(bar(done, of, 12 if width > 100 else 8, self.glyphs) + f" {done}/{of}")
        return facts(
            [*parts, *draw_services(self._services, self.glyphs, width - facts(parts, width).cell_length - 3)], width
        )

    def _heading(self, pane: str, width: int) -> Content:
        style = HEADING if pane == self._pane else "bold"
        line = Content.styled(f"{PANES.index(pane) + 1} {pane.title()}", style)
        if pane == "steps" and self._state:
            line += Content.styled(f" {len(self._state.steps_done)}/{len(self._state.lab.steps)}", MUTED)
        if pane == "checks":
            line += Content("  ") + self._summary(width - line.cell_length - 2)
        return fit(line, width, self.glyphs)

    def _bottom(self, width: int) -> Content:
        if self._notice:
            return fit(Content(self._notice), width, self.glyphs)
        if self._pane == "checks" and not self.has_class("-wide"):
            right = "esc stops" if self.runs("check") else self._points
            return spread(self._summary(width), Content.styled(right, MUTED), width, self.glyphs)
        if self._state is None or self._page is None:
            return Content.styled(f"{self.glyphs.busy} reading", MUTED)
        number = self._state.lab.steps.index(self._page) + 1
        left = Content.assemble(
            (f"{self.glyphs.now} ", ACCENT),
            (f"Step {number} of {len(self._state.lab.steps)} ", f"bold {ACCENT}"),
            self._page.title,
        )
        place = self._place()
        if left.cell_length + len(place) + 3 > width:
            # The end of a path says more than its beginning.
            place = f"{self.glyphs.cut}/" + "/".join(Path(place).parts[-2:]) if place else ""
        return spread(left, Content.styled(place, MUTED), width, self.glyphs)
