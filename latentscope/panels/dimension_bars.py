"""One row a latent dimension: a bar of its KL and one of its posterior's width. A click chooses the dimension."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from latentscope.theme import Theme, mix
from trainer.geometry import axis_name

__all__ = ["BarsHeader", "Dimension", "DimensionBars", "dimensions"]

NUMBER, VALUE, GAP, MARGIN = 30, 44, 8, 10  # logical pixels
WIDEST = 1.1  # the σ at which a bar is full; the prior's is 1


@dataclass(frozen=True)
class Dimension:
    """``index`` counts from 0, as the map's axes do: z₀ is the first."""

    index: int
    kl: float  # nats
    sigma: float
    active: bool

    @property
    def words(self) -> str:
        state = "" if self.active else ", inactive"
        return f"{axis_name(self.index)}{state}: KL {self.kl:.3g} nats, σ {self.sigma:.3g}"


@dataclass(frozen=True)
class _Columns:
    """Where things are in a row of a given width: x and width of each."""

    number: tuple[float, float]
    kl: tuple[float, float]
    kl_value: tuple[float, float]
    sigma: tuple[float, float]
    sigma_value: tuple[float, float]

    @classmethod
    def of(cls, width: float) -> "_Columns":
        rest = max(40.0, width - 2 * MARGIN - NUMBER - 2 * VALUE - 3 * GAP)
        kl, sigma = 0.6 * rest, 0.4 * rest
        begins = np.cumsum([MARGIN, NUMBER, kl + GAP / 2, VALUE + GAP, sigma + GAP / 2])
        columns = zip(begins.tolist(), (NUMBER, kl, VALUE, sigma, VALUE), strict=True)
        return cls(*columns)


