"""What a program said last, in words a learner can use: of a traceback, the lines that are about their own files."""

import re
from collections.abc import Iterable
from pathlib import Path

from qlab.model.text import plain

_FRAME = re.compile(r'\s*File "(?P<file>[^"]+)", line (?P<line>\d+)')
_MARKS = re.compile(r"[\s^~]*")


def last_words(lines: Iterable[str], folder: Path, *, count: int = 4) -> str:
    """The last lines as one text. `folder` is where the program ran; files in it are named from there.

    Frames of a Python traceback in other files are left out with their source line, and so are lines of carets.
    """
    said: list[str] = []
    foreign = False
    for line in lines:
        frame = _FRAME.match(line)
        if frame:
            path = Path(frame["file"])
            foreign = path.is_absolute() and not path.is_relative_to(folder)
            if foreign:
                continue
        elif foreign and line.startswith("    "):
            continue
        elif not line.startswith("    "):
            foreign = False
        if not _MARKS.fullmatch(line) and line.strip() != "Traceback (most recent call last):":
            said.append(line.strip().replace(f"{folder}/", ""))
    return plain(" / ".join(said[-count:]), 400)
