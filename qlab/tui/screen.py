"""What both screens share: sizes, help, the way back, and hearing what flows say."""

import re
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen

from qlab.model.errors import QlabError
from qlab.tui.bridge import Ended, Flow, Happened, Run
from qlab.tui.glyphs import Glyphs

if TYPE_CHECKING:
    from qlab.tui.app import QlabApp

LEAST = (40, 10)
"""Columns and rows below which nothing useful fits."""


class QlabScreen(Screen[None]):
    """A screen that runs flows. An event named SomethingHappened is heard by `heard_something_happened`."""

    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (72, "-narrow"), (110, "-wide")]  # noqa: RUF012 - Textual's way
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self) -> None:
        super().__init__()
        self._runs: dict[str, Run] = {}

    @property
    def qlab(self) -> "QlabApp":
        """The app, with what it lends to screens."""
        return cast("QlabApp", self.app)

    @property
    def glyphs(self) -> Glyphs:
        """The signs of this terminal."""
        return self.qlab.glyphs

    @property
    def keys(self) -> list[Binding]:
        """The keys of this screen, most useful first."""
        return [b for b in self.BINDINGS if isinstance(b, Binding) and b.description]

    def too_small(self, width: int) -> Content:
        """The one line that is left on a terminal below `LEAST`."""
        return Content(f"qlab needs {LEAST[0]}x{LEAST[1]}; q quits")

    def on_resize(self, event: events.Resize) -> None:
        """Below the least size one line is left, and only the way out works."""
        self.set_class(event.size.width < LEAST[0] or event.size.height < LEAST[1], "-small")
        self.set_class(self.glyphs.ascii, "-ascii")
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where nothing can be drawn, no key may do what nobody sees."""
        return not self.has_class("-small") or action in ("back", "quit", "app.quit")

    # flows

    def ask(self, name: str, flow: Flow) -> Run:
        """Run a flow; what an earlier one of this name still says is not heard any more."""
        self._runs[name] = self.qlab.bridge.run(name, flow, self)
        return self._runs[name]

    def runs(self, name: str) -> bool:
        """True while a flow of this name goes on."""
        return name in self._runs

    def stop(self, name: str) -> None:
        """Ask a flow to end."""
        if run := self._runs.get(name):
            run.stop()

    async def on_happened(self, message: Happened) -> None:
        """Hand each event to the method named after it."""
        run = message.run
        events = run.take()
        if self._runs.get(run.name) is not run:
            return
        for event in events:
            name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()
            heard = getattr(self, f"heard_{name}", None)
            if heard is not None:
                answer = heard(event)
                if answer is not None:
                    await answer

    async def on_ended(self, message: Ended) -> None:
        """Tell the screen, once for each run."""
        if self._runs.get(message.run.name) is message.run:
            del self._runs[message.run.name]
            await self.ended(message.run.name, message.error)

    async def ended(self, name: str, error: QlabError | None) -> None:
        """A flow of this screen is over."""

    # keys

    def action_help(self) -> None:
        """All keys of this screen."""
        from qlab.tui.help import HelpScreen

        self.app.push_screen(HelpScreen(self.keys, self.glyphs))

    def action_back(self) -> None:
        """One level back; out of the last one."""
        self.app.exit()
