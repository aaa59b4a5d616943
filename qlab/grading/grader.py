"""One grading: a safe copy, a build, the child, a verdict for every check of the manifest."""

import os
import secrets
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qlab.checkkit.order import Order
from qlab.grading import verdict
from qlab.grading.child import Cancel, Child
from qlab.grading.folder import run_folder
from qlab.model.errors import GraderFault
from qlab.model.events import CheckFinished, CheckStarted, Event, Note
from qlab.model.lab import Check, Lab
from qlab.model.service import RunnerName
from qlab.model.workspace import Workspace
from qlab.programs import choice, library, submission
from qlab.programs.launch import Launcher
from qlab.programs.sandbox import probe
from qlab.services.manager import Services


@dataclass(frozen=True, slots=True)
class Grading:
    """What to grade."""

    lab: Lab
    folder: Path
    """The learner's folder; only read."""
    checks: Sequence[Check]
    seed: str
    workspace: Workspace
    """Where run folders go, and the label of what is started."""
    cache: Path
    env: Mapping[str, str]
    """The user's environment; only what is named goes further."""
    hints: Mapping[str, int]
    """Check id to number of hints."""
    runner: RunnerName | None = None
    again: str = "qlab check"
    """The command that grades this once more, without which check and seed."""


def grade(grading: Grading, cancel: Cancel) -> Iterator[Event]:
    """Run the checks. Yields CheckStarted and exactly one CheckFinished for each check, in the order they end.

    Raises NotASubmission, UsageError (the learner's qlab.toml), BuildFailed, NotWritable, Interrupted. However it
    ends, nothing it started is left.
    """
    with run_folder(grading.workspace.runs) as (run, folder):
        order = yield from _prepare(grading, run, folder)
        child = Child(order, grading.env, folder)
        left = {check.id: check for check in grading.checks}
        trouble = ""
        try:
            for entry in child.entries(cancel):
                match entry["event"]:
                    case "started" if entry["id"] in left:
                        yield CheckStarted(entry["id"])
                    case "finished" if entry["id"] in left:
                        check = left.pop(entry["id"])
                        hints = grading.hints.get(check.id, 0)
                        yield CheckFinished(
                            verdict.result(check, entry, seed=grading.seed, again=grading.again, hints=hints)
                        )
                    case "done":
                        pass
                    case _:
                        raise GraderFault("the report of the checks names a check that was not ordered")
        except GraderFault as fault:
            trouble = " ".join(filter(None, [fault.what, fault.found]))
        finally:
            child.end()
            if left:
                # Forks that were cut off could not stop their own containers; processes have died with them.
                Services(grading.workspace, grading.env).clear_runs()
        why = trouble or child.last_words() or "the process that runs the checks ended before it"
        for check in left.values():
            yield CheckFinished(verdict.missing(check, f"this check was not reported. {why}"))


def _prepare(grading: Grading, run: str, folder: Path) -> Generator[Event, None, Order]:
    """Copy and build the submission. A generator: yields notes, returns the order."""
    copy = folder / "submission"
    copied = submission.copy(grading.folder, copy)
    for line in copied.left_out:
        yield Note(line)
    chosen = choice.choose(grading.lab, copy, shown=grading.folder)
    view = library.view(grading.lab.libraries, grading.cache)
    path = grading.env.get("PATH", os.defpath)
    launcher = Launcher(copy, folder / "build", view, probe.best(), run, path=path, language=chosen.language)
    wanted = {name for check in grading.checks for name in grading.lab.step(check.step).programs}
    for command in dict.fromkeys(chosen.commands[name] for name in sorted(wanted)):
        launcher.build(grading.lab.id, command)
    return Order(
        nonce=secrets.token_hex(16),
        run=run,
        lab=str(grading.lab.folder),
        submission=str(copy),
        folder=str(folder),
        workspace=str(grading.workspace.root),
        library=str(view.folder),
        checks=tuple(check.id for check in grading.checks),
        seed=grading.seed,
        path=path,
        runner=grading.runner.value if grading.runner else "",
        at_once=2 * (os.cpu_count() or 1),
        services={name: value for name, value in grading.env.items() if name.startswith("QLAB_")},
    )
