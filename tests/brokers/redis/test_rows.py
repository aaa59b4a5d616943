"""What the board reads of a Redis."""

import pytest

from qlab.brokers.base import Row, find
from qlab.brokers.redis import rows
from qlab.brokers.redis.client import client
from qlab.model.service import Endpoint

pytestmark = pytest.mark.needs("redis-server")


def test_an_empty_server_has_no_rows(server: Endpoint) -> None:
    assert list(find("redis").rows(server)) == []


def test_lists_streams_sorted_sets_channels_and_the_rest(server: Endpoint) -> None:
    with client(server) as redis, redis.pubsub() as pubsub:
        redis.rpush("jobs", 1, 2, 3)
        redis.zadd("later", {"a": 1})
        redis.xadd("orders", {"id": 1})
        redis.xgroup_create("orders", "workers", 0)
        redis.xreadgroup("workers", "w1", {"orders": ">"})
        redis.set("seen:1", "x", ex=100)
        redis.set("plain", "x")
        pubsub.subscribe("news")
        assert pubsub.get_message(timeout=5.0)
        assert list(find("redis").rows(server)) == [
            Row("keys", "all keys", -1, "5 in all, 1 with a time to live"),
            Row("list", "jobs", 3),
            Row("sorted set", "later", 1),
            Row("channel", "news", -1, "1 subscriber"),
            Row("stream", "orders", 1, "workers: 1 not acknowledged"),
        ]


def test_names_that_are_no_text(server: Endpoint) -> None:
    with client(server) as redis:
        redis.rpush(b"\xff\xfejobs", 1)
    assert Row("list", "\\xff\\xfejobs", 1) in find("redis").rows(server)


def test_more_than_anyone_reads(server: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST", 3)
    with client(server) as redis:
        for number in range(5):
            redis.rpush(f"jobs{number}", number)
    found = [row for row in find("redis").rows(server) if row.kind == "list"]
    assert len(found) == 4
    assert Row("list", "…", -1, "only the first 3 are shown") in found


def test_a_server_that_is_away_is_an_oserror() -> None:
    with pytest.raises(OSError):
        find("redis").rows(find("redis").endpoint("127.0.0.1", 1))
