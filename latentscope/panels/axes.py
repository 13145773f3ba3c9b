"""The axes of loss curves, and how curves are brought onto them."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from latentscope.runs.words import duration
from latentscope.theme import Theme

__all__ = ["Scale", "Values", "nice_step", "paint_axes", "sensible_range", "thinned"]

Values = NDArray[np.float64]
LEAST_LEFT = 38  # px left of the time axis: what stands below, on the same axis, has a button there
SPIKE = 0.1  # the first tenth of a run falls from wherever chance began, and would flatten all the rest


def paint_axes(
    painter: QPainter, size: QSize, theme: Theme, span: tuple[float, float], last: float, epochs: bool = False
) -> QRectF:
    """Paint both axes of curves whose values span that much, over a time from 0 to ``last`` (seconds, or ``epochs``).

    Returns the area that is left for the curves.
    """
    low, high = span
    metrics = painter.fontMetrics()
    line = metrics.height()
    step = nice_step(high - low, max(2, int((size.height() - 2 * line) / (2.2 * line))))
    ticks = [tick * step for tick in range(math.ceil(low / step), math.floor(high / step) + 1)]
    decimals = max(0, -math.floor(math.log10(step)))
    labels = [f"{tick:,.{decimals}f}".replace("-", "\N{MINUS SIGN}") for tick in ticks]
    left = max(max((metrics.horizontalAdvance(label) for label in labels), default=0) + 10, LEAST_LEFT)
    area = QRectF(left, line + 4, size.width() - left - 10, size.height() - 2 * line - 12)
    for tick, label in zip(ticks, labels, strict=True):
        y = area.bottom() - (tick - low) / (high - low) * area.height()
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.drawLine(QPointF(area.left(), round(y) + 0.5), QPointF(area.right(), round(y) + 0.5))
        painter.setPen(QColor(theme.muted))
        place = QRectF(0, y - line / 2, left - 8, line)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, label)
    painter.setPen(QColor(theme.muted))
    widest = "00,000.0" if epochs else "00 min 00 s"
    most = max(1, int(area.width() / (metrics.horizontalAdvance(widest) + 16)))
    step = nice_step(last, most) if epochs else _time_step(last, most)
    for number in range(int(last / step) + 1):
        x = area.left() + number * step / last * area.width()
        text = _time_words(number * step, step, epochs)
        if epochs and number == int(last / step):
            text = f"epoch {text}"
        width = metrics.horizontalAdvance(text)
        start = min(max(x - width / 2, area.left() - 4), size.width() - width)
        painter.drawText(QPointF(start, area.bottom() + 6 + metrics.ascent()), text)
    return area


def _time_words(value: float, step: float, epochs: bool) -> str:
    if epochs:
        return f"{value:,.{max(0, -math.floor(math.log10(step)))}f}"
    return duration(value) if step >= 1 else f"{value:.1f} s"


class Scale:
    """Time (seconds, epochs) and nats to pixels."""

    def __init__(self, area: QRectF, last: float, low: float, high: float) -> None:
        self._area, self._last, self._low, self._high = area, last, low, high

    def __call__(self, x: Values, values: Values) -> list[QPointF]:
        x = self._area.left() + x / self._last * self._area.width()
        y = self._area.bottom() - (values - self._low) / (self._high - self._low) * self._area.height()
        y = y.clip(-1e4, 1e4)  # far outside is clipped, but Qt draws no line to infinity
        return [QPointF(*point) for point in zip(x.tolist(), y.tolist(), strict=True)]


def thinned(seconds: Values, values: Values, most: int) -> tuple[Values, Values]:
    """At most about ``most`` points: the means of neighbours, and the last point as it is."""
    every = math.ceil(len(values) / max(1, most))
    if every <= 1:
        return seconds, values
    whole = len(values) // every * every
    means = [column[:whole].reshape(-1, every).mean(1) for column in (seconds, values)]
    return np.append(means[0], seconds[-1]), np.append(means[1], values[-1])


def sensible_range(*curves: Values) -> tuple[float, float]:
    """(lowest, highest) value to show: all but the fall at the very start, with a little air."""
    late = [values[max(1, int(len(values) * SPIKE)) :] if len(values) > 2 else values for values in curves]
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
