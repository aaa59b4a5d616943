"""The client library, opened only by those who ask for it."""

from typing import TYPE_CHECKING

from qlab.model.service import Endpoint

if TYPE_CHECKING:
    import redis


def client(endpoint: Endpoint, timeout: float = 5.0) -> "redis.Redis":
    """A client that never tries again by itself: a check wants to see each failure. Replies are bytes."""
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return redis.Redis.from_url(
        endpoint.url, socket_timeout=timeout, socket_connect_timeout=timeout, retry=Retry(NoBackoff(), 0)
    )
