"""Words and shapes that more than one widget draws: outcomes, bars, times, lines that fit."""

from collections.abc import Iterable

from textual.content import Content

from qlab.model.report import Outcome
from qlab.tui.glyphs import Glyphs

GOOD, BAD, CARE, MUTED, ACCENT = (
    "$text-success",
    "bold $text-error",
    "$text-warning",
    "$foreground-muted",
    "$text-accent",
)
HEADING = f"bold {ACCENT}"
_LEAST_ROOM, _LITTLE_INDENT = 20, 4
"""Columns a text needs behind its head, and how far it stands in below it."""


def outcome(of: Outcome, glyphs: Glyphs) -> tuple[str, str]:
    """The sign before a check's outcome and the style of both: they only repeat what its word says."""
    return {
        Outcome.PASS: (glyphs.done, GOOD),
        Outcome.FAIL: (glyphs.failed, BAD),
        Outcome.BLOCKED: (glyphs.todo, CARE),
        Outcome.UNSTABLE: (glyphs.trouble, CARE),
        Outcome.UNKNOWN: (glyphs.unknown, CARE),
        Outcome.ERROR: (glyphs.trouble, CARE),
    }[of]


def counted(
    results: Iterable[Outcome],
    glyphs: Glyphs,
    *,
    running: int = 0,
    waiting: int = 0,
    rest: str = "waiting",
    width: int = 10_000,
) -> Content:
    """`✓ 3 passed  ✗ 1 failed  … 1 running`: whatever occurs, in words."""
    outcomes = list(results)
    parts = []
    for of in Outcome:
        if count := outcomes.count(of):
            sign, style = outcome(of, glyphs)
            parts.append(Content.styled(f"{sign} {of.counted(count)}", style))
    if running:
        parts.append(Content.styled(f"{glyphs.busy} {running} running", CARE))
    if waiting:
        parts.append(Content.styled(f"{glyphs.todo} {waiting} {rest}", MUTED))
    return facts(parts, width, "  ")


def bar(done: int, of: int, width: int, glyphs: Glyphs, style: str = ACCENT) -> Content:
    """Decoration beside a number: never the only place that tells progress."""
    full = width * done // of if of else 0
    return Content.assemble((glyphs.full * full, style), (glyphs.empty * (width - full), style if full else MUTED))


def ago(seconds: float) -> str:
    """`just now`, `2 min ago`, `3 days ago`."""
    if seconds < 60:
        return "just now"
    for unit, size in (("day", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if unit == 'day' and count > 1 else ''} ago"
    raise AssertionError("unreachable")


def fit(line: Content, width: int, glyphs: Glyphs) -> Content:
    """The line, cut with a sign where it is too long."""
    if line.cell_length <= width:
        return line
    return line.truncate(max(width - len(glyphs.cut), 0)) + glyphs.cut


def facts(parts: Iterable[Content], width: int, gap: str = "   ") -> Content:
    """Parts side by side as far as they fit. One that does not is left out whole: half a number or address misleads."""
    line = Content("")
    for part in parts:
        joined = line + gap + part if line else part
        if joined.cell_length <= width:
            line = joined
    return line


def spread(left: Content, right: Content, width: int, glyphs: Glyphs) -> Content:
    """`left` at the left, `right` at the right; the left one gives way."""
    room = width - right.cell_length - (1 if right else 0)
    left = fit(left, max(room, 0), glyphs)
    return left + " " * max(width - left.cell_length - right.cell_length, 0) + right


def hang(head: Content, text: Content | str, width: int) -> list[Content]:
    """`text` wrapped behind `head`, later lines under its beginning; below `head` where little room is left behind it."""
    indent = head.cell_length
    body = text if isinstance(text, Content) else Content(text)
    if indent > _LITTLE_INDENT and width - indent < min(_LEAST_ROOM, body.cell_length):
        return [
            head.rstrip(),
            *(Content(" " * _LITTLE_INDENT) + line.rstrip() for line in body.wrap(width - _LITTLE_INDENT)),
        ]
    wrapped = body.wrap(max(width - indent, 8)) or [Content("")]
    return [(head if index == 0 else Content(" " * indent)) + line.rstrip() for index, line in enumerate(wrapped)]


def lines(rows: Iterable[Content]) -> Content:
    """Rows as one block."""
    return Content("\n").join(rows)
