"""A label that cuts its text short where there is no room for it, and shows it whole in its tool tip."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel

__all__ = ["ElidedLabel"]


class ElidedLabel(QLabel):
    """One line of plain text, which never makes its parent wider.

    Where it has no room, the first of ``shorter`` that has stands for it.
    """

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._shorter: tuple[str, ...] = ()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)

    def setText(self, text: str, *shorter: str) -> None:
        self._shorter = shorter
        super().setText(text)
        self.setToolTip(text)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setPen(self.palette().windowText().color())
            painter.drawText(self.contentsRect(), self.alignment(), self.shown())

    def shown(self) -> str:
        """What is seen of it."""
        metrics, room = self.fontMetrics(), self.contentsRect().width()
        texts = (self.text(), *self._shorter)
        fitting = next((text for text in texts if metrics.horizontalAdvance(text) <= room), texts[-1])
        return metrics.elidedText(fitting, Qt.TextElideMode.ElideRight, room)
