"""A learner's program on the bench: start, feed, listen, wait, kill, start again."""

import json
import re
import signal
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from qlab.checkkit.expect import fail
from qlab.checkkit.history import History
from qlab.checkkit.lastwords import last_words
from qlab.checkkit.patience import Patience
from qlab.model.lab import Command
from qlab.model.text import plain, plural, size
from qlab.programs.launch import Launcher, Process, ProgramMissing
from qlab.programs.output import Line, Said

_FALLEN = re.compile(r"(Traceback \(most recent call last\):|\w*(SyntaxError|IndentationError|TabError): )")
"""How an error that nobody caught begins, in Python."""
_NEARLY = re.compile(r"\s*\{\s*['\"]?event")

Item = Mapping[str, Any] | str | bytes


class Program:
    """One program of the lab. It keeps its WORKER_ID and STATE_DIR when it is started again."""

    def __init__(
        self,
        name: str,
        label: str,
        command: Command,
        args: Sequence[str],
        worker_id: str,
        env: Mapping[str, str],
        launcher: Launcher,
        history: History,
        patience: Patience,
    ) -> None:
        self.name = name
        self.label = label
        """Name on the timeline: `worker`, or `worker w2` where there are several."""
        self.worker_id = worker_id
        self._command = command
        self._args = tuple(args)
        self._env = dict(env)
        self._launcher = launcher
        self._history = history
        self._patience = patience
        self._earlier: list[Process] = []
        self._process = self._start()

    def _start(self) -> Process:
        self._history.note("qlab", f"started {self.label}" + (f" {' '.join(self._args)}" if self._args else ""))
        try:
            return self._launcher.start(
                self.name, self._command, self._args, worker_id=self.worker_id, extra=self._env, told=self._told
            )
        except ProgramMissing as missing:
            fail(
                expected=missing.what,
                observed=missing.found,
                next_step="; ".join(missing.remedies),
            )

    def _told(self, said: Said | Line) -> None:
        if isinstance(said, Said):
            fields = " ".join(f"{k}={_short(v)}" for k, v in said.data.items() if k != "event")
            self._history.note(self.label, f"{said.data['event']} {fields}".strip(), at=said.t)

    # what it says

    def events(self, name: str | None = None, **fields: Any) -> list[dict[str, Any]]:
        """Events said so far, by every start of this program, of this name and with these field values; oldest first."""
        return [e for process in (*self._earlier, self._process) for e in process.output.events(name, **fields)]

    @property
    def lines(self) -> list[Line]:
        """Log lines (whatever is not an event), stdout and stderr, by every start of this program."""
        return [line for process in (*self._earlier, self._process) for line in process.output.lines]

    @property
    def text(self) -> str:
        """The log lines as one text."""
        return "\n".join(line.text for line in self.lines)

    def wait_for(self, event: str, within: float = 5.0, count: int = 1, **fields: Any) -> dict[str, Any]:
        """The `count`-th event of this name with these fields, waiting for it.

        Fails the check, in words that teach, when the program ends before, floods its output, or `within` seconds
        (on a quiet machine) pass.
        """
        deadline = self._patience.deadline(within)
        output = self._process.output
        with output.changed:
            while True:
                found = self.events(event, **fields)
                if len(found) >= count:
                    return found[count - 1]
                ended = self._process.status is not None
                if ended or output.flooded or time.monotonic() >= deadline:
                    break
                # The death of a program notifies nobody unless it closes its output, so look again now and then.
                output.changed.wait(min(0.05, max(0.001, deadline - time.monotonic())))
        if ended:
            output.settle()
            found = self.events(event, **fields)
            if len(found) >= count:
                return found[count - 1]
        return self._never_came(event, fields, count, len(found), ended, self._patience.seconds(within))

    def _never_came(
        self, event: str, fields: Mapping[str, Any], count: int, got: int, ended: bool, waited: float
    ) -> NoReturn:
        wanted = json.dumps({"event": event, **fields}, ensure_ascii=False)
        expected = f"{self.label} prints {plain(wanted, 200)}" + (f", {count} times" if count > 1 else "")
        output = self._process.output
        if output.flooded:
            fail(
                expected=expected,
                observed=f"{self.label} prints without end; qlab stopped reading it after {size(output.bytes)}",
                next_step="Find the loop that prints. Print one line for each thing that happened, no more.",
            )
        if ended:
            fail(
                expected=expected,
                observed=f"{self.label} ended before that, {self.how_it_ended()}",
                next_step="Read its last words above. Which line of yours are they about?"
                if self.last_words()
                else f"Why does {self.label} end? It should go on until it is told to stop.",
            )
        heard = self._heard()
        so_far = f", {got} of {count} came" if count > 1 else ""
        self._history.note("qlab", f"waited {waited:.1f} s for {self.label} to say {event}", decisive=True)
        if not heard:
            observed = f"{self.label} runs and printed no event in {waited:.0f} s"
            next_step = f"Does {self.label} reach the line that prints it? Is the line flushed? Is it one JSON object on a line of its own?"
        else:
            observed = f"not in {waited:.0f} s{so_far}. {self.label} printed: {heard}"
            next_step = f"What must happen in {self.label} before it prints {event}? Which part of that did not happen?"
        if output.not_utf8:
            observed += ". Part of what it printed is not UTF-8"
        if words := self.last_words(stream="err"):
            observed += f". On stderr: {words}"
        fail(expected=expected, observed=observed, next_step=next_step)

    def _heard(self) -> str:
        counts: dict[str, int] = {}
        for event in self._process.output.events():
            counts[event["event"]] = counts.get(event["event"], 0) + 1
        return ", ".join(f"{name} ×{n}" for name, n in counts.items())

    def last_words(self, stream: str | None = None, lines: int = 4) -> str:
        """The last log lines as one line of text, for messages."""
        said = (line.text for line in self._process.output.lines if stream in (None, line.stream))
        return last_words(said, self._launcher.folder, count=lines)

    def trouble(self) -> tuple[str, str] | None:
        """What is wrong with the program itself, whatever was checked: (what was seen, what to do); None when nothing.

        An error that Python did not expect, or lines that were meant as events and are none.
        """
        lines = self._process.output.lines
        fell = (self._process.status or 0) > 0
        if fell and any(line.stream == "err" and _FALLEN.match(line.text) for line in lines[-40:]):
            seen = f"{self.label} ended with an error of its own: {self.last_words('err')}"
            return seen, f"Mend that error of {self.label} first; `qlab run {self.name}` shows it whole."
        nearly = [line.text for line in lines if line.stream == "out" and _NEARLY.match(line.text)]
        if nearly:
            seen = f"{self.label} printed {plural(len(nearly), 'line')} that look like events and are not JSON: {plain(nearly[0], 80)}"
            return seen, "JSON has double quotes: `print(json.dumps({...}), flush=True)` makes it right."
        return None

    def how_it_ended(self) -> str:
        """`with exit status 1. Its last words: ...`."""
        status = self._process.status
        if status is not None and status < 0:
            ended = f"by signal {_signal_name(-status)}"
        else:
            ended = f"with exit status {status}"
        if words := self.last_words():
            return f"{ended}. Its last words: {words}"
        return f"{ended}. It had printed: {self._heard() or 'nothing'}"

    # what is done to it

    @property
    def alive(self) -> bool:
        """True while the program runs."""
        return self._process.status is None

    def feed(self, items: Iterable[Item], within: float = 5.0) -> None:
        """Write lines to its stdin: a mapping as JSON, a text or bytes as they are.

        Fails the check when the program does not take them within `within` seconds.
        """
        lines = [
            item if isinstance(item, bytes) else (item if isinstance(item, str) else json.dumps(item)).encode()
            for item in items
        ]
        data = b"".join(line + b"\n" for line in lines)
        self._history.note("qlab", f"wrote {plural(len(lines), 'line')} to {self.label}")
        taken = self._process.write(data, self._patience.seconds(within))
        if taken < len(data):
            ended = self._process.wait(0.2) is not None
            fail(
                expected=f"{self.label} reads all {plural(len(lines), 'line')} of its input",
                observed=f"it ended before that, {self.how_it_ended()}"
                if ended
                else f"it took {size(taken)} of {size(len(data))} and then read no more",
                next_step="Does it read stdin line by line until the end?",
            )

    def close_input(self) -> None:
        """End of input."""
        self._history.note("qlab", f"closed the input of {self.label}")
        self._process.close_input()

    def wait_exit(self, within: float = 5.0) -> int:
        """Its exit status, negative for a signal. Fails the check when it still runs after `within` seconds."""
        waited = self._patience.seconds(within)
        status = self._process.wait(waited)
        if status is None:
            self._history.note("qlab", f"waited {waited:.1f} s for {self.label} to end", decisive=True)
            fail(
                expected=f"{self.label} ends",
                observed=f"it still runs after {waited:.0f} s. It printed: {self._heard() or 'no event'}",
                next_step=f"What is {self.label} still waiting for?",
            )
        words = self.last_words("err") if status else ""
        self._history.note(self.label, f"ended with status {status}" + (f": {words}" if words else ""))
        return status

    def terminate(self) -> None:
        """SIGTERM: please stop."""
        self._history.note("qlab", f"sent SIGTERM to {self.label}")
        self._process.send(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL: no time for anything. Returns when it is gone."""
        self._history.note("qlab", f"killed {self.label} (SIGKILL)")
        self._process.end()

    def freeze(self) -> None:
        """It gets no processor time until `thaw`; its connections stay open."""
        self._history.note("qlab", f"froze {self.label}")
        self._process.send(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on as if nothing had happened."""
        self._history.note("qlab", f"let {self.label} go on")
        self._process.send(signal.SIGCONT)

    def restart(self) -> None:
        """Start it again, after killing it if it still runs."""
        if self.alive:
            self.kill()
        self._earlier.append(self._process)
        self._process = self._start()

    def end(self) -> None:
        """At the end of a check: gone, whatever it does."""
        for process in (*self._earlier, self._process):
            process.end()


class Finished:
    """A program that was run to its end."""

    def __init__(self, program: Program, status: int) -> None:
        self.status = status
        self._program = program

    @property
    def out(self) -> str:
        """Log lines of stdout."""
        return "\n".join(line.text for line in self._program.lines if line.stream == "out")

    @property
    def err(self) -> str:
        """Lines of stderr."""
        return "\n".join(line.text for line in self._program.lines if line.stream == "err")

    def events(self, name: str | None = None, **fields: Any) -> list[dict[str, Any]]:
        """Events it printed."""
        return self._program.events(name, **fields)

    def all_text(self) -> str:
        """Everything it printed, events as JSON, for checks that look for a secret."""
        return "\n".join(
            [*(json.dumps(e) for e in self._program.events()), *(line.text for line in self._program.lines)]
        )


def _signal_name(number: int) -> str:
    if number == signal.SIGXCPU:
        return "SIGXCPU: it had used up its processor time"
    try:
        return signal.Signals(number).name
    except ValueError:  # most real-time signals have no name
        return str(number)


def _short(value: Any) -> str:
    return plain(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), 40)
