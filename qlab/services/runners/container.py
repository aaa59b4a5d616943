"""A service as a container of the Docker engine."""

import os
import secrets
import threading
from collections.abc import Mapping

from qlab.brokers.base import Broker
from qlab.engine import containers, images
from qlab.engine.containers import RUN, SERVICE, WORKSPACE, PortTaken, Spec
from qlab.engine.guard import Guard
from qlab.engine.reach import Engine, ping
from qlab.model.errors import EngineAbsent, EngineForbidden, ImageMissing, MachineNotReady, ServiceFailed
from qlab.model.service import Endpoint, RunnerName
from qlab.services.ports import free_port
from qlab.services.ready import wait_ready
from qlab.services.runners.base import Offer, Place, Runner, Server

MEMORY = 1536 * 1024 * 1024
"""Bytes a container may use: room for the largest broker (a JVM), too little to choke a laptop."""

ATTEMPTS = 5
"""How often another port is tried when a program takes ours first."""


class ContainerRunner(Runner):
    """Brokers in containers of the engine that answers on this machine."""

    name = RunnerName.CONTAINER

    def __init__(self, host: str | None = None, overrides: Mapping[str, str] | None = None) -> None:
        """`host` is the engine's address, found when None. `overrides` names images: {"QLAB_REDIS_IMAGE": ...}; the
        environment when None."""
        self._host = host
        self._overrides = os.environ if overrides is None else overrides

    def offer(self, broker: Broker) -> Offer:
        try:
            engine = ping(self._host)
            reference = self._image(engine, broker)
        except ImageMissing as missing:
            pullable = self._variable(broker) not in self._overrides
            remedy = missing.remedies[0]
            return Offer(False, f"{missing.what}; {'; '.join(missing.remedies)}", pullable, remedy)
        except MachineNotReady as error:
            return Offer(False, error.what, remedy=next(iter(error.remedies), ""))
        return Offer(True, f"Docker {engine.version} runs here and has the image {reference}")

    def start(self, broker: Broker, place: Place) -> Server:
        engine = ping(self._host)
        image = self._image(engine, broker)
        labels = {WORKSPACE: place.workspace, SERVICE: broker.name, RUN: place.run}
        if not place.run:
            self._forget_dead(engine, labels)
        for attempt in range(1, ATTEMPTS + 1):
            port = free_port()
            name = f"qlab-{broker.name}-{secrets.token_hex(4)}"
            guard = Guard(engine, name) if place.run else None
            try:
                command = broker.container_command()
                id = containers.run(engine, Spec(image, name, command, broker.port, port, MEMORY, labels))
            except PortTaken:
                if guard:
                    guard.release()
                if attempt == ATTEMPTS:
                    raise
                continue
            except BaseException:
                if guard:
                    guard.release()
                raise
            server = ContainerServer(engine, broker, id, broker.endpoint("127.0.0.1", port), guard)
            try:
                server.wait()
            except BaseException:
                server.stop()
                raise
            return server
        raise AssertionError("every attempt returned or raised")

    def find(self, broker: Broker, place: Place) -> Server | None:
        try:
            engine = ping(self._host)
        except (EngineAbsent, EngineForbidden):
            return None
        for found in containers.labelled(engine, {WORKSPACE: place.workspace, SERVICE: broker.name}):
            if found.state == "running" and not found.labels.get(RUN):
                endpoint = broker.endpoint("127.0.0.1", found.port)
                if broker.ping(endpoint, timeout=1.0):
                    return ContainerServer(engine, broker, found.id, endpoint)
        return None

    def leftovers(self, workspace: str) -> list[str]:
        try:
            return [found.id for found in containers.labelled(ping(self._host), {WORKSPACE: workspace})]
        except (EngineAbsent, EngineForbidden):
            return []  # without an engine nothing of ours runs

    def clear(self, workspace: str) -> list[str]:
        return [id for id in self.leftovers(workspace) if containers.remove(ping(self._host), id)]

    def _image(self, engine: Engine, broker: Broker) -> str:
        """The image to use. Raises ImageMissing with the ways to get one."""
        variable = self._variable(broker)
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

    @staticmethod
    def _variable(broker: Broker) -> str:
        return f"QLAB_{broker.name.upper()}_IMAGE"

    def _forget_dead(self, engine: Engine, labels: Mapping[str, str]) -> None:
        """Remove shared containers that ended, after a reboot for example: they would pile up."""
        for found in containers.labelled(engine, labels):
            if found.state in ("exited", "dead") and not found.labels.get(RUN):
                containers.remove(engine, found.id)


class ContainerServer(Server):
    """A broker in one container. Its data lie in the container and go with it."""

    def __init__(self, engine: Engine, broker: Broker, id: str, endpoint: Endpoint, guard: Guard | None = None) -> None:
        self.endpoint = endpoint
        self.handle = id
        self._engine = engine
        self._broker = broker
        self._guard = guard

    def wait(self) -> None:
        """Return when the broker answers. Raises ServiceFailed when it dies or never does, or an Engine error."""
        gone = threading.Event()
        looks = 0

        def ready(timeout: float) -> bool:
            nonlocal looks
            if self._broker.ping(self.endpoint, timeout):
                return True
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

    def log(self) -> str:
        return containers.log(self._engine, self.handle)
