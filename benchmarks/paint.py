"""From fork to the first full frame of the screen, beside the smallest Textual program."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence

HELLO = """
from textual.app import App
from textual.widgets import Static
class Hello(App):
    def compose(self):
        yield Static("hello-first-frame")
Hello().run()
"""


def painted(argv: Sequence[str], marker: str, env: Mapping[str, str]) -> Callable[[], float]:
    """A round that runs a program on an 80x24 terminal until `marker` is on it; raises TimeoutError after 30 s."""

    def once() -> float:
        began = time.perf_counter()
        pid, terminal = pty.fork()
        if pid == 0:
            os.execvpe(argv[0], list(argv), {**env, "TERM": "xterm-256color", "COLORTERM": "truecolor"})
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        seen = b""
        try:
            while not re.search(marker.encode(), seen):
                ready, _, _ = select.select([terminal], [], [], 30)
                if not ready:
                    raise TimeoutError(f"{marker!r} never came from {' '.join(argv)}")
                seen += os.read(terminal, 65_536)
            return time.perf_counter() - began
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(terminal)

    return once


def hello(env: Mapping[str, str]) -> Callable[[], float]:
    """The smallest Textual program."""
    return painted([sys.executable, "-c", HELLO], "hello-first-frame", env)
