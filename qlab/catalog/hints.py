"""hints.md becomes the ladder of hints of each check, from a gentle question to a worked example.

The format: `## <check id>`, and under it a numbered list `1.` `2.` … A hint goes on until the next number at the start
of a line; inside a code fence nothing counts as a number or a heading. Text before the first `##` is for authors.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

from qlab.catalog.document import read_text
from qlab.catalog.schema import CHECK_ID
from qlab.model.errors import LabBroken
from qlab.model.lab import Lab

_HEADING = re.compile(r"##(?!#)[ \t]*(.*)")
_NUMBER = re.compile(r"(\d+)\.(?:[ \t]+(.*)|$)")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})(.*)")


@dataclass(slots=True)
class _Rung:
    """One hint while it is being read."""

    line: int
    first: str
    rest: list[str] = field(default_factory=list)

    def text(self) -> str:
        # The first line lost its number, the others are indented under it: each part has its own margin.
        return f"{self.first.strip()}\n{dedent(chr(10).join(self.rest))}".strip()


def hints(lab: Lab) -> dict[str, tuple[str, ...]]:
    """Check id to its hints as Markdown, gentle first; empty when the lab has no hints.md.

    Raises LabBroken with file and line for what is not in the format.
    """
    file = lab.folder / "hints.md"
    return parse(read_text(file), file) if file.exists() else {}


def parse(text: str, file: Path) -> dict[str, tuple[str, ...]]:
    """As `hints`, from a text; `file` is only named in errors."""
    ladders: dict[str, list[_Rung]] = {}
    id = ""
    fence = ""
    fence_line = 0
    for number, line in enumerate(text.splitlines(), start=1):
        rungs = ladders.get(id, [])
        mark = _FENCE.fullmatch(line)
        if fence:
            if mark and mark[1].startswith(fence) and not mark[2].strip():
                fence = ""
        elif mark:
            fence, fence_line = mark[1], number
        elif heading := _HEADING.fullmatch(line):
            id = heading[1].strip()
            if not CHECK_ID.fits(id):
                raise _nonsense(
                    file, number, "after ## comes the id of a check", id or "nothing", "write ## <step>.<name>"
                )
            if id in ladders:
                raise _nonsense(file, number, "this check has its hints further up", id, "join the two lists")
            ladders[id] = []
            continue
        elif id and (start := _NUMBER.fullmatch(line)):
            if int(start[1]) != len(rungs) + 1:
                raise _nonsense(
                    file, number, f"hint {len(rungs) + 1} of {id} should come here", line, "number them 1. 2. 3. 4."
                )
            rungs.append(_Rung(number, start[2] or ""))
            continue
        if rungs:
            rungs[-1].rest.append(line)
        elif id and line.strip():
            raise _nonsense(file, number, f"a hint of {id} must begin with its number", line, "write 1. before it")
    if fence:
        raise _nonsense(file, fence_line, "this code fence is never closed", fence, f"close it with {fence}")
    for id, rungs in ladders.items():
        for rung in rungs:
            if not rung.text():
                raise _nonsense(file, rung.line, f"a hint of {id} is empty", "nothing", "write it")
    return {id: tuple(rung.text() for rung in rungs) for id, rungs in ladders.items()}


def _nonsense(file: Path, line: int, what: str, found: str, remedy: str) -> LabBroken:
    return LabBroken(f"{file}: line {line}: {what}", found=found, remedies=[remedy])
