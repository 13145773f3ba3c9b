"""The codes as the map sees them: where each one lies, and which class it belongs to. Pure NumPy, no Qt."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latentscope.map.camera import Bounds
from trainer.files import Codes
from trainer.geometry import Plane

__all__ = ["Cloud", "cloud_of"]

# In one latent dimension the points are spread over a band this high, in map units, so that one can see how many there
# are. The height means nothing, and is the same for the same point each time.
BAND_HEIGHT = 0.8
# 1 / golden ratio: its multiples, modulo 1, spread more evenly than random numbers.
GOLDEN = 0.6180339887498949


@dataclass(frozen=True, eq=False)
class Cloud:
    """``position`` (M, 2) map points, ``index`` (M,) which code each is, ``label`` (M,) its class, −1 for none.

    ``spread`` is how far the bulk of the points lies from their middle, in map units. Codes that are not finite are
    left out.
    """

    position: NDArray[np.float64]
    index: NDArray[np.intp]
    label: NDArray[np.int64]
    spread: float = 1.0

    def shown(self, hidden: frozenset[int]) -> NDArray[np.bool_]:
        """Which points (M,) belong to no hidden class."""
        if not hidden:
            return np.ones(len(self.label), bool)
        return ~np.isin(self.label, list(hidden))

    def bounds(self, percentile: float = 0.0) -> Bounds | None:
        """The rectangle of all points but ``percentile`` per cent at each end of each axis; None without points."""
        if not len(self.position):
            return None
        low, high = np.percentile(self.position, [percentile, 100 - percentile], axis=0)
        return Bounds(float(low[0]), float(low[1]), float(high[0]), float(high[1]))

    def row_of(self, index: int) -> int:
        """The row of the code with this index; −1 if it is not on the map."""
        row = int(np.searchsorted(self.index, index))
        return row if row < len(self.index) and self.index[row] == index else -1

    def nearest(self, xy: NDArray[np.float64], within: float, hidden: frozenset[int]) -> int:
        """The row of the shown point nearest to map point ``xy`` and at most ``within`` away; −1 if there is none."""
        offset = self.position - xy
        square = np.einsum("ij,ij->i", offset, offset)
        if hidden:
            square[~self.shown(hidden)] = np.inf
        if not len(square):
            return -1
        row = int(square.argmin())
        return row if square[row] <= within * within else -1


def cloud_of(codes: Codes | None, plane: Plane) -> Cloud:
    """The cloud of the codes' means, projected on the plane."""
    if codes is None or not len(codes.mean):
        return Cloud(np.empty((0, 2)), np.empty(0, np.intp), np.empty(0, np.int64))
    index = np.flatnonzero(np.isfinite(codes.mean).all(axis=1))
    position = plane.to_map(codes.mean[index])
    if plane.dimension == 1:
        position[:, 1] = ((index * GOLDEN) % 1 - 0.5) * BAND_HEIGHT
    label = np.full(len(index), -1, np.int64) if codes.labels is None else codes.labels[index].astype(np.int64)
    return Cloud(position, index, label, spread_of(position))


def spread_of(position: NDArray[np.float64]) -> float:
    """Half the distance between the 16th and the 84th percentile, the mean of both axes: σ, of normal points."""
    if not len(position):
        return 1.0
    low, high = np.percentile(position, [16, 84], axis=0)
    return float((high - low).mean() / 2) or 1.0
