"""How work on another thread makes room for the window: small pieces, and a word between them. No Qt."""

import time

__all__ = ["AWAIT_TURN", "DroppedError", "Pace"]

# What a worker sleeps between two pieces of a few milliseconds, so that the GUI thread gets Python's lock at once; and
# how much longer while the camera moves, when every frame counts.
AWAIT_TURN = 0.0003
GENTLY = 0.004


class DroppedError(Exception):
    """Nobody waits for this work any more."""


class Pace:
    """Call it between two pieces of work. The GUI thread sets ``dropped`` and ``gently`` at any time."""

    def __init__(self) -> None:
        self.dropped = False
        self.gently = False

    def __call__(self) -> None:
        """Raises DroppedError where the work is not wanted any more."""
        if self.dropped:
            raise DroppedError
        time.sleep(GENTLY if self.gently else AWAIT_TURN)