class DimensionBars(QWidget):
    """The rows. Only those in sight are painted, so that there may be hundreds."""

    chosen = Signal(int)  # the dimension, from 0
    moved = Signal(int)  # the keyboard or a click is at another row: the middle of that, in pixels from the top
    resized = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows: list[Dimension] = []
        self._highest = 1.0
        self._hovered = -1
        self._current = 0
        self._marked: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Latent dimensions")

    @property
    def row_height(self) -> int:
        return self.fontMetrics().height() + 8

    @property
    def rows(self) -> list[Dimension]:
        return self._rows

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_rows(self, rows: list[Dimension]) -> None:
        """Show these, in this order."""
        self._rows = rows
        self._highest = max([1e-9, *(row.kl for row in rows)])
        self._current = min(self._current, max(0, len(rows) - 1))
        self._describe()
        self.setFixedHeight(max(1, len(rows) * self.row_height))
        self.update()

    def mark(self, index: int | None) -> None:
        """Mark the dimension that is being traversed."""
        if index != self._marked:
            self._marked = index
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(280, max(1, len(self._rows) * self.row_height))

    def _describe(self) -> None:
        row = self._rows[self._current] if self._rows else None
        self.setAccessibleDescription(f"{row.words}. Enter traverses it." if row else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.resized.emit()

    # --- painting -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        height = self.row_height
        first, last = event.rect().top() // height, event.rect().bottom() // height
        columns = _Columns.of(self.width())
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for place in range(first, min(last + 1, len(self._rows))):
                self._paint_row(painter, columns, place)
            x = columns.sigma[0] + columns.sigma[1] / WIDEST
            painter.setPen(QPen(QColor(self._theme.muted), 1, Qt.PenStyle.DotLine))
            bottom = min(event.rect().bottom() + 1, len(self._rows) * height)
            painter.drawLine(QPointF(x, event.rect().top()), QPointF(x, bottom))

    def _paint_row(self, painter: QPainter, columns: _Columns, place: int) -> None:
        row, theme = self._rows[place], self._theme
        top, height = place * self.row_height, self.row_height
        focused = self.hasFocus() and place == self._current
        if place == self._hovered or focused or row.index == self._marked:
            painter.setPen(QPen(QColor(theme.accent)) if focused else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.raised))
            painter.drawRoundedRect(QRectF(3, top + 1, self.width() - 6, height - 2), 5, 5)
        if row.index == self._marked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent))
            painter.drawRoundedRect(QRectF(3, top + 4, 3, height - 8), 1.5, 1.5)

        def text(column: tuple[float, float], words: str, colour: str) -> None:
            painter.setPen(QColor(colour))
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(column[0], top, column[1], height), flags, words)

        ground = mix(theme.panel, theme.muted, 0.16)
        fill = QColor(theme.accent if row.active else theme.warning)
        self._bar(painter, columns.kl, top, row.kl / self._highest, fill, ground)
        self._bar(painter, columns.sigma, top, row.sigma / WIDEST, mix(theme.accent, theme.muted, 0.6), ground)
        numbers = (columns.number[0], NUMBER - GAP)
        text(numbers, axis_name(row.index), theme.text if row.active else theme.warning)
        text(columns.kl_value, _short(row.kl), theme.text if row.active else theme.warning)
        text(columns.sigma_value, _short(row.sigma), theme.muted)

    def _bar(
        self, painter: QPainter, column: tuple[float, float], top: float, share: float, fill: QColor, ground: QColor
    ) -> None:
        thickness = 8.0
        y = top + (self.row_height - thickness) / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(column[0], y, column[1], thickness), 3, 3)
        painter.setBrush(fill)
        length = min(1.0, max(0.0, share)) * column[1]
        painter.drawRoundedRect(QRectF(column[0], y, max(2.0, length), thickness), min(3.0, length / 2), 3)

    # --- mouse and keys -------------------------------------------------------------------------------------------

    def _place(self, event: QMouseEvent) -> int:
        place = int(event.position().y()) // self.row_height
        return place if 0 <= place < len(self._rows) else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._place(event)
        if place != self._hovered:
            self._hovered = place
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -1
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._place(event)
        if event.button() == Qt.MouseButton.LeftButton and place >= 0:
            self._go_to(place)
            self.chosen.emit(self._rows[place].index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last, page = len(self._rows) - 1, 10
        steps = {
            Qt.Key.Key_Up: self._current - 1,
            Qt.Key.Key_Down: self._current + 1,
            Qt.Key.Key_PageUp: self._current - page,
            Qt.Key.Key_PageDown: self._current + page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        key = Qt.Key(event.key())
        if not self._rows:
            super().keyPressEvent(event)
        elif key in steps:
            self._go_to(min(max(steps[key], 0), last))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self._rows[self._current].index)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def _go_to(self, place: int) -> None:
        self._current = place
        self._describe()
        self.update()
        self.moved.emit(round((place + 0.5) * self.row_height))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            place = event.pos().y() // self.row_height
            if 0 <= place < len(self._rows):
                words = f"{self._rows[place].words}.\nClick: a path along it, from −3 to 3, through the probe."
                QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)


class BarsHeader(QWidget):
    """What the columns are; it stays when the rows are scrolled."""

    def __init__(self, bars: DimensionBars, theme: Theme) -> None:
        super().__init__()
        self._bars, self._theme = bars, theme
        bars.resized.connect(self.update)  # a scroll bar takes some of their width
        self.setToolTip(
            "KL: what a code costs in this dimension over the prior, in nats, averaged over test images.\n"
            "σ: the standard deviation of the posterior in it, averaged; the line marks the prior's, which is 1."
        )

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self.fontMetrics().height() + 6)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        columns = _Columns.of(self._bars.width())
        with QPainter(self) as painter:
            painter.setPen(QColor(self._theme.muted))
            for (x, width), text in ((columns.kl, "KL, nats"), (columns.sigma, "σ")):
                painter.drawText(QRectF(x, 0, width + VALUE, self.height()), Qt.AlignmentFlag.AlignVCenter, text)


def _short(value: float) -> str:
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"


def dimensions(
    kl: NDArray[np.float64], sigma: NDArray[np.float64], active: NDArray[np.bool_], by_kl: bool
) -> list[Dimension]:
    """One entry a dimension, by its number or with the largest KL first."""
    rows = [Dimension(i, float(kl[i]), float(sigma[i]), bool(active[i])) for i in range(len(kl))]
    return sorted(rows, key=lambda row: -row.kl) if by_kl else rows
