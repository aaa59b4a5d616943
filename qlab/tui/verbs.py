"""What the screens can ask for. Each verb opens its flow only when it is called, in the bridge's thread: no screen waits for an import."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from qlab.model.events import Event
from qlab.tui.bridge import Cancel

if TYPE_CHECKING:
    from qlab.flows.world import World
    from qlab.model.lab import Lab, Step


class Verbs:
    """The flows, by what they are for. Tests and pictures hand in their own."""

    def labs(self, world: "World", cancel: Cancel) -> Iterator[Event]:
        """All labs and how far the learner is."""
        from qlab.flows.lessons import labs

        return labs(world)

    def status(self, world: "World", cancel: Cancel) -> Iterator[Event]:
        """What runs for this workspace."""
        from qlab.flows.services import status

        return status(world)

    def look(self, world: "World", lab: str) -> Iterator[Event]:
        """One lab whole, with the last report on it."""
        from qlab.flows.look import look

        return look(world, lab)

    def start(self, world: "World", lab: str) -> Iterator[Event]:
        """Lay out the files and bring up the services."""
        from qlab.flows.start import start

        return start(world, lab)

    def read(self, world: "World", lab: str, step: str | None) -> Iterator[Event]:
        """One page; the first not read without a step. To open it is not yet to have read it."""
        from qlab.flows.lessons import read

        return read(world, lab, step, mark=False)

    def turn(self, world: "World", lab: str, step: str, left: Iterable[str]) -> Iterator[Event]:
        """Go on to a page; those left behind are read."""
        from qlab.flows.lessons import turn

        return turn(world, lab, step, left=left)

    def check(self, world: "World", cancel: Cancel, lab: str, step: str | None) -> Iterator[Event]:
        """Grade the lab, or one step of it."""
        from qlab.flows.check import check

        return check(world, lab, step=step, cancel=cancel)

    def hint(self, world: "World", lab: str, check: str | None) -> Iterator[Event]:
        """The next hint for a check."""
        from qlab.flows.hint import hint

        return hint(world, check, name=lab)

    def warm(self, world: "World", cancel: Cancel) -> Iterator[Event]:
        """Open what the next key press will need, while nobody waits for it."""

        import qlab.flows.check
        import qlab.flows.start
        import qlab.tui.lab  # noqa: F401 - opened, not used

        yield from ()


def files_of(lab: "Lab", step: "Step", folder: Path) -> list[Path]:
    """The files of a step's programs that lie in the learner's folder; the folder where the command names none.

    Raises UsageError when the learner's qlab.toml cannot be used.
    """
    from qlab.programs.choice import choose

    commands = choose(lab, folder).commands
    words = [word for name in step.programs for word in commands[name].run]
    return list(dict.fromkeys(folder / word for word in words if (folder / word).is_file())) or [folder]
