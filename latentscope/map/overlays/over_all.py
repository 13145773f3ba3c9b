"""What is painted over all of a map: the words where no model is open, and the frame of the keyboard's focus."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QPainter, QPen

from latentscope.map.scene import colour
from latentscope.theme import Theme

__all__ = ["paint_focus", "paint_invitation"]


def paint_invitation(painter: QPainter, area: QRect, font: QFont, theme: Theme, text: str) -> None:
    """Words in the middle, a quarter larger than ``font``."""
    larger = QFont(font)
    larger.setPointSizeF(font.pointSizeF() * 1.25)
    painter.setFont(larger)
    painter.setPen(colour(theme.muted))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)


def paint_focus(painter: QPainter, area: QRect, theme: Theme) -> None:
    """A frame, for whoever reaches the map by keyboard."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour(theme.accent), 2))
    painter.drawRect(area.adjusted(1, 1, -1, -1))
