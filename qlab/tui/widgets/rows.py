"""A list of rows with one cursor. Arrows, j and k, g and G move it; nothing else is ever bound to those keys."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message

from qlab.tui.widgets.drawn import Drawn


class Row(Drawn):
    """One entry."""

    can_choose = True

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key

    @property
    def chosen(self) -> bool:
        """True while the cursor is here. A chosen row is drawn without colours of its own, so that it stays readable."""
        return self.has_class("-cursor")

    @property
    def cursor_style(self) -> str:
        """The cursor on a row that draws its own, for it is more than one line."""
        focused = isinstance(self.parent, Rows) and self.parent.has_focus
        if self.app.no_color:
            return "reverse" if focused else "underline"
        if focused:
            return "bold $block-cursor-foreground on $block-cursor-background"
        return "$foreground on $block-cursor-blurred-background"

    def on_click(self, event: events.Click) -> None:
        """The first click chooses, the second opens."""
        rows = self.parent
        if self.can_choose and isinstance(rows, Rows):
            rows.move(self.key)
            if event.chain > 1:
                rows.post_message(Rows.Opened(rows, self.key))


class Heading(Row):
    """A line between entries; the cursor passes over it."""

    can_choose = False

    def __init__(self, text: Callable[[int], Content]) -> None:
        super().__init__("")
        self._text = text

    def draw(self, width: int) -> Content:
        """The heading."""
        return self._text(width)


class Rows(VerticalScroll, can_focus=True):
    """The list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1)", "Up", show=False),
        Binding("down,j", "step(1)", "Down", show=False),
        Binding("pageup", "step(-10)", "Page up", show=False),
        Binding("pagedown", "step(10)", "Page down", show=False),
        Binding("home,g", "edge(0)", "First", show=False),
        Binding("end,G", "edge(-1)", "Last", show=False),
    ]

    class Moved(Message):
        """The cursor came to another row."""

        def __init__(self, rows: "Rows", key: str) -> None:
            super().__init__()
            self.rows = rows
            self.key = key

        @property
        def control(self) -> "Rows":
            """The list."""
            return self.rows

    class Opened(Moved):
        """A row was clicked twice."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.cursor: str | None = None
        self.touched = False
        """True once a person moved the cursor: then nothing else moves it."""

    async def fill(self, rows: Iterable[Row], cursor: str | None) -> None:
        """Show these rows instead."""
        rows = list(rows)
        keys = [row.key for row in rows if row.can_choose]
        with self.app.batch_update():
            await self.remove_children()
            await self.mount_all(rows)
            self.cursor = None
            if keys:
                self.move(cursor if cursor in keys else keys[0])

    def on_focus(self) -> None:
        """The cursor is drawn stronger."""
        if row := self.row(self.cursor):
            row.refresh()

    def on_blur(self) -> None:
        """The cursor is drawn fainter."""
        self.on_focus()

    @property
    def rows(self) -> list[Row]:
        """Every row and heading."""
        return [child for child in self.children if isinstance(child, Row)]

    @property
    def choices(self) -> list[Row]:
        """Rows the cursor can be on."""
        return [row for row in self.rows if row.can_choose and row.display]

    def row(self, key: str | None) -> Row | None:
        """The row of this key."""
        return next((row for row in self.rows if row.can_choose and row.key == key), None)

    def move(self, key: str, *, top: bool = False) -> None:
        """Put the cursor on a row and bring it into view."""
        row = self.row(key)
        if row is None:
            return
        if self.cursor != key:
            if (old := self.row(self.cursor)) is not None:
                old.remove_class("-cursor")
                old.redraw()
            self.cursor = key
            row.add_class("-cursor")
            row.redraw()
            self.post_message(self.Moved(self, key))
        # Afterwards, for a row may be taller while it is chosen.
        self.call_after_refresh(self._bring, row, top=top)

    def _bring(self, row: Row, *, top: bool) -> None:
        if self.cursor != row.key or not row.is_attached:
            return
        if row is next(iter(self.choices), None):
            self.scroll_home(animate=False)
        else:
            # A row taller than the list shows its beginning.
            self.scroll_to_widget(row, animate=False, top=top or row.size.height > self.size.height)

    def action_step(self, by: int) -> None:
        """Move by some rows."""
        self.touched = True
        keys = [row.key for row in self.choices]
        if keys:
            at = keys.index(self.cursor) if self.cursor in keys else 0
            self.move(keys[min(max(at + by, 0), len(keys) - 1)])

    def action_edge(self, index: int) -> None:
        """Move to the first or last row."""
        self.touched = True
        if keys := [row.key for row in self.choices]:
            self.move(keys[index])
