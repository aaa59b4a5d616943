"""What qlab did, line by line, with the time."""

import time
from collections import deque

from rich.table import Table
from rich.text import Text
from textual import events
from textual.widgets import RichLog

from qlab.model.text import plain

_MOST = 5_000


class LogPane(RichLog):
    """Lines as they happen; the oldest go. What is written is text: no bracket in it means anything."""

    def __init__(self) -> None:
        super().__init__(id="log", max_lines=_MOST, wrap=True, min_width=20, markup=False, highlight=False)
        self._told: deque[tuple[str, str]] = deque(maxlen=_MOST)
        self._drawn_at = 0

    def say(self, text: str, now: float) -> None:
        """Add a line."""
        clock = time.strftime("%H:%M", time.localtime(now))
        for index, line in enumerate(plain(text, 2_000).splitlines() or [""]):
            self._told.append((clock if index == 0 else "", line))
            self._draw(*self._told[-1])

    def on_resize(self, event: events.Resize) -> None:
        """Lines are wrapped for one width; for another they are written again."""
        width = self.scrollable_content_region.width
        if self._drawn_at not in (0, width):
            self.clear()
            for clock, line in self._told:
                self._draw(clock, line)
        self._drawn_at = width

    def _draw(self, clock: str, line: str) -> None:
        # Later lines begin under the first, not under the clock.
        row = Table.grid(padding=(0, 1, 0, 0))
        row.add_column(width=5)
        row.add_column(overflow="fold")
        row.add_row(Text(clock, "dim"), Text(line))
        self.write(row)
