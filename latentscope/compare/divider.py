"""The line between the two maps of a wipe, to be dragged, or moved with the arrow keys."""

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from latentscope.theme import Theme

__all__ = ["WIDTH", "WipeDivider"]

WIDTH = 26  # of the grip with the air around it, in logical pixels
HOLD = 10  # what can be taken hold of along the line
STEP, LARGE_STEP = 0.02, 0.1
GRIP = 11.0  # the grip's radius


class WipeDivider(QWidget):
    """``moved`` has the wish: where the line is to be, as a share of the maps' width."""

    moved = Signal(float)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._stage = parent
        self._theme = theme
        self._share = 0.5
        self._grab = 0.0  # how far from the line the hand took hold of it
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Wipe between the two maps")
        self.setToolTip("Drag to wipe from one map to the other; double click for the middle")
        self.setFixedWidth(WIDTH)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The mouse beside the line is the maps'."""
        line = QRegion((WIDTH - HOLD) // 2, 0, HOLD, self.height())
        self.setMask(line + QRegion(0, self.height() // 2 - WIDTH // 2, WIDTH, WIDTH, QRegion.RegionType.Ellipse))

    def set_share(self, share: float) -> None:
        self._share = share

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._grab = event.position().x() - WIDTH / 2

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            x = self.x() + event.position().x() - self._grab
            self.moved.emit(x / max(1, self._stage.width()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.moved.emit(0.5)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = LARGE_STEP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP
        wanted = {
            Qt.Key.Key_Left: self._share - step,
            Qt.Key.Key_Right: self._share + step,
            Qt.Key.Key_Home: 0.0,
            Qt.Key.Key_End: 1.0,
        }.get(Qt.Key(event.key()))
        if wanted is None:
            super().keyPressEvent(event)
        else:
            self.moved.emit(wanted)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_divider(painter, WIDTH / 2, self.height(), self._theme, focused=self.hasFocus())


def paint_divider(painter: QPainter, x: float, height: float, theme: Theme, *, focused: bool = False) -> None:
    """The line at ``x``, from 0 to ``height``, with its grip in the middle."""
    ink = QColor(theme.accent if focused else theme.text)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.fillRect(QRectF(x - 2, 0, 4, height), QColor(theme.map_background))
    painter.fillRect(QRectF(x - 1, 0, 2, height), ink)
    middle = QPointF(x, height / 2)
    painter.setPen(QPen(ink, 2))
    painter.setBrush(QColor(theme.panel))
    painter.drawEllipse(middle, GRIP, GRIP)
    painter.setPen(QPen(ink, 1.75, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    for side in (-1, 1):
        tip = middle + QPointF(side * 6.0, 0)
        painter.drawPolyline([tip + QPointF(-side * 3.0, -3.5), tip, tip + QPointF(-side * 3.0, 3.5)])
