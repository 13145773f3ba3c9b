"""How strongly something measured on images goes with their codes: with each latent dimension, and with the direction
that it goes with best. By Pearson's correlation, whose best direction is that of least squares; with the dimensions
also by Spearman's, which is that of the ranks: it tells of what grows all the way, though not in a straight line.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.geometry import Plane

__all__ = ["UNDEFINED", "Correlation", "Direction", "Relation", "relate"]

Array = NDArray[np.float64]
NORMAL_95 = 1.959963984540054  # a normal number lies within so many σ with a probability of 95 %
ROWS = 100_000  # worked on at a time
RANKED = 100_000  # images that are ranked: an interval cannot be much narrower than theirs
RANK = 1e-9  # directions in which the codes vary by less than this part of the most are none


@dataclass(frozen=True)
class Correlation:
    """A correlation and its 95 % confidence interval; NaN where it is undefined or there are too few images."""

    value: float
    low: float
    high: float

    @property
    def is_defined(self) -> bool:
        return math.isfinite(self.value)

    @property
    def excludes_zero(self) -> bool:
        """Whether it is more than chance makes of this many images, at the level of 95 %."""
        return self.is_defined and (self.low > 0 or self.high < 0)


UNDEFINED = Correlation(math.nan, math.nan, math.nan)


@dataclass(frozen=True, eq=False)
class Direction:
    """The direction (D,) in which a factor grows most, a unit vector (zero where there is none), and how well it does.

    ``strength`` is the multiple correlation R ≥ 0, that of the factor with the codes' places along the direction.
    """

    unit: Array
    strength: Correlation


@dataclass(frozen=True, eq=False)
class Relation:
    """A factor's second moments with codes (N, D): all that its correlations, in any direction, come from.

    And by rank, which moments do not tell: ``ranked``, Spearman's correlation with each of the D dimensions.

    ``count`` images have a finite factor and code; ``centre`` (D,) is the mean of their codes and ``covariance`` (D, D)
    their covariance, ``cross`` (D,) theirs with the factor, and ``variance`` the factor's.
    """

    count: int
    centre: Array
    covariance: Array
    cross: Array
    variance: float
    ranked: tuple[Correlation, ...] = ()

    @property
    def is_constant(self) -> bool:
        """Whether the factor is the same for all images, so that no correlation with it is defined."""
        return self.variance == 0

    def with_dimensions(self) -> list[Correlation]:
        """With each latent dimension, D of them."""
        variances = np.diag(self.covariance)
        return [self._with(float(c), float(v)) for c, v in zip(self.cross, variances, strict=True)]

    def along(self, direction: ArrayLike) -> Correlation:
        """With the codes' places along a direction (D,) of the latent space."""
        way = np.asarray(direction, float)
        return self._with(float(way @ self.cross), float(way @ self.covariance @ way))

    def best(self) -> Direction:
        """With the direction of the latent space that it goes with best."""
        return self._best(self.covariance, self.cross)

    def on_map(self, plane: Plane) -> Direction:
        """With the best direction on the map, (2,), by where the codes are seen on it."""
        axes = np.stack([plane.u, plane.v])
        return self._best(axes @ self.covariance @ axes.T, axes @ self.cross)

    def _with(self, cross: float, variance: float) -> Correlation:
        if variance <= 0 or self.variance <= 0:
            return UNDEFINED
        return interval(cross / math.sqrt(variance * self.variance), self.count)

    def _best(self, covariance: Array, cross: Array) -> Direction:
        nowhere = Direction(np.zeros(len(cross)), UNDEFINED)
        values, vectors = np.linalg.eigh(covariance)
        kept = values > RANK * max(float(values.max(initial=0.0)), 1e-300)
        if self.variance <= 0 or not kept.any():
            return nowhere
        slope = vectors[:, kept] @ ((vectors[:, kept].T @ cross) / values[kept])
        length = float(np.linalg.norm(slope))
        explained = float(slope @ cross) / self.variance
        strength = _multiple(explained, self.count, int(kept.sum()))
        return Direction(slope / length, strength) if length > 0 else Direction(nowhere.unit, strength)


