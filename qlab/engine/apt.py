"""Where this machine's own packages come from, so that an image is made from the very same place.

Reads the classic one-line form (`sources.list`, `*.list`) and the newer deb822 form (`*.sources`). Only the system's
own suites are taken (bookworm, bookworm-updates, bookworm-security): other repositories have no place in an image.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qlab.model.errors import MachineNotReady


@dataclass(frozen=True, slots=True)
class Source:
    """One place that packages come from."""

    mirror: str
    suite: str
    components: tuple[str, ...]
    keyring: Path | None = None
    """File of keys that sign it; None for the system's usual keys."""
    trusted: bool = False
    """True where the machine itself does not ask for a signature."""


@dataclass(frozen=True, slots=True)
class System:
    """A Debian-like system: its release and its sources, the one of the plain suite first."""

    release: str
    """Name of the release, such as `bookworm`."""
    sources: tuple[Source, ...]


def read(root: Path = Path("/")) -> System:
    """What the system under `root` says of itself. Raises MachineNotReady where there is nothing apt could use."""
    try:
        facts = dict(
            line.split("=", 1) for line in (root / "etc/os-release").read_text("utf-8").splitlines() if "=" in line
        )
    except OSError:
        facts = {}
    release = facts.get("VERSION_CODENAME", "").strip('"')
    found = list(_sources(root / "etc/apt", root)) if release else []
    own = [source for source in found if source.suite == release or source.suite.startswith(f"{release}-")]
    own.sort(key=lambda source: source.suite != release)
    if not own or own[0].suite != release:
        raise MachineNotReady(
            "an image can be built from packages only on a Debian-like system",
            found=f"no apt source for the release {release or 'of this system'} in {root / 'etc/apt'}",
            remedies=["build it on such a machine, then carry it here: qlab images save FILE, qlab images load FILE"],
        )
    return System(release, tuple(own))


def _sources(etc: Path, root: Path) -> Iterator[Source]:
    for file in [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*.list"))]:
        if file.is_file():
            for line in file.read_text("utf-8", "replace").splitlines():
                yield from _one_line(line, root)
    for file in sorted((etc / "sources.list.d").glob("*.sources")):
        for paragraph in re.split(r"\n[ \t]*\n", file.read_text("utf-8", "replace")):
            yield from _deb822(paragraph, root)


def _one_line(line: str, root: Path) -> Iterator[Source]:
    """`deb [signed-by=/k.gpg] http://mirror suite main contrib`"""
    match = re.match(r"\s*deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]+)", line)
    if not match:
        return
    options = dict(item.split("=", 1) for item in shlex.split(match[1] or "") if "=" in item)
    yield Source(
        _mirror(match[2], root),
        match[3],
        tuple(match[4].split()),
        _keyring(options.get("signed-by", ""), root),
        options.get("trusted", "no") in ("yes", "true"),
    )


def _deb822(paragraph: str, root: Path) -> Iterator[Source]:
    """`Types: deb`, `URIs: ...`, `Suites: ...`, `Components: ...`, and lines that go on with a space."""
    fields: dict[str, str] = {}
    name = ""
    for line in paragraph.splitlines():
        if line.startswith("#"):
            continue
        if line[:1].isspace():
            fields[name] = f"{fields.get(name, '')}\n{line.strip()}"
        elif ":" in line:
            name, value = line.split(":", 1)
            name = name.strip().lower()
            fields[name] = value.strip()
    if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() in ("no", "false"):
        return
    for uri in fields.get("uris", "").split():
        for suite in fields.get("suites", "").split():
            yield Source(
                _mirror(uri, root),
                suite,
                tuple(fields.get("components", "").split()),
                _keyring(fields.get("signed-by", ""), root),
                fields.get("trusted", "no").lower() in ("yes", "true"),
            )


def _mirror(uri: str, root: Path) -> str:
    """A plain address: `mirror+file:` names a list of them, of which the first will do."""
    if not uri.startswith("mirror+file:"):
        return uri
    try:
        lines = (root / uri.removeprefix("mirror+file:").lstrip("/")).read_text("utf-8").splitlines()
        return next(line.split()[0] for line in lines if line.strip() and not line.startswith("#"))
    except (OSError, StopIteration):
        return uri


def _keyring(signed_by: str, root: Path) -> Path | None:
    """The file of keys, when it is named as a file and is there."""
    for word in re.split(r"[,\s]+", signed_by):
        if word.startswith("/") and (root / word.lstrip("/")).is_file():
            return root / word.lstrip("/")
    return None
