"""What only processes can get wrong: strangers, orphans, taken ports, programs that die."""

import os
import shutil
import signal
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from qlab.brokers.base import Broker
from qlab.brokers.redis.client import client
from qlab.brokers.redis.spec import Redis
from qlab.model.errors import ServiceFailed
from qlab.model.service import RunnerName
from qlab.services.ports import free_port
from qlab.services.record import Record
from qlab.services.runners.base import Place
from qlab.services.runners.native import NativeRunner
from tests.services.conftest import Script, ends, line

pytestmark = pytest.mark.needs("redis-server")

START = """
import sys, threading
from pathlib import Path
from qlab.brokers.base import find
from qlab.services.runners.base import Place
from qlab.services.runners.native import NativeRunner

def start():
    server = NativeRunner().start(find("redis"), Place(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
    print(server.handle, server.endpoint.port, flush=True)
    kept.append(server)

kept = []
thread = threading.Thread(target=start)
thread.start()
thread.join()
print("the thread that started it is over", flush=True)
sys.stdin.readline()
"""


def test_a_checks_server_dies_with_its_starter(redis: Broker, own: Place, script: Script) -> None:
    starter = script(START, own.workspace, own.folder, own.run)
    pid, port = map(int, line(starter).split())
    assert line(starter)
    assert redis.ping(redis.endpoint("127.0.0.1", port), 1.0), "it must outlive the thread that started it"
    assert NativeRunner().clear(own.workspace) == [], "a server in use is no leftover"
    starter.kill()
    assert ends(pid)
    starter.wait()
    assert NativeRunner().clear(own.workspace) == [str(own.folder)]
    assert not own.folder.exists()


def test_a_shared_server_survives_its_starter(redis: Broker, shared: Place, script: Script) -> None:
    starter = script(START, shared.workspace, shared.folder, "")
    pid, _ = map(int, line(starter).split())
    assert line(starter)
    starter.kill()
    starter.wait()
    found = NativeRunner().find(redis, shared)
    assert found is not None
    assert found.handle == str(pid)
    assert NativeRunner().clear(shared.workspace) == [str(pid)]
    assert ends(pid)


@pytest.mark.parametrize("lost", ["record", "pid file", "folder"])
def test_a_server_is_found_when_files_are_lost(redis: Broker, shared: Place, lost: str) -> None:
    server = NativeRunner().start(redis, shared)
    if lost == "folder":
        shutil.rmtree(shared.folder)
    else:
        (shared.folder / {"record": "record.json", "pid file": "redis.pid"}[lost]).unlink()
    assert NativeRunner().clear(shared.workspace) == [server.handle]
    assert ends(int(server.handle))


def test_a_lost_record_does_not_make_a_second_server(redis: Broker, shared: Place) -> None:
    first = NativeRunner().start(redis, shared)
    (shared.folder / "record.json").unlink()
    second = NativeRunner().start(redis, shared)
    assert ends(int(first.handle))
    assert NativeRunner().leftovers(shared.workspace) == [second.handle]


def test_a_stranger_with_our_recorded_pid_is_not_touched(redis: Broker, shared: Place, script: Script) -> None:
    stranger = script("print('here', flush=True); input()")
    assert line(stranger) == "here"
    shared.folder.mkdir(parents=True)
    (shared.folder / "redis.pid").write_text(str(stranger.pid))
    Record("redis", RunnerName.NATIVE, shared.workspace, port=free_port(), handle=str(stranger.pid), program="x").write(
        shared.folder
    )
    assert NativeRunner().find(redis, shared) is None
    assert NativeRunner().clear(shared.workspace) == [str(shared.folder)]
    assert stranger.poll() is None
    assert not shared.folder.exists()


def test_a_redis_of_somebody_else_on_our_port_is_not_touched(redis: Broker, shared: Place, own: Place) -> None:
    with NativeRunner().start(redis, own) as stranger:
        Record("redis", RunnerName.NATIVE, shared.workspace, port=stranger.endpoint.port, program="x").write(
            shared.folder
        )
        assert NativeRunner().find(redis, shared) is None
        ours = NativeRunner().start(redis, shared)
        assert ours.endpoint.port != stranger.endpoint.port
        assert redis.ping(stranger.endpoint, 1.0)


def test_a_taken_port_means_another_port(redis: Broker, shared: Place, own: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, NativeRunner().start(redis, own) as other:
        free = free_port()
        # One is held by a program that answers nothing, one by a Redis that answers every ping.
        offered = iter([taken.getsockname()[1], other.endpoint.port, free])
        server = NativeRunner(lambda: next(offered)).start(redis, shared)
        assert server.endpoint.port == free
        assert redis.pid(server.endpoint, shared.folder, 1.0) == int(server.handle)


def test_after_five_taken_ports_it_says_so(redis: Broker, shared: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        asked = []

        def ports() -> int:
            asked.append(1)
            return int(taken.getsockname()[1])

        with pytest.raises(ServiceFailed, match="used by another program"):
            NativeRunner(ports).start(redis, shared)
    assert len(asked) == 5
    assert not shared.folder.exists()


class Broken(Redis):
    """A Redis whose program is a script."""

    def __init__(self, program: Path) -> None:
        self._program = program

    def programs(self) -> Sequence[Path]:
        return [self._program]


def broken(folder: Path, text: str) -> Broken:
    program = folder / "redis-server"
    program.write_text(text)
    program.chmod(0o755)
    return Broken(program)


def test_a_program_that_dies_shows_its_last_words(tmp_path: Path, shared: Place) -> None:
    broker = broken(tmp_path, "#!/bin/sh\necho 'Fatal: cannot allocate a thing'\nexit 3\n")
    with pytest.raises(ServiceFailed, match="ended before it was ready") as raised:
        NativeRunner().start(broker, shared)
    assert "Fatal: cannot allocate a thing" in raised.value.found
    assert not shared.folder.exists()
    assert NativeRunner().leftovers(shared.workspace) == []


def test_a_file_that_is_no_program_is_said_in_words(tmp_path: Path, shared: Place) -> None:
    with pytest.raises(ServiceFailed, match="could not be started") as raised:
        NativeRunner().start(broken(tmp_path, "\x7fELF nothing"), shared)
    assert "redis-server" in raised.value.found
    assert not shared.folder.exists()


def test_a_crashed_shared_server_comes_back_with_its_data(redis: Broker, shared: Place) -> None:
    server = NativeRunner().start(redis, shared)
    with client(server.endpoint) as redis_client:
        redis_client.rpush("jobs", "kept")
    os.kill(int(server.handle), signal.SIGKILL)
    assert ends(int(server.handle))
    again = NativeRunner().start(redis, shared)
    with client(again.endpoint) as redis_client:
        assert redis_client.lrange("jobs", 0, -1) == [b"kept"]


def test_the_server_gets_an_environment_of_its_own(
    redis: Broker, own: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("A_SECRET", "of the starter")
    seen = tmp_path / "seen"
    broker = broken(tmp_path, f"#!/bin/sh\nenv > {seen}\nexit 1\n")
    with pytest.raises(ServiceFailed):
        NativeRunner().start(broker, own)
    names = {entry.partition("=")[0] for entry in seen.read_text().splitlines()}
    assert names - {"PWD", "SHLVL", "_", "OLDPWD"} == {"PATH", "LANG", "QLAB_WORKSPACE", "QLAB_SERVICE", "QLAB_RUN"}
