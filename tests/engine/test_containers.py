"""Real containers: published on loopback alone, found by label, gone when they should be."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from qlab.engine import containers
from qlab.engine.ask import ask
from qlab.engine.containers import PortTaken, Spec
from qlab.engine.reach import Engine
from qlab.model.errors import ImageMissing

pytestmark = pytest.mark.needs("docker")


@pytest.fixture
def mark(engine: Engine) -> Iterator[dict[str, str]]:
    """A label of this test's own; whatever carries it is removed afterwards."""
    label = {containers.WORKSPACE: f"/test/{secrets.token_hex(4)}"}
    yield label
    for left in containers.labelled(engine, label):
        containers.remove(engine, left.id)


def free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def spec(image: str, mark: dict[str, str], port: int = 0, command: tuple[str, ...] = ()) -> Spec:
    server = ("redis-server", "--bind", "0.0.0.0", "--protected-mode", "no")
    name = f"qlab-test-{secrets.token_hex(4)}"
    return Spec(image, name, command or server, 6379, port or free(), 256 << 20, mark)


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as wire:
            wire.sendall(b"PING\r\n")
            return wire.recv(16) == b"+PONG\r\n"
    except OSError:
        return False


def until(what, seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.02)
    return False


def test_a_container_lives_on_our_port_and_dies_without_trace(engine: Engine, redis_image: str, mark) -> None:
    wanted = spec(redis_image, mark)
    id = containers.run(engine, wanted)
    assert until(lambda: answers(wanted.outside))
    (found,) = containers.labelled(engine, mark)
    assert (found.id, found.state, found.port) == (id, "running", wanted.outside)
    raw = ask(engine, "GET", f"/containers/{id}/json")
    assert raw["NetworkSettings"]["Ports"]["6379/tcp"] == [{"HostIp": "127.0.0.1", "HostPort": str(wanted.outside)}]
    assert raw["HostConfig"]["Memory"] == 256 << 20
    assert containers.remove(engine, id)
    assert not containers.remove(engine, id)
    assert containers.inspect(engine, id) is None
    assert containers.labelled(engine, mark) == []
    assert containers.log(engine, id) == ""


def test_kill_and_start_keep_the_port(engine: Engine, redis_image: str, mark) -> None:
    wanted = spec(redis_image, mark)
    id = containers.run(engine, wanted)
    containers.kill(engine, id)
    assert not answers(wanted.outside)
    containers.kill(engine, id)
    containers.start(engine, id)
    assert until(lambda: answers(wanted.outside))


def test_pause_freezes_and_unpause_goes_on(engine: Engine, redis_image: str, mark) -> None:
    wanted = spec(redis_image, mark)
    id = containers.run(engine, wanted)
    assert until(lambda: answers(wanted.outside))
    containers.pause(engine, id)
    containers.pause(engine, id)
    assert not answers(wanted.outside)
    containers.unpause(engine, id)
    containers.unpause(engine, id)
    assert answers(wanted.outside)


def test_a_taken_port_is_told_apart_and_leaves_nothing(engine: Engine, redis_image: str, mark) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(PortTaken):
            containers.run(engine, spec(redis_image, mark, other.getsockname()[1]))
    first = spec(redis_image, mark)
    containers.run(engine, first)
    with pytest.raises(PortTaken):
        containers.run(engine, spec(redis_image, mark, first.outside))
    assert len(containers.labelled(engine, mark)) == 1


def test_a_missing_image_is_told_so(engine: Engine, mark) -> None:
    with pytest.raises(ImageMissing, match="qlab/none:0"):
        containers.run(engine, spec("qlab/none:0", mark))
    assert containers.labelled(engine, mark) == []


def test_a_program_that_cannot_start_leaves_nothing(engine: Engine, redis_image: str, mark) -> None:
    with pytest.raises(Exception, match="refused"):
        containers.run(engine, spec(redis_image, mark, command=("/no/such/program",)))
    assert containers.labelled(engine, mark) == []


def test_the_log_has_what_it_printed_last(engine: Engine, redis_image: str, mark) -> None:
    command = ("/bin/sh", "-c", "for i in 1 2 3; do echo line $i; done; echo oh no >&2")
    id = containers.run(engine, spec(redis_image, mark, command=command))
    assert until(lambda: containers.inspect(engine, id).state == "exited")
    assert set(containers.log(engine, id, lines=2).splitlines()) <= {"line 3", "oh no", "line 2"}
    assert "oh no" in containers.log(engine, id)


def test_a_guarded_container_goes_when_its_process_is_killed(engine: Engine, redis_image: str, mark) -> None:
    wanted = spec(redis_image, mark)
    program = f"""
import os, signal
from qlab.engine.containers import Spec, run
from qlab.engine.guard import Guard
from qlab.engine.reach import Engine
engine = Engine({engine.host!r}, {engine.api!r}, "")
Guard(engine, {wanted.name!r})
run(engine, Spec({wanted.image!r}, {wanted.name!r}, {wanted.command!r}, 6379, {wanted.outside}, {wanted.memory}, {mark!r}))
print("up", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert child.stdout == "up\n", child.stderr
    assert child.returncode == -signal.SIGKILL
    assert until(lambda: not containers.labelled(engine, mark))


def test_ctrl_c_while_it_starts_leaves_nothing(engine: Engine, redis_image: str, mark) -> None:
    wanted = spec(redis_image, mark)
    program = f"""
from qlab.engine.containers import Spec, run
from qlab.engine.reach import Engine
spec = Spec({wanted.image!r}, {wanted.name!r}, {wanted.command!r}, 6379, {wanted.outside}, {wanted.memory}, {mark!r})
print("go", flush=True)
run(Engine({engine.host!r}, {engine.api!r}, ""), spec)
import time; time.sleep(30)
"""
    for delay in (0.005, 0.02, 0.06):
        child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert child.stdout is not None
        assert child.stdout.readline() == b"go\n"
        time.sleep(delay)
        os.kill(child.pid, signal.SIGINT)
        child.wait(30)
        child.stdout.close()
        assert containers.labelled(engine, mark) == []
