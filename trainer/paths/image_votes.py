"""Which class the images along a path are of: the votes of the real images that are most like them."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.paths.curve import Array
from trainer.paths.rule import Decode

__all__ = ["ALIKE", "ImageVotes"]

ALIKE = 15  # real images that vote
MOST_VALUES = 2**22  # of real images; of more of them every so-manieth is asked
BLOCK = 64  # images classified at a time


@dataclass(frozen=True, eq=False)
class ImageVotes:
    """The k nearest neighbours of a decoded image among real ones (M, P), by the correlation of their pixels, with the
    weights of ``trainer.analysis.plane_fields.Votes``: nothing jumps where one of them comes or goes.

    By the distance of their pixels, blurred images would be most like whatever has the least ink. The images know of
    no model: they also tell the classes of a conditional one, whose codes do not. ``count`` is the number of classes,
    and ``labels`` (M,) are those of the images.
    """

    decode: Decode
    images: NDArray[np.float32]
    labels: NDArray[np.integer]
    count: int

    @classmethod
    def of(
        cls, decode: Decode, images: NDArray[np.uint8], labels: NDArray[np.integer], count: int
    ) -> "ImageVotes | None":
        """Of real images (N, H, W, C) with labels (N,), of which those below 0 are none; None if that leaves none."""
        rows = np.flatnonzero((labels >= 0) & (labels < count))
        rows = rows[:: max(1, math.ceil(len(rows) * math.prod(images.shape[1:]) / MOST_VALUES))]
        if not len(rows):
            return None
        return cls(decode, standardised(images[rows].reshape(len(rows), -1)), labels[rows], count)

    def shares(self, points: Array) -> NDArray[np.float32]:
        parts = [self._votes(self.decode(points[begin : begin + BLOCK])) for begin in range(0, len(points), BLOCK)]
        return np.concatenate(parts)

    def _votes(self, decoded: NDArray[np.float32]) -> NDArray[np.float32]:
        far = 2 - 2 * standardised(decoded) @ self.images.T
        count = min(ALIKE + 1, len(self.images))
        nearest = np.argpartition(far, count - 1, axis=1)[:, :count]
        distance = np.maximum(np.take_along_axis(far, nearest, axis=1), 0)
        # Squares of distances. The farthest one has no weight, but where they are so few that all of them vote.
        width = distance.max(axis=1, keepdims=True) * (1.0 if count > ALIKE else 1.2)
        weight = np.where(width > 0, 1 - distance / np.where(width > 0, width, 1), 1.0)
        weight = np.where(weight.sum(axis=1, keepdims=True) > 0, weight, 1.0)
        weight /= weight.sum(axis=1, keepdims=True)
        found = np.zeros((len(decoded), self.count), np.float32)
        np.add.at(found, (np.arange(len(decoded))[:, None], self.labels[nearest]), weight.astype(np.float32))
        return found


def standardised(images: NDArray[np.floating] | NDArray[np.uint8]) -> NDArray[np.float32]:
    """Images (N, P) with the mean 0 and the length 1, so that a product of two is their correlation."""
    centred = images - images.mean(axis=1, keepdims=True, dtype=np.float32)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(length, 1e-9), np.float32)
