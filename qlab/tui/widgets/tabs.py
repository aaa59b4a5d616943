"""The panes of a lab by their digits, where only one fits. A tab tells its own bad news."""

from collections.abc import Mapping, Sequence

from textual.content import Content

from qlab.tui.glyphs import Glyphs
from qlab.tui.widgets.drawn import Pressable
from qlab.tui.words import MUTED, fit


class Tabs(Pressable):
    """One line."""

    def __init__(self, panes: Sequence[str], glyphs: Glyphs) -> None:
        super().__init__(id="tabs")
        self._panes, self._glyphs = panes, glyphs
        self._active = panes[0]
        self._news: Mapping[str, Content] = {}

    def show(self, active: str, news: Mapping[str, Content]) -> None:
        """Which pane is seen, and what stands behind each name."""
        self._active, self._news = active, news
        self.refresh()

    def compose_line(self, width: int) -> Content:
        """` 1 Theory   2 Steps 3/9   3 Checks ✗ 1 failed   4 Log `."""
        line = Content("")
        for number, pane in enumerate(self._panes, 1):
            news = self._news.get(pane, Content(""))
            # The active one is reversed: seen without colour too.
            if pane == self._active:
                tab = Content.styled(f" {number} {pane.title()}{' ' + news.plain if news else ''} ", "reverse bold")
            else:
                tab = Content.assemble((f" {number} {pane.title()}", MUTED), " " if news else "", news, " ")
            line = self.part(line, tab, f"pane('{pane}')") + " "
        return fit(line, width, self._glyphs)
