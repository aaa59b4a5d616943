"""Every lab proves itself: the starter fails, correct programs pass, each wrong one fails exactly where it must, with the words it must."""

import os
from pathlib import Path

import pytest

from qlab.catalog import submissions
from qlab.catalog.discover import Catalog, builtin_root
from qlab.catalog.lint import problems
from qlab.catalog.submissions import Submission
from qlab.flows.check import check
from qlab.flows.world import World
from qlab.model.events import CheckCompleted
from qlab.model.lab import Lab
from qlab.model.report import CheckResult, Outcome, Report

CATALOG = Catalog([builtin_root(), Path(__file__).parent])
LABS = [lab for lab in CATALOG.labs if not lab.draft]


def _each(kind: str) -> list[object]:
    found: list[object] = []
    for lab in LABS:
        for submission in submissions.correct(lab) if kind == "correct" else submissions.wrong(lab):
            found.append(pytest.param(lab.id, submission, id=f"{lab.id}-{submission.name}"))
    return found


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A learner without a workspace, on this machine."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("QLAB_")}
    cache = tmp_path.parent / "cache"
    return World(
        {**env, "QLAB_LABS": str(Path(__file__).parent), "QLAB_CACHE": str(cache), "HOME": str(tmp_path)}, tmp_path
    )


def graded(world: World, lab: Lab, folder: Path, steps: set[str] | None = None) -> Report:
    """The report of a real check run, of these steps only when they are given."""
    only = [c.id for c in lab.checks if steps and c.step in steps]
    for event in check(world, lab.id, folder=folder, only=only):
        if isinstance(event, CheckCompleted):
            return event.report
    raise AssertionError("the flow ended without a result")


def told(result: CheckResult) -> str:
    """Everything the learner reads about a check."""
    lines = [result.title, result.expected, result.observed, result.next_step]
    return "\n".join([*lines, *(f"{m.who} {m.what}" for m in result.timeline)])


def _touched(lab: Lab, submission: Submission) -> set[str]:
    """Steps whose programs a wrong submission changes: in the others it is the correct one, which passes elsewhere."""
    changed = {file.relative_to(submission.folder).parts[0] for file in submission.folder.rglob("*") if file.is_file()}
    return {
        step.id
        for step in lab.steps
        for name in step.programs
        if any(
            Path(word).parts[:1] and Path(word).parts[0] in changed
            for word in lab.programs[name].commands["python"].run
        )
    }


@pytest.mark.parametrize("lab", [pytest.param(lab.id, id=lab.id) for lab in LABS])
def test_the_folder_is_complete(lab: str) -> None:
    assert problems(CATALOG.find(lab)) == []


@pytest.mark.parametrize("lab", [pytest.param(lab.id, id=lab.id) for lab in LABS])
def test_the_starter_fails_every_check_honestly(world: World, lab: str) -> None:
    whole = CATALOG.find(lab)
    report = graded(world, whole, whole.starter)
    assert {r.id: r.outcome for r in report.results if r.outcome not in (Outcome.FAIL, Outcome.BLOCKED)} == {}


@pytest.mark.parametrize(("lab", "submission"), _each("correct"))
def test_a_correct_program_passes(world: World, tmp_path: Path, lab: str, submission: Submission) -> None:
    whole = CATALOG.find(lab)
    submissions.assemble(whole, submission, tmp_path / "work")
    report = graded(world, whole, tmp_path / "work")
    assert {r.id: told(r) for r in report.results if r.outcome is not Outcome.PASS} == {}


@pytest.mark.parametrize(("lab", "submission"), _each("wrong"))
def test_a_wrong_program_fails_where_and_as_it_must(
    world: World, tmp_path: Path, lab: str, submission: Submission
) -> None:
    whole = CATALOG.find(lab)
    submissions.assemble(whole, submission, tmp_path / "work")
    report = graded(world, whole, tmp_path / "work", steps=_touched(whole, submission))
    failed = {r.id for r in report.results if r.outcome is Outcome.FAIL}
    others = {r.id: told(r) for r in report.results if r.outcome not in (Outcome.FAIL, Outcome.PASS, Outcome.BLOCKED)}
    assert others == {}
    assert failed == set(submission.fails)
    for id, phrases in submission.words.items():
        text = told(next(r for r in report.results if r.id == id))
        assert [phrase for phrase in phrases if phrase not in text] == [], text
