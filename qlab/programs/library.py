"""The library view: the only Python packages a learner's program can import besides the standard library.

A tiny virtual environment made of links to the distributions the lab names, and theirs. It is never site-packages
itself, where the hidden halves of the labs lie. Kept in the cache folder; made anew when something was installed.
"""

import hashlib
import re
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from qlab.model.errors import LabBroken, NotWritable

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*|")
"""The distribution's name at the start of a requirement."""


@dataclass(frozen=True, slots=True)
class LibraryView:
    """A folder with an interpreter and the named distributions."""

    folder: Path

    @property
    def python(self) -> Path:
        """The interpreter to start programs with."""
        return self.folder / "bin" / "python"


def view(distributions: Iterable[str], cache: Path) -> LibraryView:
    """The view of these distributions, from `cache` or made there now.

    Raises LabBroken when a distribution is not installed beside qlab, NotWritable when the cache cannot be written.
    """
    wanted = tuple(sorted(set(distributions)))
    site = Path(sysconfig.get_path("purelib"))
    key = "\n".join([sys.prefix, sys.version, str(site.stat().st_mtime_ns if site.is_dir() else 0), *wanted])
    folder = cache / "views" / hashlib.sha256(key.encode()).hexdigest()[:16]
    if folder.is_dir():
        return LibraryView(folder)
    entries = _entries(wanted)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".draft-"))
        try:
            _make(draft, entries)
            # Another qlab may have made it meanwhile; either copy is right.
            with suppress(OSError):
                draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise NotWritable(
            f"cannot keep the libraries of the lab in {folder.parent}",
            found=error.strerror or str(error),
            remedies=["free some space there, or name another folder: export QLAB_CACHE=FOLDER"],
        ) from error
    return LibraryView(folder)


def _make(folder: Path, entries: Iterable[Path]) -> None:
    base = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to(base)
    (folder / "bin" / "python3").symlink_to("python")
    (folder / "pyvenv.cfg").write_text(
        f"home = {base.parent}\ninclude-system-site-packages = false\nversion = {sys.version.split()[0]}\n"
    )
    packages = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    packages.mkdir(parents=True)
    for entry in entries:
        link = packages / entry.name
        if not link.exists():
            link.symlink_to(entry)


def _entries(distributions: tuple[str, ...]) -> set[Path]:
    """Top-level files and folders of the distributions and of all they need."""
    # Imported here: it costs 30 ms and is needed only when the view is not in the cache.
    from importlib.metadata import PackageNotFoundError, distribution

    entries: set[Path] = set()
    seen: set[str] = set()
    queue = [(name, True) for name in distributions]
    while queue:
        name, asked = queue.pop()
        normal = name.lower().replace("_", "-").replace(".", "-")
        if normal in seen:
            continue
        seen.add(normal)
        try:
            found = distribution(name)
        except PackageNotFoundError:
            # A requirement whose marker does not apply here is rightly absent; a named distribution is not.
            if asked:
                raise LabBroken(
                    f"the lab's programs need the distribution {name!r}, which is not installed beside qlab",
                    remedies=[f"install it into qlab's environment: `{sys.executable} -m pip install {name}`"],
                ) from None
            continue
        for file in found.files or ():
            top = file.parts[0]
            if top not in ("..", "__pycache__", "/"):
                entries.add(Path(str(found.locate_file(top))).resolve())
        for requirement in found.requires or ():
            if "extra ==" not in requirement:
                name_found = _NAME.match(requirement)
                queue.append((name_found.group() if name_found else "", False))
    return entries
