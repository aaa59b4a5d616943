"""A lab: its pages, steps, checks and log. One pane at a time below 110 columns, side by side from there."""

import os
import shlex
import subprocess
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

from qlab.model.errors import Interrupted, QlabError, UsageError
from qlab.model.events import (
    CheckCompleted,
    CheckFinished,
    CheckRunStarted,
    CheckStarted,
    ImageProgress,
    LabReady,
    Note,
    ServiceChosen,
    ServiceUp,
    StarterLaidOut,
    WorkspaceMade,
)
from qlab.model.lab import Step
from qlab.model.report import Outcome
from qlab.model.service import ServiceState
from qlab.model.text import plural, size
from qlab.tui import verbs
from qlab.tui.screen import QlabScreen
from qlab.tui.widgets.checks import CheckList, CheckRow
from qlab.tui.widgets.keyline import KeyLine
from qlab.tui.widgets.line import Line
from qlab.tui.widgets.log import LogPane
from qlab.tui.widgets.rows import Rows
from qlab.tui.widgets.servicesline import Told, draw_services
from qlab.tui.widgets.steps import StepList
from qlab.tui.widgets.tabs import Tabs
from qlab.tui.widgets.theory import Theory
from qlab.tui.widgets.trouble import Trouble
from qlab.tui.words import ACCENT, BAD, CARE, HEADING, MUTED, ago, bar, counted, fit, spread

if TYPE_CHECKING:
    from qlab.flows.hint import HintShown
    from qlab.flows.lessons import LabState, PageShown
    from qlab.tui.lookup import LabSeen

PANES = ("theory", "steps", "checks", "log")


