"""Events as plain lines, one as it happens: for terminals, pipes and screen readers. No box, no bar, no redrawing."""

import shutil
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from qlab.cli.out import Out
from qlab.model.exits import ExitCode
from qlab.model.report import CheckResult, Outcome, Report
from qlab.model.text import plain, plural, size

if TYPE_CHECKING:
    from qlab.flows.doctor import Finding, MachineSeen
    from qlab.flows.hint import HintShown
    from qlab.flows.lessons import LabsListed, LabState, PageShown
    from qlab.flows.reset import LabReset
    from qlab.flows.services import LogShown, StatusShown, Stopped
    from qlab.model.events import (
        CheckCompleted,
        CheckFinished,
        CheckRunStarted,
        Event,
        ImageProgress,
        ImageReady,
        LabReady,
        Note,
        ProgramEnded,
        ProgramSaid,
        ProgramStarted,
        ServiceChosen,
        ServiceDown,
        ServiceUp,
        StarterLaidOut,
        WorkspaceMade,
    )

_COLOURS = {Outcome.PASS: "green", Outcome.FAIL: "red"}
"""Any other outcome is yellow. Colour only repeats what the word says."""

_PROGRESS_EVERY = 10.0
"""Seconds between two lines about the same download."""


class Lines:
    """Renders one flow."""

    def __init__(self, out: Out, *, services_aside: bool = False) -> None:
        """`services_aside` when a program's own output is the result, and services are only narration."""
        self._out = out
        self._say_service = out.tell if services_aside else out.say
        self._code = ExitCode.DONE
        self._last_progress: dict[str, tuple[str, float]] = {}
        self._wide = 0

    def render(self, events: "Iterable[Event]") -> ExitCode:
        """Run a flow to its end; the exit code its result means."""
        for event in events:
            show = self._SHOW.get(type(event).__name__)
            if show:
                show(self, event)
            if self._out.gone and show is Lines._program_said:
                break  # a program may print for ever, and nobody reads it any more
        return self._code

    def _block(self, text: str, indent: str) -> None:
        for line in text.splitlines() or [""]:
            self._out.say(f"{indent}{line}".rstrip())

    # start

    def _note(self, event: "Note") -> None:
        self._out.tell(event.text)

    def _workspace_made(self, event: "WorkspaceMade") -> None:
        self._out.say(f"made your workspace: {event.root}")

    def _laid_out(self, event: "StarterLaidOut") -> None:
        kept = f", {plural(len(event.kept), 'file')} of yours kept as they are" if event.kept else ""
        self._out.say(f"your files: {event.folder} ({plural(len(event.written), 'file')} laid out{kept})")

    def _chosen(self, event: "ServiceChosen") -> None:
        self._out.tell(f"{event.choice.service}: {event.choice.runner}, because {event.choice.why}")

    def _up(self, event: "ServiceUp") -> None:
        service = event.service
        how = "was running already" if service.attached else f"ready in {service.seconds:.2f} s"
        self._say_service(f"{service.name}: {service.endpoint.shown} ({service.runner}, {how})")
        for name, link in service.endpoint.links.items():
            self._say_service(f"  {name}: {link}")

    def _down(self, event: "ServiceDown") -> None:
        self._out.say(f"{event.name}: stopped ({event.handle}), and what it held is gone")

    def _ready(self, event: "LabReady") -> None:
        self._out.say(f"{event.lab.id} is ready: {event.lab.title}, about {event.lab.minutes} minutes")
        self._out.say()
        self._out.say(f"  read    qlab read {event.lab.id}")
        self._out.say(f"  write   {event.folder}")
        self._out.say(f"  check   {event.next_command}")
        activate = Path(sys.prefix) / "bin" / "activate"
        if shutil.which("qlab") is None and activate.is_file():
            self._out.say()
            self._out.say(f"`qlab` is not on your PATH yet: `. {activate}` puts it there for this terminal")

    # check

    def _run_started(self, event: "CheckRunStarted") -> None:
        self._wide = max(len(check.id) for check in event.checks)
        self._out.tell(f"checking {event.lab.id} {event.lab.title} · {event.folder}")
        self._out.tell(f"{plural(len(event.checks), 'check')} · isolation: {event.isolation.tier} · seed {event.seed}")
        self._out.tell("")

    def _finished(self, event: "CheckFinished") -> None:
        result = event.result
        word = self._out.paint(f"{result.outcome.word:<5}", _COLOURS.get(result.outcome, "yellow"))
        self._out.say(f"{word} {result.id:<{self._wide}}  {result.title}  {result.seconds:.1f} s")
        if result.outcome is not Outcome.PASS:
            self._failure(result)

    def _failure(self, result: CheckResult) -> None:
        for name, text in (("expected", result.expected), ("observed", result.observed)):
            if text:
                first, *rest = text.splitlines()
                self._out.say(f"      {name:<9} {first}")
                for line in rest:
                    self._out.say(f"                {line}")
        if result.timeline:
            self._out.say("      what happened")
            wide = max(len(moment.who) for moment in result.timeline)
            for moment in result.timeline:
                mark = ">" if moment.decisive else " "
                self._out.say(f"      {mark} {moment.t:7.3f} s  {moment.who:<{wide}}  {moment.what}")
        if result.next_step:
            self._out.say(f"      next step {result.next_step}")
        if result.repeat:
            self._out.say(f"      again     {result.repeat}")
        if result.hints and result.outcome is Outcome.FAIL:
            self._out.say(f"      hint      qlab hint {result.id}   ({plural(result.hints, 'hint')}, gentle first)")

    def _completed(self, event: "CheckCompleted") -> None:
        report = event.report
        self._code = report.exit_code
        self._out.say()
        self._out.say(f"{counts(report)} · {report.points} of {report.of} points in {report.seconds:.1f} s")
        if event.saved_as:
            self._out.tell(f"full report: {event.saved_as}")
        first = next((r for r in report.results if r.outcome is Outcome.FAIL), None)
        if first:
            self._out.say(f"begin with: {first.repeat.partition(' --seed')[0]}")

    # run

    def _program_started(self, event: "ProgramStarted") -> None:
        self._out.tell(f"{event.name}: {' '.join(event.command)} (process {event.pid}); Ctrl-C stops it")

    def _program_said(self, event: "ProgramSaid") -> None:
        text = plain(event.text, 10_000)
        if event.stream == "out":
            self._out.say(text)
        else:
            self._out.tell(text)

    def _program_ended(self, event: "ProgramEnded") -> None:
        self._out.tell(f"{event.name}: ended with status {event.status} after {event.seconds:.1f} s")
        if event.status:
            self._code = ExitCode.FAILED

    # images

    def _progress(self, event: "ImageProgress") -> None:
        doing, last = self._last_progress.get(event.image, ("", 0.0))
        now = time.monotonic()
        if event.doing == doing and now - last < _PROGRESS_EVERY:
            return
        self._last_progress[event.image] = (event.doing, now)
        amount = f" {size(event.done)} of {size(event.total)}" if event.total else ""
        self._out.tell(f"{event.image}: {event.doing}{amount}")

    def _image_ready(self, event: "ImageReady") -> None:
        self._out.say(f"{event.image}: here, {event.megabytes} MB ({event.seconds:.1f} s)")

    # looking

    def _labs(self, event: "LabsListed") -> None:
        part = ""
        wide = max((len(state.lab.id) for state in event.labs), default=0)
        for state in event.labs:
            if state.lab.part != part:
                part = state.lab.part
                self._out.say(self._out.paint(part, "bold"))
            self._out.say(f"  {state.lab.id:<{wide}}  {_progress(state):<16} {state.lab.title}")
        for id, error in event.broken:
            self._out.tell(self._out.paint("broken", "yellow", err=True) + f"  {id}: {error.what}")
            for line in filter(None, [error.found, *error.remedies]):
                self._out.tell(f"          {line}")
        if event.current:
            self._out.say()
            self._out.say(f"you are in {event.current}: `qlab check`, or `qlab read` for the next page")

    def _page(self, event: "PageShown") -> None:
        self._out.say(event.text.rstrip())
        self._out.tell("")
        self._out.tell(f"page {event.number} of {len(event.lab.steps)} of {event.lab.id}: {event.step.title}")
        if event.number < len(event.lab.steps):
            self._out.tell(f"next: qlab read {event.lab.id} {event.number + 1}")

    def _hint(self, event: "HintShown") -> None:
        self._out.say(f"{event.check.id}  {event.check.title}")
        self._out.say(f"hint {event.rung} of {event.of}")
        self._out.say()
        self._block(event.text, "  ")
        self._out.tell("")
        if event.rung < event.of:
            self._out.tell(f"another: qlab hint {event.check.id}")
        else:
            self._out.tell(f"that was the last hint; the first one again: qlab hint {event.check.id} --number 1")

    def _status(self, event: "StatusShown") -> None:
        if event.workspace is None:
            self._out.say("nothing started yet")
            self._out.say("next: qlab start day3   (qlab list shows all labs)")
            return
        self._out.say(f"workspace: {event.workspace.root}")
        if event.lab:
            self._out.say(f"lab: {event.lab}, {event.passed} of {plural(event.checks, 'check')} passed")
        for name, state, service in event.services:
            detail = f"  {service.endpoint.shown} ({service.runner})" if service else ""
            self._out.say(f"{name}: {state.value}{detail}")
            for _, row in (pair for pair in event.rows if pair[0] == name):
                ready = "" if row.ready < 0 else f"{row.ready:>6}"
                self._out.say(f"  {row.kind:<8} {plain(row.name, 60):<32} {ready}  {row.detail}".rstrip())
        if event.abandoned:
            self._out.say(f"{plural(len(event.abandoned), 'check run')} was cut off: `qlab stop` clears what it left")
        self._out.say(f"next: qlab check {event.lab}" if event.lab else "next: qlab start day3")

    def _stopped(self, event: "Stopped") -> None:
        if event.runs:
            self._out.say(f"cleared what {plural(len(event.runs), 'cut-off check run')} left")
        for name in event.programs:
            self._out.say(f"{name}: ended (it was running under `qlab run`)")
        if not event.services and not event.runs and not event.programs:
            self._out.say("nothing of ours was running")

    def _log(self, event: "LogShown") -> None:
        for line in event.lines:
            self._out.say(plain(line, 2_000))

    def _reset(self, event: "LabReset") -> None:
        self._out.say(f"begun again: {event.folder}")
        self._out.say(f"your old files are in {event.kept_as}")

    def _finding(self, event: "Finding") -> None:
        if event.ok:
            word = self._out.paint("ok  ", "green")
        else:
            word = self._out.paint("MISS", "red") if event.needed else self._out.paint("none", "yellow")
        self._out.say(f"{word} {event.about:<12} {event.answer}")
        if event.to_do:
            self._out.say(f"     {'to do':<12} {event.to_do}")

    def _machine(self, event: "MachineSeen") -> None:
        if not all(f.ok or not f.needed for f in event.findings):
            self._code = ExitCode.NOT_READY
        self._out.say(f"     isolation    {event.isolation.tier}")
        for promise in event.isolation.kept:
            self._out.say(f"     kept         {promise}")
        for promise in event.isolation.not_kept:
            self._out.say(f"     not kept     {promise}")

    _SHOW: ClassVar[dict[str, Callable[[Any, Any], None]]] = {
        "Note": _note,
        "WorkspaceMade": _workspace_made,
        "StarterLaidOut": _laid_out,
        "ServiceChosen": _chosen,
        "ServiceUp": _up,
        "ServiceDown": _down,
        "LabReady": _ready,
        "CheckRunStarted": _run_started,
        "CheckFinished": _finished,
        "CheckCompleted": _completed,
        "ProgramStarted": _program_started,
        "ProgramSaid": _program_said,
        "ProgramEnded": _program_ended,
        "ImageProgress": _progress,
        "ImageReady": _image_ready,
        "LabsListed": _labs,
        "PageShown": _page,
        "HintShown": _hint,
        "StatusShown": _status,
        "Stopped": _stopped,
        "LabReset": _reset,
        "Finding": _finding,
        "MachineSeen": _machine,
        "LogShown": _log,
    }
    """By name and not by class: showing a list of labs must not import what checks need."""


def counts(report: Report) -> str:
    """`3 passed, 1 failed`: every outcome that occurred."""
    return ", ".join(outcome.counted(count) for outcome in Outcome if (count := report.count(outcome)))


def _progress(state: "LabState") -> str:
    if state.lab.draft:
        return "not written yet"
    if not state.started:
        return plural(len(state.lab.checks), "check")
    return f"{state.passed} of {len(state.lab.checks)} passed"
