"""The pytest plugin of the child: finds the ordered checks, runs each in a fork, reports what it found.

pytest is imported and collects once; a fork costs 33 ms where a fresh pytest costs 130. In a fork a check has its own
process, so that whatever it or a learner's program breaks is broken for itself alone.
"""

import json
import os
import selectors
import signal
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from qlab.checkkit.bench import Bench
from qlab.checkkit.expect import CheckFailed, CheckUnknown
from qlab.checkkit.order import Order
from qlab.checkkit.patience import Calibration, Patience
from qlab.model.errors import MachineNotReady, UsageError
from qlab.model.lab import Check, Lab
from qlab.model.report import Fault, Outcome
from qlab.programs import kernel, sweep

Report = Callable[[dict[str, Any]], None]
Found = dict[str, Any]
"""What a check found: the fields of CheckResult that only the child can know."""


def check_id(item: pytest.Item) -> str:
    """`hidden/checks/test_list_queue.py::test_fifo` is the check `list_queue.fifo`."""
    return f"{item.path.stem.removeprefix('test_')}.{item.name.removeprefix('test_')}"


@dataclass(slots=True)
class _Fork:
    check: Check
    pid: int
    pipe: int
    deadline: float
    data: bytearray = field(default_factory=bytearray)
    began: float = field(default_factory=time.monotonic)