class LabScreen(QlabScreen):
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
        super().__init__()
        self._lab, self._lab_title = lab, title
        self._check_first = check
        self._pane = "checks" if check else "theory"
        self._state: LabState | None = None
        self._page: Step | None = None
        self._folder: Path | None = None
        self._services: dict[str, Told] = {}
        self._checked: float | None = None
        self._began = 0.0
        self._took: float | None = None
        self._points = ""
        self._notice = ""
        self._second: Timer | None = None

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
        """Paint first, then ask. Services come up while the learner reads."""
        self._show_pane(self._pane)
        self.call_after_refresh(self._open)

    def _open(self) -> None:
        self._look()
        self._read(None)
        self.ask("start", lambda world, cancel: self.qlab.verbs.start(world, self._lab))

    def _look(self) -> None:
        self.ask("look", lambda world, cancel: self.qlab.verbs.look(world, self._lab))

    def _read(self, step: str | None) -> None:
        self.ask("read", lambda world, cancel: self.qlab.verbs.read(world, self._lab, step))

    # what flows say

    async def heard_lab_seen(self, event: "LabSeen") -> None:
        """Everything about the lab but its pages."""
        first = self._state is None
        self._state, self._lab_title = event.state, event.state.lab.title
        self._folder = event.folder or self._folder
        self._checked = event.checked or self._checked
        for name in event.state.lab.services:
            self._services.setdefault(name, Told(ServiceState.STARTING if self.runs("start") else ServiceState.DOWN))
        await self.query_one(StepList).show(event.state, self._page.id if self._page else None)
        if first:
            await self.query_one(CheckList).show(event.state.lab, event.state.results, event.details)
        self._redraw()

    async def heard_page_shown(self, event: "PageShown") -> None:
        """A page to read."""
        self._page = event.step
        await self.query_one(Theory).show(event.text)
        self.query_one(StepList).move(event.step.id)
        self._redraw()

    def heard_workspace_made(self, event: WorkspaceMade) -> None:
        """The first lab of all. The page that is open was shown before there was anywhere to note it."""
        self._say(f"made your workspace: {event.root}")
        if self._page:
            self._read(self._page.id)

    def heard_starter_laid_out(self, event: StarterLaidOut) -> None:
        """The learner's files are there."""
        self._folder = event.folder
        kept = f", {plural(len(event.kept), 'file')} of yours kept as they are" if event.kept else ""
        self._say(f"your files: {event.folder} ({plural(len(event.written), 'file')} laid out{kept})")
        if self._check_first:
            self._check_first = False
            self.action_check()

    def heard_service_chosen(self, event: ServiceChosen) -> None:
        """A service is starting."""
        self._services[event.choice.service] = Told(ServiceState.STARTING)
        self._say(f"{event.choice.service}: {event.choice.runner.value}, because {event.choice.why}")

    def heard_service_up(self, event: ServiceUp) -> None:
        """A service answers."""
        service = event.service
        self._services[service.name] = Told(ServiceState.UP, service)
        how = "was running already" if service.attached else f"ready in {service.seconds:.2f} s"
        self._say(f"{service.name}: {service.endpoint.shown} ({service.runner.value}, {how})")
        for name, link in service.endpoint.links.items():
            self._say(f"  {name}: {link}")

    def heard_image_progress(self, event: ImageProgress) -> None:
        """An image is coming; only its newest number matters."""
        amount = f" {size(event.done)} of {size(event.total)}" if event.total else ""
        self._notice = f"{event.image}: {event.doing}{amount}"
        self._redraw()

    def heard_lab_ready(self, event: LabReady) -> None:
        """All is there."""
        self._say(f"{event.lab.id} is ready")

    def heard_note(self, event: Note) -> None:
        """One line beside a result."""
        self._say(event.text)

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
        self._took, self._checked = report.seconds, self.qlab.clock()
        self._points = f"{report.points} of {report.of} points"
        told = counted((r.outcome for r in report.results), self.glyphs).plain
        self._say(f"{told}, {self._points} in {report.seconds:.1f} s")

    def heard_hint_shown(self, event: "HintShown") -> None:
        """A hint stands under its check."""
        checks = self.query_one(CheckList)
        if row := checks.find(event.check.id):
            # The last hint is given again when it is asked for again.
            if all(hint.rung != event.rung for hint in row.hints):
                row.hints.append(event)
            row.open = True
            row.redraw()
            self._show_pane("checks")
            self.call_after_refresh(checks.show_end, row)
        self._say(f"hint {event.rung} of {event.of} for {event.check.id}")

    async def ended(self, name: str, error: QlabError | None) -> None:
        """A flow is over: say what failed, and look again where something was written."""
        if name == "check":
            self._check_over(stopped=error is not None and self._took is None)
        if isinstance(error, Interrupted):
            self._tell("the check was stopped; what it found so far stays")
        elif error is not None:
            if name == "start":
                for service, told in self._services.items():
                    if told.state is ServiceState.STARTING:
                        self._services[service] = Told(ServiceState.DOWN)
            self._say(f"{self.glyphs.trouble} {error.what}")
            self.query_one(Trouble).show(error)
        if name in ("read", "check", "start"):
            self._look()
        self._redraw()

    # checking

    def action_check(self) -> None:
        """Check all."""
        self._check(None)

    def action_check_step(self) -> None:
        """Check the step of the row or page."""
        step = self._step_here()
        if step is None or self._state is None:
            return
        if not self._state.lab.checks_of(step.id):
            self._tell(f"this page has no checks: {step.title}")
            return
        self._check(step.id)

    def _check(self, step: str | None) -> None:
        if self.runs("check"):
            self._tell("a check is running: esc stops it")
            return
        self.query_one(Trouble).dismiss()
        self._notice, self._began, self._took = "", monotonic(), None
        run = self.ask("check", lambda world, cancel: self.qlab.verbs.check(world, cancel, self._lab, step))
        assert run.name == "check"
        self._second = self.set_interval(1.0, self._tick)
        self._show_pane("checks")

    def _check_over(self, *, stopped: bool) -> None:
        if self._second:
            self._second.stop()
        if stopped:
            self._points = ""
        self.query_one(CheckList).stopped()

    def _tick(self) -> None:
        self.query_one(CheckList).tick()
        self._redraw()

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
        self.ask("hint", lambda world, cancel: self.qlab.verbs.hint(world, self._lab, id))

    # pages and panes

    def action_page(self, by: int) -> None:
        """Turn the page."""
        if self._state is None or self._page is None:
            return
        steps = self._state.lab.steps
        at = next(i for i, step in enumerate(steps) if step.id == self._page.id) + by
        if 0 <= at < len(steps):
            self._notice = ""
            self._read(steps[at].id)
            self._show_pane("theory")
        else:
            self._tell("this is the last page: c checks your work" if by > 0 else "this is the first page")

    def action_open(self) -> None:
        """Open the page of a step, or unfold a check."""
        if self._pane == "steps" and (id := self.query_one(StepList).cursor):
            self._read(id)
            self._show_pane("theory")
        elif self._pane == "checks":
            checks = self.query_one(CheckList)
            if checks.cursor and (row := checks.find(checks.cursor)):
                row.unfold()

    @on(Rows.Opened)
    def _clicked(self) -> None:
        self.action_open()

    def action_pane(self, pane: str) -> None:
        """Go to a pane by its digit."""
        self._show_pane(pane)

    def _show_pane(self, pane: str) -> None:
        self._pane = pane
        for name in PANES:
            self.set_class(name == pane, f"-{name}")
        self.query_one(f"#{pane}").focus()
        self._redraw()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Tab and clicks choose a pane too."""
        focused: Widget | None = event.widget
        if focused is not None and focused.id in PANES and focused.id != self._pane and self.has_class("-wide"):
            self._pane = focused.id
            for name in PANES:
                self.set_class(name == self._pane, f"-{name}")
            self._redraw()

    # the editor

    def action_edit(self) -> None:
        """Open the step's program."""
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
        if self._state is None or self._folder is None:
            self._tell("your files are not laid out yet")
            return
        step = self._step_here()
        if step is None or not step.programs:
            step = next((s for s in self._state.lab.steps if s.programs and s.id not in self._state.steps_done), step)
        if step is None or not step.programs:
            self._tell("no step of this lab has a program")
            return
        try:
            files = verbs.files_of(self._state.lab, step, self._folder)
        except QlabError as error:
            self.query_one(Trouble).show(error)
            return
        shown = " ".join(_short(file) for file in files)
        if not editor:
            self._tell(f"set $VISUAL or $EDITOR and e opens {shown}")
            return
        try:
            with self.app.suspend():
                subprocess.run([*shlex.split(editor), *map(str, files)], check=False)
        except SuspendNotSupported:
            self._tell(f"this terminal cannot be lent to an editor; open {shown} beside it")
        except (OSError, ValueError) as error:
            found = f"$VISUAL or $EDITOR is {editor!r}: {error}"
            self.query_one(Trouble).show(UsageError("the editor could not be started", found=found))
        else:
            self._tell(f"edited {shown}: c checks it")

    def _step_here(self) -> Step | None:
        """The step of the row under the cursor, or of the page."""
        if self._state is None:
            return None
        if self._pane == "checks" and (id := self.query_one(CheckList).cursor):
            return self._state.lab.step(self._state.lab.check(id).step)
        if self._pane == "steps" and (id := self.query_one(StepList).cursor):
            return self._state.lab.step(id)
        return self._page

    # the way back

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

    def _say(self, text: str) -> None:
        self.query_one(LogPane).say(text, self.qlab.clock())
        self._redraw()

    def _tell(self, text: str) -> None:
        self._notice = text
        self._redraw()

    def _redraw(self) -> None:
        for line in self.query(Line):
            line.refresh()
        failed = sum(row.outcome is Outcome.FAIL and not row.waiting for row in self.query_one(CheckList).checks)
        news = {}
        if self._state:
            news["steps"] = Content.styled(f"{len(self._state.steps_done)}/{len(self._state.lab.steps)}", MUTED)
        if self.runs("check"):
            news["checks"] = Content.styled(f"{self.glyphs.busy} running", CARE)
        elif failed:
            news["checks"] = Content.styled(f"{self.glyphs.failed} {failed} failed", BAD)
        self.query_one(Tabs).show(self._pane, news)

    def _top(self, width: int) -> Content:
        parts = [Content.assemble((self._lab, "bold"), f" {self._lab_title}")]
        if self._state:
            done, of = len(self._state.steps_done), len(self._state.lab.steps)
            parts.append(bar(done, of, 12 if width > 100 else 8, self.glyphs) + f" {done}/{of}")
        if self._services:
            parts.append(draw_services(self._services, self.glyphs))
        return fit(Content("   ").join(parts), width, self.glyphs)

    def _heading(self, pane: str, width: int) -> Content:
        style = HEADING if pane == self._pane else "bold"
        line = Content.styled(f"{PANES.index(pane) + 1} {pane.title()}", style)
        if pane == "steps" and self._state:
            line += Content.styled(f" {len(self._state.steps_done)}/{len(self._state.lab.steps)}", MUTED)
        if pane == "checks":
            line += Content("  ") + self._summary(width - line.cell_length - 2)
        return fit(line, width, self.glyphs)

    def _summary(self, room: int) -> Content:
        checks = self.query_one(CheckList)
        if not checks.checks:
            return Content("")
        when = ""
        if self.runs("check"):
            when = f"{monotonic() - self._began:.0f} s"
        elif self._checked:
            when = ago(max(self.qlab.clock() - self._checked, 0))
        counts = checks.counts()
        whole = counts + Content.styled(f"  {when}", MUTED) if when else counts
        return whole if whole.cell_length <= room else counts

    def _bottom(self, width: int) -> Content:
        if self._notice:
            return fit(Content(self._notice), width, self.glyphs)
        if self._pane == "checks" and not self.has_class("-wide"):
            line = self._summary(width)
            if self.runs("check"):
                return spread(line, Content.styled("esc stops", MUTED), width, self.glyphs)
            return spread(line, Content.styled(self._points, MUTED), width, self.glyphs)
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

    def _place(self) -> str:
        """Where the learner writes for this page."""
        if self._folder is None or self._state is None or self._page is None:
            return ""
        if not self._page.programs:
            return _short(self._folder)
        try:
            first = verbs.files_of(self._state.lab, self._page, self._folder)[0]
        except QlabError:
            return _short(self._folder)
        return _short(first)


def _short(path: Path) -> str:
    """A path as people write it: from their home, or from here."""
    for base, name in ((Path.cwd(), ""), (Path.home(), "~/")):
        if path.is_relative_to(base) and path != base:
            return f"{name}{path.relative_to(base)}"
    return str(path)


__all__ = ["PANES", "CheckRow", "LabScreen"]
