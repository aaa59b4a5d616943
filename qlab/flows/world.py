"""What a flow may look at: the user's environment, where they stand, where labs and caches lie. Made once per command."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from qlab.catalog.discover import Catalog, builtin_root
from qlab.catalog.settings import own_labs
from qlab.model.errors import NothingToCheck, NotWritable, UsageError
from qlab.model.lab import Lab
from qlab.model.workspace import Workspace
from qlab.progress.journal import Journal
from qlab.progress.record import Record

if TYPE_CHECKING:
    from qlab.services.manager import Services

LABS = "QLAB_LABS"
"""Folders with labs of one's own, separated by `:`."""
HOME = "QLAB_HOME"
"""The workspace used outside of any workspace; `~/qlab` when not set, or a folder beside it if that is taken."""
CACHE = "QLAB_CACHE"
"""Where views of libraries are kept; the system's cache folder when not set."""


@dataclass(frozen=True)
class World:
    """Everything outside of qlab that a flow depends on."""

    env: Mapping[str, str]
    cwd: Path

    @classmethod
    def here(cls) -> "World":
        """This process's environment and folder."""
        try:
            cwd = Path.cwd()
        except FileNotFoundError as error:
            raise UsageError(
                "the folder you are in was removed", remedies=["go to another folder: `cd`, then run the command again"]
            ) from error
        return cls(dict(os.environ), cwd)

    @cached_property
    def catalog(self) -> Catalog:
        """Built-in labs, then those of QLAB_LABS and of the workspace's qlab.toml."""
        # Absolute: checks run in a process that stands elsewhere.
        own = (self.cwd / Path(folder).expanduser() for folder in self.env.get(LABS, "").split(":") if folder)
        roots = [builtin_root(), *own]
        workspace = self.workspace()
        if workspace:
            roots += own_labs(workspace.root)
        return Catalog(roots)

    @property
    def home_workspace(self) -> Path:
        """Where a workspace is made when there is none around."""
        if given := self.env.get(HOME):
            return Path(given).expanduser().absolute()
        home = Path(self.env.get("HOME", "~")).expanduser()
        # `~/qlab` may be something else of the person's, such as a clone of qlab itself: nothing is mixed into that.
        for name in ("qlab", "qlab-work"):
            if _is_free(home / name):
                return home / name
        return home / "qlab-workspace"

    def workspace(self) -> Workspace | None:
        """The nearest folder upwards with `.qlab/`, else the home workspace if it was made; None when neither is there."""
        return Workspace.around(self.cwd) or (
            Workspace(self.home_workspace) if (self.home_workspace / ".qlab").is_dir() else None
        )

    @property
    def cache(self) -> Path:
        """Folder for what can be made again."""
        if given := self.env.get(CACHE):
            return Path(given).expanduser()
        from platformdirs import user_cache_path

        return user_cache_path("qlab")

    @property
    def aside(self) -> Workspace:
        """Where folders outside of every workspace are graded."""
        return Workspace(self.cache / "grading")

    def journal(self, workspace: Workspace) -> Journal:
        """The workspace's journal."""
        return Journal(workspace.journal)

    def record(self, workspace: Workspace | None) -> Record:
        """Questions over the journal; empty without a workspace."""
        return Record(self.journal(workspace).read() if workspace else ())

    def services(self, workspace: Workspace) -> "Services":
        """The workspace's services."""
        # Imported here: listing and reading need no services, and this costs them 40 ms.
        from qlab.services.manager import Services

        return Services(workspace, self.env)

    def lab(self, name: str | None, verb: str = "check") -> Lab:
        """The lab of this name; without one the lab around the current folder, else the last started.

        Raises NoSuchLab, LabBroken, NothingToCheck.
        """
        if name is not None:
            return self.catalog.find(name)
        workspace = self.workspace()
        if workspace:
            if self.cwd.is_relative_to(workspace.root):
                for part in self.cwd.relative_to(workspace.root).parts[:1]:
                    if part in self.catalog.folders:
                        return self.catalog.find(part)
            last = self.record(workspace).last_started()
            if last and last in self.catalog.folders:
                return self.catalog.find(last)
        raise NothingToCheck(
            "which lab? None is around this folder and none was started yet",
            remedies=[f"name it: `qlab {verb} day3`", "`qlab list` shows them all"],
        )

    def present_workspace(self) -> Workspace:
        """The workspace there is. Raises NothingToCheck when none was made yet."""
        workspace = self.workspace()
        if workspace is None:
            raise NothingToCheck(
                "there is no workspace yet",
                remedies=["`qlab start day3` makes one", "or `qlab init FOLDER` makes it elsewhere"],
            )
        return workspace


def _is_free(folder: Path) -> bool:
    """True for a workspace, and for a folder that is not there or has nothing in it."""
    try:
        return (folder / ".qlab").is_dir() or not any(folder.iterdir())
    except FileNotFoundError:
        return True
    except OSError:
        return False


def make_workspace(root: Path) -> Workspace:
    """Make `root` a workspace. Raises NotWritable."""
    workspace = Workspace(root)
    try:
        workspace.own.mkdir(parents=True, exist_ok=True)
        if not os.access(workspace.own, os.W_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise NotWritable(
            f"cannot make a workspace in {root}",
            found=error.strerror or str(error),
            remedies=["choose a folder you may write to: `qlab init FOLDER`", f"or set {HOME}=FOLDER"],
        ) from error
    return workspace


def not_draft(lab: Lab) -> Lab:
    """The lab, if it can be started. Raises NothingToCheck for one that is only announced."""
    if lab.draft:
        raise NothingToCheck(
            f"{lab.id} ({lab.title}) is announced but not written yet",
            remedies=["`qlab list` shows the labs that are ready"],
        )
    return lab
