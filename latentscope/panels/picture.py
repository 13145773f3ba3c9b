"""A widget that shows one decoded picture, as large as it fits."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QRegion
from PySide6.QtWidgets import QSizePolicy, QWidget

from latentscope.images import enlarged
from latentscope.theme import Theme

__all__ = ["PictureView"]

RADIUS = 8.0
BORDER = 3.0
BEYOND = 2.0


class PictureView(QWidget):
    """One picture in the middle, enlarged to the widget with its aspect kept; a text where there is none yet."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._picture: NDArray[np.uint8] | None = None
        self._text = ""
        self._enlarged: QImage | None = None
        self._border: str | None = None
        self._framed_for: tuple[QSizeF, float, str, str | None] | None = None
        self._frame = QImage()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(96, 96)
        # Every pixel is painted here, so Qt need not paint the parents behind first.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Decoded image")

    def sizeHint(self) -> QSize:
        return QSize(300, 300)

    @property
    def picture(self) -> NDArray[np.uint8] | None:
        """What is shown: uint8 (H, W, C)."""
        return self._picture

    @property
    def text(self) -> str:
        """What is said instead of a picture; empty while there is one."""
        return self._text if self._picture is None else ""

    def show_picture(self, picture: NDArray[np.uint8]) -> None:
        self._picture, self._enlarged = picture, None
        self.update()

    def show_text(self, text: str) -> None:
        """Words instead of a picture."""
        self._picture, self._enlarged, self._text = None, None, text
        self.update()

    def set_border(self, border: str | None) -> None:
        """Draw a thin border of this colour round the picture; None draws none."""
        if border != self._border:
            self._border = border
            self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            if self._picture is None:
                painter.fillRect(self.rect(), QColor(self._theme.panel))
                painter.setPen(QColor(self._theme.muted))
                painter.drawText(
                    self.rect().adjusted(12, 12, -12, -12),
                    Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                    self._text,
                )
                return
            target = self._target(self._picture.shape[1] / self._picture.shape[0])
            inside = target.toAlignedRect().adjusted(1, 1, -1, -1)  # its edges may lie within a pixel
            for rect in QRegion(self.rect()) - QRegion(inside):  # type: ignore[attr-defined]  # its stub has no __iter__
                painter.fillRect(rect, QColor(self._theme.panel))
            ratio = self.devicePixelRatioF()
            size = (max(1, round(target.width() * ratio)), max(1, round(target.height() * ratio)))
            if self._enlarged is None or (self._enlarged.width(), self._enlarged.height()) != size:
                self._enlarged = enlarged(self._picture, *size).convertToFormat(QImage.Format.Format_RGB32)
            painter.drawImage(target, self._enlarged)
            self._paint_frame(painter, target, ratio)

    def _paint_frame(self, painter: QPainter, target: QRectF, ratio: float) -> None:
        """Round corners, and the border: only along the edges, from a picture of them that is kept."""
        key = (target.size(), ratio, self._theme.panel, self._border)
        if self._framed_for != key:
            self._framed_for, self._frame = key, frame_of(*key)
        place = target.adjusted(-BEYOND, -BEYOND, BEYOND, BEYOND)
        width, height, side = place.width(), place.height(), BORDER + BEYOND
        edge = min(RADIUS + BEYOND, height / 2)
        for part in (
            QRectF(0, 0, width, edge),
            QRectF(0, height - edge, width, edge),
            QRectF(0, edge, side, height - 2 * edge),
            QRectF(width - side, edge, side, height - 2 * edge),
        ):
            source = QRectF(part.topLeft() * ratio, part.size() * ratio)
            painter.drawImage(part.translated(place.topLeft()), self._frame, source)

    def _target(self, aspect: float) -> QRectF:
        """The largest rectangle of that aspect (width / height) in the middle, on whole device pixels."""
        width = min(float(self.width()), self.height() * aspect)
        height = width / aspect
        corner = QPointF((self.width() - width) // 2, (self.height() - height) // 2)
        return QRectF(corner.x(), corner.y(), width, height)


def frame_of(size: QSizeF, ratio: float, ground: str, border: str | None) -> QImage:
    """What lies over a picture: the ground outside its round corners, and a border. Clear in the middle.

    It is ``BEYOND`` larger to each side: at 150 % a picture may reach into half a pixel more.
    """
    target = QRectF(QPointF(BEYOND, BEYOND), size)
    whole = target.adjusted(-BEYOND, -BEYOND, BEYOND, BEYOND)
    image = QImage((whole.size() * ratio).toSize(), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    with QPainter(image) as painter:
        painter.scale(ratio, ratio)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        corners = QPainterPath()
        corners.addRect(whole)
        corners.addRoundedRect(target, RADIUS, RADIUS)
        painter.fillPath(corners, QColor(ground))
        if border is not None:
            ring = QPainterPath()
            ring.addRoundedRect(target, RADIUS, RADIUS)
            ring.addRoundedRect(target.adjusted(BORDER, BORDER, -BORDER, -BORDER), RADIUS - BORDER, RADIUS - BORDER)
            painter.fillPath(ring, QColor(border))
    return image
