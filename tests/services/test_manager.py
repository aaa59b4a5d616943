"""Services of a workspace: shared by everyone who works there, gone when told so."""

import json
import os
import signal
import socket
from collections.abc import Generator

import pytest

from qlab.brokers.base import Broker
from qlab.brokers.redis.client import client
from qlab.model.errors import ServiceFailed, ServiceUnavailable, UsageError
from qlab.model.events import Event, ServiceChosen, ServiceDown, ServiceUp
from qlab.model.service import Choice, RunnerName, Service, ServiceState
from qlab.model.workspace import Workspace
from qlab.services.choose import Runners
from qlab.services.manager import Services
from qlab.services.runners.base import Offer, Place, Runner, Server
from qlab.services.runners.native import NativeRunner
from qlab.services.starting import Start, start_all
from tests.services.conftest import Script, ends, line

pytestmark = pytest.mark.needs("redis-server")


def drain(events: Generator[Event, None, list[Service]]) -> tuple[list[Event], list[Service]]:
    seen = []
    while True:
        try:
            seen.append(next(events))
        except StopIteration as stop:
            return seen, stop.value


@pytest.fixture
def services(workspace: Workspace, processes: Runners) -> Services:
    return Services(workspace, {}, processes)


def test_up_says_what_was_chosen_and_what_answers(services: Services, redis: Broker) -> None:
    events, (service,) = drain(services.up(["redis"]))
    assert [type(event) for event in events] == [ServiceChosen, ServiceUp]
    assert service.runner is RunnerName.NATIVE
    assert "is installed" in service.why
    assert not service.attached
    assert redis.identity(service.endpoint, 1.0) == service.identity
    assert [state for name, state, _ in services.status() if name == "redis"] == [ServiceState.UP]


def test_up_again_attaches(services: Services, workspace: Workspace) -> None:
    _, (first,) = drain(services.up(["redis"]))
    events, (second,) = drain(Services(workspace, {}, Runners({})).up(["redis"]))  # no runner is needed for it
    assert [type(event) for event in events] == [ServiceUp]
    assert second.attached
    assert (second.handle, second.identity, second.why) == (first.handle, first.identity, first.why)
    assert services.attached(["redis"]) == [second]


def test_attaching_opens_no_engine_and_no_client(services: Services, workspace: Workspace, script: Script) -> None:
    drain(services.up(["redis"]))
    text = """
import json, os, sys
from pathlib import Path
from qlab.model.workspace import Workspace
from qlab.services.manager import Services
services = Services(Workspace(Path(sys.argv[1])), {})
status = dict((name, state.value) for name, state, _ in services.status())
up = [event.service.attached for event in services.up(["redis"])]
heavy = sorted({"docker", "redis", "requests", "asyncio", "pytest"} & sys.modules.keys())
print(json.dumps([status["redis"], up, heavy]))
"""
    assert json.loads(line(script(text, workspace.root))) == ["up", [True], []]


def test_two_at_once_share_one_server(workspace: Workspace, script: Script) -> None:
    text = """
import sys
from pathlib import Path
from qlab.model.service import RunnerName
from qlab.model.workspace import Workspace
from qlab.services.manager import Services
services = Services(Workspace(Path(sys.argv[1])), {})
print("ready", flush=True)
sys.stdin.readline()
up = [event.service for event in services.up(["redis"], RunnerName.NATIVE) if hasattr(event, "service")]
print(up[0].handle, up[0].attached, flush=True)
"""
    both = [script(text, workspace.root) for _ in range(2)]
    for each in both:
        assert line(each) == "ready"
    for each in both:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    (one, one_attached), (two, two_attached) = (line(each).split() for each in both)
    assert one == two
    assert {one_attached, two_attached} == {"True", "False"}


def test_down_stops_and_forgets(services: Services, workspace: Workspace) -> None:
    _, (service,) = drain(services.up(["redis"]))
    assert services.leftovers() == [service.handle]
    assert list(services.down(["redis"])) == [ServiceDown("redis", service.handle)]
    assert ends(int(service.handle))
    assert services.leftovers() == []
    assert list(services.down()) == []
    assert [path.name for path in workspace.services.iterdir()] == ["lock"]


def test_down_finds_what_a_dead_check_left(services: Services, own: Place) -> None:
    (own.folder / "appendonlydir").mkdir(parents=True)
    (own.folder / "record.json").write_text(
        json.dumps({"service": "redis", "runner": "native", "workspace": own.workspace, "run": "r1", "starter": 2**22})
    )
    assert list(services.down()) == [ServiceDown("redis", str(own.folder))]
    assert not own.folder.exists()


def test_a_server_that_restarted_is_attached_by_its_label(services: Services, redis: Broker, shared: Place) -> None:
    _, (first,) = drain(services.up(["redis"]))
    server = NativeRunner().find(redis, shared)
    assert server is not None
    server.restart()
    assert [state for name, state, _ in services.status() if name == "redis"] == [ServiceState.UP]
    _, (second,) = drain(services.up(["redis"]))
    assert second.attached
    assert second.endpoint == first.endpoint
    assert second.identity != first.identity


