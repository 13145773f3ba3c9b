"""The mouse cursors of the selecting tools: a cross, and beside it what will be drawn."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QCursor, QPainter, QPen, QPixmap

__all__ = ["lasso_cursor", "rectangle_cursor"]

SIZE, HOT, ARM, GAP = 32, 11, 8.0, 2.5  # logical pixels: the picture, the hot spot, the cross's arms, its open middle
SCALE = 2  # drawn finer than a plain screen, for those that are not


def lasso_cursor() -> QCursor:
    def loop(painter: QPainter) -> None:
        painter.drawEllipse(QRectF(16, 17, 12, 8))
        painter.drawLine(QPointF(18, 24), QPointF(17, 29))

    return _cursor(loop)


def rectangle_cursor() -> QCursor:
    return _cursor(lambda painter: painter.drawRect(QRectF(17, 18, 11, 9)))


def _cursor(badge: Callable[[QPainter], None]) -> QCursor:
    """White lines in black ones, to be seen on any map."""
    pixmap = QPixmap(SIZE * SCALE, SIZE * SCALE)
    pixmap.setDevicePixelRatio(SCALE)
    pixmap.fill(QColor(0, 0, 0, 0))
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width in ((QColor(0, 0, 0, 190), 3.2), (QColor("white"), 1.4)):
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                near, far = QPointF(HOT + GAP * x, HOT + GAP * y), QPointF(HOT + ARM * x, HOT + ARM * y)
                painter.drawLine(near, far)
            badge(painter)
    return QCursor(pixmap, HOT, HOT)
