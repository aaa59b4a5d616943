"""The learner's files: where they lie, and the editor that opens them."""

import os
import shlex
import subprocess
from pathlib import Path

from textual.app import SuspendNotSupported

from qlab.model.errors import QlabError, UsageError
from qlab.tui import verbs
from qlab.tui.labview import LabView
from qlab.tui.widgets.trouble import Trouble


class Editing(LabView):
    """The key that opens the step's program, and the line that tells where it is."""

    def action_edit(self) -> None:
        """Open the program of the step here, or else of the first step that is not done."""
        if self._state is None or self._folder is None:
            self._tell("your files are not laid out yet")
            return
        step = self._step_here
        if step is None or not step.programs:
            step = next((s for s in self._state.lab.steps if s.programs and s.id not in self._state.steps_done), step)
        if step is None or not step.programs:
            self._tell("no step of this lab has a program")
            return
        try:
            self._edit(verbs.files_of(self._state.lab, step, self._folder))
        except QlabError as error:
            self.query_one(Trouble).show(error)

    def _edit(self, files: list[Path]) -> None:
        shown = " ".join(short(file) for file in files)
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
        if not editor:
            self._tell(f"set $VISUAL or $EDITOR and e opens {shown}")
            return
        try:
            with self.app.suspend():
                subprocess.run([*shlex.split(editor), *map(str, files)], check=False)
        except SuspendNotSupported:
            self._tell(f"this terminal cannot be lent to an editor; open {shown} beside it")
        except (OSError, ValueError) as error:
            found = f"$VISUAL or $EDITOR is {editor!r}: {error}"
            raise UsageError("the editor could not be started", found=found) from error
        else:
            self._tell(f"edited {shown}: c checks it")

    def _place(self) -> str:
        """Where the learner writes for this page."""
        if self._folder is None or self._state is None or self._page is None:
            return ""
        if not self._page.programs:
            return short(self._folder)
        try:
            return short(verbs.files_of(self._state.lab, self._page, self._folder)[0])
        except QlabError:
            return short(self._folder)


def short(path: Path) -> str:
    """A path as people write it: from their home, or from here."""
    for base, name in ((Path.cwd(), ""), (Path.home(), "~/")):
        if path.is_relative_to(base) and path != base:
            return f"{name}{path.relative_to(base)}"
    return str(path)
