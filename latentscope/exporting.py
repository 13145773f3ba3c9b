"""Pictures of the map, the decoded image and the film strip as PNG files, written whole or not at all."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage

from latentscope.images import to_qimage
from trainer.atomic import reason, write_atomically
from trainer.errors import TrainerError

__all__ = ["save_png", "sheet"]

# Small pictures are enlarged to about this many pixels a side, in whole steps, so that pixels stay what they are.
SIDE = 448


def sheet(pictures: NDArray[np.uint8]) -> QImage:
    """Pictures (N, H, W, C) uint8 side by side, each pixel enlarged to the same square."""
    count, height, width, channels = pictures.shape
    scale = max(1, SIDE // max(height, width)) if count == 1 else max(1, SIDE // 4 // max(height, width))
    row = pictures.transpose(1, 0, 2, 3).reshape(height, count * width, channels)
    return to_qimage(row.repeat(scale, axis=0).repeat(scale, axis=1))


def save_png(image: QImage, path: Path) -> None:
    """Raises TrainerError with a sentence for the user; an older file of that name then stays whole."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if image.isNull() or not image.save(buffer, "PNG"):  # type: ignore[call-overload]
        raise TrainerError("There is no picture to save yet.")
    try:
        write_atomically(path, bytes(buffer.data().data()))
    except OSError as error:
        raise TrainerError(f"{path.name} could not be saved because {reason(error)}.") from error
