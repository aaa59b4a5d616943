"""Find a service that runs already, by its record and its own word: a few milliseconds, no engine, no client library."""

from pathlib import Path

from qlab.brokers.base import Broker
from qlab.model.service import RunnerName, Service
from qlab.services import record
from qlab.services.record import Record
from qlab.services.runners.base import Server

TIMEOUT = 0.25
"""Seconds a server on this machine has to say who it is."""


def attach(broker: Broker, folder: Path) -> Service | None:
    """The service whose record lies in `folder`, if the very server it tells of answers now."""
    known = record.read(folder)
    if known is None or known.endpoint is None or not known.identity:
        return None
    identity, handle = broker.identity(known.endpoint, TIMEOUT), known.handle
    if identity != known.identity:
        # It restarted on its port, or a stranger has the port now: ours says that it keeps its files in our folder.
        pid = broker.pid(known.endpoint, folder, TIMEOUT) if identity and known.program else None
        if pid is None:
            return None
        handle = str(pid)
    return Service(broker.name, known.runner, known.why, known.endpoint, identity, handle, attached=True)


def describe(
    broker: Broker, runner: RunnerName, server: Server, why: str, seconds: float = 0.0, *, attached: bool = False
) -> Service:
    """A server that answers, as plain data."""
    identity = broker.identity(server.endpoint, 1.0)
    return Service(broker.name, runner, why, server.endpoint, identity, server.handle, seconds, attached)


def remember(service: Service, workspace: str, folder: Path) -> None:
    """Write the record by which `attach` finds a shared service next time. Raises NotWritable."""
    before = record.read(folder)
    Record(
        service.name,
        service.runner,
        workspace,
        host=service.endpoint.host,
        port=service.endpoint.port,
        program=before.program if before is not None and before.runner is service.runner else "",
        handle=service.handle,
        identity=service.identity,
        why=service.why,
        url=service.endpoint.url,
        links=dict(service.endpoint.links),
    ).write(folder)
