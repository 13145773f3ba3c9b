"""The curves of several runs in one picture: a line a run, of its test images, each in a colour of its own."""

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from latentscope.panels.axes import Scale, paint_axes, sensible_range, thinned
from latentscope.runs.overlay import MOST, Line, Lines
from latentscope.runs.words import duration
from latentscope.theme import Theme, class_colours
from latentscope.words import figure

__all__ = ["OverlayView", "value_at"]

NAME_SHARE = 0.5  # of the width: a longer name is elided
SWATCH = 18  # px
COVERED = 0.45  # how much of the height of the curves a legend may cover


@dataclass(frozen=True)
class _Legend:
    names: list[str]  # elided; the last may stand for those that there is no room for
    values: list[str]
    size: QSizeF
    beside: bool


class OverlayView(QWidget):
    """Shows lines, what each is called, and its newest value, or that under the mouse."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._lines: list[Line] = []
        self._unit = ""
        self._epochs = False
        self._hover: float | None = None  # 0 to 1 of the axis
        self._area = QRectF()
        self.setMinimumSize(180, 64)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setAccessibleName("Loss curves of several runs")

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_lines(self, told: Lines, epochs: bool) -> None:
        """``epochs``: what their x is; else it is seconds."""
        self._lines, self._unit, self._epochs = told.lines, told.unit, epochs
        newest = ", ".join(f"{one.name} {figure(float(one.values[-1]))}" for one in told.lines)
        self.setAccessibleDescription(f"{newest} {told.unit}" if newest else "")
        self.update()

    def read_out(self) -> list[tuple[str, str]]:
        """(name, value) of each line, at the mouse or at its end."""
        where = self._where()
        values = [float(line.values[-1]) if where is None else value_at(line, where) for line in self._lines]
        return [
            (line.name, "–" if value is None else figure(value))
            for line, value in zip(self._lines, values, strict=True)
        ]

    # --- painting -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if not self._lines:
                painter.setPen(QColor(self._theme.muted))
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "None of these runs has such a curve.")
                return
            low, high = sensible_range(*(line.values for line in self._lines))
            last = self._last()
            legend = self._legend(painter.fontMetrics())
            room = QSize(self.width() - (round(legend.size.width()) if legend.beside else 0), self.height())
            area = paint_axes(painter, room, self._theme, (low, high), last, self._epochs)
            scale = Scale(area, last, low, high)
            colours = self._colours()
            painter.save()
            painter.setClipRect(area.adjusted(0, -4, 5, 4))
            for line in self._lines:
                painter.setPen(QPen(colours[line.place], 1.8, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin))
                points = scale(*thinned(line.x, line.values, int(area.width() / 2)))
                painter.drawPolyline(points)
                painter.setBrush(colours[line.place])
                painter.drawEllipse(points[-1], 2.2, 2.2)
            painter.restore()
            self._paint_hover(painter, area, scale)
            self._paint_legend(painter, area, legend)
            self._area = area

    def _paint_hover(self, painter: QPainter, area: QRectF, scale: Scale) -> None:
        where = self._where()
        painter.setPen(QColor(self._theme.muted))
        words = self._unit
        if where is not None:
            words = f"at epoch {where:,.1f}" if self._epochs else f"at {duration(where)}"
        painter.drawText(QPointF(area.left(), painter.fontMetrics().ascent()), words)
        if where is None:
            return
        x = area.left() + (self._hover or 0.0) * area.width()
        painter.setPen(QPen(QColor(self._theme.muted), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        colours = self._colours()
        for line in self._lines:
            value = value_at(line, where)
            if value is not None:
                [point] = scale(np.array([where]), np.array([value]))
                if area.adjusted(-1, -4, 5, 4).contains(point):
                    painter.setPen(QPen(QColor(self._theme.panel), 1))
                    painter.setBrush(colours[line.place])
                    painter.drawEllipse(point, 3.2, 3.2)

    def _legend(self, metrics: QFontMetrics) -> "_Legend":
        """As many names as go in."""
        line = metrics.height() + 1
        told = self.read_out()
        height = self.height() - 2 * line
        fitting = max(1, int((height - 6) / line))
        shown = told if len(told) <= fitting else told[: fitting - 1]
        values = max(metrics.horizontalAdvance(value) for _, value in [*told, ("", "1,000.0")])
        widest = int(self.width() * NAME_SHARE)
        names = [metrics.elidedText(name, Qt.TextElideMode.ElideRight, widest) for name, _ in shown]
        if len(shown) < len(told):
            names.append(f"and {len(told) - len(shown)} more")
        width = SWATCH + max(metrics.horizontalAdvance(name) for name in names) + 10 + values + 8
        size = QSizeF(width, len(names) * line + 6)
        return _Legend(names, [value for _, value in shown], size, beside=size.height() > COVERED * height)

    def _paint_legend(self, painter: QPainter, area: QRectF, legend: "_Legend") -> None:
        """Top right, where curves that fall leave room; beside them where they are too low for that."""
        line = painter.fontMetrics().height() + 1
        left = self.width() - legend.size.width() if legend.beside else area.right() - legend.size.width()
        box = QRectF(QPointF(left, area.top() - 2), legend.size)
        ground = QColor(self._theme.panel)
        ground.setAlphaF(0.86)
        painter.fillRect(box, ground)
        colours = self._colours()
        for number, name in enumerate(legend.names):
            y = box.top() + 3 + number * line
            place = QRectF(box.left() + SWATCH, y, box.width() - SWATCH - 6, line)
            told = number < len(legend.values)
            if told:
                painter.setPen(QPen(colours[self._lines[number].place], 2.4))
                painter.drawLine(QPointF(box.left() + 2, y + line / 2), QPointF(box.left() + SWATCH - 6, y + line / 2))
                painter.setPen(QColor(self._theme.text))
                side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(place, side, legend.values[number])
            painter.setPen(QColor(self._theme.text if told else self._theme.muted))
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)

    def _colours(self) -> list[QColor]:
        """Those of the classes: nobody has to see all of ten hues to tell them apart."""
        return [QColor(*rgb) for rgb in class_colours(MOST, self._theme)]

    # --- mouse ----------------------------------------------------------------------------------------------------

    def _last(self) -> float:
        return max([1e-9, *(float(line.x[-1]) for line in self._lines)])

    def _where(self) -> float | None:
        return None if self._hover is None else self._hover * self._last()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._area.width() > 0:
            self._hover = min(max((event.position().x() - self._area.left()) / self._area.width(), 0.0), 1.0)
            self.update()

    def leaveEvent(self, event: object) -> None:
        self._hover = None
        self.update()


def value_at(line: Line, x: float) -> float | None:
    """A curve's value there, on the straight line between its two neighbours; None before its begin and after its
    end."""
    if not float(line.x[0]) <= x <= float(line.x[-1]):
        return None
    right = min(bisect_right(line.x, x), len(line.x) - 1)
    if right == 0:
        return float(line.values[0])
    return float(np.interp(x, line.x[right - 1 : right + 1], line.values[right - 1 : right + 1]))