def relate(factor: ArrayLike, codes: ArrayLike) -> Relation:
    """The relation of a factor (N,) with codes (N, D). Images with a number that is not finite are left out."""
    values, points = np.asarray(factor, float), np.asarray(codes)
    good = np.isfinite(values) & np.isfinite(points).all(axis=1)
    values, points = values[good], points[good]
    count, dimension = len(points), points.shape[1]
    if not count:
        nothing = np.zeros(dimension)
        return Relation(0, nothing, np.zeros((dimension, dimension)), nothing, 0.0, (UNDEFINED,) * dimension)
    off, middle = values - values.mean(), points.mean(axis=0, dtype=np.float64)
    covariance, cross = np.zeros((dimension, dimension)), np.zeros(dimension)
    for begin in range(0, count, ROWS):
        part = points[begin : begin + ROWS] - middle
        covariance += part.T @ part
        cross += off[begin : begin + ROWS] @ part
    same = float(np.ptp(values)) <= 1e-12 * max(1.0, float(np.abs(values).max()))  # but for rounding
    variance = 0.0 if same else float(off @ off) / count
    ranked = (UNDEFINED,) * dimension if same else _ranked(values, points)
    return Relation(count, middle, covariance / count, cross / count, variance, ranked)


def _ranked(values: Array, points: NDArray[Any]) -> tuple[Correlation, ...]:
    """Spearman's correlation of values (N,) with each column of points (N, D), N > 0; of many, evenly chosen ones."""
    some = slice(None, None, -(-len(values) // RANKED))
    own = _ranks(values[some])
    found = []
    for column in points[some].T:
        other = _ranks(column)
        spread = math.sqrt(float(own @ own) * float(other @ other))
        found.append(_rank_interval(float(own @ other) / spread, len(own)) if spread > 0 else UNDEFINED)
    return tuple(found)


def _ranks(values: NDArray[Any]) -> Array:
    """How many are smaller, less how many are larger; equal ones share their places."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (2 * np.cumsum(counts) - counts - len(values)).astype(float)[place]


def _rank_interval(value: float, count: int) -> Correlation:
    """As ``interval``, with the variance (1 + ρ²/2) / (N − 3) of artanh ρ (Bonett & Wright 2000, Psychometrika 65)."""
    straight = interval(value, count)
    if not straight.is_defined:
        return UNDEFINED
    rho = straight.value
    middle = math.atanh(min(max(rho, -1 + 1e-15), 1 - 1e-15))
    reach = NORMAL_95 * math.sqrt((1 + rho**2 / 2) / (count - 3))
    return Correlation(rho, math.tanh(middle - reach), math.tanh(middle + reach))


def interval(value: float, count: int, directions: int = 1) -> Correlation:
    """A correlation over ``count`` images with its 95 % interval by Fisher's z.

    Fisher 1921: artanh r is nearly normal with the variance 1 / (N − 3), of a partial or fitted one with one degree of
    freedom less for each further direction. Undefined below four images.
    """
    free = count - 2 - directions
    if free < 1 or not math.isfinite(value):
        return UNDEFINED
    r = min(1.0, max(-1.0, value))
    middle = math.atanh(min(max(r, -1 + 1e-15), 1 - 1e-15))
    reach = NORMAL_95 / math.sqrt(free)
    return Correlation(r, math.tanh(middle - reach), math.tanh(middle + reach))


def _multiple(explained: float, count: int, directions: int) -> Correlation:
    """The multiple correlation R of so many fitted directions, without what they explain by chance.

    R² is adjusted (Ezekiel 1930): 1 − (1 − R²)(N − 1) / (N − k − 1), no less than 0. R is never negative.
    """
    free = count - directions - 1
    if free < 2:
        return UNDEFINED
    adjusted = 1 - (1 - min(1.0, max(0.0, explained))) * (count - 1) / free
    result = interval(math.sqrt(max(0.0, adjusted)), count, directions)
    return Correlation(result.value, max(0.0, result.low), max(0.0, result.high))
