"""A server the user gave by URL: used, never started, never stopped, never disturbed."""

from qlab.brokers.base import Broker
from qlab.model.errors import ServiceUnavailable
from qlab.model.service import Endpoint, RunnerName
from qlab.services.runners.base import Offer, Place, Runner, Server

TIMEOUT = 3.0
"""Seconds a given server has to answer once: it may be on another machine."""


def variable(broker: Broker) -> str:
    """The environment variable that gives a broker by URL, such as `QLAB_REDIS_URL`."""
    return f"QLAB_{broker.name.upper().replace('-', '_')}_URL"


class ExternalServer(Server):
    """Somebody else's server."""

    def __init__(self, broker: Broker, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.handle = endpoint.shown
        self._refusal = ServiceUnavailable(
            f"qlab does not disturb a {broker.title} that is not its own",
            found=f"{variable(broker)} names {endpoint.shown}",
            remedies=[f"unset {variable(broker)}: then qlab starts one of its own"],
        )

    def kill(self) -> None:
        raise self._refusal

    def restart(self) -> None:
        raise self._refusal

    def pause(self) -> None:
        raise self._refusal

    def resume(self) -> None:
        raise self._refusal

    def stop(self) -> None:
        """Nothing: it was running before us and goes on after us."""

    def log(self) -> str:
        return ""


class ExternalRunner(Runner):
    """Serves the one broker whose URL it was given."""

    name = RunnerName.EXTERNAL

    def __init__(self, url: str) -> None:
        self._url = url

    def offer(self, broker: Broker) -> Offer:
        return Offer(True, f"{variable(broker)} names it")

    def start(self, broker: Broker, place: Place) -> Server:
        """Raises UsageError for a URL of something else, ServiceUnavailable when nothing answers there."""
        endpoint = broker.parse(self._url)
        if not broker.ping(endpoint, TIMEOUT):
            raise ServiceUnavailable(
                f"no {broker.title} answers at {endpoint.shown}",
                found=f"{variable(broker)} names it; qlab asked for {TIMEOUT:.0f} seconds",
                remedies=[
                    "start it, or check its host, port and password",
                    f"or unset {variable(broker)}: then qlab starts one of its own",
                ],
            )
        return ExternalServer(broker, endpoint)

    def find(self, broker: Broker, place: Place) -> Server | None:
        endpoint = broker.parse(self._url)
        return ExternalServer(broker, endpoint) if broker.ping(endpoint, TIMEOUT) else None

    def leftovers(self, workspace: str) -> list[str]:
        return []

    def clear(self, workspace: str) -> list[str]:
        return []
