"""One file of hidden checks, read with ast and never imported: what its functions are called and say."""

import ast
from dataclasses import dataclass
from pathlib import Path

from qlab.catalog.document import read_text
from qlab.model.errors import LabBroken
from qlab.model.lab import Lab


@dataclass(frozen=True, slots=True)
class CheckFile:
    """The checks of one step as they stand in hidden/checks/test_<step>.py."""

    file: Path
    titles: dict[str, str]
    """Function name, such as `test_fifo`, to the first line of its docstring; empty text where there is none."""
    tree: ast.Module

    @classmethod
    def read(cls, file: Path, broken: type[LabBroken] = LabBroken) -> "CheckFile":
        """Read one file; raises `broken` with the line when it cannot be read or is not Python."""
        text = read_text(file, broken)
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError) as error:
            line = error.lineno if isinstance(error, SyntaxError) else None
            raise broken(f"{file}: line {line or 1} is not Python", found=str(error)) from error
        titles = {
            node.name: _first_line(ast.get_docstring(node))
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        }
        return cls(file, titles, tree)

    def sleeps(self) -> tuple[int, ...]:
        """Lines that call sleep. Walks the whole file, which costs more than parsing it, so only lint asks."""
        calls = (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))
        return tuple(call.lineno for call in calls if _is_sleep(call.func))


def file_of(folder: Path, step: str) -> Path:
    """Where the checks of a step lie, in the lab of this folder."""
    return folder / "hidden" / "checks" / f"test_{step}.py"


def files(lab: Lab) -> list[Path]:
    """Every file of checks of a lab, by name; empty when the hidden half is not here."""
    return sorted((lab.hidden / "checks").glob("test_*.py"))


def _first_line(docstring: str | None) -> str:
    return docstring.strip().partition("\n")[0].strip() if docstring and docstring.strip() else ""


def _is_sleep(func: ast.expr) -> bool:
    name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
    return name == "sleep"
