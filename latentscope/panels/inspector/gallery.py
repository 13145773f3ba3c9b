"""Many test images as a grid of thumbnails. Only what is seen is made and painted, however many there are."""

from bisect import bisect_right
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea

from latentscope.inspecting.inspecting import Inspecting
from latentscope.map.overlays.hovering import Hovering
from latentscope.panels.inspector.thumbs import Kind, Thumbs
from latentscope.panels.inspector.words import caption_of, facts_of, title_of
from latentscope.theme import Rgb, Theme, class_colours

__all__ = ["Gallery", "Mode"]

Mode = Literal["original", "decoded", "both"]

SIDES = (32, 40, 52, 68, 92, 128)  # px: of a thumbnail
GAP, MARGIN = 6, 8
AGAIN_MS = 12  # until what was painted roughly is painted again


class Gallery(QAbstractScrollArea):
    """The inspected images in their order. A click or the arrow keys choose one; a double click or Space turns it from
    the original to its reconstruction and back."""

    chosen = Signal(int)  # an image
    pointed = Signal(int)  # the image that the mouse is on, at once; −1: on none
    hovered = Signal(int, QPoint)  # the image that the mouse rests on, and where on the screen; −1: on none any more
    menu_requested = Signal(QPoint, int)

    def __init__(self, inspecting: Inspecting, thumbs: Thumbs, theme: Theme) -> None:
        super().__init__()
        self._inspecting, self._thumbs, self._theme = inspecting, thumbs, theme
        self._mode: Mode = "original"
        self._turned: set[int] = set()
        self._side = 52
        self._is_painted = True  # whether what was asked to be painted has been
        self._under = -1  # the position that the mouse is on
        self._colours: list[Rgb] = []
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName("Images of the selection")
        self.setMinimumHeight(96)
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._again.timeout.connect(self._repaint)
        self._hovering = Hovering(self)
        self._hovering.dwelt.connect(self.hovered)
        inspecting.sorting.order_changed.connect(self.refresh)
        inspecting.source_changed.connect(self.refresh)
        inspecting.subject_changed.connect(self.refresh)
        inspecting.reconstructions.changed.connect(self._repaint)
        inspecting.current_changed.connect(self._show_current)

    def sizeHint(self) -> QSize:
        return QSize(340, 240)

    @property
    def order(self) -> NDArray[np.intp]:
        return self._inspecting.order

    @property
    def mode(self) -> Mode:
        return self._mode

    def set_mode(self, mode: Mode) -> None:
        """Show originals, reconstructions, or both beside each other."""
        if mode != self._mode:
            top = self.position_at(QPoint(MARGIN, GAP))
            self._mode = mode
            self._turned.clear()
            self._lay_out()
            if top >= 0:
                self.verticalScrollBar().setValue(self._rect(top).top() + self._scrolled() - GAP)
            self._repaint()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.refresh()

    def refresh(self) -> None:
        """Other images, or in another order."""
        self._colours = class_colours(self._inspecting.class_count, self._theme)
        self._point_at(-1)
        self._lay_out()
        self._describe()
        self._repaint()

    def is_settled(self) -> bool:
        """Whether all that is seen of it is painted, and finely."""
        done = self._is_painted or self.viewport().visibleRegion().isEmpty()
        return done and not self._again.isActive()

    def _repaint(self) -> None:
        self._is_painted = False
        self.viewport().update()

    # --- where things are -----------------------------------------------------------------------------------------

    @property
    def _cell(self) -> tuple[int, int]:
        """The least width and the height of a cell with its gap."""
        width = 2 * self._side + 2 if self._mode == "both" else self._side
        return width + GAP, self._side + 4 + self.fontMetrics().height() + GAP

    @property
    def columns(self) -> int:
        return max(1, (self.viewport().width() - 2 * MARGIN + GAP) // self._cell[0])

    def _scrolled(self) -> int:
        return self.verticalScrollBar().value()

    def _rect(self, position: int) -> QRect:
        """Where a thumbnail and its caption are in the viewport."""
        row, column = divmod(position, self.columns)
        width, height = self._cell
        return QRect(self._left(column), GAP + row * height - self._scrolled(), width - GAP, height - GAP)

    def _left(self, column: int) -> int:
        """Where a column begins: what is over is shared among the gaps, so that the last one ends at the margin."""
        over = self.viewport().width() - 2 * MARGIN - (self.columns * self._cell[0] - GAP)
        return MARGIN + column * self._cell[0] + (column * max(0, over) // max(1, self.columns - 1))

    def position_at(self, place: QPoint) -> int:
        """The position in the order of the image at a place of the viewport; −1 where there is none."""
        height = self._cell[1]
        columns = self.columns
        column = bisect_right(range(columns), place.x(), key=self._left) - 1
        position = (place.y() + self._scrolled() - GAP) // height * columns + column
        inside = 0 <= column < columns and 0 <= position < len(self.order)
        return position if inside and self._rect(position).contains(place) else -1

    def seen(self) -> range:
        """The positions of which something is seen."""
        height = self._cell[1]
        first = max(0, (self._scrolled() - GAP) // height)
        last = (self._scrolled() + self.viewport().height()) // height
        return range(min(first * self.columns, len(self.order)), min((last + 1) * self.columns, len(self.order)))

    def _lay_out(self) -> None:
        rows = -(-len(self.order) // self.columns)
        height = self._cell[1]
        bar = self.verticalScrollBar()
        bar.setSingleStep(height // 2)
        bar.setPageStep(max(height, self.viewport().height() - height))
        bar.setRange(0, max(0, rows * height + GAP - self.viewport().height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self._point_at(-1)
        self._repaint()

    # --- painting -------------------------------------------------------------------------------------------------

    def kinds_of(self, image: int) -> tuple[Kind, ...]:
        """What is shown of an image, from left to right."""
        if self._mode == "both":
            return ("original", "decoded")
        turned = image in self._turned
        return ("decoded",) if (self._mode == "decoded") != turned else ("original",)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._is_painted = True
        seen = self.seen()
        images = self.order[seen.start : seen.stop].tolist()
        kinds = {kind for image in images for kind in self.kinds_of(image)}
        self._thumbs.begin(images, kinds)
        with QPainter(self.viewport()) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            for position, image in zip(seen, images, strict=True):
                self._paint_cell(painter, position, image)
        if not self._thumbs.is_complete:
            self._again.start()

    def _paint_cell(self, painter: QPainter, position: int, image: int) -> None:
        theme, cell, ratio = self._theme, self._rect(position), self.devicePixelRatioF()
        is_current, ground = image == self._inspecting.current, QColor(self._theme.raised)
        if position == self._under or is_current:
            painter.setPen(QPen(QColor(theme.accent), 1.6) if is_current else Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(QRectF(cell).adjusted(-3, -3, 3, 2), 6, 6)
        square = QRectF(cell.left(), cell.top(), self._side, self._side)
        for kind in self.kinds_of(image):
            if not self._thumbs.draw(painter, square, kind, image, ratio, ground):
                painter.setPen(QColor(theme.muted))
                painter.drawText(square, Qt.AlignmentFlag.AlignCenter, "…" if kind == "decoded" else "?")
            square.translate(self._side + 2, 0)
        label = self._label(image)
        line = QRectF(cell.left(), cell.top() + self._side + 2, cell.width(), 2.5)
        if 0 <= label < len(self._colours):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(*self._colours[label]))
            painter.drawRoundedRect(line, 1.2, 1.2)
        painter.setPen(QColor(theme.text if is_current else theme.muted))
        words = QRectF(cell.left() - 2, line.bottom(), cell.width() + 4, cell.bottom() + 1 - line.bottom())
        text = caption_of(self._inspecting, position)
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, round(words.width()))
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, elided)

    def _label(self, image: int) -> int:
        source = self._inspecting.source
        return -1 if source is None or source.codes.labels is None else int(source.codes.labels[image])

    # --- mouse ----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        position = self.position_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and position >= 0:
            self._hovering.point_at(-1, QPoint())
            self._choose(position)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        position = self.position_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and position >= 0:
            self.turn(int(self.order[position]))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(self.position_at(event.position().toPoint()), event.globalPosition().toPoint())

    def leaveEvent(self, event: object) -> None:
        self._point_at(-1)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        position = self._current_position() if by_key else self.position_at(event.pos())
        if position >= 0:
            where = self._rect(position).center() if by_key else event.pos()
            self._point_at(-1)
            self.menu_requested.emit(self.viewport().mapToGlobal(where), int(self.order[position]))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._resize_by(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def _point_at(self, position: int, where: QPoint | None = None) -> None:
        if position != self._under:
            self._under = position
            self.pointed.emit(int(self.order[position]) if 0 <= position < len(self.order) else -1)
            self._repaint()
        image = int(self.order[position]) if 0 <= position < len(self.order) else -1
        self._hovering.point_at(image, where or QPoint())

    # --- keys -----------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        page = max(1, self.viewport().height() // self._cell[1]) * self.columns
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self.columns,
            Qt.Key.Key_Down: self.columns,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -len(self.order),
            Qt.Key.Key_End: len(self.order),
        }
        key = Qt.Key(event.key())
        if key in steps and len(self.order):
            before = self._current_position()
            after = 0 if before < 0 else before + steps[key]
            self._choose(min(max(after, 0), len(self.order) - 1))
        elif key == Qt.Key.Key_Space and self._inspecting.current >= 0:
            self.turn(self._inspecting.current)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self._resize_by(-1 if key == Qt.Key.Key_Minus else 1)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        by_key = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if event.reason() in by_key and self._current_position() < 0 and len(self.order):
            self._choose(self.seen().start)
        super().focusInEvent(event)

    # --- what is done ---------------------------------------------------------------------------------------------

    def turn(self, image: int) -> None:
        """Show the other of original and reconstruction of one image; where both are seen there is nothing to turn."""
        if self._mode != "both":
            self._turned ^= {image}
            self._repaint()

    def _resize_by(self, step: int) -> None:
        position = SIDES.index(self._side) + step
        self._side = SIDES[min(max(position, 0), len(SIDES) - 1)]
        self._lay_out()
        self._show_current()

    def _choose(self, position: int) -> None:
        self.chosen.emit(int(self.order[position]))

    def _current_position(self) -> int:
        found = np.flatnonzero(self.order == self._inspecting.current)
        return int(found[0]) if len(found) else -1

    def _show_current(self) -> None:
        position = self._current_position()
        if position >= 0:
            rect, bar = self._rect(position), self.verticalScrollBar()
            if rect.top() < GAP:
                bar.setValue(bar.value() + rect.top() - GAP)
            elif rect.bottom() > self.viewport().height() - GAP:
                bar.setValue(bar.value() + rect.bottom() - self.viewport().height() + GAP)
        self._describe()
        self._repaint()

    def _describe(self) -> None:
        current = self._inspecting.current
        words = [title_of(self._inspecting, current), *facts_of(self._inspecting, current)] if current >= 0 else []
        self.setAccessibleDescription(", ".join(words) or f"{len(self.order):,} images")
