"""A broker as a plain process of this machine: what the native and the embedded runner share."""

import contextlib
import os
import shutil
from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path

from qlab.brokers.base import Broker
from qlab.model.errors import ServiceUnavailable
from qlab.model.service import RunnerName
from qlab.model.workspace import Workspace
from qlab.services import record
from qlab.services.ports import Ports, free_port
from qlab.services.record import Record
from qlab.services.runners import labels
from qlab.services.runners.base import Place, Runner, Server
from qlab.services.runners.child import Found, running
from qlab.services.runners.server import PortTaken, ProcessServer, cannot_tell

TRIES = 5
"""Ports tried: another program may take one between choosing and starting."""


class ProcessRunner(Runner):
    """Starts the server program that `program` names."""

    def __init__(self, ports: Ports = free_port) -> None:
        self._ports = ports
        self._versions: dict[Path, str] = {}

    @abstractmethod
    def program(self, broker: Broker) -> Path | None:
        """The server program, or None where there is none."""

    def version(self, broker: Broker, program: Path) -> str:
        """What the program says it is, asked once: the question costs as much as a whole start of Redis."""
        if program not in self._versions:
            self._versions[program] = broker.version(program)
        return self._versions[program]

    def start(self, broker: Broker, place: Place) -> Server:
        program = self.program(broker)
        if program is None:
            raise ServiceUnavailable(f"{broker.title} cannot be started this way", found=self.offer(broker).why)
        place.folder.mkdir(parents=True, exist_ok=True)
        self._make_way(place, program)
        fresh = not any(place.folder.iterdir())
        for attempt in range(1, TRIES + 1):
            port = self._ports()
            server = ProcessServer(broker, program, place, port)
            try:
                # Before the process: if qlab dies at any later moment, the record leads to the server.
                Record(
                    broker.name,
                    self.name,
                    place.workspace,
                    place.run,
                    os.getpid() if place.run else 0,
                    port=port,
                    program=str(program),
                ).write(place.folder)
                server.restart()
            except PortTaken:
                if attempt == TRIES:
                    self._undo(server, place, fresh)
                    raise
            except BaseException:
                self._undo(server, place, fresh)
                raise
            else:
                return server
        raise AssertionError("the loop returns or raises")

    def find(self, broker: Broker, place: Place) -> Server | None:
        known = record.read(place.folder)
        if known is None or known.runner is not self.name:
            return None
        endpoint = broker.endpoint("127.0.0.1", known.port)
        pid = broker.pid(endpoint, place.folder, 1.0)
        if pid is None and cannot_tell(broker) and broker.ping(endpoint, 1.0):
            pid = next(iter(_pids(place.folder)), None)
        process = Found.at(pid, place.folder) if pid is not None else None
        if process is None:
            return None
        return ProcessServer(broker, Path(known.program), place, known.port, process)

    def leftovers(self, workspace: str) -> list[str]:
        return [_handle(pid, folder) for pid, folder in self._left(workspace)]

    def clear(self, workspace: str) -> list[str]:
        return self.clear_service(workspace, "")

    def clear_service(self, workspace: str, service: str) -> list[str]:
        """Like `clear`, for one service; all of them when it is empty."""
        cleared = []
        for pid, folder in list(self._left(workspace, service)):
            if _end(pid, folder):
                shutil.rmtree(folder, ignore_errors=True)
                cleared.append(_handle(pid, folder))
        return cleared

    def _make_way(self, place: Place, program: Path) -> None:
        """End what still runs in the folder and answers no more. Its data stay, unless another program wrote them."""
        if not any(place.folder.iterdir()):
            return
        for pid in _running(place.folder):
            _end(pid, place.folder)
        known = record.read(place.folder)
        if known is None or known.program != str(program):  # an older version cannot read what a newer one wrote
            shutil.rmtree(place.folder)
            place.folder.mkdir()

    def _undo(self, server: ProcessServer, place: Place, fresh: bool) -> None:
        if fresh:
            server.stop()
        else:
            server.kill()  # data of an earlier day may be there

    def _left(self, workspace: str, service: str = "") -> Iterator[tuple[int, Path]]:
        """Process id (0: only files) and folder of every server of ours that nobody alive is responsible for."""
        space = Workspace(Path(workspace))
        folders = {folder: pid for pid, folder in labels.servers(space.own)}
        for path in (*space.services.glob(f"*/{record.NAME}"), *space.runs.glob(f"**/{record.NAME}")):
            folder = path.parent.resolve()
            folders.setdefault(folder, next(_running(folder), 0))
        for folder, pid in folders.items():
            known = record.read(folder)
            # Without a record nobody knows which of the two it is; one of them must take care of it.
            runner, named = (known.runner, known.service) if known else (RunnerName.NATIVE, folder.name)
            in_use = known is not None and known.run and running(known.starter)
            if runner is self.name and service in ("", named) and not in_use:
                yield pid, folder


def _running(folder: Path) -> Iterator[int]:
    """Processes that are really servers of this folder."""
    found = [pid for pid, _ in labels.servers(folder)]
    yield from found or _pids(folder)


def _pids(folder: Path) -> Iterator[int]:
    """Processes that the folder's pid files name and that are really its servers."""
    for path in folder.glob("*.pid"):
        with contextlib.suppress(OSError, ValueError):
            pid = int(path.read_text("utf-8"))
            if labels.is_ours(pid, folder):
                yield pid


def _end(pid: int, folder: Path) -> bool:
    """Kill the server of this folder; True when it is gone. A stranger that has its number now is not touched."""
    process = Found.at(pid, folder) if pid else None
    if process is None:
        return True
    process.send(9)
    return process.wait(10.0)


def _handle(pid: int, folder: Path) -> str:
    return str(pid) if pid else str(folder)
