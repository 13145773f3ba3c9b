"""A line of two texts that change with the mouse, and make nobody lay out anything when they do."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from latentscope.theme import Theme

__all__ = ["Readout"]


class Readout(QWidget):
    """``left`` takes the room that ``right`` leaves; ``widest`` is the longest text that is expected on the right.

    A label that gets another text tells the layout that it is in, which tells the dock, which tells the main window,
    and all of them are painted again behind it. Here the labels are in no layout, and on a ground of their own.
    """

    def __init__(self, left: QLabel, right: QLabel, widest: str, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._left, self._right, self._widest = left, right, widest
        for label in (left, right):
            label.setParent(self)
        right.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        metrics = self._left.fontMetrics()
        return QSize(2 * self._wide(), max(metrics.height(), self._right.fontMetrics().height()) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._wide(), self.sizeHint().height())

    def _wide(self) -> int:
        return self._right.fontMetrics().horizontalAdvance(self._widest)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), QColor(self._theme.panel))

    def resizeEvent(self, event: QResizeEvent) -> None:
        right = min(self._wide(), self.width())
        self._left.setGeometry(0, 0, self.width() - right, self.height())
        self._right.setGeometry(self.width() - right, 0, right, self.height())
