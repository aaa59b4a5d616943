"""Every sign the screens draw, in two sets. No widget writes one itself, so a terminal without Unicode loses nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

ASK = "QLAB_ASCII"
"""Set to anything but 0 to have the plain set."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Signs by what they mean. A word always stands beside the sign."""

    done: str
    now: str
    todo: str
    draft: str
    failed: str
    busy: str
    up: str
    trouble: str
    unknown: str
    edge: str
    """Left edge of what belongs to the row above."""
    decisive: str
    full: str
    empty: str
    dot: str
    """Between two facts on a line."""
    cut: str
    """Where a line was too long."""
    enter: str
    bullets: tuple[str, ...]
    ascii: bool = False


UNICODE = Glyphs(
    done="✓",
    now="▶",
    todo="○",
    draft="·",
    failed="✗",
    busy="…",
    up="●",
    trouble="!",
    unknown="?",
    edge="▌",
    decisive=">",
    full="━",
    empty="╌",
    dot="·",
    cut="…",
    enter="⏎",
    bullets=("• ", "- "),
)
ASCII = Glyphs(
    done="x",
    now=">",
    todo="-",
    draft=".",
    failed="#",
    busy="~",
    up="*",
    trouble="!",
    unknown="?",
    edge="|",
    decisive=">",
    full="#",
    empty="-",
    dot="-",
    cut="~",
    enter="enter",
    bullets=("* ", "- "),
    ascii=True,
)


def choose(env: Mapping[str, str], encoding: str | None) -> Glyphs:
    """The set this terminal can show: plain on the Linux console, where the encoding is not UTF-8, or when asked for."""
    asked = env.get(ASK, "0") not in ("", "0")
    unicode = (encoding or "").lower().replace("-", "") in ("utf8", "utf16", "utf32")
    return ASCII if asked or not unicode or env.get("TERM") == "linux" else UNICODE
