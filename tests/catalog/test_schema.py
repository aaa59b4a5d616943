"""The reference page tells every key exactly as the schema does."""

from pathlib import Path

import pytest

from qlab.catalog.schema import EXPECT, LAB, Table

PAGE = Path(__file__).parents[2] / "docs" / "lab-format.md"


def rows(table: Table) -> list[str]:
    """One line of the reference for each key."""
    return [
        f"| `{path}` | {key.kind.value}{', required' if key.required else ''} | {key.about} |"
        for path, key in table.walk()
    ]


@pytest.mark.parametrize("table", [LAB, EXPECT], ids=["lab.toml", "expect.toml"])
def test_the_reference_has_the_line_of_every_key(table: Table) -> None:
    page = PAGE.read_text(encoding="utf-8").splitlines()
    missing = [row for row in rows(table) if row not in page]
    assert not missing, "add to docs/lab-format.md:\n" + "\n".join(missing)


def test_the_reference_tells_no_key_that_is_gone() -> None:
    told = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert set(told) <= {*rows(LAB), *rows(EXPECT)}


def test_paths_are_written_as_errors_write_them() -> None:
    paths = [path for path, _ in LAB.walk()]
    assert "checks[].needs" in paths
    assert "programs.PROGRAM.LANGUAGE.run" in paths
    assert "settings.SETTING.default" in paths
