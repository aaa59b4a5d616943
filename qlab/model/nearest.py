"""The nearest known name to a mistyped one."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(typed: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like `typed`, or None when nothing is near."""
    by_lower = {name.lower(): name for name in known}
    matches = get_close_matches(typed.lower(), by_lower, n=1, cutoff=0.5)
    return by_lower[matches[0]] if matches else None
