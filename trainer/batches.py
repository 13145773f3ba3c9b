"""The images of a split, resident on the device, and the order in which they are taken."""

import numpy as np
import torch
from torch import Tensor

from trainer.data.dataset import Images

__all__ = ["Batches", "resident", "to_unit"]


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

    def __init__(self, images: Tensor, size: int, seed: int) -> None:
        self._images = images
        self._seed = seed
        self.size = min(size, len(images))
        self.steps_per_epoch = len(images) // self.size
        self._epoch = -1
        self._order = torch.empty(0)

    def batch(self, step: int) -> Tensor:
        """The images of a step, counted from 0: (B, C, H, W) float32 in [0, 1]."""
        epoch, index = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            order = np.random.default_rng([self._seed, epoch]).permutation(len(self._images))
            self._epoch, self._order = epoch, torch.from_numpy(order).to(self._images.device)
        chosen = self._order[index * self.size : (index + 1) * self.size]
        return to_unit(self._images.index_select(0, chosen))
