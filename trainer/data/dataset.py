"""A data set in memory: uint8 images, train and test kept apart."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["DEFLATE_RATIO", "MAX_BYTES", "MAX_CLASSES", "MAX_SIDE", "Dataset", "Images", "Labels", "hold_out"]

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]

# What a file may claim before it is refused, so that a damaged or hostile header cannot take the memory.
MAX_BYTES = 8 << 30  # of one array, unpacked
MAX_SIDE = 1024  # pixels
MAX_CLASSES = 1000
DEFLATE_RATIO = (
    1032  # no deflate stream (gzip, zip) unpacks to more than this many times its size: zlib's technical notes
)


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
    def classes(self) -> int:
        """How many classes its labels tell apart; 0 without labels."""
        return len(self.class_names)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels)"""
        height, width, channels = self.train_images.shape[1:]
        return height, width, channels


def hold_out(count: int, held: int, labels: Labels | None = None, seed: int = 0) -> NDArray[np.bool_]:
    """A mask (count,) of exactly ``held`` images to keep for testing; each class gives its share, within one image.

    The images are shuffled, sorted by label, and every (count / held)-th is taken (systematic stratified sampling).
    The same arguments give the same mask for ever: RandomState's stream is frozen, default_rng's may change with NumPy.
    """
    order = np.random.RandomState(seed).permutation(count)
    if labels is not None:
        order = order[np.argsort(labels[order], kind="stable")]
    mask = np.zeros(count, dtype=np.bool_)
    mask[order[((np.arange(held) + 0.5) * count / held).astype(np.int64)]] = True
    return mask
