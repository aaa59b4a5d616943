"""One suite for every way to have a Redis."""

import pytest

from qlab.brokers.base import Broker
from qlab.brokers.redis.client import client
from qlab.services.runners.base import Place, Runner
from tests.services.conftest import ends


def test_offers_with_the_version_it_has(runner: Runner, redis: Broker) -> None:
    offer = runner.offer(redis)
    assert offer.can
    assert any(character.isdigit() for character in offer.why)


@pytest.mark.parametrize("whose", ["shared", "own"])
def test_is_ready_when_start_returns(runner: Runner, redis: Broker, whose: str, request: pytest.FixtureRequest) -> None:
    with runner.start(redis, request.getfixturevalue(whose)) as server:
        assert redis.ping(server.endpoint, 1.0)
        assert redis.identity(server.endpoint, 1.0)
        with client(server.endpoint) as redis_client:
            redis_client.lpush("jobs", "one")
            assert redis_client.brpop(["jobs"], timeout=1) == (b"jobs", b"one")


def test_keeps_what_it_acknowledged_through_a_kill(runner: Runner, redis: Broker, own: Place) -> None:
    with runner.start(redis, own) as server:
        port, before = server.endpoint.port, redis.identity(server.endpoint, 1.0)
        with client(server.endpoint) as redis_client:
            for number in range(200):
                redis_client.rpush("jobs", number)
        server.kill()
        assert not redis.ping(server.endpoint, 0.5)
        server.restart()
        assert server.endpoint.port == port
        assert redis.identity(server.endpoint, 1.0) not in ("", before)
        with client(server.endpoint) as redis_client:
            assert redis_client.lrange("jobs", 0, -1) == [str(number).encode() for number in range(200)]


def test_restart_also_kills_one_that_runs(runner: Runner, redis: Broker, own: Place) -> None:
    with runner.start(redis, own) as server:
        before = redis.identity(server.endpoint, 1.0)
        server.restart()
        assert redis.identity(server.endpoint, 1.0) not in ("", before)


def test_pause_is_silence_and_resume_heals(runner: Runner, redis: Broker, own: Place) -> None:
    with runner.start(redis, own) as server:
        before = redis.identity(server.endpoint, 1.0)
        server.pause()
        assert not redis.ping(server.endpoint, 0.1)
        server.resume()
        assert redis.ping(server.endpoint, 5.0)
        assert redis.identity(server.endpoint, 1.0) == before


def test_a_paused_server_can_be_restarted_and_stopped(runner: Runner, redis: Broker, own: Place) -> None:
    with runner.start(redis, own) as server:
        server.pause()
        server.restart()
        assert redis.ping(server.endpoint, 1.0)
        server.pause()


def test_stop_leaves_no_process_and_no_file(runner: Runner, redis: Broker, own: Place) -> None:
    server = runner.start(redis, own)
    server.stop()
    assert not redis.ping(server.endpoint, 0.5)
    assert not own.folder.exists()
    assert runner.leftovers(own.workspace) == []
    server.stop()  # twice is safe


def test_a_shared_server_is_found_and_cleared_by_another(runner: Runner, redis: Broker, shared: Place) -> None:
    server = runner.start(redis, shared)
    other = type(runner)()
    found = other.find(redis, shared)
    assert found is not None
    assert (found.handle, found.endpoint) == (server.handle, server.endpoint)
    assert other.leftovers(shared.workspace) == [server.handle]
    assert other.clear(shared.workspace) == [server.handle]
    assert not redis.ping(server.endpoint, 0.5)
    assert other.find(redis, shared) is None
    assert other.leftovers(shared.workspace) == []


def test_a_found_server_has_all_faults(runner: Runner, redis: Broker, shared: Place) -> None:
    runner.start(redis, shared)
    found = type(runner)().find(redis, shared)
    assert found is not None
    found.pause()
    assert not redis.ping(found.endpoint, 0.1)
    found.resume()
    assert redis.ping(found.endpoint, 5.0)
    old = int(found.handle) if found.handle.isdecimal() else 0
    found.restart()
    assert redis.ping(found.endpoint, 1.0)
    assert not old or ends(old)
    found.stop()
    assert not redis.ping(found.endpoint, 0.5)


def test_servers_of_two_workspaces_do_not_meet(runner: Runner, redis: Broker, own: Place, shared: Place) -> None:
    elsewhere = Place(shared.workspace + "-2", shared.folder.parents[3] / "second" / "redis")
    with runner.start(redis, elsewhere) as stranger, runner.start(redis, shared) as ours:
        assert runner.clear(shared.workspace) == [ours.handle]
        assert redis.ping(stranger.endpoint, 1.0)
