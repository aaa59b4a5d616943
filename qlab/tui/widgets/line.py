"""A single line whose content its screen decides."""

from collections.abc import Callable

from textual.content import Content

from qlab.tui.widgets.drawn import Drawn


class Line(Drawn):
    """Draws what its screen's function gives for a width."""

    def __init__(self, text: Callable[[int], Content], *, id: str, classes: str = "") -> None:
        super().__init__(id=id, classes=classes)
        self._text = text

    def draw(self, width: int) -> Content:
        """The line."""
        return self._text(width)
