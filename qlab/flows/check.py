"""`qlab check`: grade a lab's work, whole or in part, and remember the verdict."""

import json
import os
import re
import secrets
import shlex
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path

from qlab.catalog.hints import hints
from qlab.flows.world import World, not_draft
from qlab.grading.child import Cancel
from qlab.grading.folder import clear_abandoned
from qlab.grading.grader import Grading, grade
from qlab.model.errors import JournalNotWritten, NoSuchCheck, NotASubmission, NothingToCheck, UsageError
from qlab.model.events import CheckCompleted, CheckFinished, CheckRunStarted, Event, Note
from qlab.model.lab import Check, Lab
from qlab.model.nearest import nearest
from qlab.model.report import CheckResult, Report
from qlab.model.service import RunnerName
from qlab.model.workspace import Workspace
from qlab.programs.sandbox import probe

_SEED = re.compile(r"[A-Za-z0-9._-]{1,64}")


def check(
    world: World,
    name: str | None = None,
    *,
    folder: Path | None = None,
    step: str | None = None,
    only: Sequence[str] = (),
    seed: str | None = None,
    runner: RunnerName | None = None,
    cancel: Cancel | None = None,
) -> Iterator[Event]:
    """Yields CheckRunStarted, then CheckStarted and CheckFinished for each check, Notes, and CheckCompleted.

    `folder` grades any folder and leaves the journal alone. `only` are check ids, their last parts, steps, or patterns.
    Raises NoSuchLab, NoSuchCheck, NothingToCheck, NotASubmission, UsageError, LabBroken, BuildFailed, NotWritable,
    Interrupted, and JournalNotWritten after CheckCompleted: the verdict is right, it only could not be recorded.
    """
    if folder is None and name and os.sep in name:
        raise UsageError(
            f"{name} is a folder; which lab does it solve?", remedies=[f"say it: `qlab check {name} --lab day03`"]
        )
    lab = not_draft(world.lab(name))
    chosen = select(lab, step, only)
    if not chosen:
        raise NothingToCheck(f"{lab.id} has no checks", remedies=["`qlab list` shows which labs have some"])
    if not (lab.hidden / "checks").is_dir():
        raise NothingToCheck(
            f"the checks of {lab.id} are not on this machine", remedies=["they are run by your instructor"]
        )
    if seed is not None and not _SEED.fullmatch(seed):
        raise UsageError(f"the seed {seed!r} is not usable", remedies=["1 to 64 letters, digits, dots, dashes"])
    seed = seed or secrets.token_hex(4)
    workspace = world.workspace()
    own = folder is None
    if folder is None:
        if workspace is None:
            raise NothingToCheck(f"{lab.id} was not started yet", remedies=[f"begin with `qlab start {lab.id}`"])
        folder = workspace.lab(lab.id)
        if not folder.exists():
            raise NotASubmission(
                f"there is no folder {folder}", remedies=[f"`qlab start {lab.id}` lays out the files to work on"]
            )
    place = workspace or world.aside
    clear_abandoned(place.runs)
    yield CheckRunStarted(lab, folder, chosen, seed, probe.best().isolation())
    began = time.monotonic()
    grading = Grading(
        lab=lab,
        folder=folder,
        checks=chosen,
        seed=seed,
        workspace=place,
        cache=world.cache,
        env=world.env,
        hints={id: len(rungs) for id, rungs in hints(lab).items()},
        runner=runner,
        again=f"qlab check {lab.id}" if own else f"qlab check {shlex.quote(str(folder))} --lab {lab.id}",
    )
    results: dict[str, CheckResult] = {}
    notes: list[str] = []
    for event in grade(grading, cancel or Cancel()):
        if isinstance(event, CheckFinished):
            results[event.result.id] = event.result
        if isinstance(event, Note):
            notes.append(event.text)
        yield event
    report = Report(
        lab=lab.id,
        results=tuple(results[c.id] for c in chosen),
        seconds=time.monotonic() - began,
        seed=seed,
        isolation=probe.best().isolation(),
        notes=tuple(notes),
    )
    saved = _save(workspace, report) if own and workspace else None
    yield CheckCompleted(report, saved)
    if own and workspace:
        _remember(world, workspace, report, saved)


def select(lab: Lab, step: str | None, only: Sequence[str]) -> tuple[Check, ...]:
    """The checks meant, in the manifest's order, with what they need. Raises NoSuchCheck with the nearest id."""
    if step is not None and step not in {s.id for s in lab.steps}:
        steps = [s.id for s in lab.steps if lab.checks_of(s.id)]
        close = nearest(step, steps)
        raise NoSuchCheck(
            f"{lab.id} has no step {step!r}",
            found=f"steps with checks: {', '.join(steps)}",
            remedies=[f"did you mean {close}?"] if close else [],
        )
    checks = [c for c in lab.checks if step is None or c.step == step]
    if not only:
        return tuple(checks)
    wanted: set[str] = set()
    for pattern in only:
        found = {
            c.id for c in checks if pattern in (c.id, c.id.partition(".")[2], c.step) or fnmatchcase(c.id, pattern)
        }
        if not found:
            close = nearest(pattern, [c.id for c in checks])
            raise NoSuchCheck(
                f"{lab.id} has no check {pattern!r}",
                found=f"its checks: {', '.join(c.id for c in checks)}",
                remedies=[f"did you mean {close}?"] if close else [],
            )
        wanted |= found
    return tuple(c for c in checks if c.id in wanted)


def _save(workspace: Workspace, report: Report) -> Path | None:
    """The full report as a file; None where it cannot be written, which the journal then says."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    path = workspace.reports / f"{report.lab}-{stamp}-{report.seed}.json"
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(report.as_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return path
    return None


def _remember(world: World, workspace: Workspace, report: Report, saved: Path | None) -> None:
    try:
        world.journal(workspace).append(
            "checked",
            lab=report.lab,
            seed=report.seed,
            results={r.id: r.outcome.value for r in report.results},
            seconds=round(report.seconds, 3),
            points=report.points,
            of=report.of,
            report=saved.name if saved else None,
        )
    except JournalNotWritten as error:
        raise JournalNotWritten(
            f"the verdict above is right, but it could not be recorded: {error.what}",
            found=error.found,
            remedies=error.remedies,
        ) from error
