"""The timeline a learner reads: short, in order of time, and never without the line that decided."""

import threading

from hypothesis import given
from hypothesis import strategies as st

from qlab.checkkit.history import SHOWN, History


def filled(count: int, decisive: set[int] | frozenset[int] = frozenset()) -> History:
    history = History()
    for number in range(count):
        history.note("worker", f"line {number}", decisive=number in decisive, at=history.began + number)
    return history


def test_a_short_history_is_shown_whole() -> None:
    assert [m.what for m in filled(SHOWN).shown()] == [f"line {n}" for n in range(SHOWN)]


@given(count=st.integers(0, 200), decisive=st.sets(st.integers(0, 199)))
def test_a_long_one_has_at_most_twelve_lines_besides_the_gaps(count: int, decisive: set[int]) -> None:
    shown = filled(count, decisive).shown()
    said = [m for m in shown if m.who != "…"]
    assert len(said) <= SHOWN
    assert [m.t for m in said] == sorted(m.t for m in said)
    gaps = sum(int(m.what.split()[0]) for m in shown if m.who == "…")
    if count:
        assert said[-1].what == f"line {count - 1}" or decisive
    assert len(said) + gaps <= count


@given(count=st.integers(13, 200), decisive=st.integers(0, 199))
def test_the_decisive_line_is_always_there(count: int, decisive: int) -> None:
    history = filled(count, {decisive % count})
    assert [m.what for m in history.shown() if m.decisive] == [f"line {decisive % count}"]


def test_notes_may_come_late_and_from_many_threads() -> None:
    history = History()
    threads = [
        threading.Thread(target=lambda n=n: [history.note(f"w{n}", "x", at=history.began + n) for _ in range(50)])
        for n in reversed(range(8))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times = [m.t for m in history.shown() if m.who != "…"]
    assert times == sorted(times)


def test_what_programs_say_cannot_paint_the_terminal() -> None:
    history = History()
    history.note("worker", "\x1b]52;c;evil\x07" + "y" * 500)
    assert "\x1b" not in history.shown()[0].what
    assert len(history.shown()[0].what) < 200
