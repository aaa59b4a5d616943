"""One page of a lesson."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Markdown
from textual.widgets.markdown import MarkdownFence

from qlab.tui.glyphs import Glyphs

_ASIDE = 8
"""Columns that a wide drawing moves with one key."""


class Theory(VerticalScroll, can_focus=True):
    """The page and its scrolling."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
        Binding("space", "page_down", "Page down", show=False),
        Binding("left", "aside(-1)", "Left in wide drawings", show=False),
        Binding("right", "aside(1)", "Right in wide drawings", show=False),
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

    def action_aside(self, by: int) -> None:
        """Drawings wider than the page move sideways, all together; its text stays."""
        for fence in self.query(MarkdownFence):
            fence.scroll_relative(x=by * _ASIDE, animate=False)

    async def show(self, text: str) -> None:
        """Turn to another page, from its top."""
        if text != self.text:
            self.text = text
            await self._page.update(text)
            self.scroll_home(animate=False)