class CheckPlugin:
    """One run of a lab's checks."""

    def __init__(self, order: Order, lab: Lab, report: Report, calibration: Calibration) -> None:
        self._order = order
        self._lab = lab
        self._report = report
        self._calibration = calibration
        self._patience = Patience()
        self._bench: Bench | None = None
        self._found: Found = {}
        self._problems: list[str] = []

    # collecting

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A checks file that cannot be imported is the lab's fault; remember why."""
        if report.failed:
            self._problems.append(str(report.longrepr))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of pytest's own loop: side by side, each check in a fork."""
        # Only what lies in the lab's own folder is a check, whatever else pytest may have found.
        own = (self._lab.hidden / "checks").resolve()
        items = {check_id(item): item for item in session.items if item.path.resolve().parent == own}
        self._patience = self._calibration.patience()
        checks = [self._lab.check(id) for id in self._order.checks]
        self.run(checks, items)
        return True

    # running

    def run(self, checks: list[Check], items: dict[str, pytest.Item]) -> None:
        """Run and report these checks; one without a function is the lab's fault, and blocks those that need it."""
        outcomes: dict[str, Outcome] = {}
        for check in checks:
            if check.id not in items:
                why = "\n".join(self._problems) or f"hidden/checks has no function for {check.id}"
                outcomes[check.id] = self._finish(check, _error(Fault.LAB, why), 0.0)
        waiting = [check for check in checks if check.id in items]
        running: list[_Fork] = []
        ordered = {check.id for check in checks}
        with selectors.DefaultSelector() as selector:
            while waiting or running:
                for check in tuple(waiting):
                    needs = [need for need in check.needs if need in ordered]
                    bad = [need for need in needs if outcomes.get(need, Outcome.PASS) is not Outcome.PASS]
                    if bad:
                        waiting.remove(check)
                        outcomes[check.id] = Outcome.BLOCKED
                        self._finish(check, {"outcome": "blocked", "observed": f"{bad[0]} has to pass first"}, 0.0)
                    elif all(need in outcomes for need in needs) and self._may_start(check, running, waiting):
                        waiting.remove(check)
                        fork = self._fork(check, items[check.id])
                        running.append(fork)
                        selector.register(fork.pipe, selectors.EVENT_READ, fork)
                next_deadline = min((fork.deadline for fork in running), default=time.monotonic())
                for key, _ in selector.select(max(0.0, next_deadline - time.monotonic())):
                    fork = key.data
                    block = os.read(fork.pipe, 65_536)
                    fork.data += block
                    if not block:
                        selector.unregister(fork.pipe)
                        running.remove(fork)
                        outcomes[fork.check.id] = self._reap(fork, running)
                for fork in [f for f in running if f.deadline <= time.monotonic()]:
                    selector.unregister(fork.pipe)
                    running.remove(fork)
                    outcomes[fork.check.id] = self._too_long(fork, running)

    def _may_start(self, check: Check, running: list[_Fork], waiting: list[Check]) -> bool:
        if any(fork.check.alone for fork in running):
            return False
        if check.alone:
            # Those that may share go first, so that the lonely ones do not keep them waiting.
            return not running and all(other.alone or other.needs for other in waiting)
        return len(running) < self._order.at_once

    def _fork(self, check: Check, item: pytest.Item) -> _Fork:
        self._report({"event": "started", "id": check.id})
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            self._in_fork(check, item, writer)
        os.close(writer)
        limit = check.seconds * self._patience.factor * 2
        return _Fork(check, pid, reader, time.monotonic() + limit)

    def _in_fork(self, check: Check, item: pytest.Item, writer: int) -> None:
        """Never returns."""
        status = 1
        try:
            kernel.die_with_parent(signal.SIGKILL)
            kernel.adopt_orphans()
            folder = Path(self._order.folder) / check.id
            try:
                self._bench = Bench(self._order, self._lab, check.id, folder, self._patience)
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
                self._found.setdefault("outcome", Outcome.PASS.value)
                self._found["timeline"] = [[m.t, m.who, m.what, m.decisive] for m in self._bench.history.shown()]
            finally:
                if self._bench:
                    self._bench.clear()
                sweep.end_descendants(os.getpid())
            data = json.dumps(self._found).encode()
            while data:
                data = data[os.write(writer, data) :]
            status = 0
        except OSError as error:
            # The bench could not be laid out or cleared: a full disk, no more processes.
            with suppress(OSError):
                os.write(writer, json.dumps(_error(Fault.MACHINE, str(error))).encode())
        except BaseException:  # noqa: BLE001 - a fork must never run on into the parent's code
            with suppress(OSError):
                os.write(writer, json.dumps(_error(Fault.QLAB, traceback.format_exc())).encode())
        finally:
            os._exit(status)

    def _reap(self, fork: _Fork, running: list[_Fork]) -> Outcome:
        os.close(fork.pipe)
        _, status = os.waitpid(fork.pid, 0)
        # Whatever the fork could not clear itself has become our child.
        sweep.end_descendants(os.getpid(), spare=[other.pid for other in running])
        try:
            found: Found = json.loads(fork.data)
        except ValueError:
            how = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"status {os.WEXITSTATUS(status)}"
            found = _error(Fault.QLAB, f"the process of this check was ended by {how} before it could report")
        return self._finish(fork.check, found, time.monotonic() - fork.began)

    def _too_long(self, fork: _Fork, running: list[_Fork]) -> Outcome:
        with suppress(ProcessLookupError):
            os.kill(fork.pid, signal.SIGKILL)
        os.waitpid(fork.pid, 0)
        os.close(fork.pipe)
        sweep.end_descendants(os.getpid(), spare=[other.pid for other in running])
        seconds = time.monotonic() - fork.began
        found = {
            "outcome": Outcome.UNKNOWN.value,
            "observed": f"this check did not end within {seconds:.0f} s and was stopped; that is not your program's fault",
            "fault": Fault.LAB.value,
        }
        return self._finish(fork.check, found, seconds)

    def _finish(self, check: Check, found: Found, seconds: float) -> Outcome:
        self._report({"event": "finished", "id": check.id, "seconds": round(seconds, 3), **found})
        return Outcome(found["outcome"])

    # inside a fork

    @pytest.fixture
    def bench(self) -> Bench:
        """The bench of this check."""
        assert self._bench is not None
        return self._bench

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Turn what the check raised into what it found. The first trouble counts."""
        if call.excinfo is None or "outcome" in self._found:
            return
        error = call.excinfo.value
        if isinstance(error, CheckFailed):
            observed, next_step = error.observed, error.next_step
            trouble = self._bench.trouble() if self._bench else None
            if trouble and trouble[0] not in observed:
                # A program that fell over makes every other sentence about it beside the point.
                observed, next_step = f"{observed}\n{trouble[0]}", trouble[1]
            self._found.update(
                outcome=Outcome.FAIL.value, expected=error.expected, observed=observed, next_step=next_step
            )
        elif isinstance(error, UsageError):
            # The learner's own qlab.toml names something that is not there.
            self._found.update(outcome=Outcome.FAIL.value, expected=error.what, observed=error.found)
        elif isinstance(error, CheckUnknown):
            self._found.update(outcome=Outcome.UNKNOWN.value, observed=str(error))
        elif isinstance(error, MachineNotReady):
            observed = " ".join(filter(None, [error.what, error.found, *error.remedies]))
            self._found.update(outcome=Outcome.ERROR.value, fault=Fault.MACHINE.value, observed=observed)
        else:
            # From the check's own line on: how pytest came there helps nobody.
            call.excinfo.traceback = call.excinfo.traceback.cut(path=item.path)
            self._found.update(_error(Fault.LAB, str(call.excinfo.getrepr(style="short"))))


def _error(fault: Fault, why: str) -> Found:
    return {"outcome": Outcome.ERROR.value, "fault": fault.value, "observed": why[-4_000:]}


def run(order: Order, lab: Lab, report: Report, calibration: Calibration) -> int:
    """Run the ordered checks in this process's forks; returns pytest's exit status."""
    checks = lab.hidden / "checks"
    files = sorted({checks / f"test_{lab.check(id).step}.py" for id in order.checks})
    plugin = CheckPlugin(order, lab, report, calibration)
    if not any(file.is_file() for file in files):
        # Told no file, pytest would look around for some and find the learner's.
        plugin.run([lab.check(id) for id in order.checks], {})
        return int(pytest.ExitCode.NO_TESTS_COLLECTED)
    unused = ("cacheprovider", "terminal", "junitxml", "pastebin", "faulthandler", "doctest", "unittest")
    status = pytest.main(
        [
            # Settings, root and conftest border are ours: no file of a learner can change how checks are run.
            *("-c", str(Path(__file__).with_name("pytest.ini")), "--rootdir", str(checks), "--confcutdir", str(checks)),
            "--import-mode=importlib",
            *(word for name in unused for word in ("-p", f"no:{name}")),
            *(str(file) for file in files if file.is_file()),
        ],
        plugins=[plugin],
    )
    return int(status)
