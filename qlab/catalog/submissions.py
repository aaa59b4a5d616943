"""The programs that prove a lab: correct ones, and wrong ones that say which checks catch them and in what words."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from qlab.catalog.document import Document
from qlab.catalog.schema import EXPECT
from qlab.catalog.starter import SKIPPED
from qlab.model.errors import LabBroken
from qlab.model.lab import Lab

EXPECTATION = "expect.toml"


@dataclass(frozen=True, slots=True)
class Submission:
    """One submission of the author's."""

    name: str
    folder: Path
    """Its files, with the same paths as in the learner's folder. A wrong one holds only those that differ."""
    of: str = ""
    """Wrong ones: the correct submission whose files it replaces. Empty in a correct one."""
    why: str = ""
    """Wrong ones: what is wrong, in one sentence."""
    fails: tuple[str, ...] = ()
    """Wrong ones: ids of the checks that must fail."""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Wrong ones: check id to phrases its feedback must contain."""


def correct(lab: Lab) -> tuple[Submission, ...]:
    """The correct submissions by name; empty when the hidden half is not here."""
    return tuple(Submission(folder.name, folder) for folder in _folders(lab, "correct"))


def wrong(lab: Lab) -> tuple[Submission, ...]:
    """The wrong submissions by name. Raises LabBroken for the first mistake in an expect.toml."""
    return tuple(read_wrong(lab, folder) for folder in wrong_folders(lab))


def wrong_folders(lab: Lab) -> list[Path]:
    """Folders of the wrong submissions, by name, unread."""
    return list(_folders(lab, "wrong"))


def read_wrong(lab: Lab, folder: Path) -> Submission:
    """One wrong submission. Raises LabBroken naming the key in its expect.toml that is at fault."""
    document = Document.load(folder / EXPECTATION, LabBroken)
    document.check(EXPECT)
    values = document.values
    names = [submission.name for submission in correct(lab)]
    if values["of"] not in names:
        raise document.wrong("of", "no such correct submission", values["of"], known=names)
    ids = [check.id for check in lab.checks]
    for index, id in enumerate(values["fails"]):
        if id not in ids:
            raise document.wrong(f"fails[{index}]", "no such check in lab.toml", id, known=ids)
    words = values.get("words", {})
    for id in words:
        if id not in values["fails"]:
            raise document.wrong(f"words.{id}", "words for a check that is not in fails", id, known=values["fails"])
    return Submission(
        name=folder.name,
        folder=folder,
        of=values["of"],
        why=values["why"],
        fails=tuple(values["fails"]),
        words={id: tuple(phrases) for id, phrases in words.items()},
    )


def assemble(lab: Lab, submission: Submission, target: Path) -> None:
    """Make the whole learner's folder of a submission: the starter, the correct one over it, the wrong files over that.

    `target` may exist; files of the same name are replaced. Raises LabBroken when a part is missing, and OSError as the
    system gives it when `target` cannot be written.
    """
    layers = [lab.starter, submission.folder]
    if submission.of:
        layers.insert(1, lab.hidden / "submissions" / "correct" / submission.of)
    for layer in layers:
        if not layer.is_dir():
            raise LabBroken(f"{layer}: is missing", found=f"a part of the submission {submission.name}")
        shutil.copytree(layer, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*SKIPPED))
    if submission.of:
        (target / EXPECTATION).unlink(missing_ok=True)


def _folders(lab: Lab, half: str) -> Iterator[Path]:
    place = lab.hidden / "submissions" / half
    if place.is_dir():
        for folder in sorted(place.iterdir()):
            if folder.is_dir() and not folder.name.startswith(("_", ".")):
                yield folder
