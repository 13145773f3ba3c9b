"""The mouse over the map of a real window."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from latentscope.main_window import MainWindow

__all__ = ["Hand"]


class Hand:
    """Moves the mouse over the map of a window, in latent coordinates, as a hand does."""

    def __init__(self, window: MainWindow) -> None:
        self.map = window.map
        self._window = window

    def pixel(self, *z: float) -> QPoint:
        x, y = self.map.camera.to_pixel(self._window.workspace.plane.to_map(z))
        return QPoint(round(x), round(y))

    def click(self, *z: float) -> None:
        QTest.mouseClick(self.map, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, self.pixel(*z))
        QApplication.processEvents()

    def drag(
        self,
        start: tuple[float, ...],
        end: tuple[float, ...],
        keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
        steps: int = 12,
        release: bool = True,
    ) -> None:
        a, b = self.pixel(*start), self.pixel(*end)
        QTest.mouseMove(self.map, a)
        QTest.mousePress(self.map, Qt.MouseButton.LeftButton, keys, a)
        for i in range(1, steps + 1):
            QTest.mouseMove(self.map, a + (b - a) * i / steps)
            # What is posted, the paint and what comes after it; no more: a real pointer's events would be among that.
            QApplication.sendPostedEvents()
        if release:
            QTest.mouseRelease(self.map, Qt.MouseButton.LeftButton, keys, b)
        QApplication.processEvents()  # what is said of the probe comes after the paint
