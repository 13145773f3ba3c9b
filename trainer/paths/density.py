"""How densely codes lie anywhere in a latent space of any dimension: what tells a path where it runs empty.

Pure NumPy and SciPy.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.paths.curve import Array

__all__ = ["Density", "density_of", "some_of"]

# Codes that a density is known well enough from: on a plane, where they are sorted into a grid, and in more dimensions,
# where every place asks each of them.
MOST_ON_A_PLANE, MOST = 200_000, 4_000
REACH = 7  # the neighbour whose distance says how wide a code's kernel is
USUAL = 0.95
ASKED, FEW_ASKED = 2_000, 400  # codes that say how dense is usual, on a plane and in more dimensions
# The lowest density on a plane that the Fourier transform tells from none, as a share of the usual one. Beyond, it
# falls as a single code's does.
LEAST = 1e-3
ROUNDING = 1e-9  # how far off a grid a point of it may seem to be, in kernels


class Density(ABC):
    """``usual`` is the log density above which 95 of 100 codes lie, ``median`` that above which half of them do."""

    usual: float
    median: float

    @abstractmethod
    def log(self, z: ArrayLike) -> Array:
        """The natural logarithm (...,) of the density at latent points z (..., D), in codes a unit of volume, as shares
        of all: it falls on and on away from the codes."""

    @abstractmethod
    def with_slope(self, z: ArrayLike) -> tuple[Array, Array]:
        """``log`` and its gradient (..., D)."""


def some_of(codes: ArrayLike, most: int) -> NDArray[np.float64]:
    """The finite ones of codes (N, D); of more than ``most`` so many of them, the same at each call."""
    points = np.asarray(codes)
    finite = np.flatnonzero(np.isfinite(points).all(axis=1))
    if len(finite) > most:
        finite = np.sort(np.random.default_rng(0).choice(finite, most, replace=False))
    return points[finite].astype(float)


def density_of(codes: ArrayLike) -> Density:
    """The density of codes (N, D), of which at least one is finite: a kernel density estimate.

    In one and two dimensions that which the map shows (``plane_fields.density_field``, without the posteriors), in more
    one of 4,000 codes.
    """
    points = np.asarray(codes)
    return _OnPlane.of(points) if points.shape[1] <= 2 else _InSpace.of(points)


@dataclass(frozen=True, eq=False)
class _OnPlane(Density):
    """The logarithm and its slope along both axes, ``values`` (rows, columns, 3) at the nodes of a grid, the lowest row
    first, and linear between them. ``low`` (2,) is where the first node lies, ``step`` (2,) how far apart they are."""

    values: Array
    low: Array
    step: Array
    width: float
    usual: float
    median: float

    @classmethod
    def of(cls, codes: NDArray[np.floating]) -> "_OnPlane":
        from scipy.ndimage import distance_transform_edt

        from trainer.analysis.plane_fields import density_field, kernel_width, share_level

        points = some_of(codes, MOST_ON_A_PLANE)
        dimension = points.shape[1]
        place = np.pad(points, ((0, 0), (0, 2 - dimension)))
        *_, found = density_field(place, None, dimension)
        usual = max(share_level(found.at(place), USUAL), 1e-300)
        width, step = float(kernel_width(place, dimension)[0]), found.step
        thin = found.values < LEAST * usual
        spacing = (step[1], step[0]) if dimension == 2 else (1e9, step[0])
        away = distance_transform_edt(thin, sampling=spacing) if not thin.all() else np.zeros(thin.shape)
        log = np.log(np.maximum(found.values, LEAST * usual)) - 0.5 * (away / width) ** 2
        up, right = np.gradient(log, step[1], step[0])
        values = np.stack([log, right, up], axis=-1)
        bare = cls(values, np.array([found.left, found.bottom]), np.array(step), width, float(np.log(usual)), 0.0)
        return replace(bare, median=float(np.median(bare.log(some_of(codes, ASKED)))))

    def _read(self, z: ArrayLike) -> tuple[Array, Array]:
        """The values (..., 3) at latent points z (..., D), or at the nearest of the grid; and how far off that is, in
        kernels, (..., 2)."""
        points = np.asarray(z, float)
        rows, columns = self.values.shape[:2]
        x = np.clip((points[..., 0] - self.low[0]) / self.step[0], 0, columns - 1)
        y = np.clip((points[..., -1] - self.low[1]) / self.step[1], 0, rows - 1) if points.shape[-1] == 2 else 0 * x
        column, row = np.minimum(x.astype(np.intp), columns - 2), np.minimum(y.astype(np.intp), rows - 2)
        along, across = (x - column)[..., None], (y - row)[..., None]
        flat, first = self.values.reshape(-1, 3), row * columns + column
        lower = (1 - along) * flat[first] + along * flat[first + 1]
        upper = (1 - along) * flat[first + columns] + along * flat[first + columns + 1]
        off = np.zeros((*points.shape[:-1], 2))
        inside = np.stack([x, y], axis=-1)[..., : points.shape[-1]] * self.step[: points.shape[-1]]
        off[..., : points.shape[-1]] = (points - self.low[: points.shape[-1]] - inside) / self.width
        off[np.abs(off) < ROUNDING] = 0
        return (1 - across) * lower + across * upper, off

    def log(self, z: ArrayLike) -> Array:
        values, off = self._read(z)
        return values[..., 0] - 0.5 * (off**2).sum(-1)

    def with_slope(self, z: ArrayLike) -> tuple[Array, Array]:
        values, off = self._read(z)
        slope = np.where(off == 0, values[..., 1:], -off / self.width)[..., : np.shape(z)[-1]]
        return values[..., 0] - 0.5 * (off**2).sum(-1), slope


@dataclass(frozen=True, eq=False)
class _InSpace(Density):
    """Each code a Gaussian, as wide (σ) as a root of D-th of the distance to the seventh neighbour, in the median."""

    codes: Array
    width: float
    usual: float
    median: float

    @classmethod
    def of(cls, codes: NDArray[np.floating]) -> "_InSpace":
        points = some_of(codes, MOST)
        dimension = points.shape[1]
        rows = np.arange(0, len(points), max(1, len(points) // FEW_ASKED))
        squares = np.sort(_squares(points[rows], points), axis=1)
        reach = float(np.sqrt(np.median(squares[:, min(REACH, len(points) - 1)])))
        bare = cls(points, max(reach, 1e-9) / np.sqrt(dimension), 0.0, 0.0)
        usual, median = np.quantile(bare.at_codes(rows), [1 - USUAL, 0.5])
        return replace(bare, usual=float(usual), median=float(median))

    def at_codes(self, rows: NDArray[np.intp]) -> Array:
        """``log`` (R,) at some of the codes, each without itself: in many dimensions it would be nearly all that there
        is, and any place that is no code would seem empty beside it."""
        if len(self.codes) == 1:
            return self.log(self.codes[rows])
        kernels = self._kernels(self.codes[rows])[1]
        kernels[np.arange(len(rows)), rows] = -np.inf
        return self._summed(kernels)[0]

    def _kernels(self, z: ArrayLike) -> tuple[Array, Array]:
        """Points (N, D), and the logarithm of what each code gives to them, (N, M)."""
        flat = np.asarray(z, float).reshape(-1, self.codes.shape[1])
        return flat, -0.5 * _squares(flat, self.codes) / self.width**2

    def _summed(self, kernels: Array) -> tuple[Array, Array, Array]:
        """From what each code gives: the log density (N,), each code's share of it (N, M), and their sums (N, 1)."""
        most = kernels.max(axis=1, keepdims=True)
        share = np.exp(kernels - most)
        total = share.sum(axis=1, keepdims=True)
        volume = 0.5 * self.codes.shape[1] * np.log(2 * np.pi * self.width**2) + np.log(len(self.codes))
        return (most + np.log(total))[:, 0] - volume, share, total

    def log(self, z: ArrayLike) -> Array:
        return self._summed(self._kernels(z)[1])[0].reshape(np.shape(z)[:-1])

    def with_slope(self, z: ArrayLike) -> tuple[Array, Array]:
        flat, kernels = self._kernels(z)
        log, share, total = self._summed(kernels)
        slope = (share @ self.codes / total - flat) / self.width**2
        return log.reshape(np.shape(z)[:-1]), slope.reshape(np.shape(z))


def _squares(some: Array, others: Array) -> Array:
    """Squared distances (N, M) between points (N, D) and (M, D)."""
    squares = (some**2).sum(1)[:, None] + (others**2).sum(1)[None] - 2 * some @ others.T
    return np.maximum(squares, 0, out=squares)
