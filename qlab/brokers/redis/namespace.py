"""What a check needs of Redis: a whole server of its own, and faults that only the broker can make.

Logical databases are no isolation: a message published in one reaches subscribers of another, FLUSHALL empties all,
scripts and settings are shared. A server costs 6 ms and 4 MB, so every check has one.
"""

from qlab.brokers.redis.address import Address
from qlab.brokers.redis.wire import Wire
from qlab.model.service import Endpoint

OWN_SERVER = True
"""A check never shares a Redis server with another check."""


def wipe(endpoint: Endpoint, timeout: float = 5.0) -> None:
    """Remove every key and cached script of a server of ours. Raises OSError, ReplyError."""
    with Wire(Address.of(endpoint.url), timeout) as wire:
        wire.ask("FLUSHALL")
        wire.ask("SCRIPT", "FLUSH")


def cut(endpoint: Endpoint, timeout: float = 5.0) -> int:
    """Close every client connection, subscribers included; returns how many. Raises OSError, ReplyError."""
    with Wire(Address.of(endpoint.url), timeout) as wire:
        closed = [wire.ask("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes") for kind in ("normal", "pubsub")]
    return sum(count for count in closed if isinstance(count, int))
