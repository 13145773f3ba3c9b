"""One row a latent dimension: a slider for the probe, its value, KL and σ. Only rows in sight are painted."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from latentscope.analysis.dimensions import Dimension
from latentscope.panels.dimensions.columns import HANDLE, Columns, paint_row, paint_slider
from latentscope.panels.training.value_editor import ValueEditor
from latentscope.theme import Theme
from latentscope.words import signed

__all__ = ["DimensionRows"]

STEP, LARGE_STEP, FINE_STEP = 0.1, 0.5, 0.01  # of a key or a notch of the wheel: plain, with Shift, with Ctrl
PAGE = 10


class DimensionRows(QWidget):
    """The rows. A slider is dragged or turned by the wheel; a click on the value edits it, one beside it traverses."""

    chosen = Signal(int)  # the dimension, from 0, that is to be traversed
    valued = Signal(int, float)  # the dimension, and where on it the probe is to be
    moved = Signal(int)  # the keyboard or a click is at another row: the middle of that, in pixels from the top
    menu_requested = Signal(int, QPoint)
    resized = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows: list[Dimension] = []
        self._values: NDArray[np.float64] = np.zeros(0)
        self._painted = self._values  # what was last asked to be painted
        self._highest = 1.0
        self._hovered = self._dragged = -1
        self._current = 0
        self._marked: int | None = None
        self.editor = ValueEditor(self)
        self.editor.hide()
        self.editor.returnPressed.connect(self._take_text)
        self.editor.left.connect(self._take_text)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Latent dimensions")

    @property
    def row_height(self) -> int:
        return self.fontMetrics().height() + 8

    @property
    def rows(self) -> list[Dimension]:
        return self._rows

    @property
    def posterior(self) -> bool:
        """Whether there are KL and σ to show."""
        return any(row.kl is not None for row in self._rows)

    @property
    def layout_of_row(self) -> Columns:
        return Columns.of(self.width(), self.posterior)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_rows(self, rows: list[Dimension]) -> None:
        """Show these, in this order."""
        self.editor.hide()
        self._rows = rows
        self._highest = max([1e-9, *(row.kl or 0.0 for row in rows)])
        self._current = min(self._current, max(0, len(rows) - 1))
        self._dragged = -1
        if len(self._values) != len(rows):
            self._values = np.zeros(len(rows))
        self._describe()
        self.setFixedHeight(max(1, len(rows) * self.row_height))
        self.update()

    def take_values(self, probe: NDArray[np.float64]) -> None:
        """From here the wheel and the keys go on, the probe (D,), without painting it yet."""
        self._values = probe

    def show_values(self, probe: NDArray[np.float64]) -> None:
        """Show where the probe (D,) is: only what has moved is painted again."""
        before, self._values, self._painted = self._painted, probe, probe
        if len(probe) != len(before):
            self.update()
            return
        height, columns = self.row_height, self.layout_of_row
        left, right = round(columns.slider[0] - HANDLE - 2), round(columns.value[0] + columns.value[1] + 2)
        moved = probe != before
        for place in self._in_sight():
            if moved[self._rows[place].index]:
                self.update(QRect(left, place * height, right - left, height))

    def mark(self, index: int | None) -> None:
        """Mark the dimension that is being traversed."""
        if index != self._marked:
            self._marked = index
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(280, max(1, len(self._rows) * self.row_height))

    def _in_sight(self) -> range:
        seen = self.visibleRegion().boundingRect()
        last = min(len(self._rows) - 1, seen.bottom() // self.row_height)
        return range(max(0, seen.top() // self.row_height), last + 1)

    def _describe(self) -> None:
        row = self._rows[self._current] if self._rows else None
        if row is None:
            self.setAccessibleDescription("")
            return
        value = f" at {signed(float(self._values[row.index]))}" if row.index < len(self._values) else ""
        keys = "Left and right move the probe, Enter traverses"
        self.setAccessibleDescription(f"{row.words}{value}. {keys}.")

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.editor.hide()
        self.resized.emit()

    # --- painting -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        height, columns = self.row_height, self.layout_of_row
        first, last = event.rect().top() // height, event.rect().bottom() // height
        moving = event.rect().left() >= columns.slider[0] - HANDLE - 3 and (
            event.rect().right() <= columns.value[0] + columns.value[1] + 3
        )
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for place in range(max(0, first), min(last + 1, len(self._rows))):
                row, box = self._rows[place], (float(place * height), float(height))
                self._paint_ground(painter, place)
                if not moving:
                    paint_row(painter, self._theme, columns, row, box, self._highest)
                value = float(self._values[row.index]) if row.index < len(self._values) else row.rest
                paint_slider(painter, self._theme, columns, row, value, box)

    def _paint_ground(self, painter: QPainter, place: int) -> None:
        row, theme = self._rows[place], self._theme
        top, height = place * self.row_height, self.row_height
        focused = self.hasFocus() and place == self._current
        marked = row.index == self._marked
        if place == self._hovered or focused or marked:
            painter.setPen(QPen(QColor(theme.accent)) if focused else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.raised))
            painter.drawRoundedRect(QRectF(3, top + 1, self.width() - 6, height - 2), 5, 5)
        if marked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent))
            painter.drawRoundedRect(QRectF(3, top + 4, 3, height - 8), 1.5, 1.5)

    # --- mouse ----------------------------------------------------------------------------------------------------

    def _place(self, y: float) -> int:
        place = int(y) // self.row_height
        return place if 0 <= place < len(self._rows) else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._dragged >= 0:
            self._value(self._dragged, self.layout_of_row.value_at(x, self._rows[self._dragged]))
            return
        on_value = self.layout_of_row.on_value(x)
        self.setCursor(Qt.CursorShape.IBeamCursor if on_value else Qt.CursorShape.PointingHandCursor)
        place = self._place(event.position().y())
        if place != self._hovered:
            self._hovered = place
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -1
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place, x = self._place(event.position().y()), event.position().x()
        if event.button() != Qt.MouseButton.LeftButton or place < 0:
            return
        self._go_to(place)
        columns = self.layout_of_row
        if columns.on_slider(x):
            self._dragged = place
            self._value(place, columns.value_at(x, self._rows[place]))
        elif columns.on_value(x):
            self.edit(place)
        else:
            self.chosen.emit(self._rows[place].index)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged = -1

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On a slider: back to where it rests."""
        place = self._place(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and place >= 0:
            if self.layout_of_row.on_slider(event.position().x()):
                self._value(place, self._rows[place].rest)
            else:
                self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """On a slider it moves the probe along that dimension; elsewhere it scrolls."""
        place = self._place(event.position().y())
        turned = event.angleDelta().y() or event.angleDelta().x()  # Alt turns one into the other
        if place < 0 or not turned or not self.layout_of_row.on_slider(event.position().x()):
            event.ignore()
            return
        self._step(place, _step(event.modifiers()) * turned / 120)
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        place = self._current if by_key else self._place(event.pos().y())
        if 0 <= place < len(self._rows):
            self._go_to(place)
            self.menu_requested.emit(self._rows[place].index, event.globalPos())

    # --- values ---------------------------------------------------------------------------------------------------

    def _value(self, place: int, value: float) -> None:
        self.valued.emit(self._rows[place].index, float(value))
        self._describe()

    def _step(self, place: int, by: float) -> None:
        """From where it is, in steps that end at the slider's ends unless it is beyond them already."""
        row = self._rows[place]
        value = float(self._values[row.index])
        low, high = min(row.low, value), max(row.high, value)
        self._value(place, min(max(round(value + by, 10), low), high))

    def edit(self, place: int, text: str | None = None) -> None:
        """Open the field for the value of a row, with ``text`` or what it is."""
        x, width = self.layout_of_row.value
        self._go_to(place)
        height = self.row_height
        self.editor.setGeometry(round(x) - 6, place * height, round(width) + 10, height)
        self.editor.place = place
        self.editor.setText(f"{self._values[self._rows[place].index]:.4g}" if text is None else text)
        if text is None:
            self.editor.selectAll()
        self.editor.show()
        self.editor.setFocus()

    def _take_text(self) -> None:
        """What was typed; what is no number changes nothing."""
        if self.editor.isHidden():
            return
        text, place = self.editor.text(), self.editor.place
        edited = self.editor.isModified()
        self.editor.hide()
        try:
            value = float(text.strip().replace("−", "-").replace(",", "."))
        except ValueError:
            return
        if math.isfinite(value) and edited and 0 <= place < len(self._rows):
            self._value(place, value)

    # --- keys -----------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last, key = len(self._rows) - 1, Qt.Key(event.key())
        places = {
            Qt.Key.Key_Up: self._current - 1,
            Qt.Key.Key_Down: self._current + 1,
            Qt.Key.Key_PageUp: self._current - PAGE,
            Qt.Key.Key_PageDown: self._current + PAGE,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        if not self._rows:
            super().keyPressEvent(event)
        elif key in places:
            self._go_to(min(max(places[key], 0), last))
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._step(self._current, (1 if key == Qt.Key.Key_Right else -1) * _step(event.modifiers()))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self._rows[self._current].index)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._value(self._current, self._rows[self._current].rest)
        elif key == Qt.Key.Key_F2:
            self.edit(self._current)
        elif event.text() and event.text() in "0123456789-−.,":
            self.edit(self._current, event.text())
            self.editor.setModified(True)
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
            place = self._place(event.pos().y())
            if place >= 0:
                row = self._rows[place]
                words = f"{row.words}.\nDrag or turn the wheel: decode along it. Double click: back to {row.rest:.3g}."
                QToolTip.showText(
                    event.globalPos(), f"{words}\nClick its name: a path along it, through the probe.", self
                )
            return True
        return super().event(event)


def _step(keys: Qt.KeyboardModifier) -> float:
    if keys & Qt.KeyboardModifier.ControlModifier:
        return FINE_STEP
    return LARGE_STEP if keys & Qt.KeyboardModifier.ShiftModifier else STEP
