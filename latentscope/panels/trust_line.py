"""A line of words on whether the probe is on the data, behind a dot in the colour of the picture's border."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from latentscope.theme import Theme

__all__ = ["Trust", "TrustLine"]

DOT = 4.0  # px: its radius
INDENT = 16


@dataclass(frozen=True)
class Trust:
    """How far an image can be trusted: ``level`` 0 on the data, 1 at its edge, 2 off it, None where that is not known;
    the words for it, what was measured, and the same at length."""

    level: int | None
    words: str
    details: str = ""
    explanation: str = ""


class TrustLine(QWidget):
    """Paints itself, so that a word that changes while the probe is dragged moves nothing else."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.trust: Trust | None = None
        self.setFixedHeight(self.fontMetrics().height() + 4)
        self.setAccessibleName("Trust at the probe")
        self.hide()

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())

    @property
    def colour(self) -> str | None:
        """What the picture is to be framed with; None where nothing is said, or nothing is known."""
        if self.trust is None or self.trust.level is None:
            return None
        return (self._theme.success, self._theme.warning, self._theme.danger)[self.trust.level]

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_trust(self, trust: Trust | None) -> None:
        before, self.trust = self.trust, trust
        if trust == before:
            return
        self.setVisible(trust is not None)
        if trust is not None:
            self.setAccessibleDescription(f"{trust.words}{trust.details}")
            self.setToolTip(trust.explanation)
        if trust is None or before is None or trust.words + trust.details != before.words + before.details:
            self.update()  # not at every move for the explanation, which nobody sees meanwhile

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.trust is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.colour or self._theme.muted))
            painter.drawEllipse(QPointF(DOT + 1, self.height() / 2), DOT, DOT)
            metrics = painter.fontMetrics()
            painter.setPen(QColor(self._theme.text))
            words = QRectF(INDENT, 0, metrics.horizontalAdvance(self.trust.words) + 1, self.height())
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(words, middle, self.trust.words)
            room = self.width() - words.right()
            details = metrics.elidedText(self.trust.details, Qt.TextElideMode.ElideRight, int(room))
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(QRectF(words.right(), 0, room, self.height()), middle, details)
