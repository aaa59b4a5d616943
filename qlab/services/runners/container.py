"""A service as a container of the Docker engine."""

import os
import secrets
import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from qlab.brokers.base import Broker
from qlab.engine import containers, images
from qlab.engine.containers import FOLDER, RUN, SERVICE, STARTER, WORKSPACE, Container, PortTaken, Spec
from qlab.engine.guard import Guard
from qlab.engine.reach import Engine, ping
from qlab.model.errors import EngineAbsent, EngineForbidden, ImageMissing, MachineNotReady, ServiceFailed
from qlab.model.service import Endpoint, RunnerName
from qlab.model.workspace import Workspace
from qlab.services.ports import Ports, free_port
from qlab.services.ready import wait_ready
from qlab.services.runners.base import Offer, Place, Runner, Server
from qlab.services.runners.child import running

MEMORY = 1536 * 1024 * 1024
"""Bytes a container may use: room for the largest broker (a JVM), too little to choke a laptop."""

ATTEMPTS = 5
"""Ports tried: another program may take one between choosing and starting."""


class ContainerRunner(Runner):
    """Brokers in containers of the engine that answers on this machine."""

    name = RunnerName.CONTAINER

    def __init__(
        self, host: str | None = None, overrides: Mapping[str, str] | None = None, ports: Ports = free_port
    ) -> None:
        """`host` is the engine's address, found when None. `overrides` names images: {"QLAB_REDIS_IMAGE": ...}; the
        environment when None."""
        self._host = host
        self._overrides = os.environ if overrides is None else overrides
        self._ports = ports

    def offer(self, broker: Broker) -> Offer:
        try:
            engine = ping(self._host)
            reference = self._image(engine, broker)
        except ImageMissing as missing:
            pullable = _variable(broker) not in self._overrides
            return Offer(False, f"{missing.what}; {'; '.join(missing.remedies)}", pullable, missing.remedies[0])
        except MachineNotReady as error:
            return Offer(False, error.what, remedy=next(iter(error.remedies), ""))
        return Offer(True, f"Docker {engine.version} runs here and has the image {reference}")

    def start(self, broker: Broker, place: Place) -> Server:
        engine = ping(self._host)
        image = self._image(engine, broker)
        labels = {WORKSPACE: place.workspace, SERVICE: broker.name, RUN: place.run, FOLDER: str(place.folder)}
        if place.run:
            labels[STARTER] = str(os.getpid())
        else:
            _forget_dead(engine, place.workspace, broker.name)
        for attempt in range(1, ATTEMPTS + 1):
            port = self._ports()
            name = f"qlab-{broker.name}-{secrets.token_hex(4)}"
            guard = Guard(engine, name) if place.run else None
            try:
                command = broker.container_command()
                id = containers.run(engine, Spec(image, name, command, broker.port, port, MEMORY, labels))
            except BaseException as error:
                if guard:
                    guard.release()
                if isinstance(error, PortTaken) and attempt < ATTEMPTS:
                    continue
                raise
            server = ContainerServer(engine, broker, id, broker.endpoint("127.0.0.1", port), place.folder, guard)
            try:
                server.wait()
            except BaseException:
                server.stop()
                raise
            return server
        raise AssertionError("the loop returns or raises")

    def find(self, broker: Broker, place: Place) -> Server | None:
        try:
            engine = ping(self._host)
        except (EngineAbsent, EngineForbidden):
            return None
        for found in containers.labelled(engine, {WORKSPACE: place.workspace, SERVICE: broker.name}):
            if found.state == "running" and not found.labels.get(RUN):
                endpoint = broker.endpoint("127.0.0.1", found.port)
                if broker.ping(endpoint, timeout=1.0):
                    return ContainerServer(engine, broker, found.id, endpoint, place.folder)
        return None

    def leftovers(self, workspace: str) -> list[str]:
        return [found.id for _, found in self._left(workspace)]

    def clear(self, workspace: str) -> list[str]:
        return self._remove(workspace, self._left(workspace))

    def clear_runs(self, workspace: str) -> list[str]:
        return self._remove(workspace, ((e, found) for e, found in self._left(workspace) if found.labels.get(RUN)))

    def _remove(self, workspace: str, left: Iterable[tuple[Engine, Container]]) -> list[str]:
        cleared = []
        for engine, found in left:
            if containers.remove(engine, found.id):
                cleared.append(found.id)
            folder = Path(found.labels.get(FOLDER, ""))
            if Workspace(Path(workspace)).own in folder.parents:
                shutil.rmtree(folder, ignore_errors=True)
        return cleared

    def _left(self, workspace: str) -> Iterator[tuple[Engine, Container]]:
        """Every container of the workspace that nobody alive is responsible for."""
        try:
            engine = ping(self._host)
        except (EngineAbsent, EngineForbidden):
            return  # without an engine nothing of ours runs
        for found in containers.labelled(engine, {WORKSPACE: workspace}):
            starter = found.labels.get(STARTER, "")
            if not (starter.isdecimal() and running(int(starter))):
                yield engine, found

    def _image(self, engine: Engine, broker: Broker) -> str:
        """The image to use. Raises ImageMissing with the ways to get one."""
        variable = _variable(broker)
        if named := self._overrides.get(variable):
            if images.here(engine, named):
                return named
            raise ImageMissing(
                f"{variable} names {named}, which is not here",
                remedies=[f"`docker pull {named}` gets it", f"`unset {variable}` goes back to qlab's own"],
            )
        for reference in (broker.image.reference, broker.image.built):
            if images.here(engine, reference):
                return reference
        raise ImageMissing(
            f"Docker runs here, but the image {broker.image.reference} is not here",
            remedies=[
                f"`qlab images pull {broker.name}` gets it (about {broker.image.megabytes} MB)",
                f"`qlab images build {broker.name}` makes it without a registry",
            ],
        )


