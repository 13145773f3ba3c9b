"""The direction from one group of codes to another: the difference of their means, and how sure it is. Pure NumPy.

The difference of two groups' mean codes is the "attribute vector" of Larsen et al. 2016 (Autoencoding beyond pixels)
and White 2016 (Sampling generative networks). How much of it is chance is told by the bootstrap (Efron 1979): both
groups are drawn again from themselves, with replacement, many times.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["LEAST_POINTS", "Direction", "Uncertainty", "direction", "uncertainty"]

Array = NDArray[np.float64]

RESAMPLES = 2000
LEVEL = 0.95
# A group of fewer points than this says next to nothing about its own spread.
LEAST_POINTS = 5
# Means of more points than this are drawn from the normal distribution that they follow (central limit theorem): its
# error, of the order of 1 / √N, is then far below that of 2,000 draws.
MOST_DRAWN = 5000


@dataclass(frozen=True, eq=False)
class Direction:
    """``vector`` (D,): the mean of group A minus the mean of group B; ``counts``: how many points each group has."""

    vector: Array
    mean_a: Array
    mean_b: Array
    counts: tuple[int, int]

    @property
    def length(self) -> float:
        return float(np.linalg.norm(self.vector))


@dataclass(frozen=True)
class Uncertainty:
    """95 % of what the bootstrap draws. Lengths in latent units, angles in degrees.

    ``low`` and ``high``: the difference's length along its own direction. ``angle``: 95 % of the drawn directions lie
    within so many degrees of it; 180 where even the sign is open. ``p``: how often chance alone, in groups of the same
    spread but no difference, makes one as long as this.
    """

    low: float
    high: float
    angle: float
    p: float

    @property
    def cosine(self) -> float:
        """The cosine of ``angle``: 1 for a direction that is certain."""
        return float(np.cos(np.radians(self.angle)))

    @property
    def distinct(self) -> bool:
        """Whether the difference is more than chance, at the 5 % level."""
        return self.p < 1 - LEVEL


def direction(a: ArrayLike, b: ArrayLike) -> Direction | None:
    """From group B (M, D) to A (N, D); None where one of them is empty. Codes that are not finite are left out."""
    first, second = _finite(a), _finite(b)
    if not len(first) or not len(second):
        return None
    mean_a, mean_b = first.mean(axis=0), second.mean(axis=0)
    return Direction(mean_a - mean_b, mean_a, mean_b, (len(first), len(second)))


def uncertainty(
    a: ArrayLike, b: ArrayLike, seed: int = 0, resamples: int = RESAMPLES, stopped: Callable[[], bool] = lambda: False
) -> Uncertainty | None:
    """How sure the direction from group B (M, D) to group A (N, D) is; None with fewer than ``LEAST_POINTS`` in one.

    The drawn means scatter by a factor √(1 − 1/N) too little, which is put right. The same seed gives the same answer.
    Ends early, with None, once ``stopped`` says so.
    """
    first, second = _finite(a), _finite(b)
    if min(len(first), len(second)) < LEAST_POINTS:
        return None
    random = np.random.default_rng(seed)
    scatter_a = _scatter_of_mean(first, random, resamples, stopped)
    scatter_b = _scatter_of_mean(second, random, resamples, stopped)
    if stopped():
        return None
    vector = first.mean(axis=0) - second.mean(axis=0)
    scatter = scatter_a - scatter_b
    length = float(np.linalg.norm(vector))
    # One draw more than there were: the difference that was found (Davison and Hinkley 1997, 4.2.3).
    p = (1 + int((np.linalg.norm(scatter, axis=1) >= length).sum())) / (1 + resamples)
    if length == 0:
        return Uncertainty(0.0, 0.0, 180.0, 1.0)
    along = length + scatter @ (vector / length)
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.percentile(along, [tail, 100 - tail])
    drawn = vector + scatter
    cosine = along / np.maximum(np.linalg.norm(drawn, axis=1), np.finfo(float).tiny)
    angles = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    return Uncertainty(float(low), float(high), float(np.percentile(angles, 100 * LEVEL)), p)


def _finite(points: ArrayLike) -> Array:
    codes = np.asarray(points, float)
    return codes[np.isfinite(codes).all(axis=1)]


def _scatter_of_mean(
    points: Array, random: "np.random.Generator", resamples: int, stopped: Callable[[], bool]
) -> Array:
    """How far the means of drawn groups lie from the mean of ``points`` (N, D): (resamples, D)."""
    count, dimension = points.shape
    offsets = points - points.mean(axis=0)
    widened = np.sqrt(count / (count - 1))
    if count > MOST_DRAWN:
        spread = np.linalg.cholesky(offsets.T @ offsets / count / count + 1e-24 * np.eye(dimension))
        return widened * random.standard_normal((resamples, dimension)) @ spread.T
    result = np.zeros((resamples, dimension))
    for i in range(resamples):  # one by one, so that a window can go on between two of them
        if stopped():
            break
        drawn = np.bincount(random.integers(0, count, count), minlength=count)
        result[i] = drawn @ offsets / count
    return widened * result
