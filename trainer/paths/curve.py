"""A path as it runs: a polyline through a latent space, fine enough to stand for the curve. Pure NumPy."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Array", "Curve", "by_legs"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curve:
    """``points`` (K, D), K ≥ 2, and ``corners`` (W,): which of them are the waypoints, in their order.

    A closed curve ends where it began: its last point is its first, and no waypoint of its own.
    """

    points: Array
    corners: NDArray[np.intp]

    @cached_property
    def reach(self) -> Array:
        """How long the curve is up to each of its points, (K,), in latent units; the last is its length."""
        steps = np.linalg.norm(np.diff(self.points, axis=0), axis=1)
        return np.concatenate([[0.0], np.cumsum(steps)])

    @property
    def length(self) -> float:
        """In latent units."""
        return float(self.reach[-1])

    def at(self, share: ArrayLike) -> Array:
        """The latent points (..., D) at shares (...) of the length, 0 the beginning and 1 the end, both exactly."""
        where = np.clip(np.asarray(share, float), 0, 1)
        if self.length == 0:
            return np.broadcast_to(self.points[0], (*where.shape, self.points.shape[1])).copy()
        along = where * self.length
        piece = np.clip(np.searchsorted(self.reach, along, side="right") - 1, 0, len(self.points) - 2)
        size = self.reach[piece + 1] - self.reach[piece]
        part = np.where(size > 0, (along - self.reach[piece]) / np.where(size > 0, size, 1), 0.0)[..., None]
        found: Array = (1 - part) * self.points[piece] + part * self.points[piece + 1]
        found[where == 0], found[where == 1] = self.points[0], self.points[-1]
        return found

    def leg(self, index: int) -> Array:
        """The points (K, D) from waypoint ``index`` to the next, both included; of a closed curve also back."""
        end = int(self.corners[index + 1]) if index + 1 < len(self.corners) else len(self.points) - 1
        return self.points[int(self.corners[index]) : end + 1]

    @property
    def legs(self) -> int:
        """How many pieces the waypoints cut the curve into; one more where it is closed."""
        return len(self.corners) - (int(self.corners[-1]) == len(self.points) - 1)


def by_legs(waypoints: Array, closed: bool, leg: Callable[[Array, Array], Array]) -> Curve:
    """The curve whose legs ``leg(start, end)`` gives, each (K, D) with both ends."""
    starts = list(waypoints if closed else waypoints[:-1])
    ends = [*waypoints[1:], waypoints[0]] if closed else list(waypoints[1:])
    legs = [leg(start, end) for start, end in zip(starts, ends, strict=True)]
    points = np.concatenate([legs[0], *(one[1:] for one in legs[1:])])
    corners = np.concatenate([[0], np.cumsum([len(one) - 1 for one in legs])])[: len(waypoints)]
    return Curve(points, corners.astype(np.intp))
