"""A real Redis for the tests that ask one."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from qlab.brokers.base import find
from qlab.model.service import Endpoint


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Endpoint]:
    """A Redis of this machine, gone after the test."""
    redis = find("redis")
    program = next(place for place in redis.programs() if place.exists())
    tick = Event()
    for port in range(18_700, 18_800):  # a taken one makes the program end at once
        command = redis.native_command(program, port, tmp_path)
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            endpoint = redis.endpoint("127.0.0.1", port)
            while process.poll() is None and redis.pid(endpoint, tmp_path, 1.0) != process.pid:
                tick.wait(0.005)
            if process.poll() is None:
                yield endpoint
                process.kill()
                return
    pytest.fail("no free port")
