"""Where lines go: results to stdout, narration to stderr; colour only where a person wants it."""

import os
import sys
from collections.abc import Mapping
from typing import TextIO

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


class Out:
    """The two streams of one command. Each is coloured by itself."""

    def __init__(
        self, env: Mapping[str, str] | None = None, out: TextIO | None = None, err: TextIO | None = None
    ) -> None:
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        self._env = os.environ if env is None else env
        self.gone = False
        """True when nobody reads the result any more (`| head`); work that ends by itself goes on, unheard."""

    def _colours(self, stream: TextIO) -> bool:
        if self._env.get("NO_COLOR"):
            return False
        if self._env.get("FORCE_COLOR") or self._env.get("CLICOLOR_FORCE", "0") != "0":
            return True
        return stream.isatty() and self._env.get("TERM", "dumb") != "dumb"

    def paint(self, text: str, style: str, *, err: bool = False) -> str:
        """`text` in a style of _CODES where colours are wanted, else as it is."""
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self._colours(self._err if err else self._out) else text

    def say(self, text: str = "") -> None:
        """One line of the result."""
        self._print(self._out, text)

    def tell(self, text: str) -> None:
        """One line beside the result."""
        self._print(self._err, text)

    def _print(self, stream: TextIO, text: str) -> None:
        if not _can_show(stream, text):
            for sign, plain in (("…", "..."), ("→", "->"), ("×", "x"), ("·", "-"), ("✓", "+"), ("—", "-"), ("’", "'")):
                text = text.replace(sign, plain)
            text = text.encode(stream.encoding or "ascii", "replace").decode(stream.encoding or "ascii")
        try:
            print(text, file=stream, flush=True)
        except BrokenPipeError:
            self.gone = self.gone or stream is self._out
            # Python writes what is left in its buffer once more at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _can_show(stream: TextIO, text: str) -> bool:
    try:
        text.encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
