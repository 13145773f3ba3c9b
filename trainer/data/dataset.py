"""A data set in memory: uint8 images, train and test kept apart."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Dataset", "Images", "Labels"]

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Dataset:
    """Images are uint8, N × H × W × C with C = 1 (grey) or 3 (RGB); labels are int64 indices into ``class_names``.

    Labels are None, and ``class_names`` is empty, where the data has none.
    """

    name: str
    train_images: Images
    test_images: Images
    train_labels: Labels | None = None
    test_labels: Labels | None = None
    class_names: tuple[str, ...] = ()

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels)"""
        height, width, channels = self.train_images.shape[1:]
        return height, width, channels
