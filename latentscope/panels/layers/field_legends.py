"""Legends of the layers that are computed over the plane: what a tint means, and whose ellipses are drawn."""

from typing import get_args

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from latentscope.map.view import MapView
from latentscope.state.layers import Whose
from latentscope.window.boxes import ComboBox

__all__ = ["EllipsesLegend", "LineLegend", "RampLegend", "TrustLegend"]

BAR = 10  # px
DOT = 4.0  # px: the radius of a coloured dot


class RampLegend(QWidget):
    """From no tint to the full one, with what both stand for. It has the colours of the map's theme."""

    def __init__(self, view: MapView, name: str) -> None:
        super().__init__()
        self._map = view
        self._full: QColor | None = None
        self._low, self._high = "computing…", ""
        self.setFixedHeight(BAR + self.fontMetrics().height() + 4)
        self.setAccessibleName(f"Legend of {name}")

    def sizeHint(self) -> QSize:
        return QSize(160, self.height())

    def show_range(self, full: QColor, low: str, high: str) -> None:
        """``full`` is the strongest tint, ``low`` and ``high`` what the ends are called."""
        self._full, self._low, self._high = full, low, high
        self.setAccessibleDescription(f"{low} to {high}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._map.theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            bar = QRectF(0.5, 0.5, self.width() - 1, BAR - 1)
            painter.setPen(QPen(QColor(theme.border), 1))
            painter.setBrush(QColor(theme.map_background))
            painter.drawRoundedRect(bar, 3, 3)
            if self._full is not None:
                clear = QColor(self._full)
                clear.setAlpha(0)
                ramp = QLinearGradient(bar.topLeft(), bar.topRight())
                ramp.setColorAt(0, clear)
                ramp.setColorAt(1, self._full)
                painter.setBrush(ramp)
                painter.drawRoundedRect(bar, 3, 3)
            below = QRectF(0, BAR + 2, self.width(), self.height() - BAR - 2)
            painter.setPen(QColor(theme.muted))
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, self._low)
            painter.drawText(below, Qt.AlignmentFlag.AlignRight, self._high)


class LineLegend(QWidget):
    """Samples of lines, each with what it stands for."""

    def __init__(self, view: MapView, name: str, lines: list[tuple[float, str]], muted: bool = False) -> None:
        """``lines``: the width of each in pixels, and its words."""
        super().__init__()
        self._map, self._lines, self._muted = view, lines, muted
        self.setFixedHeight(self.fontMetrics().height() + 4)
        self.setAccessibleName(f"Legend of {name}")
        self.setAccessibleDescription(", ".join(words for _, words in lines))

    def sizeHint(self) -> QSize:
        return QSize(160, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._map.theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            middle, left = self.height() / 2, 0.0
            for width, words in self._lines:
                painter.setPen(QPen(QColor(theme.muted if self._muted else theme.text), width))
                painter.drawLine(round(left), round(middle), round(left) + 16, round(middle))
                painter.setPen(QColor(theme.muted))
                room = painter.fontMetrics().horizontalAdvance(words)
                painter.drawText(QRectF(left + 21, 0, room + 1, self.height()), Qt.AlignmentFlag.AlignVCenter, words)
                left += room + 34


class TrustLegend(QWidget):
    """What the colours of the decoded image's border say."""

    def __init__(self, view: MapView) -> None:
        super().__init__()
        self._map = view
        self.setFixedHeight(self.fontMetrics().height() + 4)
        self.setAccessibleName("Legend of the border")
        self.setAccessibleDescription("green: on the data, yellow: at its edge, red: off the data")
        self.setToolTip(
            "By the distance to the seventh nearest code and, at rest, by round trip and stretch:\n"
            "on the data where at least 5 of 100 codes have values as large, off it where less than one of 100 has."
        )

    def sizeHint(self) -> QSize:
        return QSize(160, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._map.theme
        levels = ((theme.success, "on the data"), (theme.warning, "edge"), (theme.danger, "off"))
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            metrics, left = painter.fontMetrics(), 0.0
            for ink, words in levels:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(ink))
                painter.drawEllipse(QRectF(left, self.height() / 2 - DOT, 2 * DOT, 2 * DOT))
                painter.setPen(QColor(theme.muted))
                room = metrics.horizontalAdvance(words) + 1
                left += 2 * DOT + 5
                painter.drawText(QRectF(left, 0, room, self.height()), Qt.AlignmentFlag.AlignVCenter, words)
                left += room + 8


class EllipsesLegend(QWidget):
    """Whose ellipses are drawn: a choice, and how many of how many there are."""

    chosen = Signal(str)  # one of ``Whose``

    def __init__(self) -> None:
        super().__init__()
        self.choice = ComboBox()
        self.choice.setAccessibleName("Whose posterior ellipses are drawn")
        for whose, words in zip(get_args(Whose), ("Under the mouse", "Selected points", "All points"), strict=True):
            self.choice.addItem(words, whose)
        self.choice.activated.connect(lambda: self.chosen.emit(self.choice.currentData()))
        self.count = QLabel()
        self.count.setProperty("role", "muted")
        self.count.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(self.choice)
        layout.addWidget(self.count)

    def show_choice(self, whose: Whose, text: str) -> None:
        self.choice.setCurrentIndex(self.choice.findData(whose))
        self.count.setText(text)
