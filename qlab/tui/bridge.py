"""The one place where flows meet the screens: each runs in a thread of its own, and what it yields is posted as messages.

Threads only post; handlers alone change widgets. While a handler is busy, events gather and arrive as one batch, so a
flood of them costs one redraw and not one each.
"""

import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from textual.message import Message
from textual.message_pump import MessagePump

from qlab.model.errors import QlabError
from qlab.model.events import Event

if TYPE_CHECKING:
    from qlab.flows.world import World

Cancel: TypeAlias = threading.Event
"""Set to end a run."""

Flow: TypeAlias = "Callable[[World, Cancel], Iterator[Event]]"


class Run:
    """One flow that is going on, or was."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.cancel = Cancel()
        self._events: list[Event] = []
        self._lock = threading.Lock()

    def stop(self) -> None:
        """Ask it to end: a check at once, any other flow before its next event."""
        self.cancel.set()

    def add(self, event: Event) -> bool:
        """Keep an event for the handler; True when the handler must be told that there is something."""
        with self._lock:
            self._events.append(event)
            return len(self._events) == 1

    def take(self) -> tuple[Event, ...]:
        """All events since the last time."""
        with self._lock:
            events, self._events = tuple(self._events), []
            return events


class Happened(Message):
    """A run has events."""

    bubble = False

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run


class Ended(Message):
    """A run is over; `error` says why when it did not come to its end."""

    bubble = False

    def __init__(self, run: Run, error: QlabError | None) -> None:
        super().__init__()
        self.run = run
        self.error = error


class Bridge:
    """Runs flows, and ends them when the screens close."""

    def __init__(self) -> None:
        self._running: dict[threading.Thread, Run] = {}

    def run(self, name: str, flow: Flow, to: MessagePump) -> Run:
        """Start a flow and tell `to` of it. The world is made in the thread: the screens never wait for it."""
        run = Run(name)
        # A daemon: a wedged engine must not keep the terminal from closing.
        thread = threading.Thread(target=self._pull, args=(run, flow, to), name=f"qlab {name}", daemon=True)
        self._running[thread] = run
        thread.start()
        return run

    def close(self, within: float = 3.0) -> None:
        """End every run and wait a little, so that a check can take down what it started."""
        for run in list(self._running.values()):
            run.stop()
        for thread in list(self._running):
            thread.join(within)

    def _pull(self, run: Run, flow: Flow, to: MessagePump) -> None:
        error: QlabError | None = None
        try:
            from qlab.flows.world import World

            events = flow(World.here(), run.cancel)
            for event in events:
                if run.add(event):
                    to.post_message(Happened(run))
                # A check hears of it by itself and says so with Interrupted; the others are left here.
                if run.cancel.is_set() and run.name != "check":
                    break
        except QlabError as raised:
            error = raised
        except Exception as raised:  # noqa: BLE001 - the last place before a thread would die in silence
            error = _fault(raised)
        finally:
            self._running.pop(threading.current_thread(), None)
            # The loop may be closed already.
            with suppress(RuntimeError):
                to.post_message(Ended(run, error))


def _fault(raised: Exception) -> QlabError:
    with tempfile.NamedTemporaryFile("w", prefix="qlab-crash-", suffix=".txt", delete=False, encoding="utf-8") as file:
        traceback.print_exception(raised, file=file)
    return QlabError(
        "this is a fault in qlab, not in your work",
        found=f"{type(raised).__name__}: {raised}",
        remedies=[f"send {file.name} to the people who make qlab"],
    )
