"""When the map shows what has come from behind it: at once, or with the next frame of a camera that moves."""

from collections.abc import Callable, Iterable
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer, SignalInstance

__all__ = ["News"]

# A little more than a frame of a display: by then a camera that still moves has moved, and had all of it painted.
FRAME_MS = 20


class Source(Protocol):
    """A layer that has something to show without having been asked."""

    changed: SignalInstance


class News(QObject):
    """Calls ``show`` when a source has changed.

    Tiles, pictures of points and steps of a fade come at any time; for each the whole map is composed again. Between
    two moves of the camera that is a frame which the next move has to wait for, and which is seen for a moment only.
    """

    def __init__(
        self,
        sources: Iterable[Source],
        is_moving: Callable[[], bool],
        show: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._is_moving, self._show = is_moving, show
        self._timer = QTimer(self, singleShot=True, interval=FRAME_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(show)
        for source in sources:
            source.changed.connect(self._come)

    def are_shown(self) -> None:
        """Everything is about to be painted."""
        self._timer.stop()

    def is_settled(self) -> bool:
        return not self._timer.isActive()

    def _come(self) -> None:
        if not self._is_moving():
            self._show()
        elif not self._timer.isActive():
            self._timer.start()
