"""What qlab did, line by line, with the time."""

import time

from rich.text import Text
from textual.widgets import RichLog

from qlab.model.text import plain


class LogPane(RichLog):
    """Lines as they happen; the oldest go."""

    def __init__(self) -> None:
        super().__init__(id="log", max_lines=5_000, wrap=True, min_width=20, markup=False, highlight=False)

    def say(self, text: str, now: float) -> None:
        """Add a line."""
        clock = time.strftime("%H:%M", time.localtime(now))
        for index, line in enumerate(plain(text, 2_000).splitlines() or [""]):
            self.write(Text.assemble((f"{clock if index == 0 else '':<5} ", "dim"), line))
