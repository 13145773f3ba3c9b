"""A grid of codes that can be painted, and what it was before. Pure data."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Painting"]

Rows = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Painting:
    """The codes of an image's grid, row by row, with those of the image itself and its name."""

    name: str  # "Test image 123", "cat.png"
    origin: Rows
    rows: Rows

    @classmethod
    def of(cls, tokens: ArrayLike, name: str) -> "Painting":
        """An image's own grid (h, w), with nothing painted yet."""
        rows = tuple(tuple(int(code) for code in row) for row in np.asarray(tokens))
        return cls(name, rows, rows)

    @property
    def tokens(self) -> NDArray[np.int16]:
        """(h, w)"""
        return np.array(self.rows, np.int16)

    @property
    def original(self) -> NDArray[np.int16]:
        """(h, w)"""
        return np.array(self.origin, np.int16)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.rows), len(self.rows[0])

    def painted(self) -> NDArray[np.bool_]:
        """Which cells (h, w) are others than the image's."""
        changed: NDArray[np.bool_] = self.tokens != self.original
        return changed

    def with_code(self, cell: int, code: int) -> "Painting":
        """The same with a code in a cell; cells are counted row by row from 0."""
        rows = [list(row) for row in self.rows]
        rows[cell // self.shape[1]][cell % self.shape[1]] = code
        return replace(self, rows=tuple(map(tuple, rows)))

    def as_it_was(self) -> "Painting":
        return replace(self, rows=self.origin)
