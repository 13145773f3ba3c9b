"""Decoded arrays as Qt images."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QImage, QPainter

from latentscope.map.pictures import picture_of

__all__ = ["enlarged", "enlarged_together", "rounded", "to_qimage"]


def to_qimage(picture: NDArray[np.uint8]) -> QImage:
    """A QImage of its own from uint8 (H, W, C), C = 1 (grey) or 3 (RGB)."""
    height, width, channels = picture.shape
    return qimage_of(np.ascontiguousarray(picture).data, width, height, channels)


def qimage_of(data: bytes | memoryview, width: int, height: int, channels: int) -> QImage:
    """The same from its values, row by row."""
    kind = QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB888
    return QImage(data, width, height, width * channels, kind).copy()


def enlarged(picture: NDArray[np.uint8], width: int, height: int) -> QImage:
    """The picture (H, W, C) uint8 resampled to width × height pixels, bicubic.

    Pillow does it in about 0.3 ms where Qt's smooth scaling is bilinear and shows the pixel grid as diamonds.
    """
    from PIL import Image

    flat = picture[..., 0] if picture.shape[2] == 1 else picture
    resized = Image.fromarray(flat).resize((width, height), Image.Resampling.BICUBIC)
    return qimage_of(resized.tobytes(), width, height, picture.shape[2])


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


def enlarged_together(
    pictures: Sequence[NDArray[np.uint8]], width: int, height: int, radius: float = 0.0
) -> list[QImage]:
    """Pictures of one shape (H, W, C) uint8 resampled as by ``enlarged``, with round, transparent corners.

    A resampling is linear along either axis, so that two products of matrices do all of them at once: a row of 65
    digits takes a fifth of the time that it takes one by one, which counts while a path is dragged.
    """
    if not len(pictures):
        return []
    stack = np.stack([picture.transpose(2, 0, 1) for picture in pictures]).astype(np.float32)  # N, C, H, W
    stack += 0.5  # to be rounded by cutting off: weights sum to 1
    values = weights(stack.shape[2], height) @ (stack @ weights(stack.shape[3], width).T)
    np.clip(values, 0, 255.5, out=values)
    shape = coverage(width, height, radius)
    edge = min(int(np.ceil(radius)), height // 2)
    for band in (slice(0, edge), slice(height - edge, height)):
        values[:, :, band] *= shape[band]  # the colours are to be premultiplied
    red, green, blue = np.broadcast_to(values.astype(np.uint8), (len(values), 3, height, width)).swapaxes(0, 1)
    if stack.shape[1] == 1:
        pixels = np.multiply(red, 0x010101, dtype=np.uint32)
    else:
        pixels = np.multiply(red, 0x010000, dtype=np.uint32)
        pixels += np.multiply(green, 0x000100, dtype=np.uint16)
        pixels += blue
    pixels += np.round(shape * 255).astype(np.uint32) << 24
    return [picture_of(one) for one in pixels]


@lru_cache(maxsize=16)
def weights(count: int, wanted: int) -> NDArray[np.float32]:
    """(wanted, count): how much of each of ``count`` pixels in a line is in each of ``wanted`` ones, bicubic.

    Keys 1981, "Cubic Convolution Interpolation for Digital Image Processing", with a = −1/2; where there are fewer
    pixels than before the kernel is as much wider. This is what Pillow does, but for its rounding halfway.
    """
    scale = count / wanted
    wide = max(scale, 1.0)
    place = (np.arange(wanted)[:, None] + 0.5) * scale
    x = np.abs((np.arange(count)[None, :] + 0.5 - place) / wide)
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    kernel = np.where(x < 1, near, np.where(x < 2, far, 0.0))
    return np.asarray(kernel / kernel.sum(axis=1, keepdims=True), np.float32)


@lru_cache(maxsize=16)
def coverage(width: int, height: int, radius: float) -> NDArray[np.float32]:
    """(height, width): how much of each pixel lies within a rectangle of that size with round corners."""
    across, down = (
        np.maximum(radius - np.minimum(np.arange(n) + 0.5, n - 0.5 - np.arange(n)), 0) for n in (width, height)
    )
    return np.clip(max(radius, 0.5) + 0.5 - np.hypot(across[None, :], down[:, None]), 0, 1).astype(np.float32)
