"""The images and labels of a split, resident on the device, and the order in which they are taken."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from trainer.data.dataset import Images, Labels
from trainer.models.base import Batch

__all__ = ["Batches", "Split", "one_hot", "resident", "to_unit"]


@dataclass(frozen=True, eq=False)
class Split:
    """One split of a data set on a device: images (N, H, W, C) uint8, labels (N,) where it has them."""

    images: Tensor
    labels: Tensor | None = None

    @classmethod
    def resident(cls, images: Images, labels: Labels | None, device: torch.device) -> "Split":
        """The images as they lie, without a copy if possible."""
        return cls(resident(images, device), None if labels is None else torch.from_numpy(labels.copy()).to(device))

    def __len__(self) -> int:
        return len(self.images)

    def condition(self, rows: Tensor | slice, classes: int) -> Tensor | None:
        """The classes of some of its images as a conditional model wants them; None for ``classes`` 0."""
        return one_hot(self.labels[rows], classes) if classes and self.labels is not None else None


def one_hot(labels: Tensor, classes: int) -> Tensor:
    """Labels (B,) as weights of classes (B, K), float32."""
    return F.one_hot(labels, classes).float()


def resident(images: Images, device: torch.device) -> Tensor:
    """Images (N, H, W, C) uint8 as a tensor on the device, as they lie; on the processor without a copy if possible."""
    usable = images.flags.writeable and images.flags.c_contiguous  # what torch can take as it is
    return torch.from_numpy(images if usable else images.copy()).to(device)


def to_unit(images: Tensor) -> Tensor:
    """(B, H, W, C) uint8 to (B, C, H, W) float32 in [0, 1]; the memory stays channels-last, which convolutions like."""
    return images.permute(0, 3, 1, 2).float().mul_(1 / 255)


class Batches:
    """Batches of equal size without end: each epoch is a new permutation, known from the seed and the epoch alone.

    No state is kept that a resumed training would lack. The last images of a permutation that do not fill a batch are
    left out; they are others in each epoch.
    """

    def __init__(self, split: Split, size: int, seed: int) -> None:
        self.split = split
        self._seed = seed
        self.size = min(size, len(split))
        self.steps_per_epoch = len(split) // self.size
        self._epoch = -1
        self._order = torch.empty(0)

    def rows(self, step: int) -> Tensor:
        """Which images (B,) make the batch of a step, counted from 0."""
        epoch, index = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            order = np.random.default_rng([self._seed, epoch]).permutation(len(self.split))
            self._epoch, self._order = epoch, torch.from_numpy(order).to(self.split.images.device)
        return self._order[index * self.size : (index + 1) * self.size]

    def batch(self, step: int, classes: int = 0, progress: float = 1.0) -> Batch:
        """The batch of a step, for a model that is conditional on so many classes."""
        rows = self.rows(step)
        x = to_unit(self.split.images.index_select(0, rows))
        return Batch(x, self.split.condition(rows, classes), progress, len(self.split))
