"""Images that are grids of codes: which of them a point of the map stands for.

A model with a codebook has no decoder from latent points. Its map shows the encoded images at the means of their
vectors (the pooled codes), and a point between them stands for the image that lies nearest. Needs no torch.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.files import ModelFile
from trainer.geometry import map_plane

__all__ = ["NearestImages", "codebook_of"]

CODEBOOK = "quantizer.codes"  # the tensor of a model's weights that every quantizer keeps its codes in

THE_SAME = 1e-5  # of the codes' spread: a place that came by way of float32 is no farther off


def codebook_of(file: ModelFile) -> NDArray[np.float32] | None:
    """The codebook (K, D) in a model file; None for a model that has none, or one that does not fit its config."""
    codes = file.weights.get(CODEBOOK) if file.config.family == "vq-vae" else None
    return codes if codes is not None and codes.shape == (file.config.codes, file.config.latent) else None


class NearestImages:
    """Finds the encoded images that are nearest to latent points.

    A point at the very place of an image is that image. Any other is the image that lies nearest *on the map*: on the
    plane that it shows first (``trainer.geometry.map_plane``). By the whole distance the few images that happen to lie
    near the plane would win everywhere, since it leaves out most of a pooled code's dimensions.
    """

    def __init__(self, mean: NDArray[np.float32]) -> None:
        """``mean``: the pooled codes (N, D), N ≥ 1."""
        self._plane = map_plane(mean.shape[1], mean)
        self._codes = np.asarray(mean, float)
        self._on_map = self._plane.to_map(mean)
        away = np.abs(self._codes - self._plane.origin)
        self._margin = THE_SAME * max(float(away.max(initial=0.0, where=np.isfinite(away))), 1e-9)

    def find(self, z: ArrayLike, count: int = 1) -> NDArray[np.intp]:
        """The indices of the ``count`` images nearest to latent points z (M, D), nearest first: (M, count ≤ N)."""
        points = np.asarray(z, float)
        count = min(count, len(self._codes))
        found = [self._find(point, count) for point in points]
        return np.stack(found) if found else np.empty((0, count), np.intp)

    def _find(self, point: NDArray[np.float64], count: int) -> NDArray[np.intp]:
        by_map = squared_distances(self._on_map, self._plane.to_map(point))
        # Whoever is at the same place is at the same place on the map, too.
        close = np.flatnonzero(by_map <= self._margin**2)
        same = close[squared_distances(self._codes[close], point) <= self._margin**2]
        by_map[same] = -1.0
        found = np.argpartition(by_map, count - 1)[:count]
        result: NDArray[np.intp] = found[np.argsort(by_map[found], kind="stable")]
        return result


def squared_distances(rows: NDArray[np.float64], point: NDArray[np.float64]) -> NDArray[np.float64]:
    offset = rows - point
    result: NDArray[np.float64] = np.einsum("nd,nd->n", offset, offset)
    return result