def test_a_lost_record_is_made_up_for_or_replaced(services: Services, redis: Broker, shared: Place) -> None:
    _, (first,) = drain(services.up(["redis"]))
    (shared.folder / "record.json").write_text("{cut off")
    _, (second,) = drain(services.up(["redis"]))
    assert redis.ping(second.endpoint, 1.0)
    assert services.leftovers() == [second.handle], "never two"
    assert second.handle == first.handle or ends(int(first.handle))


def test_one_that_died_says_exited_and_comes_back(services: Services) -> None:
    _, (first,) = drain(services.up(["redis"]))
    with client(first.endpoint) as redis_client:
        redis_client.rpush("jobs", "kept")
    os.kill(int(first.handle), signal.SIGKILL)
    assert ends(int(first.handle))
    assert ("redis", ServiceState.EXITED, None) in services.status()
    assert services.attached(["redis"]) == []
    _, (second,) = drain(services.up(["redis"]))
    assert not second.attached
    with client(second.endpoint) as redis_client:
        assert redis_client.lrange("jobs", 0, -1) == [b"kept"]


def test_another_runner_than_the_running_one_is_refused(services: Services) -> None:
    drain(services.up(["redis"], RunnerName.NATIVE))
    with pytest.raises(ServiceUnavailable, match="runs already") as raised:
        drain(services.up(["redis"], RunnerName.EMBEDDED))
    assert "qlab services down redis" in raised.value.remedies[0]


def test_an_unknown_service_is_a_usage_error(services: Services) -> None:
    with pytest.raises(UsageError) as raised:
        drain(services.up(["redsi"]))
    assert raised.value.remedies == ("did you mean 'redis'?",)


def test_a_checks_own_server_is_quick_and_leaves_nothing(services: Services, own: Place, redis: Broker) -> None:
    with services.private("redis", own.run, own.folder) as server:
        assert redis.ping(server.endpoint, 1.0)
        drain(services.up(["redis"]))
    assert not own.folder.exists()
    assert len(services.leftovers()) == 1, "the shared one stays"


def test_a_check_never_gets_the_users_server(workspace: Workspace, processes: Runners, own: Place) -> None:
    services = Services(workspace, {"QLAB_REDIS_URL": "redis://127.0.0.1:1/0"}, processes)
    with services.private("redis", own.run, own.folder) as server:
        assert server.endpoint.port != 1
    with pytest.raises(ServiceUnavailable, match="of its own"):
        services.private("redis", own.run, own.folder, RunnerName.EXTERNAL)


def test_a_checks_server_honours_the_forced_runner(services: Services, own: Place) -> None:
    with pytest.raises(ServiceUnavailable, match="container"):
        services.private("redis", own.run, own.folder, RunnerName.CONTAINER)


class Failing(Runner):
    """Fails to start, after something else happened."""

    name = RunnerName.NATIVE

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def offer(self, broker: Broker) -> Offer:
        return Offer(True, "it says so")

    def start(self, broker: Broker, place: Place) -> Server:
        raise self._error

    def find(self, broker: Broker, place: Place) -> Server | None:
        return None

    def leftovers(self, workspace: str) -> list[str]:
        return []

    def clear(self, workspace: str) -> list[str]:
        return []


def starts(redis: Broker, workspace: Workspace, *runners: Runner) -> list[Start]:
    return [
        Start(
            redis,
            Place(str(workspace.root), workspace.services / f"redis{number}"),
            Choice("redis", RunnerName.NATIVE, "because"),
            runner,
        )
        for number, runner in enumerate(runners)
    ]


def test_all_or_none(redis: Broker, workspace: Workspace) -> None:
    both = starts(redis, workspace, NativeRunner(), Failing(ServiceFailed("no luck today")))
    with pytest.raises(ServiceFailed, match="no luck today"):
        list(start_all(both))
    assert NativeRunner().leftovers(str(workspace.root)) == []
    assert not (workspace.services / "redis0").exists()


@pytest.mark.parametrize("error", [KeyboardInterrupt, GeneratorExit])
def test_an_interrupt_leaves_nothing_running(redis: Broker, workspace: Workspace, error: type[BaseException]) -> None:
    starting = start_all(starts(redis, workspace, NativeRunner(), NativeRunner()))
    assert isinstance(starting, Generator)
    service = next(starting)
    with pytest.raises(error):
        starting.throw(error)
    assert ends(int(service.handle))
    assert NativeRunner().leftovers(str(workspace.root)) == []


def test_several_start_side_by_side(redis: Broker, workspace: Workspace) -> None:
    up = list(start_all(starts(redis, workspace, NativeRunner(), NativeRunner(), NativeRunner())))
    assert len({service.endpoint.port for service in up}) == 3


def test_a_silent_stranger_on_the_recorded_port_is_not_waited_for(services: Services) -> None:
    _, (first,) = drain(services.up(["redis"]))
    list(services.down())
    with socket.create_server(("127.0.0.1", first.endpoint.port)):
        _, (second,) = drain(services.up(["redis"]))
    assert second.endpoint.port != first.endpoint.port
