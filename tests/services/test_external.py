"""A server given by URL: used, never stopped, never disturbed."""

import pytest

from qlab.brokers.base import Broker
from qlab.model.errors import ServiceUnavailable, UsageError
from qlab.model.events import ServiceUp
from qlab.model.exits import ExitCode
from qlab.model.service import RunnerName, ServiceState
from qlab.model.workspace import Workspace
from qlab.services.choose import Runners
from qlab.services.manager import Services
from qlab.services.ports import free_port
from qlab.services.runners.base import Place
from qlab.services.runners.external import ExternalRunner
from qlab.services.runners.native import NativeRunner

pytestmark = pytest.mark.needs("redis-server")


def test_it_is_used_and_never_stopped(redis: Broker, workspace: Workspace, own: Place, processes: Runners) -> None:
    with NativeRunner().start(redis, own) as theirs:
        services = Services(workspace, {"QLAB_REDIS_URL": theirs.endpoint.url}, processes)
        (event,) = services.up(["redis"])
        assert isinstance(event, ServiceUp)
        assert event.service.runner is RunnerName.EXTERNAL
        assert event.service.endpoint.url == theirs.endpoint.url
        assert "QLAB_REDIS_URL" in event.service.why
        assert ("redis", ServiceState.UP) in [(name, state) for name, state, _ in services.status()]
        assert list(services.down()) == []
        assert redis.ping(theirs.endpoint, 1.0)


def test_its_faults_are_refused(redis: Broker, own: Place) -> None:
    with NativeRunner().start(redis, own) as theirs:
        server = ExternalRunner(theirs.endpoint.url).start(redis, own)
        for fault in (server.kill, server.restart, server.pause, server.resume):
            with pytest.raises(ServiceUnavailable, match="not its own"):
                fault()
        server.stop()
        assert redis.ping(theirs.endpoint, 1.0)


def test_unreachable_names_variable_and_address_without_password(workspace: Workspace, processes: Runners) -> None:
    port = free_port()
    services = Services(workspace, {"QLAB_REDIS_URL": f"redis://:hunter2@127.0.0.1:{port}/0"}, processes)
    with pytest.raises(ServiceUnavailable) as raised:
        list(services.up(["redis"]))
    error = raised.value
    said = " ".join([error.what, error.found, *error.remedies])
    assert error.exit_code is ExitCode.NOT_READY
    assert f"redis://127.0.0.1:{port}/0" in said
    assert "QLAB_REDIS_URL" in said
    assert "hunter2" not in said
    assert ("redis", ServiceState.DOWN, None) in services.status()


def test_a_wrong_scheme_is_a_usage_error(workspace: Workspace, processes: Runners) -> None:
    services = Services(workspace, {"QLAB_REDIS_URL": "amqp://guest:guest@127.0.0.1/"}, processes)
    with pytest.raises(UsageError) as raised:
        list(services.up(["redis"]))
    assert "amqp://" in raised.value.found
    assert "guest" not in raised.value.found


def test_asked_for_without_a_url(workspace: Workspace, processes: Runners) -> None:
    with pytest.raises(ServiceUnavailable, match="of yours") as raised:
        list(Services(workspace, {}, processes).up(["redis"], RunnerName.EXTERNAL))
    assert "QLAB_REDIS_URL is not set" in raised.value.found
