"""Start several services side by side; all of them or none."""

import queue
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from qlab.brokers.base import Broker
from qlab.model.service import Choice, RunnerName, Service
from qlab.services import record
from qlab.services.attach import describe, remember
from qlab.services.record import Record
from qlab.services.runners.base import Place, Runner, Server


@dataclass(frozen=True, slots=True)
class Start:
    """One service to be started."""

    broker: Broker
    place: Place
    choice: Choice
    runner: Runner


def start_all(starts: Sequence[Start]) -> Iterator[Service]:
    """Start them in parallel and give each when it answers.

    If one fails, or the person presses Ctrl-C, or the caller stops listening, those already started are stopped again.
    Raises the first failure.
    """
    done: queue.SimpleQueue[tuple[Server | None, Service | None, BaseException | None]] = queue.SimpleQueue()
    began = []
    ended: list[Server] = []
    waiting = 0

    def work(start: Start) -> None:
        clock = time.monotonic()
        server = None
        try:
            if start.choice.runner is RunnerName.CONTAINER:  # a process writes its own, with more in it
                Record(start.broker.name, start.choice.runner, start.place.workspace).write(start.place.folder)
            server = start.runner.start(start.broker, start.place)
            service = describe(start.broker, start.choice.runner, server, start.choice.why, time.monotonic() - clock)
            remember(service, start.place.workspace, start.place.folder)
        except BaseException as error:  # noqa: BLE001 - it is raised again in the caller's thread
            done.put((server, None, error))
        else:
            done.put((server, service, None))

    try:
        for start in starts:
            thread = threading.Thread(target=work, args=(start,), name=f"start {start.broker.name}")
            waiting += 1
            began.append(thread)
            thread.start()
        while waiting:
            server, service, error = done.get()
            waiting -= 1
            if server is not None:
                ended.append(server)
            if error is not None:
                raise error
            assert service is not None
            yield service
    except BaseException:
        # A start that is going on cannot be cut short: it ends by itself, and its server is stopped with the others.
        for thread in began:
            if thread.ident is not None:  # never begun when Ctrl-C came in between
                thread.join()
        while not done.empty():
            server = done.get()[0]
            if server is not None:
                ended.append(server)
        with ExitStack() as undo:  # one that cannot be stopped does not keep the others running
            for start in starts:
                if start.choice.runner is RunnerName.CONTAINER:
                    undo.callback(record.forget, start.place.folder)
            for server in ended:
                undo.callback(server.stop)
        raise
