"""Work that waits for its turn, so that the mouse never waits for all of it.

A newer snapshot has a dozen panels to tell. Each takes a few milliseconds of the GUI thread, and all of them one
after the other would hold up whatever the mouse does meanwhile by more than a frame. So each has a turn of its own in
the event loop: what the mouse does, and the paint that follows, comes in between. While the probe is dragged, a turn is
taken only just after it has been painted, when the next move is farthest away.
"""

import time
from collections import deque
from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer

__all__ = ["Turn", "Turns"]

# So long after the probe has moved, what waits still waits for the next move, which leaves more time than none would.
PATIENCE_MS = 40


class Turns(QObject):
    """The queue: one turn is taken in a pass of the event loop, in the order in which they were asked for."""

    def __init__(self, parent: QObject | None = None, patience_ms: int = PATIENCE_MS) -> None:
        super().__init__(parent)
        self._patience = patience_ms
        self._waiting: deque[Turn] = deque()
        self._moved = -float("inf")  # when the probe was painted last
        # Without an interval it is due in each pass, after what the mouse did and what is to be painted.
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._take_next)

    def is_due(self) -> bool:
        """Whether any work still waits."""
        return bool(self._waiting)

    def add(self, turn: "Turn") -> None:
        self._waiting.append(turn)
        if not self._timer.isActive():
            self._wait()

    def probe_painted(self) -> None:
        """The probe has followed the hand; if it goes on, this is the best moment until the next time."""
        self._moved = time.monotonic()
        if self._waiting:
            self._timer.start(0)

    def _wait(self) -> None:
        """For the next time that the probe is painted, while it moves; else for the next pass."""
        moves = time.monotonic() - self._moved < self._patience / 1000
        self._timer.start(self._patience if moves else 0)

    def _take_next(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if shiboken6.isValid(turn) and turn.is_due:  # else its panel is gone, or it is done already
                if self._waiting:
                    self._wait()
                turn.take()
                return


class Turn(QObject):
    """Does ``work`` when its turn has come, once, however often it was asked for by then."""

    def __init__(self, work: Callable[[], object], turns: Turns, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work, self._turns = work, turns
        self._asked = False

    @property
    def is_due(self) -> bool:
        """Whether it was asked for and is not done yet."""
        return self._asked

    def ask(self) -> None:
        if not self._asked:
            self._asked = True
            self._turns.add(self)

    def take(self) -> None:
        """Do the work now, if it was asked for."""
        if self._asked:
            self._asked = False
            self._work()
