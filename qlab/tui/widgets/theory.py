"""One page of a lesson."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Markdown

from qlab.tui.glyphs import Glyphs


class Theory(VerticalScroll, can_focus=True):
    """The page and its scrolling."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
        Binding("space", "page_down", "Page down", show=False),
        Binding("g", "scroll_home", "Top", show=False),
        Binding("G", "scroll_end", "End", show=False),
    ]

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="theory")
        self._page = Markdown(open_links=False)
        self._page.BULLETS = [*glyphs.bullets]
        self.text = ""

    def compose(self) -> ComposeResult:
        """The page alone."""
        yield self._page

    async def show(self, text: str) -> None:
        """Turn to another page, from its top."""
        if text != self.text:
            self.text = text
            await self._page.update(text)
            self.scroll_home(animate=False)
