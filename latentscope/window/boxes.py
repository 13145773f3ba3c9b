"""Combo and spin boxes whose small arrows are drawn thin and in the theme's colours.

A style sheet takes the arrows away together with their frames, and would have them back only as image files.
"""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

__all__ = ["ComboBox", "NumberBox", "WholeBox"]

TEXT_AIR = 4  # px that the style leaves around the text of a choice
TEXT_MARGINS = (8, 0, 16, 0)  # of a spin box, px: in line with other fields, and room for the arrows


class ComboBox(QComboBox):
    """A choice with a thin arrow. A text that has no room is cut short in the middle, since names often end alike no
    less than they begin alike; Qt would cut it off within a letter."""

    def sizeHint(self) -> QSize:
        """Such that the longest text has room."""
        return super().sizeHint() + QSize(TEXT_AIR, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        style = self.style()
        field = style.subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        middle = Qt.TextElideMode.ElideMiddle
        option.currentText = self.fontMetrics().elidedText(option.currentText, middle, field.width() - TEXT_AIR)
        painter = QStylePainter(self)
        with painter:
            painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
            painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        draw_chevron(self, QPointF(self.width() - 13.0, self.height() / 2))


class WholeBox(QSpinBox):
    """A whole number with thin arrows."""

    def __init__(self) -> None:
        super().__init__()
        self.lineEdit().setTextMargins(*TEXT_MARGINS)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        draw_spin_chevrons(self)


class NumberBox(QDoubleSpinBox):
    """A number with thin arrows."""

    def __init__(self) -> None:
        super().__init__()
        self.lineEdit().setTextMargins(*TEXT_MARGINS)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        draw_spin_chevrons(self)


def draw_spin_chevrons(box: QWidget) -> None:
    x, y = box.width() - 13.0, box.height() / 2
    draw_chevron(box, QPointF(x, y - 4.5), up=True, size=3.0)
    draw_chevron(box, QPointF(x, y + 4.5), size=3.0)


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
