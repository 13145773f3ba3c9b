"""The test images behind the codes, where the data set is at hand."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from latentscope.background import Background
from trainer.data import is_at_hand, load_dataset
from trainer.data.dataset import Dataset
from trainer.errors import DataError
from trainer.files import Codes

__all__ = ["Originals"]


class Originals(QObject):
    """Pictures of encoded test points by their index; loaded on the worker, and only if they are the codes' own."""

    changed = Signal()
    failed = Signal(str)

    def __init__(self, background: Background, parent: QObject | None = None, like: "Originals | None" = None) -> None:
        """``like``: others, whose data set need not be loaded once more."""
        super().__init__(parent)
        self._background, self._like = background, like
        self._images: NDArray[np.uint8] | None = None
        self._loaded: Dataset | None = None
        self._looking = False

    @property
    def at_hand(self) -> bool:
        return self._images is not None

    @property
    def images(self) -> NDArray[np.uint8] | None:
        """All test images (M, H, W, C), M ≥ the number of codes; None while or where there are none."""
        return self._images

    @property
    def dataset(self) -> Dataset | None:
        """The whole data set that they are of; None while or where they are not at hand."""
        return self._loaded if self._images is not None else None

    @property
    def looking(self) -> bool:
        """Whether they are being loaded now."""
        return self._looking

    def picture(self, index: int) -> NDArray[np.uint8] | None:
        """uint8 (H, W, C), or None while or where there is none."""
        return None if self._images is None or index >= len(self._images) else self._images[index]

    def drop(self) -> None:
        """Another model is being opened, and ``open`` comes in a moment: these are not its pictures."""
        self._background.cancel("pictures")
        self._images, self._looking = None, True

    def open(self, name: str, codes: Codes | None, image_shape: tuple[int, int, int]) -> None:
        """Look for the data set ``name``; its test images are shown if they match the codes in number and labels."""
        self._images = None
        self._looking = codes is not None
        self.changed.emit()
        self._background.cancel("pictures")
        if codes is None:
            return
        known = (self._loaded, self._like._loaded if self._like is not None else None)

        def load() -> Dataset | None:
            for loaded in known:
                if loaded is not None and loaded.name == name:
                    return loaded
            return load_dataset(name) if is_at_hand(name) else None

        def deliver(dataset: Dataset | None) -> None:
            self._looking = False
            if dataset is not None:
                self._loaded = dataset
                problem = mismatch(dataset, codes, image_shape)
                if problem:
                    self.failed.emit(problem)
                else:
                    self._images = dataset.test_images
            self.changed.emit()

        def fail(error: Exception) -> None:
            self._looking = False
            self.changed.emit()
            if not isinstance(error, DataError):
                raise error
            self.failed.emit(str(error))

        self._background.submit("pictures", load, deliver, fail)


def mismatch(dataset: Dataset, codes: Codes, image_shape: tuple[int, int, int]) -> str:
    """Why the data set's test images cannot be those behind the codes; empty if they can."""
    if dataset.image_shape != tuple(image_shape):
        ours, theirs = ("×".join(map(str, shape)) for shape in (image_shape, dataset.image_shape))
        return (
            f"The images of {dataset.name} are {theirs}, but this model was trained on {ours}; choose its own data set."
        )
    if len(codes.mean) > len(dataset.test_images):
        return (
            f"{dataset.name} has {len(dataset.test_images):,} test images, but the model's map has {len(codes.mean):,}."
        )
    if codes.labels is not None and dataset.test_labels is not None:
        count = len(codes.labels)
        if not np.array_equal(codes.labels, dataset.test_labels[:count]):
            return f"The test images of {dataset.name} are not those that this model's map was made from."
    return ""
