"""The encoded points nearest to a latent point, found by looking at all of them.

10,000 points of two dimensions take about 0.1 ms that way, a million some 10; a tree would have to be built anew for
every snapshot, and takes more memory than the codes.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.files import Codes
from trainer.grids import NearestImages

__all__ = ["Neighbours", "nearest"]

ROWS = 16_384  # looked at in one go: what fits in a processor's cache


class Neighbours:
    """Finds the encoded points of one set of codes that are nearest to a latent point.

    Where a point is decoded as the nearest image (a codebook), what is near is what ``NearestImages`` takes for it.
    """

    def __init__(self, codes: Codes) -> None:
        self._mean = codes.mean
        self._images = NearestImages(codes.mean) if codes.tokens is not None else None

    def find(self, z: ArrayLike, count: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Indices and Euclidean distances of the ``count`` codes nearest to z (D,), nearest first."""
        if self._images is None:
            return nearest(self._mean, z, count)
        found = self._images.find(np.asarray(z, float)[None], count)[0]
        return found, np.linalg.norm(self._mean[found] - np.asarray(z, np.float32), axis=1).astype(np.float32)


def nearest(codes: NDArray[np.float32], z: ArrayLike, count: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Indices and Euclidean distances of the ``count`` rows of codes (N, D) nearest to z (D,), nearest first.

    Rows that are not numbers are never among them; fewer rows than ``count`` give fewer results.
    """
    place, worst = np.asarray(z, np.float32), np.float32(np.inf)
    found, squared = np.empty(0, np.intp), np.empty(0, np.float32)
    for start in range(0, len(codes), ROWS):
        with np.errstate(over="ignore", invalid="ignore"):  # farther than single precision can say is not near
            offset = codes[start : start + ROWS] - place
            away = np.einsum("nd,nd->n", offset, offset)
            rows = np.flatnonzero(away < worst)
        if not len(rows):
            continue
        found, squared = np.concatenate([found, rows + start]), np.concatenate([squared, away[rows]])
        if len(found) > count:
            best = np.sort(np.argpartition(squared, count - 1)[:count]) if count else np.empty(0, np.intp)
            found, squared = found[best], squared[best]
        if len(found) == count:
            worst = squared.max(initial=0)
    order = np.argsort(squared, kind="stable")
    return found[order], np.sqrt(squared[order])
