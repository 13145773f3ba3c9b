"""Loss curves, painted directly.

A frame costs one or two milliseconds, so that curves that grow do not slow the mouse down, and nothing has to be
imported when a training starts.
"""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from latentscope.panels.axes import Scale, Values, paint_axes, sensible_range, thinned
from latentscope.runs.history import History, Series
from latentscope.runs.words import duration
from latentscope.theme import Theme
from latentscope.words import figure

__all__ = ["CurvesView"]


@dataclass(frozen=True)
class _Curve:
    name: str
    seconds: Values
    values: Values


class CurvesView(QWidget):
    """One part of the loss over the time of training: a line for the training images, dots for the test images.

    Where ``can_seek`` is set, a press or drag asks for the moment under the mouse; the playhead shows which one is on.
    """

    sought = Signal(float)  # s of training under the mouse, which is held down
    released = Signal()  # the mouse, after that
    axis_changed = Signal()  # ``axis`` is another

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._train = self._test = _Curve("", np.empty(0), np.empty(0))
        self._unit = ""
        self._hover: float | None = None  # where the mouse is, 0 to 1 of the time
        self._area = QRectF()
        self._axis = (0.0, 0.0, 0.0)
        self._playhead: float | None = None
        self.can_seek = False
        self.setMinimumSize(180, 64)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setAccessibleName("Loss curves")

    def sizeHint(self) -> QSize:
        return QSize(320, 170)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_history(self, history: History, part: str, unit: str = "nats per image") -> None:
        """``part``: negative_elbo, reconstruction or kl, measured in ``unit``."""
        self._unit = unit
        self._train, self._test = _curve("train", history.train, part), _curve("test", history.test, part)
        newest = [f"{c.name} {figure(c.values[-1])}" for c in (self._train, self._test) if len(c.values)]
        self.setAccessibleDescription(", ".join(newest) + (f" {unit}" if newest else ""))
        self.update()

    @property
    def axis(self) -> tuple[float, float, float]:
        """The time axis as it was painted: its left and right end in pixels of this widget, and the seconds between."""
        return self._axis

    def set_playhead(self, seconds: float | None) -> None:
        """Mark a moment of the training; None where the newest is shown."""
        if seconds != self._playhead:
            self._playhead = seconds
            self.update()

    # --- painting -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if len(self._train.values) + len(self._test.values) < 1:
                painter.setPen(QColor(self._theme.muted))
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "The curves begin with the first steps.")
                return
            low, high = sensible_range(self._train.values, self._test.values)
            last = max([1e-9, *self._train.seconds[-1:], *self._test.seconds[-1:]])
            area = paint_axes(painter, self.size(), self._theme, (low, high), last)
            to_point = Scale(area, last, low, high)
            painter.save()
            painter.setClipRect(area.adjusted(0, -4, 5, 4))
            train, test = QColor(self._theme.accent), QColor(self._theme.warning)
            painter.setPen(QPen(train, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
            # A point for every other pixel: more cannot be told apart, and the stroke is what the time goes into.
            painter.drawPolyline(to_point(*thinned(self._train.seconds, self._train.values, int(area.width() / 2))))
            painter.setPen(QPen(test, 1.6))
            dots = to_point(*thinned(self._test.seconds, self._test.values, max(1, int(area.width() / 6))))
            painter.drawPolyline(dots)
            painter.setBrush(test)
            painter.setPen(QPen(QColor(self._theme.panel), 1))
            for dot in dots:
                painter.drawEllipse(dot, 3, 3)
            painter.restore()
            if self._playhead is not None:
                x = area.left() + min(self._playhead / last, 1.0) * area.width()
                painter.setPen(QPen(QColor(self._theme.text), 1.5))
                painter.drawLine(QPointF(x, area.top() - 2), QPointF(x, area.bottom()))
            self._legend(painter, area)
            self._area = area
        if self._axis != (axis := (area.left(), area.right(), last)):
            self._axis = axis
            self.axis_changed.emit()

    def _legend(self, painter: QPainter, area: QRectF) -> None:
        """Top right, with the newest values, or with those under the mouse."""
        metrics = painter.fontMetrics()
        x, y = area.right(), metrics.height() / 2
        where = self._hovered_seconds()
        for curve, colour in ((self._test, self._theme.warning), (self._train, self._theme.accent)):
            if not len(curve.values):
                continue
            index = -1 if where is None else int(np.abs(curve.seconds - where).argmin())
            text = f"{curve.name} {figure(float(curve.values[index]))}"
            x -= metrics.horizontalAdvance(text)
            painter.setPen(QColor(self._theme.text))
            painter.drawText(QPointF(x, metrics.ascent()), text)
            painter.setPen(QPen(QColor(colour), 2))
            painter.setBrush(QColor(colour))
            if curve is self._test:
                painter.drawEllipse(QPointF(x - 9, y), 2.5, 2.5)
            else:
                painter.drawLine(QPointF(x - 17, y), QPointF(x - 6, y))
            x -= 30
        if where is not None:
            line = area.left() + (self._hover or 0) * area.width()
            painter.setPen(QPen(QColor(self._theme.muted), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(line, area.top()), QPointF(line, area.bottom()))
        # At the left: what the axis measures; while the mouse reads a value, when that was.
        words = self._unit if where is None else f"at {duration(where)}"
        painter.setPen(QColor(self._theme.muted))
        room = int(x + 10 - area.left())
        text = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QPointF(area.left(), metrics.ascent()), text)

    # --- mouse ----------------------------------------------------------------------------------------------------

    def _hovered_seconds(self) -> float | None:
        last = max([0.0, *self._train.seconds[-1:], *self._test.seconds[-1:]])
        return None if self._hover is None else self._hover * last

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        area = self._area
        if area.width() > 0:
            self._hover = min(max((event.position().x() - area.left()) / area.width(), 0.0), 1.0)
            self.update()
            seconds = self._hovered_seconds()
            if self.can_seek and seconds is not None and event.buttons() & Qt.MouseButton.LeftButton:
                self.sought.emit(seconds)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.can_seek and event.button() == Qt.MouseButton.LeftButton:
            self.released.emit()

    def leaveEvent(self, event: object) -> None:
        self._hover = None
        self.update()


def _curve(name: str, series: Series, part: str) -> _Curve:
    seconds, values = series["seconds"], series[part]
    known = np.isfinite(values)
    return _Curve(name, seconds[known], values[known])
