"""Loss curves, painted directly.

A frame costs one or two milliseconds, so that curves that grow do not slow the mouse down, and nothing has to be
imported when a training starts.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from latentscope.runs.history import History, Series
from latentscope.runs.words import duration
from latentscope.theme import Theme
from latentscope.words import figure

__all__ = ["CurvesView", "nice_step", "sensible_range", "thinned"]

Values = NDArray[np.float64]
SPIKE = 0.1  # the first tenth of a run falls from wherever chance began, and would flatten all the rest


@dataclass(frozen=True)
class _Curve:
    name: str
    seconds: Values
    values: Values


class CurvesView(QWidget):
    """One part of the loss over the time of training: a line for the training images, dots for the test images."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._train = self._test = _Curve("", np.empty(0), np.empty(0))
        self._unit = ""
        self._hover: float | None = None  # where the mouse is, 0 to 1 of the time
        self._area = QRectF()
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
            area = self._axes(painter, low, high, last)
            to_point = _Scale(area, last, low, high)
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
            self._legend(painter, area)
            self._area = area

    def _axes(self, painter: QPainter, low: float, high: float, last: float) -> QRectF:
        metrics = painter.fontMetrics()
        line = metrics.height()
        step = nice_step(high - low, max(2, int((self.height() - 2 * line) / (2.2 * line))))
        ticks = [tick * step for tick in range(math.ceil(low / step), math.floor(high / step) + 1)]
        decimals = max(0, -math.floor(math.log10(step)))
        labels = [f"{tick:,.{decimals}f}".replace("-", "\N{MINUS SIGN}") for tick in ticks]
        left = max((metrics.horizontalAdvance(label) for label in labels), default=0) + 10
        area = QRectF(left, line + 4, self.width() - left - 10, self.height() - 2 * line - 12)
        for tick, label in zip(ticks, labels, strict=True):
            y = area.bottom() - (tick - low) / (high - low) * area.height()
            painter.setPen(QPen(QColor(self._theme.border), 1))
            painter.drawLine(QPointF(area.left(), round(y) + 0.5), QPointF(area.right(), round(y) + 0.5))
            painter.setPen(QColor(self._theme.muted))
            place = QRectF(0, y - line / 2, left - 8, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, label)
        self._time_axis(painter, area, last)
        return area

    def _time_axis(self, painter: QPainter, area: QRectF, last: float) -> None:
        metrics = painter.fontMetrics()
        painter.setPen(QColor(self._theme.muted))
        step = _time_step(last, max(1, int(area.width() / (metrics.horizontalAdvance("00 min 00 s") + 16))))
        for number in range(int(last / step) + 1):
            x = area.left() + number * step / last * area.width()
            text = duration(number * step) if step >= 1 else f"{number * step:.1f} s"
            width = metrics.horizontalAdvance(text)
            start = min(max(x - width / 2, area.left() - 4), self.width() - width)
            painter.drawText(QPointF(start, area.bottom() + 6 + metrics.ascent()), text)

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

    def leaveEvent(self, event: object) -> None:
        self._hover = None
        self.update()


class _Scale:
    """Seconds and nats to pixels."""

    def __init__(self, area: QRectF, last: float, low: float, high: float) -> None:
        self._area, self._last, self._low, self._high = area, last, low, high

    def __call__(self, seconds: Values, values: Values) -> list[QPointF]:
        x = self._area.left() + seconds / self._last * self._area.width()
        y = self._area.bottom() - (values - self._low) / (self._high - self._low) * self._area.height()
        y = y.clip(-1e4, 1e4)  # far outside is clipped, but Qt draws no line to infinity
        return [QPointF(*point) for point in zip(x.tolist(), y.tolist(), strict=True)]


def _curve(name: str, series: Series, part: str) -> _Curve:
    seconds, values = series["seconds"], series[part]
    known = np.isfinite(values)
    return _Curve(name, seconds[known], values[known])


def thinned(seconds: Values, values: Values, most: int) -> tuple[Values, Values]:
    """At most about ``most`` points: the means of neighbours, and the last point as it is."""
    every = math.ceil(len(values) / max(1, most))
    if every <= 1:
        return seconds, values
    whole = len(values) // every * every
    means = [column[:whole].reshape(-1, every).mean(1) for column in (seconds, values)]
    return np.append(means[0], seconds[-1]), np.append(means[1], values[-1])


def sensible_range(train: Values, test: Values) -> tuple[float, float]:
    """(lowest, highest) value to show: all but the fall at the very start, with a little air."""
    late = [values[max(1, int(len(values) * SPIKE)) :] if len(values) > 2 else values for values in (train, test)]
    values = np.concatenate(late)
    low, high = float(values.min()), float(np.quantile(values, 0.98))
    air = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
    return low - air, high + air


def nice_step(span: float, most: int) -> float:
    """A step of 1, 2 or 5 times a power of ten that goes into a span at most ``most`` times."""
    rough = span / most
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * (1 - 1e-9))


def _time_step(last: float, most: int) -> float:
    """The same for a time: round seconds, minutes, hours."""
    if last < 5:
        return nice_step(last, most)
    steps = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 43200)
    return next((float(step) for step in steps if last / step <= most), 86400.0 * math.ceil(last / 86400 / most))
