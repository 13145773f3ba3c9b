"""A spatial index of many points: they are sorted into the cells of a uniform grid, row by row. Pure NumPy, no Qt.

The points of neighbouring cells of a row lie next to each other in memory, so that what a view shows is one slice a
row of cells. The grid spans nearly all of the points; what lies outside counts to the cells at the edge, so that an
outlier, however far, does not make the cells large.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latentscope.map.camera import Bounds

__all__ = ["Cells", "sorted_into_cells"]

# Points a cell, on average, and cells along a side at most.
PER_CELL, MOST_CELLS = 8, 1024
# Points that are worked on at a time: a few milliseconds.
PIECE = 131_072
# The nearest point is looked for among so many at most: with more of them under the mouse none can be pointed at.
MOST_CANDIDATES = 200_000


@dataclass(frozen=True, eq=False)
class Cells:
    """``order`` (M,) int32 are the rows of the cloud, cell by cell, and ``position`` (M, 2) float32 their map points.

    Cell (row j, column i) has the points ``starts[j · columns + i]`` to the next; it is ``width`` by ``height`` map
    units, and the lower left corner of cell (0, 0) is (``left``, ``bottom``).
    """

    order: NDArray[np.int32]
    position: NDArray[np.float32]
    starts: NDArray[np.int32]
    left: float
    bottom: float
    width: float
    height: float
    columns: int
    rows: int

    @property
    def nbytes(self) -> int:
        return self.order.nbytes + self.position.nbytes + self.starts.nbytes

    def count(self, bounds: Bounds) -> int:
        """How many points lie in the cells that a rectangle touches: at least as many as lie in the rectangle."""
        first, last = self._slices(bounds)
        return int((last - first).sum())

    def slices(self, bounds: Bounds, piece: int = PIECE) -> Iterator[list[slice]]:
        """Slices of ``order`` and ``position`` that hold all points of a rectangle, about ``piece`` points at a time.

        They may hold some points that lie beside it, too.
        """
        first, last = self._slices(bounds)
        group: list[slice] = []
        size = 0
        for start, stop in zip(first.tolist(), last.tolist(), strict=True):
            while start < stop:
                end = min(stop, start + piece - size)
                if group and group[-1].stop == start:
                    group[-1] = slice(group[-1].start, end)
                else:
                    group.append(slice(start, end))
                size += end - start
                start = end
                if size >= piece:
                    yield group
                    group, size = [], 0
        if group:
            yield group

    def nearest(
        self, xy: NDArray[np.float64], within: float, shown: Callable[[NDArray[np.int32]], NDArray[np.bool_]] | None
    ) -> int:
        """The cloud's row of the point nearest to ``xy``, at most ``within`` away; −1 if there is none.

        Only points that ``shown`` says to be there count: it gets rows of the cloud. Where more than
        MOST_CANDIDATES points are as near as that, the search may end without one.
        """
        x, y = float(xy[0]), float(xy[1])
        reach = min(within, max(self.width, self.height))
        while True:
            row, square = self._nearest_in(Bounds(x - reach, y - reach, x + reach, y + reach), xy, shown)
            if row >= 0 and square <= reach * reach:
                return row
            if reach >= within or row == -2:
                return -1
            reach = min(within, 2 * reach)

    def _nearest_in(
        self,
        bounds: Bounds,
        xy: NDArray[np.float64],
        shown: Callable[[NDArray[np.int32]], NDArray[np.bool_]] | None,
    ) -> tuple[int, float]:
        """The nearest row in the cells of a rectangle and the square of its distance; −1 if none, −2 if too many."""
        best, least = -1, math.inf
        looked_at = 0
        for group in self.slices(bounds):
            for part in group:
                offset = self.position[part] - xy
                square = np.einsum("ij,ij->i", offset, offset)
                if shown is not None:
                    square[~shown(self.order[part])] = np.inf
                nearest = int(square.argmin())
                if square[nearest] < least:
                    best, least = int(self.order[part.start + nearest]), float(square[nearest])
                looked_at += len(square)
            if looked_at > MOST_CANDIDATES:
                return (best, least) if best >= 0 else (-2, math.inf)
        return best, least

    def _slices(self, bounds: Bounds) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Where the points of each row of cells that a rectangle touches begin and end."""
        left, right = (cell_of(x, self.left, self.width, self.columns) for x in (bounds.left, bounds.right))
        low, high = (cell_of(y, self.bottom, self.height, self.rows) for y in (bounds.bottom, bounds.top))
        row = np.arange(low, high + 1) * self.columns
        return self.starts[row + left], self.starts[row + right + 1]


def cell_of(x: float, start: float, width: float, count: int) -> int:
    """Which cell along an axis a coordinate belongs to; those outside to the first or the last."""
    return int(min(max((x - start) / width, 0.0), count - 1.0))


def sorted_into_cells(position: NDArray[np.float32], around: Bounds, pace: Callable[[], None]) -> Cells:
    """The index of finite map points (M, 2), M ≥ 1. ``around`` is where nearly all of them lie.

    ``pace`` is called between pieces of work of a few milliseconds, and may raise to give up.
    """
    # The cells are as square as can be, and no more than the points are worth.
    wide, high = max(around.width, 1e-9), max(around.height, 1e-9)
    wanted = max(1.0, len(position) / PER_CELL)
    columns = int(np.clip(round(math.sqrt(wanted * wide / high)), 1, MOST_CELLS))
    rows = int(np.clip(round(wanted / columns), 1, MOST_CELLS))
    width, height = wide / columns, high / rows
    column, row = np.empty(len(position), np.uint16), np.empty(len(position), np.uint16)
    for start in range(0, len(position), PIECE):
        part = slice(start, start + PIECE)
        # In double precision, as a rectangle's corners are: a point must not be one cell off.
        for axis, low, size, count, cell in (
            (0, around.left, width, columns, column), (1, around.bottom, height, rows, row),
        ):  # fmt: skip
            exact = (position[part, axis].astype(np.float64) - low) / size
            cell[part] = np.clip(exact, 0, count - 1)
        pace()
    # Sorted by column, then stably by row: two radix sorts of 16-bit numbers, much faster than one of larger ones.
    by_column = np.argsort(column, kind="stable").astype(np.int32)
    pace()
    order = gathered(by_column, np.argsort(gathered(row, by_column, pace), kind="stable"), pace)
    del by_column
    cells = np.zeros(rows * columns + 1, np.int64)
    for start in range(0, len(position), PIECE):
        part = slice(start, start + PIECE)
        np.add.at(cells, row[part].astype(np.int64) * columns + column[part] + 1, 1)
        pace()
    return Cells(
        order, gathered(position, order, pace), np.cumsum(cells).astype(np.int32),
        around.left, around.bottom, width, height, columns, rows,
    )  # fmt: skip


def gathered(values: NDArray[Any], rows: NDArray[Any], pace: Callable[[], None]) -> NDArray[Any]:
    """``values[rows]``, a piece at a time."""
    result = np.empty((len(rows), *values.shape[1:]), values.dtype)
    for start in range(0, len(rows), PIECE):
        part = slice(start, start + PIECE)
        values.take(rows[part], axis=0, out=result[part], mode="clip")  # which, unlike "raise", writes at once
        pace()
    return result
