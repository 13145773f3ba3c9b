"""What each code of a codebook looks like, as one small picture a code on one sheet."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from latentscope.images import to_qimage

__all__ = ["MOST_DECODED", "Swatches", "by_similarity", "colours_of", "cropped"]

MOST_DECODED = 4096  # codes; of larger codebooks the swatches are plain colours
MOST_IN_A_CHAIN = 2048  # codes that are put into order one by one
COLUMNS = 64  # of the sheet


class Swatches:
    """Paints codes. The pictures are (K, s, t, C) uint8."""

    def __init__(self, pictures: NDArray[np.uint8]) -> None:
        count, self._height, self._width, channels = pictures.shape
        rows = -(-count // COLUMNS)
        sheet = np.zeros((rows * COLUMNS, self._height, self._width, channels), np.uint8)
        sheet[:count] = pictures
        page = sheet.reshape(rows, COLUMNS, self._height, self._width, channels).swapaxes(1, 2)
        self._sheet: QImage = to_qimage(page.reshape(rows * self._height, COLUMNS * self._width, channels))
        self.pictures = pictures

    def paint(self, painter: QPainter, target: QRectF, code: int) -> None:
        """Draw a code into a rectangle."""
        row, column = divmod(code, COLUMNS)
        source = QRectF(column * self._width, row * self._height, self._width, self._height)
        painter.drawImage(target, self._sheet, source)


def colours_of(codebook: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A colour (K, 1, 1, 3) for each code (K, D), near for codes that are near: their three main directions."""
    centred = codebook.astype(float) - codebook.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    main = centred @ vectors[:, ::-1][:, :3]
    rank = main.argsort(axis=0).argsort(axis=0) / max(1, len(main) - 1)  # evenly spread, whatever outliers there are
    colours = np.full((len(codebook), 3), 0.5)
    colours[:, : rank.shape[1]] = rank
    return np.round(40 + 190 * colours).astype(np.uint8)[:, None, None]


def cropped(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The middle of pictures (K, H, W, C) that are the same all over, without what happens at their borders."""
    height, width = pictures.shape[1:3]
    top, left = height // 4, width // 4
    return np.ascontiguousarray(pictures[:, top : max(top + 1, height - top), left : max(left + 1, width - left)])


def by_similarity(codebook: NDArray[np.float32]) -> NDArray[np.intp]:
    """The codes (K,) in an order in which neighbours are alike: always on to the nearest that is left.

    The beginning is an end of the main direction. Of very large codebooks it is that direction alone.
    """
    centred = codebook.astype(float) - codebook.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    along = centred @ vectors[:, -1]
    if len(codebook) > MOST_IN_A_CHAIN:
        return along.argsort()
    order = [int(along.argmin())]
    left = np.ones(len(codebook), bool)
    left[order[0]] = False
    while left.any():
        offset = centred - centred[order[-1]]
        distance = np.where(left, np.einsum("kd,kd->k", offset, offset), np.inf)
        order.append(int(distance.argmin()))
        left[order[-1]] = False
    return np.array(order, np.intp)
