"""A widget that is one function of its width: `draw`."""

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget


class Drawn(Widget):
    """Draws itself as lines that already fit. Text is Content, never markup: learners' text may hold brackets."""

    DEFAULT_CSS = """
    Drawn { height: auto; width: 1fr; padding: 0 1; }
    """

    def draw(self, width: int) -> Content:
        """The lines at this width."""
        raise NotImplementedError

    def render(self) -> Content:
        """What Textual asks for."""
        width = self.content_size.width
        return self.draw(width) if width > 0 else Content("")

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as there are lines."""
        return self.draw(width).plain.count("\n") + 1

    def redraw(self) -> None:
        """Something changed, perhaps the number of lines."""
        self.refresh(layout=True)


class Pressable(Drawn):
    """One line with parts that a click acts on. Textual's own links would bring their own colours."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._parts: list[tuple[int, int, str]] = []

    def part(self, line: Content, text: Content, action: str) -> Content:
        """`line` with `text` at its end, which runs `action` when it is clicked."""
        self._parts.append((line.cell_length, line.cell_length + text.cell_length, action))
        return line + text

    def draw(self, width: int) -> Content:
        """The line, with its parts found anew."""
        self._parts = []
        return self.compose_line(width)

    def compose_line(self, width: int) -> Content:
        """The line at this width, made with `part`."""
        raise NotImplementedError

    async def on_click(self, event: events.Click) -> None:
        """Do what the part under the pointer is for."""
        offset = event.get_content_offset(self)
        for begin, end, action in self._parts:
            if offset is not None and begin <= offset.x < end:
                await self.screen.run_action(action)
