"""Pictures of the map, the decoded image and the film strip as PNG files, written whole or not at all."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from trainer.errors import OutputError
from trainer.pictures import fitting_scale, save_png, sheet

__all__ = ["export_pictures", "export_view"]

# Decoded images are enlarged to about so many pixels a side, in whole steps, so that pixels stay what they are.
ONE_SIDE = 448
FRAME_SIDE = 112


def export_pictures(path: Path, pictures: NDArray[np.uint8] | None, note: str) -> None:
    """Save decoded pictures (N, H, W, C) uint8 side by side, with ``note``, such as what was decoded, in the file.

    Raises OutputError with a sentence for the user; an older file of that name then stays whole.
    """
    if pictures is None:
        raise OutputError("There is no picture to save yet.")
    scale = fitting_scale(pictures.shape[1:], ONE_SIDE if len(pictures) == 1 else FRAME_SIDE)
    save_png(path, sheet(pictures, len(pictures), scale=scale), {"Description": note})


def export_view(path: Path, view: QImage, note: str) -> None:
    """Save a picture that a widget has drawn. Raises OutputError as above."""
    from PIL import Image

    image = view.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    pixels = rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3)
    save_png(path, Image.fromarray(pixels), {"Description": note})
