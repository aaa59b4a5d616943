"""The Markdown page of a step, in the reader's language where the lab has it."""

import re
from pathlib import Path

from qlab.catalog.document import read_text
from qlab.model.lab import Lab, Step

_LANGUAGE = re.compile(r"[a-z]{2,3}([-_][A-Za-z]{2,4})?")


def page(lab: Lab, step: Step, language: str = "") -> str:
    """The text of the page.

    With a language such as `uz` the page is looked for in `lesson.uz/` first. A language that is not there, or is no
    language at all, gives the page as written. Raises LabBroken when the page is missing or is not UTF-8.
    """
    return read_text(file_of(lab, step, language))


def file_of(lab: Lab, step: Step, language: str = "") -> Path:
    """The file `page` reads."""
    top, _, rest = step.page.partition("/")
    # The language comes from a person's settings: only what looks like one may become part of a path.
    if rest and _LANGUAGE.fullmatch(language):
        translated = lab.folder / f"{top}.{language}" / rest
        if translated.is_file():
            return translated
    return lab.folder / step.page