class ContainerServer(Server):
    """A broker in one container. Its data lie in the container and go with it; `folder` is what qlab keeps beside it."""

    def __init__(
        self, engine: Engine, broker: Broker, id: str, endpoint: Endpoint, folder: Path, guard: Guard | None = None
    ) -> None:
        self.endpoint = endpoint
        self.handle = id
        self._engine = engine
        self._broker = broker
        self._folder = folder
        self._guard = guard

    def wait(self) -> None:
        """Return when the broker answers. Raises ServiceFailed when it dies or never does, or an Engine error."""
        gone = threading.Event()
        looks = 0

        def ready(timeout: float) -> bool:
            nonlocal looks
            if self._broker.ping(self.endpoint, timeout):
                return True
            # A look at the container costs as much as a ping: every fifth is soon enough to notice its death.
            if looks % 5 == 0:
                found = containers.inspect(self._engine, self.handle)
                if found is None or found.state in ("exited", "dead"):
                    gone.set()
            looks += 1
            return False

        wait_ready(f"{self._broker.title} in container {self.handle}", ready, gone, self.log)

    def kill(self) -> None:
        containers.thaw(self._engine, self.handle)
        containers.kill(self._engine, self.handle)

    def restart(self) -> None:
        self.kill()
        try:
            containers.start(self._engine, self.handle)
        except PortTaken as taken:
            raise ServiceFailed(
                f"{self._broker.title} could not come back on port {self.endpoint.port}",
                found=taken.found,
                remedies=["close the program that took the port, then run the same command again"],
            ) from taken
        self.wait()

    def pause(self) -> None:
        containers.pause(self._engine, self.handle)

    def resume(self) -> None:
        containers.unpause(self._engine, self.handle)

    def stop(self) -> None:
        containers.remove(self._engine, self.handle)
        if self._guard:
            self._guard.release()
        shutil.rmtree(self._folder, ignore_errors=True)

    def log(self) -> str:
        return containers.log(self._engine, self.handle)


def _variable(broker: Broker) -> str:
    """The environment variable by which a person names another image."""
    return f"QLAB_{broker.name.upper()}_IMAGE"


def _forget_dead(engine: Engine, workspace: str, service: str) -> None:
    """Remove shared containers that ended, after a reboot for example: they would pile up."""
    for found in containers.labelled(engine, {WORKSPACE: workspace, SERVICE: service}):
        if found.state in ("exited", "dead") and not found.labels.get(RUN):
            containers.remove(engine, found.id)
