"""What Redis is for qlab, against real servers."""

import subprocess
import sys
from pathlib import Path

import pytest
import redis as redis_library

from qlab.brokers import base
from qlab.brokers.redis.client import client
from qlab.brokers.redis.namespace import cut, wipe
from qlab.model.errors import UsageError
from qlab.model.service import Endpoint

REDIS = base.find("redis")

needs_server = pytest.mark.needs("redis-server")


def test_it_is_found_by_its_folder() -> None:
    assert "redis" in base.names()
    with pytest.raises(UsageError) as raised:
        base.find("rediss")
    assert raised.value.remedies == ("did you mean 'redis'?",)


def test_importing_it_opens_no_client_library() -> None:
    text = "import sys; from qlab.brokers.base import find; find('redis').programs(); print('redis' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", text], capture_output=True, text=True).stdout == "False\n"


def test_the_container_runs_the_program_by_name_and_keeps_every_write() -> None:
    command = list(REDIS.container_command())
    assert command[0] == "redis-server"
    assert command[command.index("--appendfsync") + 1] == "always"
    assert command[command.index("--port") + 1] == str(REDIS.port)


def test_the_native_server_listens_on_this_machine_alone(tmp_path: Path) -> None:
    command = list(REDIS.native_command(Path("/usr/bin/redis-server"), 7000, tmp_path))
    assert command[command.index("--bind") + 1] == "127.0.0.1"
    assert all(str(tmp_path) in command[command.index(flag) + 1] for flag in ("--dir", "--pidfile", "--logfile"))


def test_the_embedded_program_is_not_taken_for_the_machines() -> None:
    assert Path(sys.prefix, "bin", "redis-server") not in REDIS.programs()


@needs_server
def test_identity_and_process(server: Endpoint, tmp_path: Path) -> None:
    with client(server) as redis:
        info = redis.info("server")
    assert REDIS.identity(server, 1.0) == info["run_id"]
    assert REDIS.pid(server, tmp_path, 1.0) == info["process_id"]
    assert REDIS.pid(server, tmp_path.parent, 1.0) is None, "another folder, another server"


@needs_server
def test_a_password_is_used(server: Endpoint) -> None:
    with client(server) as redis:
        redis.config_set("requirepass", "pa/ss")
    assert not REDIS.ping(server, 1.0)
    given = REDIS.parse(f"redis://:pa%2Fss@127.0.0.1:{server.port}/3")
    assert REDIS.ping(given, 1.0)
    with client(given) as redis:
        assert redis.ping()
    assert not REDIS.ping(REDIS.parse(f"redis://:wrong@127.0.0.1:{server.port}/0"), 1.0)


@needs_server
def test_cut_closes_subscribers_too_and_wipe_empties(server: Endpoint) -> None:
    with client(server) as redis, redis.pubsub() as pubsub:
        redis.rpush("jobs", "one")
        pubsub.subscribe("news")
        assert pubsub.get_message(timeout=5.0)
        assert cut(server) >= 1
        with pytest.raises(redis_library.ConnectionError, match="losed"):
            pubsub.get_message(timeout=5.0)
    wipe(server)
    with client(server) as redis:
        assert redis.dbsize() == 0


def test_a_program_that_says_no_version(tmp_path: Path) -> None:
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\necho nothing of use\n")
    program.chmod(0o755)
    assert REDIS.version(program) == ""
    assert REDIS.version(tmp_path / "absent") == ""
