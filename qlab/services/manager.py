"""The services of one workspace: brought up, found again, looked at, taken down."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path

from qlab.brokers import base as brokers
from qlab.brokers.base import Broker
from qlab.model.errors import MachineNotReady, ServiceUnavailable
from qlab.model.events import Event, ServiceChosen, ServiceDown, ServiceUp
from qlab.model.service import Choice, RunnerName, Service, ServiceState
from qlab.model.workspace import Workspace
from qlab.services import record
from qlab.services.attach import attach, describe, remember
from qlab.services.choose import QUICKEST, Runners, choose
from qlab.services.lock import held, locked
from qlab.services.runners.base import Place, Runner, Server
from qlab.services.runners.external import ExternalRunner, variable
from qlab.services.starting import Start, start_all


class Services:
    """The shared services of a workspace, and servers of their own for checks."""

    def __init__(
        self, workspace: Workspace, env: Mapping[str, str], runners: Mapping[RunnerName, Runner] | None = None
    ) -> None:
        """`env` may hold URLs of the user's own servers, such as QLAB_REDIS_URL; usually os.environ."""
        self._workspace = workspace
        self._env = env
        self._runners = Runners() if runners is None else runners

    def up(
        self, names: Sequence[str], forced: RunnerName | None = None, *, may_pull: bool = False
    ) -> Generator[Event, None, list[Service]]:
        """Have these services: what runs already is used, the rest is started side by side.

        Yields ServiceUp for each, after ServiceChosen for those to start (and ImageProgress where `may_pull` lets an
        image be downloaded). Returns them in the order of `names`. If one fails, those that this call started are
        stopped again. Raises UsageError (unknown name, wrong URL), ServiceUnavailable, ServiceFailed, or an Engine error.
        """
        wanted = {name: brokers.find(name) for name in names}
        up: dict[str, Service] = {}
        for service in self._running(wanted, forced):
            up[service.name] = service
            yield ServiceUp(service)
        if len(up) < len(wanted):
            with locked(self._workspace.services):
                missing = {name: broker for name, broker in wanted.items() if name not in up}
                for service in self._running(missing, forced):  # another qlab may have started it meanwhile
                    up[service.name] = service
                    yield ServiceUp(service)
                starts = []
                for name, broker in missing.items():
                    if name in up:
                        continue
                    choice, runner = choose(broker, None, forced, self._runners, may_pull=may_pull)
                    found = self._find(broker, choice, runner, forced)
                    if found is not None:
                        up[name] = found
                        yield ServiceUp(found)
                        continue
                    yield ServiceChosen(choice)
                    if choice.runner is RunnerName.CONTAINER and may_pull and not runner.offer(broker).can:
                        yield from _pull(broker)
                    starts.append(Start(broker, self._place(name), choice, runner))
                for service in start_all(starts):
                    up[service.name] = service
                    yield ServiceUp(service)
        return [up[name] for name in wanted]

    def attached(self, names: Sequence[str]) -> list[Service]:
        """Those of these services that answer now. Starts nothing, opens no engine."""
        return list(self._running({name: brokers.find(name) for name in names}, None))

    def status(self) -> list[tuple[str, ServiceState, Service | None]]:
        """Every known service and what it does now. Cheap: one question to each that has a record."""
        busy = held(self._workspace.services)
        return [self._look(brokers.find(name), busy) for name in brokers.names()]

    def down(self, names: Sequence[str] | None = None) -> Iterator[Event]:
        """Stop these services, or all and every leftover of this workspace; ServiceDown for each that was there.

        A server given by URL is left alone. Raises UsageError for an unknown name, or an Engine error.
        """
        wanted = [brokers.find(name) for name in (brokers.names() if names is None else names)]
        with locked(self._workspace.services):
            for broker in wanted:
                for handle in self._stop(broker):
                    yield ServiceDown(broker.name, handle)
            if names is None:
                for runner in self._runners.values():
                    for handle in _quietly(runner.clear, self._space):
                        yield ServiceDown("left over", handle)

    def log(self, name: str) -> str:
        """The last lines of a shared service's own log; empty when it was not started here or is the user's own.

        Raises UsageError for an unknown name, or an Engine error.
        """
        broker = brokers.find(name)
        place = self._place(name)
        known = record.read(place.folder)
        if known is None or known.runner not in self._runners:
            return ""
        server = self._runners[known.runner].find(broker, place)
        return server.log() if server else ""

    def leftovers(self) -> list[str]:
        """Handles of everything of this workspace that runs or lies around, by the runners' own labels."""
        return [handle for runner in self._runners.values() for handle in _quietly(runner.leftovers, self._space)]

    def clear_runs(self) -> list[str]:
        """Remove the servers that check runs left behind because they were cut off; returns their handles."""
        return [handle for runner in self._runners.values() for handle in _quietly(runner.clear_runs, self._space)]

    def private(self, name: str, run: str, folder: Path, forced: RunnerName | None = None) -> Server:
        """A check's own server, with its files in `folder`; a context manager that stops it and removes the folder.

        It dies with this process, however that ends. Never a server given by URL: checks disturb theirs.
        Raises ServiceUnavailable, ServiceFailed, or an Engine error.
        """
        broker = brokers.find(name)
        if forced is RunnerName.EXTERNAL:
            raise ServiceUnavailable(
                f"a check needs a {broker.title} of its own",
                found="it restarts and breaks it, which qlab never does to yours",
                remedies=["leave out --runner external: qlab chooses"],
            )
        _, runner = choose(broker, None, forced, self._runners, order=QUICKEST)
        return runner.start(broker, Place(self._space, folder, run))

    @property
    def _space(self) -> str:
        return str(self._workspace.root.resolve())

    def _place(self, name: str) -> Place:
        folder = self._workspace.services.resolve() / name
        return Place(self._space, folder)

    def _running(self, wanted: Mapping[str, Broker], forced: RunnerName | None) -> Iterator[Service]:
        """Those that answer, by URL or record."""
        for broker in wanted.values():
            url = self._env.get(variable(broker))
            if (url and forced is None) or forced is RunnerName.EXTERNAL:
                choice, runner = choose(broker, url, forced, self._runners)
                server = runner.start(broker, self._place(broker.name))
                yield describe(broker, RunnerName.EXTERNAL, server, choice.why, attached=True)
            elif service := attach(broker, self._place(broker.name).folder):
                _agree(service, forced)
                yield service

    def _find(self, broker: Broker, choice: Choice, runner: Runner, forced: RunnerName | None) -> Service | None:
        """A shared server that the record does not tell rightly (it restarted, the record was lost), by its label."""
        place = self._place(broker.name)
        known = record.read(place.folder)
        if known is not None and known.runner is not choice.runner and known.runner in self._runners:
            other = self._runners[known.runner]
            if (server := other.find(broker, place)) is not None:
                service = describe(broker, known.runner, server, known.why, attached=True)
                _agree(service, forced)
                remember(service, self._space, place.folder)
                return service
            _clear(other, broker, place)  # it hangs or is dead: nothing of it may stay beside the new one
        if (server := runner.find(broker, place)) is None:
            return None
        why = known.why if known is not None and known.why else choice.why
        service = describe(broker, choice.runner, server, why, attached=True)
        remember(service, self._space, place.folder)
        return service

    def _look(self, broker: Broker, busy: bool) -> tuple[str, ServiceState, Service | None]:
        if url := self._env.get(variable(broker)):
            server = ExternalRunner(url).find(broker, self._place(broker.name))
            if server is None:
                return broker.name, ServiceState.DOWN, None
            why = f"{variable(broker)} names it"
            return broker.name, ServiceState.UP, describe(broker, RunnerName.EXTERNAL, server, why, attached=True)
        folder = self._place(broker.name).folder
        if service := attach(broker, folder):
            return broker.name, ServiceState.UP, service
        if record.read(folder) is None:
            return broker.name, ServiceState.DOWN, None
        return broker.name, ServiceState.STARTING if busy else ServiceState.EXITED, None

    def _stop(self, broker: Broker) -> list[str]:
        place = self._place(broker.name)
        return [handle for runner in self._runners.values() for handle in _clear(runner, broker, place)]


