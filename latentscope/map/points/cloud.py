"""The codes as the map sees them: where each one lies, and which class it belongs to. Pure NumPy, no Qt.

A cloud of ten million points must be there at once, and be small: single precision and 32-bit numbers, no copy of what
the codes have already, and percentiles that are taken from a sample where there are many points.
"""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latentscope.map.camera import Bounds
from latentscope.map.points.cells import Cells
from trainer.files import Codes
from trainer.geometry import Plane, within_float32

__all__ = ["MANY", "Cloud", "cloud_of", "percentiles"]

# In one latent dimension the points are spread over a band this high, in map units, so that one can see how many there
# are. The height means nothing, and is the same for the same point each time.
BAND_HEIGHT = 0.8
# 1 / golden ratio: its multiples, modulo 1, spread more evenly than random numbers.
GOLDEN = 0.6180339887498949
# So many points can be looked through one by one for each move of the mouse; what is more needs an index.
MANY = 40_000
# Percentiles are taken from at most about so many points, evenly chosen.
SAMPLE = 50_000
ROWS = 4096  # projected at a time
# Where the cloud is crowded: the density in which the most crowded share of points lies, counted on a grid so fine.
CROWDED_SHARE, CROWD_CELLS = 0.02, 96
# Labels are compared with one class after the other up to so many; with more at once.
MOST_COMPARED = 12


@dataclass(eq=False)
class Cloud:
    """``position`` (M, 2) map points, ``index`` (M,) which code each is, ``label`` (M,) its class, −1 for none.

    ``spread`` is how far the bulk of the points lies from their middle, in map units, and ``crowding`` how many points
    there are to a unit of map area where they are crowded. Codes that are not finite are left out. All of this never
    changes; ``cells`` is the spatial index of many points, and is None until it has been made.
    """

    position: NDArray[np.float32]
    index: NDArray[np.int32]
    label: NDArray[np.int64]
    spread: float = 1.0
    crowding: float = 0.0
    cells: Cells | None = None
    _bounds: dict[float, Bounds] = field(default_factory=dict)
    _compact: NDArray[Any] | None = None  # the labels in as few bytes as can be, once they are asked for by class

    def shown(self, hidden: frozenset[int], rows: NDArray[np.int32] | None = None) -> NDArray[np.bool_]:
        """Which points (M,), or which of some rows, belong to no hidden class."""
        if self._compact is None:
            small = self.label.max(initial=-1) <= np.iinfo(np.int16).max and self.label.min(initial=0) >= -1
            self._compact = self.label.astype(np.int16) if small else self.label
        label = self._compact if rows is None else self._compact.take(rows)
        if len(hidden) > MOST_COMPARED:
            return ~np.isin(label, list(hidden))
        result = np.ones(len(label), bool)
        for one in hidden:
            result &= label != one
        return result

    def of_codes(self, values: NDArray[Any]) -> NDArray[Any]:
        """What belongs to the points (M, …) of what belongs to all codes (N, …)."""
        whole = len(self.index) == 0 or int(self.index[-1]) == len(self.index) - 1
        return values[: len(self.index)] if whole else values.take(self.index, axis=0)

    def bounds(self, percentile: float = 0.0) -> Bounds | None:
        """The rectangle of all points but ``percentile`` per cent at each end of each axis; None without points."""
        if not len(self.position):
            return None
        if percentile not in self._bounds:
            self._bounds[percentile] = bounds_of(self.position, percentile)
        return self._bounds[percentile]

    def row_of(self, index: int) -> int:
        """The row of the code with this index; −1 if it is not on the map."""
        row = int(np.searchsorted(self.index, index))
        return row if row < len(self.index) and self.index[row] == index else -1

    def nearest(self, xy: NDArray[np.float64], within: float, hidden: frozenset[int]) -> int:
        """The row of the shown point nearest to map point ``xy`` and at most ``within`` away; −1 if there is none.

        Among MANY points there is none as long as they have no index.
        """
        if self.cells is not None:
            return self.cells.nearest(xy, within, (lambda rows: self.shown(hidden, rows)) if hidden else None)
        if not 0 < len(self.position) <= MANY:
            return -1
        offset = self.position - xy
        square = np.einsum("ij,ij->i", offset, offset)
        if hidden:
            square[~self.shown(hidden)] = np.inf
        row = int(square.argmin())
        return row if square[row] <= within * within else -1

    def count(self, bounds: Bounds) -> int:
        """How many points lie in a rectangle, or some more; all of them as long as many have no index."""
        if self.cells is not None:
            return self.cells.count(bounds)
        if len(self.position) > MANY:
            return len(self.position)
        x, y = self.position.T
        left, bottom, right, top = within_float32([bounds.left, bounds.bottom, bounds.right, bounds.top])
        inside = (x >= left) & (x <= right) & (y >= bottom) & (y <= top)
        return int(np.count_nonzero(inside))


