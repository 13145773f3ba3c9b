"""Numbers over the plane of a map: how dense the codes lie, which class their neighbours have. Pure NumPy and SciPy.

Map points are float arrays (..., 2). A ``Field`` is a number, or a vector, at each node of an upright grid of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.geometry import Plane

__all__ = ["NEIGHBOURS", "Field", "Votes", "density_field", "grid_nodes", "kernel_width", "projected", "share_level"]

Array = NDArray[np.float64]

# The codes that vote at a place: enough that one stray code makes no island, few enough for narrow classes.
NEIGHBOURS = 25
# Posteriors are sorted by their size into so many heaps, each of which is smoothed by its mean covariance.
HEAPS = 8
# Nodes along the longer side of a density, at most; and at least so many to a kernel's σ, where that allows it.
MOST_NODES, NODES_PER_SIGMA = 640, 4.0
# Of the codes at each end of each axis, per cent, those that may lie outside the grid if they lie far outside.
OUTLIERS = 0.2
# Points sorted into the grid in one go: some milliseconds, so that nobody waits for Python's lock.
CHUNK = 100_000
# In one latent dimension a field is the same at every height: two rows this far up and down.
TALL = 1e4


@dataclass(frozen=True, eq=False)
class Field:
    """``values`` (rows, columns, ...) at nodes from (left, bottom) to (right, top); row 0 is the lowest."""

    left: float
    bottom: float
    right: float
    top: float
    values: NDArray[np.float32]

    @property
    def step(self) -> tuple[float, float]:
        """The distance between nodes along both axes."""
        rows, columns = self.values.shape[:2]
        return (self.right - self.left) / max(columns - 1, 1), (self.top - self.bottom) / max(rows - 1, 1)

    def at(self, points: ArrayLike, outside: float = 0.0) -> NDArray[np.float64]:
        """The values at map points (..., 2), linear between the nodes; ``outside`` where there is no grid."""
        xy = np.asarray(points, float)
        rows, columns = self.values.shape[:2]
        place = (xy - (self.left, self.bottom)) / self.step
        x, y = place[..., 0], place[..., 1]
        inside = (x >= 0) & (x <= columns - 1) & (y >= 0) & (y <= rows - 1)
        x, y = np.where(inside, x, 0.0), np.where(inside, y, 0.0)
        column = np.minimum(x.astype(np.intp), max(columns - 2, 0))
        row = np.minimum(y.astype(np.intp), max(rows - 2, 0))
        right, up = np.minimum(column + 1, columns - 1), np.minimum(row + 1, rows - 1)
        along, across = x - column, y - row
        value = (1 - across) * ((1 - along) * self.values[row, column] + along * self.values[row, right])
        value += across * ((1 - along) * self.values[up, column] + along * self.values[up, right])
        return np.where(inside, value, outside)


def grid_nodes(left: float, bottom: float, right: float, top: float, rows: int, columns: int) -> Array:
    """The map points (rows, columns, 2) of a grid, the lowest row first."""
    x, y = np.meshgrid(np.linspace(left, right, columns), np.linspace(bottom, top, rows))
    return np.stack([x, y], axis=-1)


# --- density ----------------------------------------------------------------------------------------------------------


def projected(variance: ArrayLike, plane: Plane) -> Array:
    """The covariances (N, 2, 2) on the plane of Gaussians with diagonal covariances, variance (N, D): Bᵀ diag(σ²) B
    with B = (u, v). This is the covariance of the Gaussian's shadow (its marginal), not of its cut by the plane."""
    basis = np.stack([plane.u, plane.v], axis=1)
    sigma = np.asarray(variance, float)
    result: Array = (sigma @ (basis[:, :, None] * basis[:, None, :]).reshape(len(basis), 4)).reshape(-1, 2, 2)
    return result


