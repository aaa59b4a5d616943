"""One file of hidden checks, compiled and never run: what its functions are called and say.

Compiled and not parsed into a tree, because on CPython 3.11 two threads that make trees at once can end in
`SystemError: AST constructor recursion depth mismatch`, and the full screen reads labs beside its own work.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

from qlab.catalog.document import read_text
from qlab.model.errors import LabBroken
from qlab.model.lab import Lab


@dataclass(frozen=True, slots=True)
class CheckFile:
    """The checks of one step as they stand in hidden/checks/test_<step>.py."""

    file: Path
    titles: dict[str, str]
    """Function name, such as `test_fifo`, to the first line of its docstring; empty text where there is none."""
    text: str

    @classmethod
    def read(cls, file: Path, broken: type[LabBroken] = LabBroken) -> "CheckFile":
        """Read one file; raises `broken` with the line when it cannot be read or is not Python."""
        text = read_text(file, broken)
        try:
            module = compile(text, str(file), "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError) as error:
            line = error.lineno if isinstance(error, SyntaxError) else None
            raise broken(f"{file}: line {line or 1} is not Python", found=str(error)) from error
        titles = {code.co_name: _first_line(_docstring(code)) for code in _functions(module)}
        return cls(file, titles, text)

    def sleeps(self) -> tuple[int, ...]:
        """Lines that call sleep. Walks the whole file, which costs more than compiling it, so only lint asks."""
        calls = (node for node in ast.walk(ast.parse(self.text)) if isinstance(node, ast.Call))
        return tuple(call.lineno for call in calls if _is_sleep(call.func))


def file_of(folder: Path, step: str) -> Path:
    """Where the checks of a step lie, in the lab of this folder."""
    return folder / "hidden" / "checks" / f"test_{step}.py"


def files(lab: Lab) -> list[Path]:
    """Every file of checks of a lab, by name; empty when the hidden half is not here."""
    return sorted((lab.hidden / "checks").glob("test_*.py"))


def _functions(module: CodeType) -> Iterator[CodeType]:
    """The functions of the module itself whose name makes them checks."""
    return (c for c in module.co_consts if isinstance(c, CodeType) and c.co_name.startswith("test_"))


def _docstring(code: CodeType) -> str | None:
    """The interpreter keeps it as the function's first constant; without one, something that is no text stands there."""
    first = code.co_consts[0] if code.co_consts else None
    return first if isinstance(first, str) else None


def _first_line(docstring: str | None) -> str:
    return docstring.strip().partition("\n")[0].strip() if docstring and docstring.strip() else ""


def _is_sleep(func: ast.expr) -> bool:
    name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
    return name == "sleep"
