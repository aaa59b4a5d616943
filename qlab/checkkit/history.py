"""The timeline of one check: who did what, when."""

import threading
import time
from collections.abc import Sequence

from qlab.model.report import Moment
from qlab.model.text import plain

SHOWN = 12
"""Lines of a timeline that a learner can take in."""


class History:
    """Moments in the order they were noted; safe from several threads."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self._moments: list[Moment] = []
        self._lock = threading.Lock()

    def note(self, who: str, what: str, *, decisive: bool = False, at: float | None = None) -> None:
        """Add a moment; `at` is monotonic seconds, now when left out."""
        moment = Moment((time.monotonic() if at is None else at) - self.began, who, plain(what, 160), decisive)
        with self._lock:
            self._moments.append(moment)

    def shown(self) -> tuple[Moment, ...]:
        """At most SHOWN moments, in order of time: the decisive ones, the beginning, and as much of the end as fits."""
        with self._lock:
            moments: Sequence[Moment] = sorted(self._moments, key=lambda m: m.t)
        if len(moments) <= SHOWN:
            return tuple(moments)
        decisive = [i for i, m in enumerate(moments) if m.decisive]
        keep = {*decisive[: SHOWN // 2], *decisive[-(SHOWN // 2) :]}
        wanted = [0, 1, *reversed(range(len(moments)))]
        for index in wanted:
            if len(keep) >= SHOWN - 1:
                break
            keep.add(index)
        chosen: list[Moment] = []
        previous = -1
        for index in sorted(keep):
            if index != previous + 1 and previous >= 0:
                chosen.append(Moment(moments[index].t, "…", f"{index - previous - 1} more lines"))
            chosen.append(moments[index])
            previous = index
        return tuple(chosen)
