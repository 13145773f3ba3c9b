"""How long something will still take, in words, from how far it has come until now."""

import time
from collections.abc import Callable

__all__ = ["Countdown"]

ENOUGH = 0.03, 3.0  # the share of all that must be done, and the seconds that it must have taken, to foretell the rest


class Countdown:
    """Begins when it is made. The time before the first progress, in which libraries are loaded, foretells nothing."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begin = clock()
        self._first: tuple[float, float] | None = None  # seconds and share when there was progress first
        self._last: tuple[float, float] = (self._begin, 0.0)  # the same when there was progress last

    def words(self, share: float) -> str:
        """ "about 40 s left", or how many seconds it has taken, while no more can be said; ``share`` is from 0 to 1."""
        now = self._clock()
        if self._first is None and share > 0:
            self._first = now, share
        if share != self._last[1]:
            self._last = now, share
        if self._first is not None:
            seconds, done = self._last[0] - self._first[0], share - self._first[1]
            if done >= ENOUGH[0] and seconds >= ENOUGH[1]:
                return f"about {_rounded((1 - share) * seconds / done - (now - self._last[0]))} left"
        passed = int(now - self._begin)
        return f"{passed} s so far" if passed else ""


def _rounded(seconds: float) -> str:
    if seconds > 90:
        return f"{round(seconds / 60)} min"
    return f"{max(5, 5 * round(seconds / 5))} s"
