"""A page is found in the reader's language, or as it was written."""

from pathlib import Path

import pytest

from qlab.catalog import manifest
from qlab.catalog.lesson import page
from qlab.model.errors import LabBroken
from tests.catalog.conftest import Write


def test_the_page_of_a_step_is_its_text(tiny: Path) -> None:
    lab = manifest.read(tiny)
    assert page(lab, lab.step("theory")) == "# Echo\n"


def test_a_translation_is_used_where_there_is_one(tiny: Path, write: Write) -> None:
    write("tiny/lesson.uz/01-echo.md", "# Aks sado\n")
    lab = manifest.read(tiny)
    assert page(lab, lab.step("theory"), "uz") == "# Aks sado\n"
    assert page(lab, lab.step("echo"), "uz") == "# Task\n"


@pytest.mark.parametrize("language", ["ru", "", "../../etc", "uz/../..", "\0"])
def test_a_language_that_is_not_there_gives_the_page_as_written(tiny: Path, language: str) -> None:
    lab = manifest.read(tiny)
    assert page(lab, lab.step("theory"), language) == "# Echo\n"


def test_a_page_that_is_not_utf8_is_named_with_its_line(tiny: Path) -> None:
    (tiny / "lesson/01-echo.md").write_bytes(b"# Echo\n\xff\n")
    lab = manifest.read(tiny)
    with pytest.raises(LabBroken, match=r"01-echo\.md: line 2 is not UTF-8"):
        page(lab, lab.step("theory"))
