"""Where the engine is, and what a person is told when it is not there."""

import json
import os
import socket
import subprocess
import sys
import threading
from hashlib import sha256
from pathlib import Path

import pytest

from qlab.engine.ask import ask
from qlab.engine.reach import Engine, candidates, ping
from qlab.model.errors import EngineAbsent, EngineFailed
from tests.engine.conftest import http


@pytest.mark.needs("docker")
def test_an_engine_that_answers_says_its_version() -> None:
    engine = ping()
    assert engine.host.startswith(("unix://", "tcp://"))
    assert float(engine.api) >= 1.24


def test_no_engine_names_what_was_tried_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EngineAbsent) as told:
        ping(f"unix://{tmp_path}/none.sock")
    assert "none.sock" in told.value.found
    assert told.value.remedies
    assert not any("sudo qlab" in line for line in told.value.remedies)


def test_a_socket_nobody_listens_on_is_no_engine(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "s"))
    with pytest.raises(EngineAbsent, match="no Docker engine answers"):
        ping(f"unix://{tmp_path}/s")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_user_without_the_right_is_told_the_one_command(sick) -> None:
    engine = sick(lambda connection: connection.sendall(http("200 OK")))
    engine.path.chmod(0o000)
    program = (
        "import os, sys; from qlab.engine.reach import ping; from qlab.model.errors import EngineForbidden\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try: ping(sys.argv[1])\n"
        "except EngineForbidden as error: print(error, error.found, *error.remedies, sep='\\n')"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, engine.host], capture_output=True, text=True, timeout=30, cwd=Path.cwd()
    )
    assert told.returncode == 0, told.stderr
    assert "sudo usermod -aG docker $USER" in told.stdout
    assert "log out and in again" in told.stdout
    assert "sudo qlab" not in told.stdout


def test_a_silent_engine_is_given_up_in_time(sick) -> None:
    done = threading.Event()
    engine = sick(lambda _: done.wait(10))
    with pytest.raises(EngineFailed, match=r"does not answer within 0\.3 seconds"):
        ping(engine.host, timeout=0.3)
    done.set()


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\nContent-Le"])
def test_an_engine_that_hangs_up_is_not_called_absent(sick, said: bytes) -> None:
    engine = sick(lambda connection: connection.sendall(said))
    with pytest.raises(EngineFailed):
        ping(engine.host)


def test_an_engine_that_dies_in_the_middle_of_an_answer(sick) -> None:
    cut = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n[{"
    engine = sick(lambda connection: connection.sendall(cut))
    with pytest.raises(EngineFailed, match="died in the middle") as told:
        ask(Engine(engine.host, "1.41", ""), "GET", "/containers/json")
    assert told.value.remedies


def test_something_else_on_the_socket_is_told_so(sick) -> None:
    engine = sick(lambda connection: connection.sendall(http("418 I'm a teapot")))
    with pytest.raises(EngineFailed, match="answers strangely"):
        ping(engine.host)


@pytest.mark.parametrize("host", ["tcp://192.0.2.1:2375", "ssh://me@elsewhere"])
def test_an_engine_elsewhere_is_refused_without_calling_it(host: str) -> None:
    with pytest.raises(EngineAbsent, match="on this machine"):
        ping(environ={"DOCKER_HOST": host})


def test_the_first_that_answers_is_taken(sick, tmp_path: Path) -> None:
    engine = sick(lambda connection: connection.sendall(http("200 OK", b"OK", headers="Api-Version: 1.44\r\n")))
    found = ping(environ={"DOCKER_HOST": engine.host})
    assert (found.host, found.api) == (engine.host, "1.44")


def test_what_the_person_named_is_the_only_candidate() -> None:
    assert list(candidates({"DOCKER_HOST": "unix:///x"})) == ["unix:///x"]


def test_the_current_context_of_the_docker_command_counts(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"currentContext": "mine"}')
    meta = tmp_path / "contexts" / "meta" / sha256(b"mine").hexdigest()
    meta.mkdir(parents=True)
    (meta / "meta.json").write_text(json.dumps({"Endpoints": {"docker": {"Host": "unix:///mine.sock"}}}))
    assert list(candidates({"DOCKER_CONFIG": str(tmp_path)})) == ["unix:///mine.sock"]


def test_usual_places_follow_when_nothing_is_named(tmp_path: Path) -> None:
    hosts = list(candidates({"DOCKER_CONFIG": str(tmp_path), "XDG_RUNTIME_DIR": "/run/user/7"}))
    assert hosts[0] == "unix:///var/run/docker.sock"
    assert hosts[-1] == "unix:///run/user/7/docker.sock"


def test_the_sdk_is_not_paid_for_before_it_is_needed() -> None:
    program = "import sys, qlab.engine.build, qlab.services.runners.container; sys.exit('docker' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0
