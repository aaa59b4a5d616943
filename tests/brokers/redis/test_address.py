"""Redis URLs taken apart; what is said about a wrong one never holds a password."""

import pytest

from qlab.brokers.base import find
from qlab.brokers.redis.address import Address
from qlab.model.errors import UsageError


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://127.0.0.1:40123/0", Address("127.0.0.1", 40123)),
        ("redis://example.org", Address("example.org", 6379)),
        ("redis://", Address("localhost", 6379)),
        ("REDIS://example.org/", Address("example.org", 6379)),
        ("redis://:p%2Fw@example.org:1/2", Address("example.org", 1, password="p/w", database=2)),
        ("rediss://me:pw@example.org", Address("example.org", 6379, tls=True, user="me", password="pw")),
        ("redis://[::1]:7000/3", Address("::1", 7000, database=3)),
        ("redis://example.org?db=4", Address("example.org", 6379, database=4)),
    ],
)
def test_taken_apart(url: str, address: Address) -> None:
    assert Address.of(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:6379",
        "amqp://hunter2@localhost",
        "redis://:hunter2/x@localhost",
        "redis://:12/hunter2@localhost",
        "redis://localhost:hunter2",
        "redis://localhost:99999/0",
        "redis://localhost/hunter2",
        "redis://localhost?password=hunter2",
        "redis://[::1/0",
        "unix:///run/hunter2.sock",
    ],
)
def test_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(UsageError) as raised:
        find("redis").parse(url)
    assert "hunter2" not in " ".join([raised.value.what, raised.value.found])
    assert "redis://HOST:PORT/0" in raised.value.remedies[0]


def test_the_endpoint_keeps_the_url_and_hides_the_password() -> None:
    endpoint = find("redis").parse("redis://:secret@example.org:7000/1")
    assert (endpoint.host, endpoint.port) == ("example.org", 7000)
    assert endpoint.shown == "redis://example.org:7000/1"
    assert find("redis").environment(endpoint) == {"REDIS_URL": "redis://:secret@example.org:7000/1"}
