"""How work on another thread makes room for the window: small pieces, and a word between them. No Qt."""

import time

__all__ = ["AWAIT_TURN", "DroppedError", "Pace"]

# What a worker sleeps between two pieces of a few milliseconds, so that the GUI thread gets Python's lock at once; and
# how much longer while the camera moves, when every frame counts.
AWAIT_TURN = 0.0003
GENTLY = 0.002
# While a frame of the window is made the worker looks again so often whether it is done; and the longest it waits.
GLANCE, LONGEST = 0.0005, 0.03


class DroppedError(Exception):
    """Nobody waits for this work any more."""


class Pace:
    """Call it between two pieces of work. The GUI thread sets ``dropped`` and ``gently`` at any time.

    And ``waiting`` while it makes a frame: two cores that share a cache are slower together, and so is Python's lock.
    """

    def __init__(self) -> None:
        self.dropped = False
        self.gently = False
        self.waiting = False

    def __call__(self) -> None:
        """Raises DroppedError where the work is not wanted any more."""
        if self.dropped:
            raise DroppedError
        time.sleep(GENTLY if self.gently else AWAIT_TURN)
        patience = round(LONGEST / GLANCE)
        while self.waiting and patience and not self.dropped:
            time.sleep(GLANCE)
            patience -= 1
