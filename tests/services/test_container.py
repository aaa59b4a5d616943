"""What is true of containers alone; what is true of every runner is in test_runners.py."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable
from dataclasses import replace

import pytest

from qlab.brokers.base import Broker
from qlab.brokers.redis.spec import Redis
from qlab.engine import containers
from qlab.engine.containers import FOLDER, RUN, SERVICE, WORKSPACE
from qlab.engine.reach import ping
from qlab.model.errors import EngineAbsent, ImageMissing, ServiceFailed
from qlab.services.ports import free_port
from qlab.services.runners.base import Place
from qlab.services.runners.container import ContainerRunner

from .conftest import line

NOBODY = "unix:///nobody/listens.sock"


def elsewhere(image: str, built: str = "qlab/none:0") -> Broker:
    """Redis with other images."""
    broker = Redis()
    broker.image = replace(broker.image, reference=image, built=built)
    return broker


def test_without_an_engine_it_offers_nothing_and_has_nothing(redis: Broker, shared: Place) -> None:
    runner = ContainerRunner(NOBODY)
    offer = runner.offer(redis)
    assert not offer.can
    assert not offer.after_download
    assert "no Docker engine" in offer.why
    assert offer.remedy
    assert runner.find(redis, shared) is None
    assert runner.leftovers(shared.workspace) == []
    assert runner.clear(shared.workspace) == []
    with pytest.raises(EngineAbsent):
        runner.start(redis, shared)


@pytest.mark.needs("docker")
class TestWithAnEngine:
    """On a real engine."""

    def test_a_missing_image_is_offered_with_both_ways_to_get_it(self, shared: Place) -> None:
        runner = ContainerRunner(overrides={})
        broker = elsewhere("qlab/absent:0")
        offer = runner.offer(broker)
        assert not offer.can
        assert offer.after_download
        assert "qlab images pull redis" in offer.why
        assert "about 45 MB" in offer.why
        assert "qlab images build redis" in offer.why
        with pytest.raises(ImageMissing) as told:
            runner.start(broker, shared)
        assert len(told.value.remedies) == 2

    def test_the_override_comes_first_and_is_not_pulled(self, redis: Broker) -> None:
        offer = ContainerRunner(overrides={"QLAB_REDIS_IMAGE": "mine/redis:9"}).offer(redis)
        assert not offer.can
        assert not offer.after_download
        assert "QLAB_REDIS_IMAGE names mine/redis:9" in offer.why

    def test_the_official_image_goes_before_the_built_one(self, container: ContainerRunner, redis: Broker) -> None:
        here = container.offer(redis).why.split()[-1]
        broker = elsewhere(here, "qlab/none:0")
        assert ContainerRunner(overrides={}).offer(broker).why.endswith(here)
        assert ContainerRunner(overrides={"QLAB_REDIS_IMAGE": here}).offer(elsewhere("a/b:0")).can

    def test_labels_say_whose_it_is(self, container: ContainerRunner, redis: Broker, own: Place) -> None:
        with container.start(redis, own) as server:
            found = containers.inspect(ping(), server.handle)
            assert found is not None
            wanted = {WORKSPACE: own.workspace, SERVICE: "redis", RUN: "r1", FOLDER: str(own.folder)}
            assert wanted.items() <= found.labels.items()
            assert container.find(redis, own) is None  # a check's own server is nobody else's
            assert container.leftovers(own.workspace) == []  # we live and take care of it
        assert containers.labelled(ping(), {WORKSPACE: own.workspace}) == []

    def test_a_taken_port_is_tried_elsewhere(self, redis: Broker, own: Place) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            taken = other.getsockname()[1]
            ports = iter([taken, taken, free_port()])
            with ContainerRunner(ports=lambda: next(ports)).start(redis, own) as server:
                assert server.endpoint.port != taken
                assert len(containers.labelled(ping(), {WORKSPACE: own.workspace})) == 1

    def test_a_server_that_dies_at_once_is_told_with_its_log(self, container: ContainerRunner, own: Place) -> None:
        class Dying(Redis):
            def container_command(self) -> tuple[str, ...]:
                return ("redis-server", "--no-such-setting", "1")

        with pytest.raises(ServiceFailed) as told:
            container.start(Dying(), own)
        assert "ended before it was ready" in told.value.what
        assert "no-such-setting" in told.value.found
        assert containers.labelled(ping(), {WORKSPACE: own.workspace}) == []

    def test_a_shared_one_that_died_makes_way(self, container: ContainerRunner, redis: Broker, shared: Place) -> None:
        container.start(redis, shared).kill()
        assert container.find(redis, shared) is None
        assert len(container.leftovers(shared.workspace)) == 1
        second = container.start(redis, shared)
        assert container.leftovers(shared.workspace) == [second.handle]

    def test_a_checks_own_dies_with_its_process(
        self, container: ContainerRunner, own: Place, script: "Callable[..., subprocess.Popen[str]]"
    ) -> None:
        process = script(
            "import sys, time; from pathlib import Path; from qlab.brokers.base import find\n"
            "from qlab.services.runners.base import Place; from qlab.services.runners.container import ContainerRunner\n"
            "server = ContainerRunner().start(find('redis'), Place(sys.argv[1], Path(sys.argv[2]), 'r1'))\n"
            "print(server.handle, flush=True); time.sleep(60)",
            own.workspace,
            own.folder,
        )
        handle = line(process)
        assert containers.inspect(ping(), handle)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        for _ in range(500):
            if containers.inspect(ping(), handle) is None:
                break
            signal.sigtimedwait([], 0.02)
        assert containers.inspect(ping(), handle) is None


@pytest.fixture
def container(redis: Broker) -> ContainerRunner:
    """A runner with an image to run."""
    runner = ContainerRunner()
    offer = runner.offer(redis)
    if not offer.can and not os.environ.get("CI"):
        pytest.skip(offer.why)
    assert offer.can, offer.why
    return runner
