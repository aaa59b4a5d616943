"""The bench: everything one check needs, made on first use and cleared away at the end."""

import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any

from qlab.brokers import base
from qlab.checkkit.fresh import Fresh
from qlab.checkkit.history import History
from qlab.checkkit.order import Order
from qlab.checkkit.patience import Patience
from qlab.checkkit.program import Finished, Item, Program
from qlab.checkkit.redis import RedisBench
from qlab.model.lab import Lab
from qlab.model.service import RunnerName
from qlab.model.workspace import Workspace
from qlab.programs import choice, submission
from qlab.programs.launch import Launcher
from qlab.programs.library import LibraryView
from qlab.programs.sandbox import probe
from qlab.services.manager import Services
from qlab.services.runners.base import Server

_POLL = 0.005


class Bench:
    """What a check works with: the learner's programs, brokers of its own, fresh values, the timeline."""

    def __init__(self, order: Order, lab: Lab, check: str, folder: Path, patience: Patience) -> None:
        """`folder` does not exist yet and is removed by `clear`."""
        self.lab = lab
        self.patience = patience
        self.history = History()
        self.fresh = Fresh(order.seed, check)
        self._order = order
        self._folder = folder
        self._programs: list[Program] = []
        self._servers: dict[str, Server] = {}
        self._stack = ExitStack()
        self._work = folder / "work"
        folder.mkdir(parents=True)
        submission.duplicate(Path(order.submission), self._work)
        self._choice = choice.choose(lab, self._work)

    # services

    @cached_property
    def redis(self) -> RedisBench:
        """A real Redis server of this check's own, started on first use."""
        return RedisBench(self._server("redis"), self.history, self.patience)

    def _server(self, name: str) -> Server:
        if name not in self._servers:
            services = Services(Workspace(Path(self._order.workspace)), dict(self._order.services or {}))
            forced = RunnerName(self._order.runner) if self._order.runner else None
            place = self._folder / "services" / name
            place.mkdir(parents=True)
            self._servers[name] = self._stack.enter_context(
                services.private(name, self._order.run, place, forced=forced)
            )
        return self._servers[name]

    @cached_property
    def _launcher(self) -> Launcher:
        environment = {setting.name: setting.default for setting in self.lab.settings}
        for name in self.lab.services:
            environment |= base.find(name).environment(self._server(name).endpoint)
        return Launcher(
            folder=self._work,
            scratch=self._folder / "scratch",
            library=LibraryView(Path(self._order.library)),
            tier=probe.best(),
            run=self._order.run,
            environment=environment,
            path=self._order.path,
            language=self._choice.language,
        )

    # programs

    def start(self, name: str, *args: str, worker_id: str = "w1", env: Mapping[str, str] | None = None) -> Program:
        """Start a program of the lab and return at once. `env` adds to or replaces the lab's settings."""
        label = name if worker_id == "w1" else f"{name} {worker_id}"
        program = Program(
            name,
            label,
            self._choice.command(name),
            args,
            worker_id,
            env or {},
            self._launcher,
            self.history,
            self.patience,
        )
        self._programs.append(program)
        return program

    def run(
        self,
        name: str,
        *args: str,
        stdin: Iterable[Item] = (),
        worker_id: str = "w1",
        env: Mapping[str, str] | None = None,
        within: float = 5.0,
    ) -> Finished:
        """Run a program to its end. Fails the check when it does not end within `within` seconds (on a quiet machine)."""
        program = self.start(name, *args, worker_id=worker_id, env=env)
        items = list(stdin)
        if items:
            program.feed(items, within)
        program.close_input()
        return Finished(program, program.wait_exit(within))

    # waiting and telling

    def eventually(self, probe: Callable[[], Any], within: float = 5.0, watching: Sequence[Program] = ()) -> Any:
        """Ask `probe` until its answer is true; returns the last answer.

        Ends early, after one more look, when a watched program has died.
        """
        deadline = self.patience.deadline(within)
        while True:
            dead = any(not program.alive for program in watching)
            answer = probe()
            if answer or dead or time.monotonic() >= deadline:
                return answer
            time.sleep(_POLL)

    def note(self, who: str, what: str, *, decisive: bool = False) -> None:
        """Add a line to the timeline."""
        self.history.note(who, what, decisive=decisive)

    def trouble(self) -> tuple[str, str] | None:
        """What is wrong with a program itself, whatever was checked: (what was seen, what to do first)."""
        return next((trouble for program in self._programs if (trouble := program.trouble())), None)

    # the end

    def clear(self) -> None:
        """End every program and server and remove every file. Safe to call twice."""
        for program in self._programs:
            program.end()
        self._stack.close()
        shutil.rmtree(self._folder, ignore_errors=True)
