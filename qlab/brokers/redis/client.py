"""The client library, opened only by those who ask for it: importing it costs 80 ms."""

from typing import TYPE_CHECKING, TypeAlias

from qlab.model.service import Endpoint

if TYPE_CHECKING:
    from redis import Redis

    Client: TypeAlias = Redis


def client(endpoint: Endpoint, timeout: float = 5.0) -> "Client":
    """A client that never tries again by itself, for those who want to see each failure. Replies are bytes."""
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return Redis.from_url(
        endpoint.url, socket_timeout=timeout, socket_connect_timeout=timeout, retry=Retry(NoBackoff(), 0)
    )


def text_client(endpoint: Endpoint) -> "Client":
    """A client as a learner would make it: replies are text, and it connects again after the server was away."""
    from redis import Redis

    return Redis.from_url(endpoint.url, decode_responses=True)