def cloud_of(codes: Codes | None, plane: Plane) -> Cloud:
    """The cloud of the codes' means, projected on the plane."""
    if codes is None or not len(codes.mean):
        return Cloud(np.empty((0, 2), np.float32), np.empty(0, np.int32), np.empty(0, np.int64))
    mean, labels = np.asarray(codes.mean, np.float32), codes.labels
    whole = codes.left_out == 0
    index = np.arange(len(mean), dtype=np.int32) if whole else np.flatnonzero(codes.finite)
    if not whole:
        mean, labels = mean[index], None if labels is None else labels[index]
    position = projected(mean, plane)
    if plane.dimension == 1:
        position[:, 1] = ((index * GOLDEN) % 1 - 0.5) * BAND_HEIGHT
    label = np.broadcast_to(np.int64(-1), len(index)) if labels is None else labels.astype(np.int64, copy=False)
    return Cloud(position, index.astype(np.int32, copy=False), label, spread_of(position), crowding_of(position))


def projected(mean: NDArray[np.float32], plane: Plane) -> NDArray[np.float32]:
    """The map points (M, 2) of codes (M, D); the codes themselves, not a copy, where the plane is theirs."""
    if plane.dimension == 2 and not plane.origin.any() and (plane.u == (1, 0)).all() and (plane.v == (0, 1)).all():
        return mean
    basis = np.stack([plane.u, plane.v], axis=1)
    along, middle = basis.astype(np.float32), (plane.origin @ basis).astype(np.float32)
    position = np.empty((len(mean), 2), np.float32)
    # In pieces: they stay in the processor's cache, and are too small for threads of BLAS that would wait for a core.
    for start in range(0, len(mean), ROWS):
        part = slice(start, start + ROWS)
        np.matmul(mean[part], along, out=position[part])
        position[part] -= middle  # after the product, so that no copy of the codes is made
    return position


def sample_of(position: NDArray[np.float32]) -> NDArray[np.float32]:
    """At most about SAMPLE of the points, each so-many-th of them."""
    return position[:: max(1, len(position) // SAMPLE)]


def percentiles(position: NDArray[np.float32], *percents: float) -> list[NDArray[np.float64]]:
    """Of each axis of points (M, 2), M > 0: between two of them in proportion, as NumPy's own.

    NumPy's loads its masked arrays first, which is time before the map is on screen.
    """
    last, found = len(position) - 1, []
    places = [last * percent / 100 for percent in percents]
    wanted = [(min(int(place), last), min(int(place) + 1, last)) for place in places]
    ordered = np.partition(position, sorted({row for pair in wanted for row in pair}), axis=0)
    for place, (below, above) in zip(places, wanted, strict=True):
        low, high = ordered[below].astype(np.float64), ordered[above].astype(np.float64)
        found.append(low + (high - low) * (place - below))
    return found


def bounds_of(position: NDArray[np.float32], percentile: float) -> Bounds:
    """The rectangle of all points but ``percentile`` per cent at each end of each axis."""
    if percentile == 0:
        x, y = position.T
        return Bounds(float(x.min()), float(y.min()), float(x.max()), float(y.max()))
    low, high = percentiles(sample_of(position), percentile, 100 - percentile)
    return Bounds(float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def spread_of(position: NDArray[np.float32]) -> float:
    """Half the distance between the 16th and the 84th percentile, the mean of both axes: σ, of normal points."""
    if not len(position):
        return 1.0
    low, high = percentiles(sample_of(position), 16, 84)
    return float((high - low).mean() / 2) or 1.0


def crowding_of(position: NDArray[np.float32]) -> float:
    """Points to a unit of area where the most crowded of them lie; 0 where the points fill no area."""
    if not len(position):
        return 0.0
    sample = sample_of(position)
    box = bounds_of(sample, 0.5)
    area = box.width * box.height
    if not 0 < area < math.inf:
        return 0.0
    cells = max(1, min(CROWD_CELLS, math.isqrt(len(sample) // 4)))
    start, size = np.array([box.left, box.bottom]), np.array([box.width, box.height])
    cell = np.floor((sample - start) / size * cells)
    cell = cell[((cell >= 0) & (cell < cells)).all(axis=1)].astype(np.intp)
    if not len(cell):
        return 0.0
    counts = np.sort(np.bincount(cell[:, 1] * cells + cell[:, 0]))[::-1]
    crowded = counts[min(int(np.searchsorted(counts.cumsum(), CROWDED_SHARE * counts.sum())), len(counts) - 1)]
    return float(crowded) * cells**2 / area * len(position) / len(sample)
