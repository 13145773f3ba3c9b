"""The canvas of the token painter: an image's grid of codes, each cell the picture of its code."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from latentscope.panels.layers.swatches import Swatches
from latentscope.state.painting import Painting
from latentscope.theme import Theme

__all__ = ["TokenGrid"]

STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class TokenGrid(QWidget):
    """Cells to click and to paint over; they are counted row by row from 0."""

    pressed = Signal(int)  # the left button, on a cell
    entered = Signal(int)  # the mouse has come to another cell with the button held
    released = Signal()
    activated = Signal(int)  # Space or Enter, on the selected cell
    moved = Signal()  # the arrows have selected another cell
    picked = Signal(int)  # the right button: this cell's code is wanted

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._painting: Painting | None = None
        self._swatches: Swatches | None = None
        self._aspect = 1.0
        self._held = -1  # the cell under the held button
        self.selected = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(96, 96)
        self.setMouseTracking(True)
        self.setAccessibleName("Grid of codes")
        self.setAccessibleDescription(
            "The codes of the image. Click a cell and then a code, or take a code and paint; arrows and Space do, too."
        )

    def sizeHint(self) -> QSize:
        return QSize(220, 220)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_painting(self, painting: Painting | None, swatches: Swatches | None, aspect: float) -> None:
        """``aspect``: width over height of the image."""
        self._painting, self._swatches, self._aspect = painting, swatches, aspect
        self.update()

    def select(self, cell: int) -> None:
        """Put the frame round a cell; −1 for none."""
        self.selected = cell
        self.update()

    def cell_rect(self, cell: int) -> QRectF:
        """Where a cell is, in logical pixels."""
        assert self._painting is not None
        rows, columns = self._painting.shape
        width = min(float(self.width()), self.height() * self._aspect)
        height = width / self._aspect
        left, top = (self.width() - width) / 2, (self.height() - height) / 2
        row, column = divmod(cell, columns)
        return QRectF(left + column * width / columns, top + row * height / rows, width / columns, height / rows)

    def cell_at(self, where: QPointF) -> int:
        """The cell at a place; −1 outside the grid."""
        if self._painting is None:
            return -1
        rows, columns = self._painting.shape
        first = self.cell_rect(0)
        row = int(np.floor((where.y() - first.top()) / first.height()))
        column = int(np.floor((where.x() - first.left()) / first.width()))
        return row * columns + column if 0 <= row < rows and 0 <= column < columns else -1

    # --- mouse and keys -------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if cell < 0:
            return
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = cell
            self.pressed.emit(cell)
        elif event.button() == Qt.MouseButton.RightButton:
            self.picked.emit(cell)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        self.setCursor(Qt.CursorShape.ArrowCursor if cell < 0 else Qt.CursorShape.CrossCursor)
        if self._held >= 0 and not event.buttons() & Qt.MouseButton.LeftButton:
            self._let_go()  # the release went elsewhere
        elif self._held >= 0 and cell >= 0 and cell != self._held:
            self._held = cell
            self.entered.emit(cell)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._held >= 0:
            self._let_go()

    def _let_go(self) -> None:
        self._held = -1
        self.released.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if self._painting is None:
            super().keyPressEvent(event)
        elif key in STEPS:
            rows, columns = self._painting.shape
            row, column = divmod(max(self.selected, 0), columns)
            down, right = STEPS[key] if self.selected >= 0 else (0, 0)
            self.select(min(max(row + down, 0), rows - 1) * columns + min(max(column + right, 0), columns - 1))
            self.moved.emit()
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.selected >= 0:
            self.activated.emit(self.selected)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusOutEvent(event)

    def event(self, event: object) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QHelpEvent.Type.ToolTip:
            cell = self.cell_at(QPointF(event.pos()))
            if cell >= 0 and self._painting is not None:
                row, column = divmod(cell, self._painting.shape[1])
                words = f"Row {row + 1}, column {column + 1}: code {self._painting.rows[row][column]}"
                was = self._painting.origin[row][column]
                words += f", painted over code {was}" if was != self._painting.rows[row][column] else ""
                QToolTip.showText(event.globalPos(), f"{words}. The right button takes it up.", self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)  # type: ignore[arg-type]

    # --- painting -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._painting is None:
            return
        rows, columns = self._painting.shape
        painted = self._painting.painted().ravel()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            for cell, code in enumerate(code for row in self._painting.rows for code in row):
                inside = self.cell_rect(cell).adjusted(0.5, 0.5, -0.5, -0.5)
                if self._swatches is not None and code < len(self._swatches.pictures):
                    self._swatches.paint(painter, inside, code)
                else:
                    painter.fillRect(inside, QColor(self._theme.raised))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for changed in np.flatnonzero(painted):
                corner = self.cell_rect(int(changed)).topRight() + QPointF(-6, 6)
                painter.setPen(QPen(QColor(self._theme.panel), 1.5))
                painter.setBrush(QColor(self._theme.accent))
                painter.drawEllipse(corner, 3.2, 3.2)
            if 0 <= self.selected < rows * columns:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                frame = self.cell_rect(self.selected).adjusted(1, 1, -1, -1)
                painter.setPen(QPen(QColor(self._theme.panel), 4))
                painter.drawRect(frame)
                painter.setPen(QPen(QColor(self._theme.accent), 2))
                painter.drawRect(frame)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(self._theme.accent), 1))
                first, last = self.cell_rect(0), self.cell_rect(rows * columns - 1)
                painter.drawRect(first.united(last).adjusted(-1, -1, 1, 1))