def kernel_width(position: Array, dimension: int) -> Array:
    """The σ (2,) of the Gaussian that each code at position (N, 2) is smoothed by, beside its posterior.

    Half of Scott's rule, σ N^(−1/(d+4)) (Scott 1992): the rule is made for one Gaussian, and codes lie in heaps. σ is
    half the distance between the 16th and the 84th percentile, which outliers do not move. Both axes have the same.
    """
    power = -1 / (min(dimension, 2) + 4)
    if not len(position):
        return np.ones(2)
    low, high = np.percentile(position, [16, 84], axis=0)
    spread = float((high - low)[: 1 if dimension == 1 else 2].mean()) / 2 or 1.0
    return np.full(2, 0.5 * spread * len(position) ** power)


def density_field(position: NDArray[np.floating], covariance: Array | None, dimension: int) -> Iterator[Field]:
    """The density of the codes on the map: position (N, 2), N ≥ 1, covariance (N, 2, 2) of the posteriors or None.

    The last field is the result, in codes per unit of area (of length in one dimension), as shares: it sums to 1. What
    is yielded before it is the same, unfinished, so that whoever iterates can stop between the steps.

    This is the aggregate posterior 1/N Σ N(μᵢ, Sᵢ) (Makhzani et al. 2015), each Gaussian widened by ``kernel_width``;
    without covariances a kernel density estimate. The Gaussians are sorted by size into heaps, each with its own mean
    covariance, and smoothed by a Fourier transform: the cost hardly depends on the number of codes.
    """
    place = np.array(position, float)
    if dimension == 1:
        place[:, 1] = 0.0
    kernel = np.diag(kernel_width(place, dimension) ** 2)
    heaps = [np.arange(len(place))]
    means = [kernel]
    if covariance is not None:
        size = np.linalg.det(covariance) if dimension > 1 else covariance[:, 0, 0]
        heaps = [heap for heap in np.array_split(np.argsort(size, kind="stable"), HEAPS) if len(heap)]
        means = [covariance[heap].mean(axis=0) + kernel for heap in heaps]
    widest = np.sqrt([max(mean[axis, axis] for mean in means) for axis in range(2)])
    narrowest = float(np.sqrt(min(np.linalg.eigvalsh(mean if dimension > 1 else mean[:1, :1])[0] for mean in means)))
    low, high = bulk(place)
    low, high = low - 5 * widest, high + 5 * widest
    extent = high - low
    step = max(narrowest / NODES_PER_SIGMA, float(extent[: min(dimension, 2)].max()) / (MOST_NODES - 1))
    columns = int(np.ceil(extent[0] / step)) + 1
    rows = int(np.ceil(extent[1] / step)) + 1 if dimension > 1 else 1
    total = np.zeros((rows, columns // 2 + 1), complex)
    fy = 2 * np.pi * np.fft.fftfreq(rows)[:, None]
    fx = 2 * np.pi * np.fft.rfftfreq(columns)[None, :]

    def made() -> Field:
        cell = step if dimension == 1 else step**2
        values = (np.fft.irfft2(total, (rows, columns)).clip(0) / (len(place) * cell)).astype(np.float32)
        if dimension == 1:
            return Field(low[0], -TALL, low[0] + step * (columns - 1), TALL, values.repeat(2, axis=0))
        return Field(low[0], low[1], low[0] + step * (columns - 1), low[1] + step * (rows - 1), values)

    for heap, mean in zip(heaps, means, strict=True):
        counts = np.zeros((rows, columns))
        for begin in range(0, len(heap), CHUNK):
            counts += counted((place[heap[begin : begin + CHUNK]] - low) / step, rows, columns)
        s = mean / step**2
        # Sharing a point between nodes, and reading between nodes later, blur by 1/6 each, on the average.
        s = s - np.eye(2) / 3 if narrowest > step else s
        # The transform of a Gaussian is a Gaussian: exp(−½ fᵀ S f), with f in radians a node.
        power = s[0, 0] * fx**2 + (2 * s[0, 1] * fx * fy + s[1, 1] * fy**2 if dimension > 1 else 0.0)
        total += np.fft.rfft2(counts) * np.exp(-0.5 * power)
        yield made()


def bulk(position: Array) -> tuple[Array, Array]:
    """The corners (2,), (2,) of the rectangle of all points, or of nearly all where a few lie far off."""
    low, high = position.min(axis=0), position.max(axis=0)
    inner_low, inner_high = np.percentile(position, [OUTLIERS, 100 - OUTLIERS], axis=0)
    room = np.maximum(inner_high - inner_low, 1e-9)
    return np.maximum(low, inner_low - room), np.minimum(high, inner_high + room)


def counted(place: Array, rows: int, columns: int) -> Array:
    """How many of the places (N, 2), in nodes, lie at each node (rows, columns); each is shared by the four next to it
    in proportion ("cloud in cell"). Places outside are left out."""
    x, y = place[:, 0], place[:, 1] if rows > 1 else np.zeros(len(place))
    # What is outside is left out before it becomes a whole number: some of it is larger than any.
    inside = (x >= 0) & (x < columns - 1) & (y >= 0) & (y < max(rows - 1, 1))
    x, y = x[inside], y[inside]
    column, row = x.astype(np.intp), y.astype(np.intp)
    along, across = x - column, y - row
    result = np.zeros(rows * columns)
    for down, weight_y in ((0, 1 - across), (1, across)) if rows > 1 else ((0, np.ones(len(row))),):
        for right, weight_x in ((0, 1 - along), (1, along)):
            index = (row + down) * columns + column + right
            result += np.bincount(index, weight_y * weight_x, rows * columns)
    return result.reshape(rows, columns)


def share_level(at_codes: ArrayLike, share: float) -> float:
    """The density above which this share of the codes lies, from the density at each code.

    It bounds the smallest region with so many of them (the highest density region: Hyndman 1996).
    """
    return float(np.quantile(np.asarray(at_codes, float), 1 - share))


# --- classes ----------------------------------------------------------------------------------------------------------


class Votes:
    """The classes of the codes nearest to a place of the map: k nearest neighbours, k = ``NEIGHBOURS``.

    A vote at the distance d counts 1 − (d/d′)², with d′ the distance of the next one after them (the kernel of
    Epanechnikov with the width of Loftsgaarden & Quesenberry 1965), so that nothing jumps where a code comes or goes
    and no vote is a tie over a whole region.
    """

    def __init__(
        self, position: NDArray[np.floating], labels: NDArray[np.integer], dimension: int, most: int = 200_000
    ) -> None:
        """``position`` (N, 2) and ``labels`` (N,) ≥ 0. Of more than ``most`` codes every so-manieth is asked."""
        from scipy.spatial import cKDTree

        every = max(1, -(-len(position) // most))
        places = np.array(position[::every], float)
        if dimension == 1:
            places[:, 1] = 0.0
        self._flat = dimension == 1
        self.classes, self._rank = np.unique(labels[::every], return_inverse=True)
        self._tree = cKDTree(places) if len(places) else None
        self._count = min(NEIGHBOURS + 1, len(places))

    def shares(self, points: Array) -> NDArray[np.float32]:
        """The share (M, K) of the votes at map points (M, 2) for each of the K ``classes``."""
        result = np.zeros((len(points), len(self.classes)), np.float32)
        if self._tree is None:
            return result
        asked = points * (1.0, 0.0) if self._flat else points
        distance, found = self._tree.query(asked, self._count)
        distance, found = (np.asarray(one).reshape(len(points), -1) for one in (distance, found))
        # Where they are so few that all of them vote, the farthest one keeps some weight, too.
        width = distance[:, -1:] * (1.0 if self._count > NEIGHBOURS else 1.1)
        weight = 1 - (distance / np.where(width > 0, width, 1)) ** 2
        weight /= np.maximum(weight.sum(axis=1, keepdims=True), 1e-12)
        rows = np.repeat(np.arange(len(points)), self._count)
        np.add.at(result, (rows, self._rank[found].ravel()), weight.ravel().astype(np.float32))
        return result
