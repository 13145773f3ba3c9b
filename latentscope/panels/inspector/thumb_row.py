"""One line of thumbnails with a figure below each: the images nearest to another."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from latentscope.inspecting.inspecting import Inspecting
from latentscope.inspecting.near import COUNT
from latentscope.panels.inspector.thumbs import Kind, Thumbs
from latentscope.panels.inspector.words import title_of
from latentscope.theme import Theme, class_colours

__all__ = ["ThumbRow"]

SIDE, GAP = 40.0, 6.0


class ThumbRow(QWidget):
    """A click chooses an image. Reconstructions stand in where there are no originals."""

    chosen = Signal(int)
    pointed = Signal(int)

    def __init__(self, inspecting: Inspecting, thumbs: Thumbs, theme: Theme, name: str) -> None:
        super().__init__()
        self._inspecting, self._thumbs, self._theme, self._name = inspecting, thumbs, theme, name
        self._images: list[int] = []
        self._figures: list[str] = []
        self._empty = ""
        self.setMouseTracking(True)
        self.setAccessibleName(name)
        self.setFixedHeight(round(SIDE) + 5 + self.fontMetrics().height())
        inspecting.reconstructions.changed.connect(self.update)
        inspecting.source_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(round(COUNT * (SIDE + GAP) - GAP), self.height())

    @property
    def images(self) -> list[int]:
        return self._images

    def show_images(self, images: NDArray[np.intp], figures: list[str]) -> None:
        self._images, self._figures, self._empty = images.tolist(), figures, ""
        words = (f"{title_of(self._inspecting, one)}, {words}" for one, words in zip(images, figures, strict=True))
        self.setAccessibleDescription("; ".join(words))
        self.update()

    def show_text(self, text: str) -> None:
        """Words instead of images."""
        self._images, self._figures, self._empty = [], [], text
        self.setAccessibleDescription(text)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def _cell(self, position: int) -> QRectF:
        side = min(SIDE, (self.width() - GAP * (COUNT - 1)) / COUNT)
        return QRectF(position * (side + GAP), 0, side, side)

    def _at(self, event: QMouseEvent) -> int | None:
        return next((i for i in range(len(self._images)) if self._cell(i).contains(event.position())), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        position = self._at(event)
        if position is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self._images[position])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = self._at(event)
        self.pointed.emit(-1 if position is None else self._images[position])
        if position is None:
            self.unsetCursor()
            QToolTip.hideText()
        else:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            words = f"{title_of(self._inspecting, self._images[position])}, {self._figures[position]} away"
            QToolTip.showText(event.globalPosition().toPoint(), words, self)

    def leaveEvent(self, event: object) -> None:
        self.pointed.emit(-1)

    def paintEvent(self, event: QPaintEvent) -> None:
        source, ratio = self._inspecting.source, self.devicePixelRatioF()
        labels = None if source is None else source.codes.labels
        colours = class_colours(self._inspecting.class_count, self._theme)
        kind: Kind = "decoded" if source is None or source.images is None else "original"
        self._thumbs.begin(self._images, {kind})
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            if not self._images:
                painter.setPen(QColor(self._theme.muted))
                flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
                painter.drawText(self.rect(), flags, self._empty)
            for position, image in enumerate(self._images):
                cell = self._cell(position)
                self._thumbs.draw(painter, cell, kind, image, ratio, QColor(self._theme.raised))
                label = -1 if labels is None else int(labels[image])
                if 0 <= label < len(colours):
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(QColor(*colours[label]))
                    painter.drawRoundedRect(QRectF(cell.left(), cell.bottom() + 2, cell.width(), 2.5), 1.2, 1.2)
                below = QRectF(cell.left() - 3, cell.bottom() + 5, cell.width() + 6, self.height() - cell.bottom() - 5)
                painter.setPen(QColor(self._theme.muted))
                painter.drawText(below, Qt.AlignmentFlag.AlignCenter, self._figures[position])
        if not self._thumbs.is_complete:
            self.update()
