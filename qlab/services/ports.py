"""A free port on 127.0.0.1."""

import random
import socket
from collections.abc import Callable
from pathlib import Path

Ports = Callable[[], int]
"""Gives a port that is probably free. Another program may take it a moment later: who starts a server tries again."""

RANGE = range(20_000, 32_768)
"""Below the ports that outgoing connections use on Linux and macOS. In that range a learner's program that reconnects
while the broker is away could take the broker's own port as its source, and the broker could not come back."""


def free_port() -> int:
    """A port nobody listens on now. Raises OSError when this machine has none."""
    outgoing = _outgoing()
    for port in random.sample(RANGE, 200):
        if port not in outgoing and is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Could a server listen on this port of 127.0.0.1 now?"""
    with socket.socket() as probe:
        # As servers do: a connection that lingers after a restart does not hold the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _outgoing() -> range:
    """Ports this machine uses for outgoing connections; empty where it does not say."""
    try:
        first, last = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    except (OSError, ValueError):
        return range(0)
    return range(first, last + 1)
