"""Python's cyclic garbage collector, on the GUI thread only.

The collector runs in whichever thread happens to allocate. When that is a worker, the destructors of Qt objects that
were caught in a cycle run there too, and Qt may crash. So the automatic collector is switched off, and a timer on the
GUI thread collects instead, by the same thresholds.

A full collection walks every tracked object, 0.1 s and more once torch is loaded, which would be seen as a hitch under
the mouse. So ``freeze`` moves all that was loaded at the start out of the collector's sight, and full collections wait
until no mouse button is held down.
"""

import gc

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

__all__ = ["Garbage"]

TICK_MS = 1000


class Garbage(QObject):
    """Takes the collector over when made, gives it back in ``close``. Make it and close it on the GUI thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_enabled = gc.isenabled()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.CoarseTimer)
        self._timer.timeout.connect(self.tick)
        self._timer.start(TICK_MS)

    def tick(self) -> int | None:
        """Collect what is due; returns the oldest generation that was collected, None where nothing was due."""
        counts = gc.get_count()
        limits = gc.get_threshold()
        if counts[0] <= limits[0]:
            return None
        generation = 0
        if counts[1] > limits[1]:
            generation = 1
            if counts[2] > limits[2] and QGuiApplication.mouseButtons() == Qt.MouseButton.NoButton:
                generation = 2
        gc.collect(generation)
        return generation

    def freeze(self) -> None:
        """Never again look at what is there now: modules, classes, the window itself.

        What of it is garbage already stays until ``close``; to find it first would be the very hitch.
        """
        gc.freeze()

    def close(self) -> None:
        """Stop, and leave the collector as it was found."""
        self._timer.stop()
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()
