"""The encoded points nearest to a latent point, found by looking at all of them.

10,000 points of two dimensions take about 0.1 ms that way; a tree would have to be built anew for every snapshot.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["nearest"]


def nearest(codes: NDArray[np.float32], z: ArrayLike, count: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Indices and Euclidean distances of the ``count`` rows of codes (N, D) nearest to z (D,), nearest first.

    Rows that are not numbers are never among them; fewer rows than ``count`` give fewer results.
    """
    offset = codes - np.asarray(z, np.float32)
    squared = np.einsum("nd,nd->n", offset, offset)
    squared = np.where(np.isfinite(squared), squared, np.inf)
    count = min(count, int(np.isfinite(squared).sum()))
    if count == 0:
        return np.empty(0, np.intp), np.empty(0, np.float32)
    found = np.argpartition(squared, count - 1)[:count]
    found = found[np.argsort(squared[found], kind="stable")]
    return found, np.sqrt(squared[found])
