"""NumPy pixels as Qt images."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage, QPainter, QRegion

__all__ = ["draw_unscaled", "picture_of"]


class _ArrayImage(QImage):
    """A QImage over an array's memory: it keeps the array alive, since QImage itself does not."""

    pixels: NDArray[np.uint32]


def picture_of(pixels: NDArray[np.uint32]) -> QImage:
    """Premultiplied ARGB32 pixels (H, W), whose rows must be contiguous, as an image without copying them."""
    height, width = pixels.shape
    row = pixels.strides[0] // pixels.itemsize
    # From the first pixel to the last, which for a part of a larger array takes in what lies beside it.
    flat = np.lib.stride_tricks.as_strided(pixels, (row * (height - 1) + width,), (pixels.itemsize,))
    data = flat.data.cast("B")
    image = _ArrayImage(data, width, height, row * pixels.itemsize, QImage.Format.Format_ARGB32_Premultiplied)
    image.pixels = flat
    return image


def draw_unscaled(painter: QPainter, image: QImage, ratio: float, where: QRegion | None = None) -> None:
    """Draw the image at the painter's origin, one of its pixels to one device pixel, where ``ratio`` device pixels make
    a logical one; only the parts that cover the logical pixels ``where``, if these are given.

    Left to itself Qt would resample at ratios like 1.5, even by 1; and behind a clip of several rectangles it is slow.
    """
    painter.save()
    painter.scale(1 / ratio, 1 / ratio)
    if where is None:
        painter.drawImage(0, 0, image)
    else:
        for rect in where:  # type: ignore[attr-defined]  # its stub has no __iter__
            left, top = math.floor(rect.left() * ratio), math.floor(rect.top() * ratio)
            right, bottom = math.ceil((rect.right() + 1) * ratio), math.ceil((rect.bottom() + 1) * ratio)
            painter.drawImage(QPoint(left, top), image, QRect(left, top, right - left, bottom - top))
    painter.restore()
