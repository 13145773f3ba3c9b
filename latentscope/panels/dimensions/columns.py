"""Where things are in a row of the Dimensions dock, and how a row is painted."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from latentscope.analysis.dimensions import Dimension
from latentscope.theme import Theme, mix
from latentscope.words import signed
from trainer.geometry import axis_name

__all__ = ["HANDLE", "Column", "Columns", "paint_row", "paint_slider"]

MARGIN, GAP, HANDLE = 10.0, 8.0, 6.0  # logical pixels; the handle's radius
NUMBER, VALUE, KL, KL_VALUE, SIGMA = 24.0, 46.0, 40.0, 34.0, 32.0
LEAST_SLIDER = 60.0
Column = tuple[float, float]  # x and width


@dataclass(frozen=True)
class Columns:
    """The columns of a row of a given width. Without a posterior ``kl``, ``kl_value`` and ``sigma`` have no width."""

    number: Column
    slider: Column
    value: Column
    kl: Column
    kl_value: Column
    sigma: Column

    @classmethod
    def of(cls, width: float, posterior: bool) -> "Columns":
        figures = (KL, KL_VALUE, SIGMA) if posterior else (0.0, 0.0, 0.0)
        gaps = (GAP + HANDLE, GAP + HANDLE, GAP if posterior else 0.0, 4.0 if posterior else 0.0, 0.0)
        rest = width - 2 * MARGIN - NUMBER - VALUE - sum(figures) - sum(gaps)
        x, columns = MARGIN, []
        for size, gap in zip((NUMBER, max(LEAST_SLIDER, rest), VALUE, *figures), (*gaps, 0.0), strict=True):
            columns.append((x, size))
            x += size + gap
        return cls(*columns)

    def value_at(self, x: float, row: Dimension) -> float:
        """What the slider of a row says at x."""
        share = min(1.0, max(0.0, (x - self.slider[0]) / self.slider[1]))
        return row.low + share * (row.high - row.low)

    def on_slider(self, x: float) -> bool:
        return self.slider[0] - HANDLE <= x <= self.slider[0] + self.slider[1] + HANDLE

    def on_value(self, x: float) -> bool:
        return self.value[0] <= x <= self.value[0] + self.value[1]


def paint_row(
    painter: QPainter, theme: Theme, columns: Columns, row: Dimension, box: tuple[float, float], highest: float
) -> None:
    """What of a row does not move: its name, KL and σ. ``box`` is its top and height, ``highest`` the largest KL."""
    top, height = box
    strong, weak = (theme.text, theme.muted) if row.active else (theme.muted, theme.muted)
    _text(painter, columns.number, box, axis_name(row.index), strong, Qt.AlignmentFlag.AlignLeft)
    if row.kl is None or row.sigma is None:
        return
    bar = QRectF(columns.kl[0], top + height / 2 - 4, columns.kl[1], 8)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(mix(theme.panel, theme.muted, 0.16))
    painter.drawRoundedRect(bar, 3, 3)
    length = min(1.0, max(0.0, row.kl / highest)) * bar.width()
    painter.setBrush(mix(theme.accent, theme.muted, 0.35) if row.active else QColor(theme.muted))
    bar.setWidth(max(2.0, length))
    painter.drawRoundedRect(bar, min(3.0, length / 2), 3)
    _text(painter, columns.kl_value, box, _short(row.kl), strong)
    _text(painter, columns.sigma, box, _short(row.sigma), weak)


def paint_slider(
    painter: QPainter, theme: Theme, columns: Columns, row: Dimension, value: float, box: tuple[float, float]
) -> None:
    """What of a row moves with the probe: the slider, filled from where it rests, and the value."""
    x, width = columns.slider
    middle = box[0] + box[1] / 2
    span = row.high - row.low
    at = x + width * min(1.0, max(0.0, (value - row.low) / span))
    rest = x + width * min(1.0, max(0.0, (row.rest - row.low) / span))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(mix(theme.panel, theme.muted, 0.3))
    painter.drawRoundedRect(QRectF(x, middle - 2, width, 4), 2, 2)
    colour = QColor(theme.accent if row.active else theme.muted)
    painter.fillRect(QRectF(min(at, rest), middle - 2, abs(at - rest), 4), colour)
    painter.fillRect(QRectF(rest - 0.75, middle - 5, 1.5, 10), QColor(theme.muted))
    outside = not row.low <= value <= row.high
    painter.setPen(QPen(QColor(theme.panel), 1.5))
    painter.setBrush(QColor(theme.warning if outside else theme.text if row.active else theme.muted))
    painter.drawEllipse(QPointF(at, middle), HANDLE, HANDLE)
    _text(painter, columns.value, box, signed(value), theme.text if row.active else theme.muted)


def _text(
    painter: QPainter,
    column: Column,
    box: tuple[float, float],
    words: str,
    colour: str,
    side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignRight,
) -> None:
    painter.setPen(QColor(colour))
    painter.drawText(QRectF(column[0], box[0], column[1], box[1]), side | Qt.AlignmentFlag.AlignVCenter, words)


def _short(value: float) -> str:
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"
