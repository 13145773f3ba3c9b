"""Decoded arrays as Qt images."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QImage, QPainter

__all__ = ["enlarged", "rounded", "to_qimage"]


def to_qimage(picture: NDArray[np.uint8]) -> QImage:
    """A QImage of its own from uint8 (H, W, C), C = 1 (grey) or 3 (RGB)."""
    height, width, channels = picture.shape
    data = np.ascontiguousarray(picture)
    kind = QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB888
    return QImage(data.data, width, height, width * channels, kind).copy()


def enlarged(picture: NDArray[np.uint8], width: int, height: int) -> QImage:
    """The picture (H, W, C) uint8 resampled to width × height pixels, bicubic.

    Pillow does it in about 0.3 ms where Qt's smooth scaling is bilinear and shows the pixel grid as diamonds.
    """
    from PIL import Image

    flat = picture[..., 0] if picture.shape[2] == 1 else picture
    resized = np.asarray(Image.fromarray(flat).resize((width, height), Image.Resampling.BICUBIC))
    return to_qimage(resized[..., None] if resized.ndim == 2 else resized)


def rounded(image: QImage, radius: float) -> QImage:
    """The same with round, transparent corners; ``radius`` in its own pixels."""
    result = QImage(image.size(), QImage.Format.Format_ARGB32_Premultiplied)
    result.fill(Qt.GlobalColor.transparent)
    with QPainter(result) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(image))
        painter.drawRoundedRect(QRectF(result.rect()), radius, radius)
    return result
