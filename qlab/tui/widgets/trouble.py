"""An error as a person needs it: what happened, what was found, what to do."""

from textual.content import Content

from qlab.model.errors import QlabError
from qlab.model.exits import ExitCode
from qlab.model.text import plain
from qlab.tui.glyphs import Glyphs
from qlab.tui.widgets.drawn import Drawn
from qlab.tui.words import BAD, CARE, MUTED, hang, lines


def told(error: QlabError, width: int, glyphs: Glyphs) -> list[Content]:
    """The error as lines of this width."""
    # A fault of ours or of the machine is not red: nothing of the learner's is wrong.
    style = BAD if error.exit_code is ExitCode.USAGE else f"bold {CARE}"
    rows = hang(Content.styled(f"{glyphs.trouble} ", style), Content.styled(plain(error.what), "bold"), width)
    for line in error.found.splitlines():
        rows += hang(Content.styled("  found  ", MUTED), plain(line), width)
    for index, remedy in enumerate(error.remedies):
        rows += hang(Content.styled("  try    " if index == 0 else "         ", MUTED), plain(remedy), width)
    return rows


class Trouble(Drawn):
    """The error above the last line of a screen, until Esc."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="trouble")
        self._glyphs = glyphs
        self._error: QlabError | None = None

    def show(self, error: QlabError) -> None:
        """Show it; a later one takes its place."""
        self._error = error
        self.add_class("-shown")
        self.redraw()

    def dismiss(self) -> bool:
        """Hide it; False when nothing was shown."""
        shown, self._error = self._error is not None, None
        self.remove_class("-shown")
        return shown

    def draw(self, width: int) -> Content:
        """The lines."""
        if self._error is None:
            return Content("")
        rows = told(self._error, width, self._glyphs)
        return lines([*rows, Content.styled("  esc    closes this", MUTED)])
