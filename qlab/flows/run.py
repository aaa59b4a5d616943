"""`qlab run PROGRAM`: the learner's own program, with the addresses and settings the checks give it."""

import os
import queue
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence

from qlab.brokers import base
from qlab.flows.world import World, not_draft
from qlab.grading.child import Cancel
from qlab.grading.folder import run_folder
from qlab.model.errors import NothingToCheck
from qlab.model.events import Event, ProgramEnded, ProgramSaid, ProgramStarted
from qlab.model.lab import Lab
from qlab.model.service import RunnerName, Service
from qlab.programs import choice, library
from qlab.programs.launch import Launcher
from qlab.programs.output import Line, Said
from qlab.programs.sandbox import probe


def run(
    world: World,
    program: str,
    args: Sequence[str] = (),
    *,
    name: str | None = None,
    runner: RunnerName | None = None,
    worker_id: str = "w1",
    stdin: int | None = None,
    cancel: Cancel | None = None,
) -> Iterator[Event]:
    """Yields service events, ProgramStarted, a ProgramSaid for each line, ProgramEnded.

    The program works in the learner's own folder on the workspace's services. `stdin` is a file descriptor it reads
    from; nothing when left out. Ended (SIGTERM, then SIGKILL after SHUTDOWN_SECONDS) when the flow is closed or cancelled.
    Raises NoSuchProgram, ProgramMissing, BuildFailed, NothingToCheck (not started), the errors of services.
    """
    lab = not_draft(world.lab(name))
    workspace = world.present_workspace()
    folder = workspace.lab(lab.id)
    if not folder.is_dir():
        raise NothingToCheck(f"{lab.id} was not started yet", remedies=[f"begin with `qlab start {lab.id}`"])
    chosen = choice.choose(lab, folder)
    command = chosen.command(program)
    services: list[Service] = yield from world.services(workspace).up(lab.services, forced=runner)
    stop = cancel or Cancel()
    said: queue.SimpleQueue[Said | Line] = queue.SimpleQueue()
    with run_folder(workspace.runs, program) as (run_id, scratch):
        launcher = Launcher(
            folder=folder,
            scratch=scratch,
            library=library.view(lab.libraries, world.cache),
            tier=probe.best(),
            run=run_id,
            environment=_environment(world, lab, services),
            path=world.env.get("PATH", os.defpath),
            language=chosen.language,
        )
        launcher.build(program, command)
        process = launcher.start(
            program,
            command,
            args,
            worker_id=worker_id,
            told=said.put,
            stdin=subprocess.DEVNULL if stdin is None else stdin,
        )
        yield ProgramStarted(program, (*command.run, *args), process.pid)
        try:
            while process.status is None and not stop.is_set():
                yield from _heard(program, said, 0.1)
        finally:
            if process.status is None:
                process.send(signal.SIGTERM)
                process.wait(_patience(lab))
            process.end()
        while not said.empty():
            yield from _heard(program, said, 0)
        yield ProgramEnded(program, process.status or 0, time.monotonic() - process.started)


def _heard(name: str, said: "queue.SimpleQueue[Said | Line]", wait: float) -> Iterator[Event]:
    try:
        one = said.get(timeout=wait) if wait else said.get_nowait()
    except queue.Empty:
        return
    yield ProgramSaid(name, "out" if isinstance(one, Said) else one.stream, one.text)


def _environment(world: World, lab: Lab, services: Sequence[Service]) -> dict[str, str]:
    environment = {s.name: world.env.get(s.name, s.default) for s in lab.settings}
    for service in services:
        environment |= base.find(service.name).environment(service.endpoint)
    return environment


def _patience(lab: Lab) -> float:
    for setting in lab.settings:
        if setting.name == "SHUTDOWN_SECONDS":
            return float(setting.default) + 1
    return 6.0
