"""Text that came from programs, made safe to show: no control characters, no flood."""

import re

_CONTROL = re.compile(
    r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def plain(text: str, limit: int = 500) -> str:
    """`text` without control, direction-changing and half (surrogate) characters, cut after `limit` characters with a note of how much is left out."""
    clean = _CONTROL.sub("", text)
    if len(clean) <= limit:
        return clean
    return f"{clean[:limit]}… ({len(clean) - limit:,} more characters)"


def size(count: float) -> str:
    """A number of bytes as people say it: `512 B`, `1.2 GB`."""
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError("unreachable")


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 check`, `2 checks`, `0 checks`."""
    return f"{count:,} {one if count == 1 else (many or one + 's')}"
