"""The workspace's own qlab.toml, optional: folders with labs of one's own.

labs = ["../our-labs"]
"""

import tomllib
from pathlib import Path

from qlab.model.errors import UsageError
from qlab.model.nearest import nearest

FILE = "qlab.toml"
_KEYS = ("labs",)


def own_labs(workspace: Path) -> list[Path]:
    """Folders named by `labs` in workspace/qlab.toml, relative to it. Raises UsageError naming file and key."""
    path = workspace / FILE
    if not path.is_file():
        return []
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UsageError(
            f"{path} cannot be read", found=str(error), remedies=["correct it, or remove it: it is optional"]
        ) from error
    for key in settings:
        if key not in _KEYS:
            close = nearest(key, _KEYS)
            raise UsageError(
                f"{path}: there is no key {key!r}",
                found=f"known keys: {', '.join(_KEYS)}",
                remedies=[f"did you mean {close!r}?"] if close else [],
            )
    folders = settings.get("labs", [])
    if not isinstance(folders, list) or not all(isinstance(folder, str) for folder in folders):
        raise UsageError(
            f"{path}: `labs` must be a list of folders", found=repr(folders), remedies=['labs = ["../our-labs"]']
        )
    return [(workspace / Path(folder).expanduser()).resolve() for folder in folders]
