"""Which point the mouse is on, and whether it has rested there long enough for a card."""

from PySide6.QtCore import QObject, QPoint, QTimer, Signal

__all__ = ["DWELL_MS", "Hovering"]

# How long the mouse rests on a point before its card is asked for (FiftyOne's figure).
DWELL_MS = 125


class Hovering(QObject):
    """``dwelt`` has the code's index and the mouse's place on the screen, or −1 when the mouse has left the point."""

    dwelt = Signal(int, QPoint)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._index = -1
        self._told = False
        self._where = QPoint()
        self._timer = QTimer(self, singleShot=True, interval=DWELL_MS)
        self._timer.timeout.connect(self._tell)

    def point_at(self, index: int, where: QPoint) -> None:
        """The mouse is on this code now (−1: on none)."""
        self._where = where
        if index == self._index:
            return
        self._index = index
        if self._told:
            self._told = False
            self.dwelt.emit(-1, QPoint())
        if index >= 0:
            self._timer.start()
        else:
            self._timer.stop()

    def _tell(self) -> None:
        self._told = True
        self.dwelt.emit(self._index, self._where)
