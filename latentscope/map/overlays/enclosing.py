"""Which points a shape encloses while it is being drawn, point by point. Pure NumPy, no Qt."""

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Lasso", "Rectangle", "Shape"]

Array = NDArray[np.float64]


class Shape(Protocol):
    """A closed shape over points (M, 2), from the place where the mouse was pressed to where it is."""

    def extend(self, place: ArrayLike) -> None:
        """The mouse has come to this place (2,)."""

    @property
    def outline(self) -> Array:
        """Its corners (K, 2); the last one is joined to the first."""

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Which of the points (M,) it encloses."""


class Lasso:
    """A line drawn by hand and closed by the straight line from its end to its beginning.

    A point is inside if the line winds around it (the non-zero winding rule), so a lasso that crosses itself has no
    holes where it lies over itself. Each further corner adds the thin triangle between the first corner, the one
    before and itself; only the points in that triangle's bounding box are looked at. So the cost of a move hardly
    grows with the length of the line, and nothing is left to be computed at its end.
    """

    def __init__(self, points: Array, start: ArrayLike) -> None:
        self._x, self._y = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
        self._winding = np.zeros(len(points), np.int16)
        self._corners = [_place(start)]

    def extend(self, place: ArrayLike) -> None:
        first, last, new = self._corners[0], self._corners[-1], _place(place)
        if new == last:
            return
        self._corners.append(new)
        corners = np.array((first, last, new))
        rows = _in_box(self._x, self._y, corners.min(axis=0), corners.max(axis=0))
        x, y = self._x[rows], self._y[rows]
        for a, b in ((first, last), (last, new), (new, first)):
            self._winding[rows] += _crossings(a, b, x, y)

    @property
    def outline(self) -> Array:
        return np.array(self._corners)

    @property
    def inside(self) -> NDArray[np.bool_]:
        return self._winding != 0


class Rectangle:
    """An upright rectangle between two opposite corners."""

    def __init__(self, points: Array, start: ArrayLike) -> None:
        self._x, self._y = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
        self._start = self._end = _place(start)

    def extend(self, place: ArrayLike) -> None:
        self._end = _place(place)

    @property
    def outline(self) -> Array:
        (left, bottom), (right, top) = self._start, self._end
        return np.array(((left, bottom), (right, bottom), (right, top), (left, top)))

    @property
    def inside(self) -> NDArray[np.bool_]:
        result = np.zeros(len(self._x), bool)
        ends = np.array((self._start, self._end))
        result[_in_box(self._x, self._y, ends.min(axis=0), ends.max(axis=0))] = True
        return result


def _place(place: ArrayLike) -> tuple[float, float]:
    x, y = np.asarray(place, float)
    return float(x), float(y)


def _in_box(x: Array, y: Array, low: Array, high: Array) -> NDArray[np.intp]:
    """The rows of the points in a box. The first axis is looked at for all points, the second for few."""
    rows = np.flatnonzero((x >= low[0]) & (x <= high[0]))
    within = y[rows]
    result: NDArray[np.intp] = rows[(within >= low[1]) & (within <= high[1])]
    return result


def _crossings(a: tuple[float, float], b: tuple[float, float], x: Array, y: Array) -> NDArray[np.int16]:
    """How often the edge from a to b crosses the ray from each point to the right: 1 upwards, −1 downwards, (M,).

    The edge from b to a gives exactly the negative, whatever the rounding, so edges that are gone over twice cancel.
    """
    sign = 1
    if a[1] > b[1]:
        a, b, sign = b, a, -1
    beside = (y >= a[1]) & (y < b[1])
    left_of_it = (b[0] - a[0]) * (y - a[1]) > (x - a[0]) * (b[1] - a[1])
    return np.int16(sign) * (beside & left_of_it).astype(np.int16)
