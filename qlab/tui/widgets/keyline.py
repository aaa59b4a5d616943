"""The keys that work here, most useful first. What does not fit is left out; `?` shows all."""

from collections.abc import Sequence

from textual.binding import Binding
from textual.content import Content

from qlab.tui.glyphs import Glyphs
from qlab.tui.widgets.drawn import Pressable
from qlab.tui.words import ACCENT

MOST = 8
_ROOM_FOR_PALETTE = 60
_NAMES = {"escape": "esc", "question_mark": "?", "slash": "/", "left_square_bracket": "[", "right_square_bracket": "]"}


def shown_key(key: str, glyphs: Glyphs) -> str:
    """A key as people call it."""
    first = key.partition(",")[0]
    if first == "enter":
        return glyphs.enter
    return _NAMES.get(first, first.replace("ctrl+", "^"))


class KeyLine(Pressable):
    """The last line of every screen. The stock footer overflows out of sight when it is too narrow."""

    def __init__(self, keys: Sequence[Binding], glyphs: Glyphs) -> None:
        super().__init__(id="keys")
        self._shown = [b for b in keys if b.show][:MOST]
        self._glyphs = glyphs

    def compose_line(self, width: int) -> Content:
        """`⏎ Open c Check …   ^p palette`."""
        last = self._key("^p", "palette")
        room = width - last.cell_length - 2 if width >= _ROOM_FOR_PALETTE else width
        line = Content("")
        for binding in self._shown:
            key = self._key(shown_key(binding.key, self._glyphs), binding.description)
            gap = " " if line else ""
            if line.cell_length + len(gap) + key.cell_length <= room:
                line = self.part(line + gap, key, binding.action)
        if width >= _ROOM_FOR_PALETTE:
            line += " " * (width - line.cell_length - last.cell_length)
            line = self.part(line, last, "app.command_palette")
        return line

    def _key(self, key: str, word: str) -> Content:
        return Content.assemble((key, f"bold {ACCENT}"), f" {word}")
