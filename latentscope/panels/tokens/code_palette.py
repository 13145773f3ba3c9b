"""The palette of the token painter: every code of the codebook, of which only the visible ones are painted."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip

from latentscope.panels.layers.swatches import Swatches
from latentscope.theme import Theme

__all__ = ["CodePalette"]

SIDE, GAP = 24, 3  # px
BAR = 4  # px: of the bar that shows the use


class CodePalette(QAbstractScrollArea):
    """Codes to choose from. A bar under each says how often it is used; a cross marks those that never are."""

    chosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._order: NDArray[np.intp] = np.empty(0, np.intp)
        self._counts: NDArray[np.int64] = np.empty(0, np.int64)
        self._swatches: Swatches | None = None
        self.marked = -1
        self._held = False  # the mark is the brush
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(SIDE + 2 * GAP)
        self.viewport().setMouseTracking(True)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Palette of codes")

    def sizeHint(self) -> QSize:
        return QSize(300, 5 * (SIDE + GAP))

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.viewport().update()

    def show_codes(self, order: NDArray[np.intp], counts: NDArray[np.int64], swatches: Swatches | None) -> None:
        """``order``: the codes as they are to be shown; ``counts`` (K,): how often each is used."""
        self._order, self._counts, self._swatches = order, counts, swatches
        self._scroll()
        self.viewport().update()

    def mark(self, code: int, held: bool = False) -> None:
        """Put the frame round a code (−1: none), a strong one if it is ``held`` as a brush, and bring it into view."""
        if (code, held) == (self.marked, self._held):
            return
        self.marked, self._held = code, held
        place = self._place(code)
        if place >= 0:
            top = place // self._columns() * (SIDE + GAP)
            bar, height = self.verticalScrollBar(), self.viewport().height()
            if not bar.value() <= top <= bar.value() + height - SIDE - GAP:
                bar.setValue(top - (height - SIDE) // 2)
        self.viewport().update()

    def code_rect(self, code: int) -> QRectF:
        """Where a code is on the viewport; empty for one that is not in the palette."""
        place = self._place(code)
        return self._rect(place) if place >= 0 else QRectF()

    def _place(self, code: int) -> int:
        found = np.flatnonzero(self._order == code)
        return int(found[0]) if len(found) else -1

    def _columns(self) -> int:
        return max(1, (self.viewport().width() - GAP) // (SIDE + GAP))

    def _rect(self, place: int) -> QRectF:
        row, column = divmod(place, self._columns())
        return QRectF(
            GAP + column * (SIDE + GAP), GAP + row * (SIDE + GAP) - self.verticalScrollBar().value(), SIDE, SIDE
        )

    def _at(self, where: QPointF) -> int:
        """The code at a place of the viewport; −1 between two of them."""
        column = int((where.x() - GAP) // (SIDE + GAP))
        row = int((where.y() + self.verticalScrollBar().value() - GAP) // (SIDE + GAP))
        place = row * self._columns() + column
        if not 0 <= column < self._columns() or not 0 <= place < len(self._order):
            return -1
        return int(self._order[place]) if self._rect(place).contains(where) else -1

    def _scroll(self) -> None:
        rows = -(-len(self._order) // self._columns())
        height, step = rows * (SIDE + GAP) + GAP, SIDE + GAP
        self.verticalScrollBar().setRange(0, max(0, height - self.viewport().height()))
        self.verticalScrollBar().setPageStep(self.viewport().height())
        self.verticalScrollBar().setSingleStep(step)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._scroll()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        code = self._at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and code >= 0:
            self.chosen.emit(code)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        steps |= {Qt.Key.Key_Up: -self._columns(), Qt.Key.Key_Down: self._columns()}
        key = Qt.Key(event.key())
        if key in steps and len(self._order):
            place = min(max(self._place(self.marked) + steps[key], 0), len(self._order) - 1)
            self.mark(int(self._order[place]))
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.marked >= 0:
            self.chosen.emit(self.marked)
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: object) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QHelpEvent.Type.ToolTip:
            code = self._at(QPointF(event.pos()))
            if code >= 0:
                QToolTip.showText(event.globalPos(), self.words(code), self)
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)  # type: ignore[arg-type]

    def words(self, code: int) -> str:
        """How often a code is used."""
        count, total = int(self._counts[code]), int(self._counts.sum())
        if not count:
            return f"Code {code}: never used on the test set"
        return f"Code {code}: used {count:,} times, {100 * count / total:.2g} %"

    def paintEvent(self, event: QPaintEvent) -> None:
        columns, top = self._columns(), self.verticalScrollBar().value()
        first = top // (SIDE + GAP) * columns
        last = min(len(self._order), ((top + self.viewport().height()) // (SIDE + GAP) + 1) * columns)
        most = max(1, int(self._counts.max(initial=1)))
        with QPainter(self.viewport()) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for place in range(first, last):
                self._paint_code(painter, self._rect(place), int(self._order[place]), most)

    def _paint_code(self, painter: QPainter, rect: QRectF, code: int, most: int) -> None:
        picture = rect.adjusted(0, 0, 0, -BAR - 1)
        count = int(self._counts[code])
        painter.setOpacity(1.0 if count else 0.35)
        if self._swatches is not None and code < len(self._swatches.pictures):
            self._swatches.paint(painter, picture, code)
        else:
            painter.fillRect(picture, QColor(self._theme.raised))
        painter.setOpacity(1.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._theme.border), 1.0))  # or a white code on white would not be seen
        painter.drawRect(picture.adjusted(0.5, 0.5, -0.5, -0.5))
        bar = QRectF(rect.left(), rect.bottom() - BAR + 1, rect.width(), BAR - 1)
        painter.fillRect(bar, QColor(self._theme.raised))
        if count:
            painter.fillRect(
                QRectF(bar.left(), bar.top(), max(1.5, bar.width() * count / most), bar.height()),
                QColor(self._theme.muted),
            )
        else:
            painter.setPen(QPen(QColor(self._theme.danger), 1.6))
            inner = picture.adjusted(5, 4, -5, -4)
            painter.drawLine(inner.topLeft(), inner.bottomRight())
            painter.drawLine(inner.topRight(), inner.bottomLeft())
        if code == self.marked:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._theme.accent if self._held else self._theme.text), 2.2))
            painter.drawRect(rect.adjusted(-0.5, -0.5, 0.5, 0.5))
