"""Images that are grids of codes: which of them a point of the map stands for.

A model with a codebook has no decoder from latent points. Its map shows the encoded images at the means of their
vectors (the pooled codes), and a point between them stands for the image that lies nearest. Needs no torch.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.geometry import map_plane

__all__ = ["NearestImages"]

ON_THE_PLANE = 1e-3  # of the codes' spread: float32 puts a point of the plane no farther off it


class NearestImages:
    """Finds the encoded images that are nearest to latent points.

    For a point on the plane that the map shows first (``trainer.geometry.map_plane``) they are those that lie nearest
    *on the map*. By the whole distance the images that happen to lie near the plane would win everywhere, since the
    map leaves out most of a pooled code's dimensions. For any other point the whole distance counts.
    """

    def __init__(self, mean: NDArray[np.float32]) -> None:
        """``mean``: the pooled codes (N, D), N ≥ 1."""
        self._plane = map_plane(mean.shape[1], mean)
        self._codes = np.asarray(mean, float)
        self._on_map = self._plane.to_map(mean)
        self._margin = ON_THE_PLANE * max(float(np.abs(self._codes - self._plane.origin).max()), 1e-9)

    def find(self, z: ArrayLike, count: int = 1) -> NDArray[np.intp]:
        """The indices of the ``count`` images nearest to latent points z (M, D), nearest first: (M, count ≤ N)."""
        points = np.asarray(z, float)
        on_map = self._plane.to_map(points)
        off = np.abs(points - self._plane.to_latent(on_map)).max(axis=1, initial=0.0)
        return (
            np.stack(
                [
                    _nearest(self._on_map, here, count)
                    if distance <= self._margin
                    else _nearest(self._codes, point, count)
                    for point, here, distance in zip(points, on_map, off, strict=True)
                ]
            )
            if len(points)
            else np.empty((0, count), np.intp)
        )


def _nearest(rows: NDArray[np.float64], point: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    offset = rows - point
    squared = np.einsum("nd,nd->n", offset, offset)
    count = min(count, len(rows))
    found = np.argpartition(squared, count - 1)[:count]
    result: NDArray[np.intp] = found[np.argsort(squared[found], kind="stable")]
    return result
