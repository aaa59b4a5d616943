"""Which runner a service gets on this machine, and the one line that explains it."""

from collections.abc import Callable, Iterator, Mapping

from qlab.brokers.base import Broker
from qlab.model.errors import EngineForbidden, MachineNotReady, ServiceUnavailable
from qlab.model.service import Choice, RunnerName
from qlab.services import install
from qlab.services.runners.base import Offer, Runner
from qlab.services.runners.external import ExternalRunner, variable

PREFERRED = (RunnerName.CONTAINER, RunnerName.NATIVE, RunnerName.EMBEDDED)
"""For a shared service: a container is the same everywhere."""

QUICKEST = (RunnerName.NATIVE, RunnerName.EMBEDDED, RunnerName.CONTAINER)
"""For a check's own server: a process starts in milliseconds, a container in a sixth of a second."""

GROUP = "sudo usermod -aG docker $USER   then log out and in again"
"""Never `sudo qlab`: files of the workspace would then belong to root."""


class Runners(Mapping[RunnerName, Runner]):
    """The runners, each made when first asked for: who needs no container does not open that one."""

    def __init__(self, makers: Mapping[RunnerName, Callable[[], Runner]] | None = None) -> None:
        self._makers = dict(_makers() if makers is None else makers)
        self._made: dict[RunnerName, Runner] = {}

    def __getitem__(self, name: RunnerName) -> Runner:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[RunnerName]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def choose(
    broker: Broker,
    url: str | None,
    forced: RunnerName | None,
    runners: Mapping[RunnerName, Runner],
    *,
    may_pull: bool = False,
    order: tuple[RunnerName, ...] = PREFERRED,
) -> tuple[Choice, Runner]:
    """The user's URL, else the first runner in `order` that can now, else a container whose image may be downloaded.

    `forced` allows that one alone. Raises ServiceUnavailable with three remedies, or with why the forced one cannot.
    """
    if forced is RunnerName.EXTERNAL and not url:
        raise ServiceUnavailable(
            f"there is no {broker.title} of yours to use",
            found=f"{variable(broker)} is not set",
            remedies=[f"export {variable(broker)}=…", "or leave out --runner: qlab chooses"],
        )
    if url and forced in (None, RunnerName.EXTERNAL):
        external = ExternalRunner(url)
        why = f"{external.offer(broker).why}: {broker.parse(url).shown}"
        return Choice(broker.name, RunnerName.EXTERNAL, why), external
    if forced is not None:
        return _forced(broker, forced, runners, may_pull)
    offers: dict[RunnerName, Offer] = {}
    for name in order:
        if name in runners:
            offers[name] = offered(runners[name], broker)
            if offers[name].can:
                return Choice(broker.name, name, _why(offers)), runners[name]
    container = offers.get(RunnerName.CONTAINER)
    if may_pull and container is not None and container.after_download:
        why = f"{container.why}, and it is downloaded now"
        return Choice(broker.name, RunnerName.CONTAINER, why), runners[RunnerName.CONTAINER]
    raise ServiceUnavailable(
        f"there is no way to run {broker.title} on this machine yet",
        found="; ".join(offer.why for offer in offers.values()),
        remedies=_three_ways(broker, container),
    )


def offered(runner: Runner, broker: Broker) -> Offer:
    """A runner's offer; an engine that refuses is an offer that cannot, in the engine's own words."""
    try:
        return runner.offer(broker)
    except MachineNotReady as error:
        return Offer(False, error.what, remedy=_remedy(error))


def _remedy(error: MachineNotReady) -> str:
    if isinstance(error, EngineForbidden):
        return next((line for line in error.remedies if "usermod" in line), GROUP)
    return next(iter(error.remedies), "")


def _why(offers: Mapping[RunnerName, Offer]) -> str:
    """Why the last one, and why not those before it."""
    *passed, taken = offers.values()
    return "; ".join([taken.why, *(offer.why for offer in passed)])


def _forced(
    broker: Broker, forced: RunnerName, runners: Mapping[RunnerName, Runner], may_pull: bool
) -> tuple[Choice, Runner]:
    offer = offered(runners[forced], broker) if forced in runners else Offer(False, f"there is no {forced} runner")
    if offer.can or (offer.after_download and may_pull):
        return Choice(broker.name, forced, f"you asked for it; {offer.why}"), runners[forced]
    others = [name for name in PREFERRED if name in runners and name is not forced]
    able = [name for name in others if offered(runners[name], broker).can]
    raise ServiceUnavailable(
        f"{broker.title} cannot be run as {forced.value} here",
        found=offer.why,
        remedies=[f"this works here: --runner {name.value}" for name in able]
        or _three_ways(broker, offer if forced is RunnerName.CONTAINER else None),
    )


def _three_ways(broker: Broker, container: Offer | None) -> list[str]:
    docker = "install Docker and start it: https://docs.docker.com/get-started/get-docker/"
    if container is not None and container.after_download:
        docker = f"get its image: qlab images pull {broker.name} (about {broker.image.megabytes} MB)"
    elif container is not None and container.remedy:
        docker = container.remedy
    server = install.command(broker) or f"install the {broker.title} server with this system's package manager"
    return [docker, server, f"or name one that runs already: export {variable(broker)}=…"]


def _makers() -> Mapping[RunnerName, Callable[[], Runner]]:
    return {RunnerName.CONTAINER: _container, RunnerName.NATIVE: _native, RunnerName.EMBEDDED: _embedded}


def _container() -> Runner:
    from qlab.services.runners.container import ContainerRunner

    return ContainerRunner()


def _native() -> Runner:
    from qlab.services.runners.native import NativeRunner

    return NativeRunner()


def _embedded() -> Runner:
    from qlab.services.runners.embedded import EmbeddedRunner

    return EmbeddedRunner()
