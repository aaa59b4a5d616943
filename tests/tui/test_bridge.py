"""Flows in threads: in order, batched, stopped, never silent."""

import threading
from collections.abc import Iterator
from typing import cast

from textual.message import Message
from textual.message_pump import MessagePump

from qlab.flows.world import World
from qlab.model.errors import NothingToCheck
from qlab.model.events import Event, Note
from qlab.tui.bridge import Bridge, Cancel, Ended, Happened


class Ear:
    """Keeps what is posted to it."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.over = threading.Event()

    def post_message(self, message: Message) -> bool:
        self.messages.append(message)
        if isinstance(message, Ended):
            self.over.set()
        return True


def heard(ear: Ear) -> tuple[list[str], Ended]:
    assert ear.over.wait(10)
    events = [e for m in ear.messages if isinstance(m, Happened) for e in m.run.take()]
    last = ear.messages[-1]
    assert isinstance(last, Ended)
    return [cast("Note", e).text for e in events], last


def test_events_come_in_order_and_the_end_last() -> None:
    def flow(world: World, cancel: Cancel) -> Iterator[Event]:
        for number in range(1_000):
            yield Note(str(number))

    ear = Ear()
    Bridge().run("count", flow, cast("MessagePump", ear))
    texts, end = heard(ear)
    assert texts == [str(number) for number in range(1_000)]
    assert end.error is None
    # Nobody took any while it ran: one message tells of all.
    assert len(ear.messages) == 2


def test_an_error_comes_after_the_events_before_it() -> None:
    def flow(world: World, cancel: Cancel) -> Iterator[Event]:
        yield Note("first")
        raise NothingToCheck("no lab")

    ear = Ear()
    Bridge().run("fails", flow, cast("MessagePump", ear))
    texts, end = heard(ear)
    assert texts == ["first"]
    assert end.error is not None
    assert end.error.what == "no lab"


def test_closing_stops_what_runs() -> None:
    seen = threading.Event()

    def flow(world: World, cancel: Cancel) -> Iterator[Event]:
        while True:
            cancel.wait(0.01)
            seen.set()
            yield Note("again")

    ear, bridge = Ear(), Bridge()
    bridge.run("for ever", flow, cast("MessagePump", ear))
    assert seen.wait(10)
    bridge.close()
    assert ear.over.wait(10)
