"""Redis on the bench: a real server of this check's own, what it holds, and what can be done to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from qlab.brokers.redis import inspection
from qlab.brokers.redis.client import text_client
from qlab.checkkit.history import History
from qlab.checkkit.patience import Patience
from qlab.services.runners.base import Server

if TYPE_CHECKING:
    from qlab.brokers.redis.client import Client

_NOT_SHOWN = ("MONITOR", "ECHO", "PING", "HELLO", "CLIENT", "INFO", "SELECT", "COMMAND")
"""Commands that tell a learner nothing and stay off the timeline."""


class RedisBench:
    """The Redis server of one check."""

    def __init__(self, server: Server, history: History, patience: Patience) -> None:
        self._server = server
        self._history = history
        self._patience = patience
        self._client: Client | None = None

    @property
    def url(self) -> str:
        """What programs get as REDIS_URL."""
        return self._server.endpoint.url

    @property
    def client(self) -> "Client":
        """The check's own connection; answers are text. Reconnects by itself after a restart."""
        if self._client is None:
            self._client = text_client(self._server.endpoint)
        return self._client

    def calls(self) -> dict[str, int]:
        """How often each command was called since the server started, by lower-case name: {"brpop": 3}."""
        return inspection.calls(self._server.endpoint)

    @contextmanager
    def record(self) -> Iterator[inspection.Recording]:
        """Record every command while the block runs. Those of learners' programs also go on the timeline."""
        with inspection.record(self._server.endpoint) as recording:
            own = {str(c["addr"]) for c in self.client.client_list()} if self._client else set()
            yield recording
        for seen in recording.commands:
            if seen.client not in own and seen.name not in _NOT_SHOWN:
                self._history.note("redis", " ".join(seen.argv), at=seen.t)

    def listen(self, *channels: str) -> "Heard":
        """Subscribe to channels; confirmed by the server when this returns."""
        return Heard(inspection.Listener(self._server.endpoint, channels), self._patience)

    def kill(self) -> None:
        """SIGKILL to the server; what it acknowledged is on disk."""
        self._history.note("qlab", "killed Redis")
        self._server.kill()

    def restart(self) -> None:
        """Start it again on the same port with the same data, after killing it if it runs."""
        self._server.restart()
        self._history.note("qlab", "Redis is back, with its data")

    def pause(self) -> None:
        """It stops answering; connections stay open."""
        self._history.note("qlab", "paused Redis")
        self._server.pause()

    def resume(self) -> None:
        """It answers again."""
        self._history.note("qlab", "resumed Redis")
        self._server.resume()


class Heard:
    """What a subscriber heard."""

    def __init__(self, listener: inspection.Listener, patience: Patience) -> None:
        self._listener = listener
        self._patience = patience

    @property
    def messages(self) -> list[tuple[str, str]]:
        """(channel, text) in the order they came."""
        return list(self._listener.messages)

    def wait(self, count: int = 1, within: float = 5.0) -> list[tuple[str, Any]]:
        """The messages once there are at least `count`, or those that came within `within` seconds."""
        self._listener.wait(count, self._patience.seconds(within))
        return self.messages
