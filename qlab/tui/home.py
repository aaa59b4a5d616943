"""Home: all labs at the left, the one under the cursor at the right, what runs at the bottom."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content

from qlab.model.errors import QlabError
from qlab.tui.screen import QlabScreen
from qlab.tui.widgets.keyline import KeyLine
from qlab.tui.widgets.labcard import LabCard
from qlab.tui.widgets.lablist import BrokenRow, LabList, LabRow
from qlab.tui.widgets.line import Line
from qlab.tui.widgets.rows import Rows
from qlab.tui.widgets.servicesline import ServicesLine, Told
from qlab.tui.words import BAD, MUTED, bar, facts

if TYPE_CHECKING:
    from textual.widgets import Input

    from qlab.flows.lessons import LabsListed
    from qlab.flows.look import LabSeen
    from qlab.flows.services import StatusShown


class HomeScreen(QlabScreen):
    """Where to go on."""

    AUTO_FOCUS = "#labs"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", tooltip="open the lab under the cursor"),
        Binding("c", "check", "Check", tooltip="open it and check your work"),
        Binding("slash", "filter", "Filter", tooltip="show only labs with some letters in their name"),
        Binding("question_mark,f1", "help", "Help", tooltip="this sheet"),
        Binding("q", "back", "Quit", tooltip="quit; services stay up for the next time"),
        Binding("escape", "clear", "Clear the filter", show=False, tooltip="clear the filter"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._listed: LabsListed | None = None
        self._wanted = ""
        self._warm = False

    def compose(self) -> ComposeResult:
        """The first frame: everything but what must be asked for."""
        yield Line(self._top, id="top")
        with Horizontal(id="body"):
            yield LabList(self.glyphs)
            yield LabCard(self.glyphs)
        yield ServicesLine(self.glyphs)
        yield KeyLine(self.keys, self.glyphs)
        yield Line(self.too_small, id="small")

    def on_screen_resume(self) -> None:
        """Seen again, or for the first time: look, after the frame is painted."""
        self.call_after_refresh(self._look)

    def _look(self) -> None:
        self.ask("labs", self.qlab.verbs.labs)

    # what flows say

    async def heard_labs_listed(self, event: "LabsListed") -> None:
        """The labs are known."""
        self._listed = event
        await self._fill()

    def heard_lab_seen(self, event: "LabSeen") -> None:
        """More about the lab under the cursor."""
        if event.state.lab.id == self.query_one(LabList).cursor:
            self.query_one(LabCard).show_more(event, self.qlab.clock())

    def heard_status_shown(self, event: "StatusShown") -> None:
        """What runs is known."""
        self.query_one(ServicesLine).show({name: Told(state, service) for name, state, service in event.services})

    async def ended(self, name: str, error: QlabError | None) -> None:
        """Say what went wrong where its answer would stand. One after the other: side by side, the labs would come later."""
        if name == "labs":
            self.ask("status", self.qlab.verbs.status)
        elif name == "status" and not self._warm:
            self._warm = True
            self.ask("warm", self.qlab.verbs.warm)
        if error is None:
            return
        if name == "status":
            self.query_one(ServicesLine).say(f"{self.glyphs.trouble} what runs could not be told: {error.what}")
        elif name == "labs" or self._listed is None:
            self.query_one(LabCard).show_error(error)
            self.add_class("-error")

    async def _fill(self) -> None:
        if self._listed is None:
            return
        self.query_one("#top", Line).refresh()
        self.remove_class("-error")
        labs = self.query_one(LabList)
        await labs.show(self._listed, labs.cursor or self._listed.current, self._wanted)
        if labs.cursor:
            self._show_card(labs.cursor)

    # the cursor

    @on(Rows.Moved)
    def _moved(self, message: Rows.Moved) -> None:
        self._show_card(message.key)

    @on(Rows.Opened)
    def _clicked(self) -> None:
        self.action_open()

    def _show_card(self, id: str) -> None:
        row = self.query_one(LabList).row(id)
        card = self.query_one(LabCard)
        if isinstance(row, BrokenRow):
            card.show_error(row.error)
        elif isinstance(row, LabRow) and self._listed:
            card.show(row.state, first_time=self._listed.current is None)
            if row.state.results:
                verbs = self.qlab.verbs
                self.ask("look", lambda world, cancel: verbs.look(world, id))

    # keys

    def action_open(self, *, check: bool = False) -> None:
        """Open the lab under the cursor."""
        row = self.query_one(LabList).row(self.query_one(LabList).cursor)
        if isinstance(row, LabRow) and not row.state.lab.draft:
            from qlab.tui.lab import LabScreen

            self.app.push_screen(LabScreen(row.key, title=row.state.lab.title, check=check))
        elif isinstance(row, LabRow):
            self.query_one(ServicesLine).say(f"{row.key} is announced but not written yet")
        elif isinstance(row, BrokenRow):
            self.query_one(ServicesLine).say(f"{row.key} is broken: {row.error.what}")

    def action_check(self) -> None:
        """Open it and check at once."""
        self.action_open(check=True)

    def action_filter(self) -> None:
        """Ask for letters."""
        from textual.widgets import Input

        if not self.query("#filter"):
            box = Input(
                self._wanted, placeholder="letters of a name; enter keeps, esc clears", id="filter", compact=True
            )
            self.mount(box, before="#services")
            box.focus()

    async def on_input_changed(self, message: "Input.Changed") -> None:
        """Fewer labs with every letter."""
        self._wanted = message.value
        await self._fill()

    async def on_input_submitted(self) -> None:
        """Keep what the letters left."""
        await self._leave_filter()

    async def action_clear(self) -> None:
        """All labs again."""
        self._wanted = ""
        await self._leave_filter()
        await self._fill()

    async def _leave_filter(self) -> None:
        await self.query("#filter").remove()
        self.query_one(LabList).focus()

    # the first line

    def _top(self, width: int) -> Content:
        name = Content.styled("qlab", "bold")
        if self._listed is None:
            return name + Content.styled("   message queues, day by day", MUTED)
        written = [s for s in self._listed.labs if not s.lab.draft]
        done, of = sum(len(s.steps_done) for s in written), sum(len(s.lab.steps) for s in written)
        labs_done = sum(len(s.steps_done) == len(s.lab.steps) for s in written)
        parts = [name]
        if width >= 100:
            parts.append(Content.styled("message queues, day by day", MUTED))
        parts.append(bar(done, of, 20, self.glyphs) + f"  {done}/{of} steps")
        parts.append(Content.styled(f"{labs_done} of {len(written)} labs done", MUTED))
        if self._listed.broken:
            parts.append(Content.styled(f"{self.glyphs.trouble} {len(self._listed.broken)} broken", BAD))
        if self._wanted:
            parts.append(Content.styled(f"filter: {self._wanted}", MUTED))
        return facts(parts, width)
