"""Planes and atlases: the geometry of looking at a latent space. Paths are in ``trainer.paths``. Pure numpy.

Latent points are float arrays of shape (..., D). Map points are float arrays of shape (..., 2).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.errors import ConfigError

__all__ = [
    "Plane",
    "atlas_grid",
    "axis_name",
    "axis_plane",
    "map_plane",
    "moved_through",
    "pca_plane",
    "plane_through",
    "turned_like",
    "within_float32",
]

Array = NDArray[np.float64]

# Of the distances between three points: nearer to one line than this part of them, and they determine no plane.
ON_ONE_LINE = 1e-6
# From between so many codes and twice as many the plane of a map is determined, if there are more of them.
ENOUGH = 50_000


@dataclass(frozen=True, eq=False)
class Plane:
    """The plane z = origin + a·u + b·v that the map shows; u and v are orthonormal (v is zero where D = 1)."""

    origin: Array
    u: Array
    v: Array

    @property
    def dimension(self) -> int:
        return len(self.origin)

    def to_map(self, latent: ArrayLike) -> Array:
        """The orthogonal projection of latent points (..., D) on the map, (..., 2)."""
        offset = np.asarray(latent, float) - self.origin
        place = np.empty((*offset.shape[:-1], 2))  # stacked it would take twice as long, at each move of the mouse
        place[..., 0], place[..., 1] = offset @ self.u, offset @ self.v
        return place

    def to_latent(self, point: ArrayLike) -> Array:
        """The latent points (..., D) that lie under map points (..., 2)."""
        xy = np.asarray(point, float)
        return self.origin + xy[..., :1] * self.u + xy[..., 1:] * self.v

    def distance(self, latent: ArrayLike) -> Array:
        """How far latent points (..., D) lie off the plane, (...,): their distance to the nearest point of it."""
        points = np.asarray(latent, float)
        off: Array = np.linalg.norm(points - self.to_latent(self.to_map(points)), axis=-1)
        return off


def within_float32(latent: ArrayLike) -> NDArray[np.float32]:
    """Latent points (..., D) as decoders take them; what is too large for float32 is at its limit, not infinite."""
    most = float(np.finfo(np.float32).max)
    return np.clip(np.asarray(latent, float), -most, most).astype(np.float32)


def axis_name(dimension: int) -> str:
    """What a latent dimension is called wherever one is named: "z₀" is the first."""
    return "z" + "".join(chr(ord("₀") + int(digit)) for digit in str(dimension))


def axis_plane(dimension: int, first: int = 0, second: int = 1) -> Plane:
    """The plane through the prior's centre along two latent axes. In one dimension the second axis is void."""
    u, v = np.zeros(dimension), np.zeros(dimension)
    u[first] = 1
    if dimension > 1:
        v[second] = 1
    return Plane(np.zeros(dimension), u, v)


def pca_plane(codes: ArrayLike) -> Plane:
    """The plane through the mean of codes (N, D), N ≥ 1, D ≥ 2, along their two directions of largest variance.

    Each direction's sign is fixed (largest component positive), so the same codes always give the same plane.
    """
    points = np.asarray(codes, float)
    centre = points.mean(axis=0)
    offsets = points - centre
    _, vectors = np.linalg.eigh(offsets.T @ offsets / len(points))  # ascending, so the largest are the last
    u, v = vectors[:, -1], vectors[:, -2]
    return Plane(centre, u * np.sign(u[np.abs(u).argmax()]), v * np.sign(v[np.abs(v).argmax()]))


def map_plane(dimension: int, codes: ArrayLike | None) -> Plane:
    """The plane that a map of codes (N, D) shows at first: the latent axes, or above two dimensions the codes' own.

    There two of the axes would be an arbitrary choice, and the codes' own plane shows most of them. Codes that are not
    finite are left out. Of very many codes each so-many-th tells the plane well enough, and at once.
    """
    points = np.empty((0, dimension)) if codes is None or dimension <= 2 else np.asarray(codes)
    points = points[:: max(1, len(points) // ENOUGH)]
    finite = np.isfinite(points).all(axis=1)
    points = points if finite.all() else points[finite]
    return pca_plane(points) if len(points) > 2 else axis_plane(dimension)


def plane_through(first: ArrayLike, second: ArrayLike, third: ArrayLike) -> Plane:
    """The plane through three latent points (D,), D ≥ 2. u runs from the first to the second, v towards the third.

    Its origin is the point of it that lies nearest to the prior's centre, so that the axes count from there. u and v
    are made orthonormal after Gram and Schmidt. Raises ConfigError where the points lie on one line.
    """
    a, b, c = (np.asarray(point, float) for point in (first, second, third))
    along, across = b - a, c - a
    size = max(float(np.linalg.norm(along)), float(np.linalg.norm(across)), float(np.linalg.norm(c - b)))
    length = float(np.linalg.norm(along))
    u = along / length if length > ON_ONE_LINE * size else np.zeros_like(a)
    rest = across - (across @ u) * u
    rest -= (rest @ u) * u  # once more: what rounding has left of u in it
    if not u.any() or np.linalg.norm(rest) <= ON_ONE_LINE * size:
        raise ConfigError("The three points lie on one line, and many planes go through a line; choose another point.")
    v = rest / np.linalg.norm(rest)
    return Plane(a - (a @ u) * u - (a @ v) * v, u, v)


def moved_through(plane: Plane, point: ArrayLike) -> Plane:
    """The plane parallel to this one that goes through a latent point (D,).

    It is moved at right angles to itself: every latent point keeps its place on the map.
    """
    z = np.asarray(point, float)
    return Plane(plane.origin + (z - plane.to_latent(plane.to_map(z))), plane.u, plane.v)


def turned_like(plane: Plane, other: Plane) -> Plane:
    """The same plane, with its directions turned and mirrored within it to lie as near as can be to another's.

    The orthogonal Procrustes problem (Schönemann 1966), so that a map whose plane follows the codes does not spin.
    """
    basis, wanted = np.stack([plane.u, plane.v], axis=1), np.stack([other.u, other.v], axis=1)
    left, _, right = np.linalg.svd(basis.T @ wanted)
    u, v = (basis @ left @ right).T
    return Plane(plane.origin, u, v)


def atlas_grid(size: int, extent: float = 3.0) -> Array:
    """Map points (size, size, 2) of a square atlas from −extent to extent, the top row first, as a picture is read."""
    ticks = np.linspace(-extent, extent, size) if size > 1 else np.zeros(1)
    x, y = np.meshgrid(ticks, ticks[::-1])
    return np.stack([x, y], axis=-1)
