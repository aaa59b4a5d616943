"""Finds labs by their lab.toml. A broken lab never hides a good one."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from qlab.catalog import manifest
from qlab.model.errors import LabBroken, NoSuchLab, UsageError
from qlab.model.lab import Lab
from qlab.model.nearest import nearest

_DAY = re.compile(r"(?:day)?0*(\d+)")


def builtin_root() -> Path:
    """Where the built-in labs lie: inside the installed package, else in the repository beside it."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_labs"
    return inside if inside.is_dir() else package.parent


class Catalog:
    """The labs under some folders. Nothing but names is read until it is asked for, and then once."""

    def __init__(self, roots: Iterable[Path]) -> None:
        """Look for labs under `roots`; raises UsageError naming a root that is not a folder."""
        self.folders: dict[str, list[Path]] = {}
        """Lab id to the folders that claim it; more than one is a mistake."""
        seen: set[Path] = set()
        for root in roots:
            if not root.is_dir():
                raise UsageError(
                    f"{root}: labs are looked for here, but it is not a folder",
                    found="a file" if root.exists() else "nothing",
                    remedies=["make the folder, or take it out of QLAB_LABS and qlab.toml"],
                )
            for folder in _folders(root):
                if folder.resolve() not in seen:
                    seen.add(folder.resolve())
                    # A manifest whose id is not its folder's name is broken, so names are known without reading.
                    self.folders.setdefault(folder.resolve().name, []).append(folder)
        self._whole: dict[str, Lab] = {}

    @cached_property
    def labs(self) -> tuple[Lab, ...]:
        """Good labs in order: parts as they first appear, days by number, the rest by name.

        Checks whose title lies in the hidden half have an empty one here; `find` gives the whole lab.
        """
        return self._listed[0]

    @cached_property
    def broken(self) -> Mapping[str, LabBroken]:
        """Lab id to what is wrong with its manifest."""
        return self._listed[1]

    @cached_property
    def _listed(self) -> tuple[tuple[Lab, ...], dict[str, LabBroken]]:
        labs: list[Lab] = []
        broken: dict[str, LabBroken] = {}
        for id in self.folders:
            try:
                labs.append(self._read(id, titles=False))
            except LabBroken as error:
                broken[id] = error
        parts = list(dict.fromkeys(lab.part for lab in labs))
        labs.sort(key=lambda lab: (parts.index(lab.part), _natural(lab.id)))
        return tuple(labs), broken

    def find(self, name: str) -> Lab:
        """The whole lab of this name: its id, `day3`, `3`, `03`, or the beginning of one id only.

        Raises NoSuchLab with the nearest id, or the lab's own LabBroken.
        """
        id = self._resolve(name)
        if id not in self._whole:
            self._whole[id] = self._read(id, titles=True)
        return self._whole[id]

    def _read(self, id: str, *, titles: bool) -> Lab:
        first, *others = self.folders[id]
        if others:
            raise LabBroken(
                f"two labs are called {id}",
                found=", ".join(str(folder) for folder in self.folders[id]),
                remedies=["rename one folder and the id in its lab.toml"],
            )
        return manifest.read(first, titles=titles)

    def _resolve(self, name: str) -> str:
        typed = name.strip().rstrip("/").lower()
        by_lower = {id.lower(): id for id in self.folders}
        if typed in by_lower:
            return by_lower[typed]
        if day := _DAY.fullmatch(typed):
            for id in self.folders:
                number = re.fullmatch(r"day0*(\d+)", id)
                if number and number[1] == day[1]:
                    return id
        begun = [id for lower, id in by_lower.items() if typed and lower.startswith(typed)]
        if len(begun) == 1:
            return begun[0]
        known = sorted(self.folders, key=_natural)
        remedies = [f"labs: {', '.join(known)}" if known else "no labs were found: see QLAB_LABS and qlab.toml"]
        if begun:
            raise NoSuchLab(
                f"more than one lab begins with {name!r}", found=", ".join(sorted(begun)), remedies=["type more of it"]
            )
        near = nearest(typed, known)
        raise NoSuchLab(
            f"there is no lab {name!r}", remedies=[f"did you mean {near}?", *remedies] if near else remedies
        )


def _folders(root: Path) -> Iterator[Path]:
    """Folders with a lab.toml: the root itself, else its children, days first, and those of its labs/."""
    if (root / manifest.FILE).is_file():
        yield root
        return
    children = sorted(_visible(root), key=lambda folder: _natural(folder.name))
    for folder in children:
        if (folder / manifest.FILE).is_file():
            yield folder
    for folder in sorted(_visible(root / "labs"), key=lambda folder: _natural(folder.name)):
        if (folder / manifest.FILE).is_file():
            yield folder


def _visible(folder: Path) -> Iterator[Path]:
    """Entries that are not private or ours; none where there is no such folder."""
    if folder.is_dir():
        yield from (entry for entry in folder.iterdir() if not entry.name.startswith(("_", ".")))


def _natural(id: str) -> tuple[bool, int, str]:
    """Days first and by number, the rest by name."""
    day = re.fullmatch(r"day0*(\d+)", id)
    return (day is None, int(day[1]) if day else 0, id)