def _clear(runner: Runner, broker: Broker, place: Place) -> list[str]:
    """Stop the shared server of one service and remove its folder; handles of what was there."""
    from qlab.services.runners.process import ProcessRunner

    if isinstance(runner, ProcessRunner):
        return runner.clear_service(place.workspace, broker.name)
    try:
        server = runner.find(broker, place)
        if server is None:
            return []
        server.stop()
    except MachineNotReady:
        known = record.read(place.folder)
        if known is not None and known.runner is runner.name:
            raise
        return []  # it has nothing of ours as far as we know, and it is not what was asked for
    record.forget(place.folder)
    return [server.handle]


def _quietly(ask: Callable[[str], list[str]], workspace: str) -> list[str]:
    """A runner that cannot work here has left nothing here."""
    try:
        return ask(workspace)
    except MachineNotReady:
        return []


def _agree(service: Service, forced: RunnerName | None) -> None:
    if forced is not None and service.runner is not forced:
        raise ServiceUnavailable(
            f"{service.name} runs already, as {service.runner.value} and not as {forced.value}",
            found=f"it answers at {service.endpoint.shown}; what it holds would be lost",
            remedies=[f"stop it first: qlab services down {service.name}", "or leave out --runner and use it as it is"],
        )


def _pull(broker: Broker) -> Iterator[Event]:
    from qlab.engine import images, reach

    yield from images.pull(reach.ping(), broker.image.reference, broker.name)
