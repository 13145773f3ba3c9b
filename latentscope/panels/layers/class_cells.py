"""The cells of the condition rail: a picture and a name for each class, to be clicked and dragged onto each other."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from latentscope.images import enlarged
from latentscope.theme import Theme, class_colours

__all__ = ["ClassCells"]

LEAST_CELL, MOST_CELL = 44, 84  # px: the height of a cell in a column, the width of one in a row
MOST_NAME = 84  # px; a longer name is cut short
GAP = 4
PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Left: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Right: 1}


class ClassCells(QWidget):
    """One cell a class, in a column or, where there is more width than height, in a row. Only what is seen is drawn."""

    chosen = Signal(int)  # a click or a key: this class
    mixing = Signal(int, int, float)  # a drag goes on: from this class onto that one, of which it is so much, 0 to 1
    released = Signal()  # the drag has ended
    cancelled = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._names: tuple[str, ...] = ()
        self._colours: list[tuple[int, int, int]] = []
        self._weights: NDArray[np.float64] = np.empty(0)
        self._pictures: dict[int, NDArray[np.uint8]] = {}
        self._room = QSize(100, 100)
        self._pressed: int | None = None
        self._dragging = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Classes at the probe")

    # --- what it shows --------------------------------------------------------------------------------------------

    @property
    def pictures(self) -> dict[int, NDArray[np.uint8]]:
        """The picture (H, W, C) of each class that has one."""
        return self._pictures

    @property
    def dragging(self) -> bool:
        return self._dragging

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._colours = class_colours(len(self._names), theme)
        self.update()

    def show_classes(self, names: tuple[str, ...]) -> None:
        """Begin anew with these classes; a drag that goes on is forgotten."""
        self._names, self._pictures, self._pressed, self._dragging = names, {}, None, False
        self._weights = np.zeros(len(names))
        self._colours = class_colours(len(names), self._theme)
        self.fit(self._room)
        self.update()

    def show_weights(self, weights: NDArray[np.float64]) -> None:
        self._weights = weights
        self.setAccessibleDescription(", ".join(self._words(int(label)) for label in np.flatnonzero(weights)))
        self.update()

    def show_pictures(self, pictures: dict[int, NDArray[np.uint8]]) -> None:
        self._pictures = pictures
        self.update()

    def _words(self, label: int) -> str:
        share = self._weights[label]
        return self._names[label] if share >= 1 else f"{self._names[label]} {100 * share:.0f} %"

    # --- where the cells are --------------------------------------------------------------------------------------

    @property
    def in_row(self) -> bool:
        return self._room.width() > 1.4 * self._room.height()

    def fit(self, room: QSize) -> None:
        """Be as large as the cells want to be in this room, which shows a part of them where they are too many."""
        self._room = room
        length = self._cell * len(self._names)
        self.setMinimumSize(QSize(length, 0) if self.in_row else QSize(0, length))
        self.updateGeometry()

    @property
    def _cell(self) -> int:
        """The length of a cell along the column or row."""
        room = self._room.width() if self.in_row else self._room.height()
        most = min(MOST_CELL, self._room.height() - self.fontMetrics().height()) if self.in_row else MOST_CELL
        return max(LEAST_CELL, min(room // max(1, len(self._names)), most))

    @property
    def _name_width(self) -> int:
        widest = max((self.fontMetrics().horizontalAdvance(name) for name in self._names[:50]), default=0)
        return min(MOST_NAME, max(12, widest))

    def wanted_width(self) -> int:
        """Of a column."""
        return self._name_width + 22 + MOST_CELL

    def cell_rect(self, label: int) -> QRect:
        cell = self._cell
        if self.in_row:
            return QRect(label * cell, 0, cell, min(self.height(), cell + self.fontMetrics().height() + GAP))
        return QRect(0, label * cell, self.width(), cell)

    def label_at(self, position: QPointF | QPoint) -> int | None:
        """The class whose cell is there."""
        label = int((position.x() if self.in_row else position.y()) // self._cell)
        if not 0 <= label < len(self._names):
            return None
        return label if self.cell_rect(label).contains(int(position.x()), int(position.y())) else None

    def labels_in(self, rect: QRect) -> range:
        """The classes that a part of this shows."""
        low, high = (rect.left(), rect.right()) if self.in_row else (rect.top(), rect.bottom())
        return range(max(0, low // self._cell), min(len(self._names), high // self._cell + 1))

    def _picture_rect(self, label: int) -> QRectF:
        cell = QRectF(self.cell_rect(label))
        if self.in_row:
            side = min(cell.width(), cell.height() - self.fontMetrics().height() - 2) - 2 * GAP
            return QRectF(cell.center().x() - side / 2, cell.top() + GAP, side, side)
        side = min(cell.height(), cell.width() - self._name_width - 18) - 2 * GAP
        return QRectF(cell.right() - side - GAP - 2, cell.center().y() - side / 2, side, side)

    # --- mouse and keys -------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = self.label_at(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        other = self.label_at(event.position())
        if other is None or (other == self._pressed and not self._dragging):
            return
        self._dragging = True
        self.setCursor(Qt.CursorShape.SizeVerCursor if self.in_row else Qt.CursorShape.SizeHorCursor)
        self.mixing.emit(self._pressed, other, self.share_at(other, event.position()) if other != self._pressed else 0)

    def share_at(self, label: int, position: QPointF) -> float:
        """How much of a class a place in its cell asks for: none at the left (in a row: top) edge, all at the other."""
        rect = self.cell_rect(label)
        part = (position.y() - rect.top()) / rect.height() if self.in_row else (position.x()) / rect.width()
        return round(float(np.clip((part - 0.15) / 0.7, 0, 1)), 2)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, dragging = self._pressed, self._dragging
        if event.button() != Qt.MouseButton.LeftButton or pressed is None:
            return
        self._end_drag()
        if dragging:
            self.released.emit()
        elif self.label_at(event.position()) == pressed:
            self.chosen.emit(pressed)

    def cancel(self) -> None:
        """Give a drag up."""
        if self._dragging:
            self._end_drag()
            self.cancelled.emit()

    def _end_drag(self) -> None:
        self._pressed, self._dragging = None, False
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, count = Qt.Key(event.key()), len(self._names)
        now = int(np.argmax(self._weights)) if count else 0
        wanted: int | None = None
        if key in STEPS:
            wanted = min(max(0, now + STEPS[key]), count - 1)
        elif Qt.Key.Key_0 <= key <= Qt.Key.Key_9 and event.modifiers() in PLAIN:
            wanted = int(key) - int(Qt.Key.Key_0)
        if wanted is not None and 0 <= wanted < count and not self._dragging:
            self.chosen.emit(wanted)
        elif key == Qt.Key.Key_Escape and self._dragging:
            self.cancel()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            label = self.label_at(event.pos())
            if label is None:
                QToolTip.hideText()
            else:
                how = "Click decodes this class everywhere; drag onto another class mixes the two."
                QToolTip.showText(event.globalPos(), f"{self._names[label]}. {how}", self, self.cell_rect(label))
            return True
        return super().event(event)

    # --- painting -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for label in self.labels_in(event.rect()):
                self._paint_cell(painter, label)

    def _paint_cell(self, painter: QPainter, label: int) -> None:
        theme, share = self._theme, float(self._weights[label])
        cell, target = QRectF(self.cell_rect(label)).adjusted(2, 1, -2, -1), self._picture_rect(label)
        if share > 0:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.raised))
            painter.drawRoundedRect(cell, 6, 6)
        self._paint_name(painter, label, cell, target, share)
        outline = QPainterPath()
        outline.addRoundedRect(target, 5, 5)
        painter.save()
        painter.setClipPath(outline)
        picture = self._pictures.get(label)
        if picture is None:
            painter.fillRect(target, QColor(theme.raised))
        else:
            side = max(1, round(target.width() * self.devicePixelRatioF()))
            painter.drawImage(target, enlarged(picture, side, side))
        painter.restore()
        if share > 0:
            edge = QColor(theme.accent)
            edge.setAlphaF(0.35 + 0.65 * share)
            painter.setPen(QPen(edge, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(cell.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
            if self.hasFocus():
                painter.setPen(QPen(QColor(theme.text), 1, Qt.PenStyle.DotLine))
                painter.drawRoundedRect(cell.adjusted(3, 3, -3, -3), 4, 4)

    def _paint_name(self, painter: QPainter, label: int, cell: QRectF, target: QRectF, share: float) -> None:
        metrics = painter.fontMetrics()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(*self._colours[label]))
        text = self._names[label]
        if 0 < share < 1:
            text = f"{100 * share:.0f} %"
        if self.in_row:
            line = QRectF(cell.left() + 4, target.bottom() + 1, cell.width() - 8, metrics.height())
            width = min(metrics.horizontalAdvance(text), int(line.width()) - 12)
            left = line.center().x() - (width + 10) / 2
            painter.drawEllipse(QPointF(left + 3, line.center().y()), 3, 3)
            line.setLeft(left + 10)
        else:
            painter.drawEllipse(QPointF(cell.left() + 9, cell.center().y()), 3.5, 3.5)
            line = QRectF(cell.left() + 18, cell.top(), target.left() - cell.left() - 20, cell.height())
        painter.setPen(QColor(self._theme.text if share > 0 else self._theme.muted))
        name = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(line.width()))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
