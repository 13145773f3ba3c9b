"""Small pictures of test images, original or reconstructed, ready to be drawn, for whoever shows many of them."""

import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath

from latentscope.images import enlarged, to_qimage
from latentscope.inspecting.inspecting import Inspecting

__all__ = ["Kind", "Thumbs"]

Kind = Literal["original", "decoded"]

RADIUS = 4.0  # logical pixels
KEEP_BYTES = 48 << 20
BUDGET_MS = 7.0  # what may be spent on resampling while one picture of the widget is painted
SMALL = 160  # pixels a side: what Qt scales in no time


class Thumbs:
    """Resamples pictures once for a size, and keeps them. Where many are new at once, some are rough at first:
    ``is_complete`` says so, and whoever paints should paint again."""

    def __init__(self, inspecting: Inspecting) -> None:
        self._inspecting = inspecting
        self._made: OrderedDict[tuple[Kind, int, int, int], QImage] = OrderedDict()
        self._bytes = 0
        self._generation = -1
        self._images: NDArray[np.uint8] | None = None
        self._until = 0.0
        self.is_complete = True

    def begin(self, wanted: Iterable[int], kinds: set[Kind]) -> None:
        """A widget begins to paint these images."""
        source, reconstructions = self._inspecting.source, self._inspecting.reconstructions
        images = None if source is None else source.images
        if reconstructions.generation != self._generation or images is not self._images:
            self._generation, self._images = reconstructions.generation, images
            self._made.clear()
            self._bytes = 0
        if "decoded" in kinds:
            reconstructions.want(wanted)
        self._until = time.perf_counter() + BUDGET_MS / 1000
        self.is_complete = True

    def picture(self, kind: Kind, index: int) -> NDArray[np.uint8] | None:
        """uint8 (H, W, C), or None where or while there is none."""
        if kind == "decoded":
            return self._inspecting.reconstructions.get(index)
        return None if self._images is None or index >= len(self._images) else self._images[index]

    def draw(self, painter: QPainter, target: QRectF, kind: Kind, index: int, ratio: float, ground: QColor) -> bool:
        """Draw a picture into the middle of a square; just the ground where there is none, and then False."""
        side = max(1, round(target.width() * ratio))
        picture = self.picture(kind, index)
        if picture is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(target, RADIUS, RADIUS)
            return False
        height, width = picture.shape[:2]
        scale = side / max(height, width)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        image = self._made.get((kind, index, *size))
        if image is not None:
            self._made.move_to_end((kind, index, *size))
        elif time.perf_counter() < self._until:
            image = self._make(kind, index, picture, size, ratio)
        else:
            self.is_complete = False
            image = to_qimage(picture) if max(height, width) <= SMALL else None
        where = QRectF(0, 0, size[0] / ratio, size[1] / ratio)
        where.moveCenter(target.center())
        if image is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(where, RADIUS, RADIUS)
        else:
            painter.drawImage(where, image)
        return True

    def _make(self, kind: Kind, index: int, picture: NDArray[np.uint8], size: tuple[int, int], ratio: float) -> QImage:
        flat = enlarged(picture, *size)
        image = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(0, 0, *size), RADIUS * ratio, RADIUS * ratio)
        with QPainter(image) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setClipPath(outline)
            painter.drawImage(0, 0, flat)
        self._made[kind, index, size[0], size[1]] = image
        self._bytes += image.sizeInBytes()
        while self._bytes > KEEP_BYTES and len(self._made) > 1:
            self._bytes -= self._made.popitem(last=False)[1].sizeInBytes()
        return image
