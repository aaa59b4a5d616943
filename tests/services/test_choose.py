"""Which way a service is had, and the words that explain it."""

import pytest

from qlab.brokers.base import Broker
from qlab.model.errors import EngineForbidden, ServiceUnavailable
from qlab.model.service import RunnerName
from qlab.services import install
from qlab.services.choose import QUICKEST, choose
from qlab.services.runners.base import Offer, Place, Runner, Server

C, N, E = RunnerName.CONTAINER, RunnerName.NATIVE, RunnerName.EMBEDDED


class Saying(Runner):
    """A runner that offers what it is told to."""

    def __init__(self, name: RunnerName, offer: Offer | Exception) -> None:
        self.name = name
        self._offer = offer

    def offer(self, broker: Broker) -> Offer:
        if isinstance(self._offer, Exception):
            raise self._offer
        return self._offer

    def start(self, broker: Broker, place: Place) -> Server:
        raise NotImplementedError

    def find(self, broker: Broker, place: Place) -> Server | None:
        return None

    def leftovers(self, workspace: str) -> list[str]:
        return []

    def clear(self, workspace: str) -> list[str]:
        return []


NO_ENGINE = Offer(False, "no Docker engine answers")
NO_IMAGE = Offer(False, "the Docker image redis:7 is not here (`qlab images pull redis` gets it)", after_download=True)
IMAGE = Offer(True, "Docker has the image redis:7")
INSTALLED = Offer(True, "redis-server 7.0.15 is installed")
NOT_INSTALLED = Offer(False, "redis-server is not installed")
PACKAGED = Offer(True, "the server inside qlab's packages")
NOT_PACKAGED = Offer(False, "no server inside qlab's packages")
FORBIDDEN = EngineForbidden("an engine is here, but you may not speak to it", remedies=["something else"])


def runners(container: Offer | Exception, native: Offer, embedded: Offer) -> dict[RunnerName, Runner]:
    return {C: Saying(C, container), N: Saying(N, native), E: Saying(E, embedded)}


@pytest.mark.parametrize(
    ("container", "native", "embedded", "may_pull", "chosen"),
    [
        (IMAGE, INSTALLED, PACKAGED, False, C),
        (NO_IMAGE, INSTALLED, PACKAGED, False, N),
        (NO_IMAGE, INSTALLED, PACKAGED, True, N),
        (NO_ENGINE, NOT_INSTALLED, PACKAGED, False, E),
        (FORBIDDEN, NOT_INSTALLED, PACKAGED, False, E),
        (NO_IMAGE, NOT_INSTALLED, NOT_PACKAGED, True, C),
    ],
)
def test_the_order(
    redis: Broker,
    container: Offer | Exception,
    native: Offer,
    embedded: Offer,
    may_pull: bool,
    chosen: RunnerName,
) -> None:
    choice, runner = choose(redis, None, None, runners(container, native, embedded), may_pull=may_pull)
    assert choice.runner is runner.name is chosen


def test_one_line_says_why_this_and_why_not_that(redis: Broker) -> None:
    choice, _ = choose(redis, None, None, runners(NO_IMAGE, INSTALLED, PACKAGED))
    assert choice.why == f"{INSTALLED.why}; {NO_IMAGE.why}"


def test_a_check_prefers_what_starts_quickest(redis: Broker) -> None:
    choice, _ = choose(redis, None, None, runners(IMAGE, INSTALLED, PACKAGED), order=QUICKEST)
    assert choice.runner is N
    assert choice.why == INSTALLED.why


def test_a_url_comes_first(redis: Broker) -> None:
    url = "redis://:secret@example.org:6390/0"
    choice, _ = choose(redis, url, None, runners(IMAGE, INSTALLED, PACKAGED))
    assert choice.runner is RunnerName.EXTERNAL
    assert choice.why == "QLAB_REDIS_URL names it: redis://example.org:6390/0"


@pytest.mark.parametrize(
    ("container", "first"),
    [
        (NO_ENGINE, "install Docker and start it"),
        (NO_IMAGE, "qlab images pull redis (about 45 MB)"),
        (FORBIDDEN, "sudo usermod -aG docker $USER"),
    ],
)
def test_no_way_at_all_gives_three(redis: Broker, container: Offer | Exception, first: str) -> None:
    with pytest.raises(ServiceUnavailable) as raised:
        choose(redis, None, None, runners(container, NOT_INSTALLED, NOT_PACKAGED))
    one, two, three = raised.value.remedies
    assert first in one
    assert "sudo qlab" not in one
    assert "redis" in two.lower()
    assert "export QLAB_REDIS_URL=" in three
    assert NOT_INSTALLED.why in raised.value.found


def test_a_forced_runner_that_cannot_says_which_can(redis: Broker) -> None:
    with pytest.raises(ServiceUnavailable, match="container") as raised:
        choose(redis, None, C, runners(NO_ENGINE, INSTALLED, PACKAGED))
    assert raised.value.found == NO_ENGINE.why
    assert raised.value.remedies == (
        "this works here: --runner native",
        "this works here: --runner embedded",
    )


def test_a_forced_runner_that_can_is_taken(redis: Broker) -> None:
    choice, runner = choose(redis, None, E, runners(IMAGE, INSTALLED, PACKAGED))
    assert choice.runner is runner.name is E


@pytest.mark.parametrize(("here", "command"), [("apt-get", "apt-get install redis"), ("brew", "brew"), ("", "")])
def test_the_package_manager_that_is_here(redis: Broker, here: str, command: str) -> None:
    said = install.command(redis, lambda name: f"/bin/{name}" if name == here else None)
    assert command in said
    assert bool(said) is bool(here)
