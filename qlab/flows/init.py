"""`qlab init FOLDER`: make a workspace somewhere else than at home."""

from collections.abc import Iterator
from pathlib import Path

from qlab.flows.world import World, make_workspace
from qlab.model.errors import UsageError
from qlab.model.events import Event, Note, WorkspaceMade
from qlab.model.workspace import Workspace


def init(world: World, folder: Path) -> Iterator[Event]:
    """Yields WorkspaceMade, or a Note when it already is one.

    Raises UsageError (a file, or inside another workspace), NotWritable.
    """
    root = (world.cwd / folder.expanduser()).absolute()
    if root.exists() and not root.is_dir():
        raise UsageError(f"{root} is a file", remedies=["name a folder; it is made if it is not there"])
    around = Workspace.around(root)
    if around and around.root != root:
        raise UsageError(
            f"{root} lies inside another workspace", found=str(around.root), remedies=["choose a folder outside of it"]
        )
    if around:
        yield Note(f"{root} is a workspace already; nothing was changed")
        return
    make_workspace(root)
    yield WorkspaceMade(root)
