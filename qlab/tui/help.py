"""The sheet of keys of one screen."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from qlab.tui.glyphs import Glyphs
from qlab.tui.widgets.keyline import shown_key
from qlab.tui.widgets.line import Line
from qlab.tui.words import ACCENT, HEADING, MUTED, hang, lines

_EVERYWHERE = (
    ("arrows, j k", "move; left and right in a drawing that is too wide"),
    ("g G", "first, last"),
    ("tab", "next pane"),
    ("^p", "all actions by name"),
    ("^q", "quit"),
)


class HelpScreen(ModalScreen[None]):
    """Closed by the key that opened it, or any way back."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,f1,enter", "dismiss", "Close")]

    def __init__(self, keys: Sequence[Binding], glyphs: Glyphs) -> None:
        super().__init__()
        self._keys, self._glyphs = keys, glyphs

    def compose(self) -> ComposeResult:
        """One box."""
        with VerticalScroll(id="help"):
            yield Line(self._sheet, id="sheet")

    def on_mount(self) -> None:
        """Its frame needs no signs this terminal lacks."""
        self.set_class(self._glyphs.ascii, "-ascii")

    def _sheet(self, width: int) -> Content:
        def row(key: str, what: str) -> list[Content]:
            return hang(Content.styled(f"{key:<12}", f"bold {ACCENT}"), what, width)

        here = [line for key, what in self._told() for line in row(key, what)]
        return lines(
            [
                Content.styled("Keys of this screen", HEADING),
                *here,
                Content(""),
                Content.styled("Everywhere", HEADING),
                *(line for key, what in _EVERYWHERE for line in row(key, what)),
                Content(""),
                Content.styled("esc closes this", MUTED),
            ]
        )

    def _told(self) -> list[tuple[str, str]]:
        """Keys and what they do; the digits share a line, so that the sheet fits on the usual screen."""
        digits = [b for b in self._keys if b.key.isdecimal()]
        told = [(self._names(b.key), b.tooltip or b.description.lower()) for b in self._keys if b not in digits]
        if digits:
            told.append((" ".join(b.key for b in digits), ", ".join(b.description.lower() for b in digits)))
        return told

    def _names(self, keys: str) -> str:
        return " ".join(shown_key(key, self._glyphs) for key in keys.split(","))
