"""The pytest child: started with a clean environment, told what to do on stdin, heard on a pipe of its own.

A line counts only if it carries the run's nonce and the next number. What cannot be read counts as nothing, and a check
that nothing was heard of is an error: default deny.
"""

import json
import os
import re
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from qlab.checkkit.order import Order
from qlab.model.errors import GraderFault, Interrupted
from qlab.model.text import plain
from qlab.programs import sweep

Cancel = threading.Event
"""Set from another thread to end a run."""

_LONGEST_LINE = 4_000_000
_KEPT = ("HOME", "DOCKER_HOST", "DOCKER_CONFIG", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "TMPDIR")
"""What the child may need of the user's environment: how to reach the Docker engine. Nothing that changes Python or pytest."""

_IMAGE = re.compile(r"QLAB_[A-Z]+_IMAGE")
"""The user's choice of an image for a service."""


def environment(env: Mapping[str, str]) -> dict[str, str]:
    """The child's environment, built from nothing."""
    return {
        "PATH": env.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        **{name: env[name] for name in env if name in _KEPT or _IMAGE.fullmatch(name)},
    }


class Child:
    """One run of the pytest child."""

    def __init__(self, order: Order, env: Mapping[str, str], folder: Path) -> None:
        self._order = order
        self._log = folder / "child.log"
        reader, writer = os.pipe()
        self._pipe = reader
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-B", "-m", "qlab.checkkit.child", str(writer)],
                env=environment(env),
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(writer,),
                start_new_session=True,
            )
        os.close(writer)
        assert self._process.stdin
        with suppress(BrokenPipeError):
            self._process.stdin.write(order.dump())
            self._process.stdin.close()

    def entries(self, cancel: Cancel) -> Iterator[dict[str, Any]]:
        """Report lines that are truly the child's, until it closes the pipe.

        Raises GraderFault when a line is not, Interrupted when `cancel` is set.
        """
        for expected, line in enumerate(self._lines(cancel)):
            try:
                entry = json.loads(line)
                genuine = entry["nonce"] == self._order.nonce and entry["seq"] == expected
                if not isinstance(entry["event"], str) or not isinstance(entry.get("id", ""), str):
                    raise TypeError("event and id are texts")
            except (ValueError, TypeError, KeyError, RecursionError) as error:
                raise GraderFault(
                    "the report of the checks could not be read", found=plain(repr(line[:200]))
                ) from error
            if not genuine:
                raise GraderFault(
                    "the report of the checks was not written by the checks", found=plain(repr(line[:200]))
                )
            yield entry

    def _lines(self, cancel: Cancel) -> Iterator[bytes]:
        rest = bytearray()
        while True:
            readable, _, _ = select.select([self._pipe], [], [], 0.1)
            if cancel.is_set():
                raise Interrupted("the check was stopped")
            if not readable:
                self._must_not_be_stopped()
                continue
            block = os.read(self._pipe, 65_536)
            if not block:
                return
            rest += block
            if len(rest) > _LONGEST_LINE:
                raise GraderFault("the report of the checks is larger than it can be")
            *lines, tail = bytes(rest).split(b"\n")
            rest = bytearray(tail)
            yield from lines

    def _must_not_be_stopped(self) -> None:
        """It has a session of its own, so no key of the terminal stops it: whoever did wants it to wait for ever."""
        if not hasattr(os, "waitid"):  # macOS before Python 3.13
            return
        stopped = None
        with suppress(ChildProcessError):
            stopped = os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT)
        if stopped:
            raise GraderFault("something stopped the process that runs the checks")

    def last_words(self) -> str:
        """The end of what the child printed, for a fault."""
        with suppress(OSError):
            return plain(self._log.read_bytes()[-2_000:].decode(errors="replace"), 2_000)
        return ""

    def end(self) -> None:
        """Gone, with all that is below it. Safe to call twice."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                # While it lives, it holds what hid in the background; after it, init would.
                os.kill(self._process.pid, signal.SIGSTOP)
                sweep.end_descendants(self._process.pid)
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        with suppress(OSError):
            os.close(self._pipe)
        self._pipe = -1
