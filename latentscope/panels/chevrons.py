"""The small arrows of combo and spin boxes, drawn thin and in the theme's colours.

A style sheet takes the arrows away together with their frames, and would have them back only as image files.
"""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPalette, QPen
from PySide6.QtWidgets import QAbstractSpinBox, QWidget

__all__ = ["BARE_ARROWS", "SPIN_ROOM", "draw_chevron", "draw_spin_chevrons"]

# What a form with such boxes adds to the style sheet: room for the arrows, and no frames around them.
BARE_ARROWS = """
    QComboBox::drop-down { border: none; width: 24px; }
    QAbstractSpinBox::up-button { subcontrol-origin: border; subcontrol-position: top right; width: 24px;
        border: none; background: transparent; }
    QAbstractSpinBox::down-button { subcontrol-origin: border; subcontrol-position: bottom right; width: 24px;
        border: none; background: transparent; }
"""
SPIN_ROOM = (6, 0, 20, 0)  # margins of a spin box's text, px


def draw_chevron(widget: QWidget, middle: QPointF, up: bool = False, size: float = 3.5) -> None:
    """A thin arrow at the end of a widget's own painting."""
    tip = -size / 2 if up else size / 2
    group = QPalette.ColorGroup.Active if widget.isEnabled() else QPalette.ColorGroup.Disabled
    with QPainter(widget) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = widget.palette().color(group, QPalette.ColorRole.PlaceholderText)
        painter.setPen(QPen(colour, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        points = [middle + QPointF(-size, -tip), middle + QPointF(0, tip), middle + QPointF(size, -tip)]
        painter.drawPolyline(points)


def draw_spin_chevrons(box: QAbstractSpinBox) -> None:
    x, y = box.width() - 13.0, box.height() / 2
    draw_chevron(box, QPointF(x, y - 4.5), up=True, size=3.0)
    draw_chevron(box, QPointF(x, y + 4.5), size=3.0)
