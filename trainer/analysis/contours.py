"""Lines of equal value in a field: marching squares (after Lorensen & Cline 1987), the ends joined to polylines."""

import numpy as np
from numpy.typing import NDArray

from trainer.analysis.plane_fields import Field

__all__ = ["boundaries", "contour_lines"]

Array = NDArray[np.float64]

# The four edges of a cell: below, right, above, left. A corner's bit is set where its value is at least the level:
# lower left 1, lower right 2, upper right 4, upper left 8. For each such number, the pairs of edges that are joined.
BELOW, RIGHT, ABOVE, LEFT = range(4)
JOINED: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((LEFT, BELOW),), 2: ((BELOW, RIGHT),), 3: ((LEFT, RIGHT),), 4: ((RIGHT, ABOVE),),
    6: ((BELOW, ABOVE),), 7: ((LEFT, ABOVE),), 8: ((ABOVE, LEFT),), 9: ((ABOVE, BELOW),),
    11: ((ABOVE, RIGHT),), 12: ((RIGHT, LEFT),), 13: ((RIGHT, BELOW),), 14: ((BELOW, LEFT),),
}  # fmt: skip
# Two opposite corners are high: which of them are joined, the middle of the cell decides.
SADDLES = {
    5: (((LEFT, ABOVE), (BELOW, RIGHT)), ((LEFT, BELOW), (RIGHT, ABOVE))),
    10: (((LEFT, BELOW), (RIGHT, ABOVE)), ((LEFT, ABOVE), (BELOW, RIGHT))),
}


def contour_lines(field: Field, level: float, cells: NDArray[np.bool_] | None = None) -> list[Array]:
    """The polylines, (M, 2) map points each, along which a field of numbers has the value ``level``.

    A closed one ends where it begins; others end at the edge of the grid, or of those of its ``cells``
    (rows − 1, columns − 1) that are looked at.
    """
    values = field.values.astype(float) - level
    rows, columns = values.shape
    high = values >= 0
    number = high[:-1, :-1] + 2 * high[:-1, 1:] + 4 * high[1:, 1:] + 8 * high[1:, :-1]
    if cells is not None:
        number = np.where(cells, number, 0)
    first: list[NDArray[np.intp]] = []
    second: list[NDArray[np.intp]] = []

    def join(cells: NDArray[np.bool_], pairs: tuple[tuple[int, int], ...]) -> None:
        row, column = np.nonzero(cells)
        # An edge's number: those that lie flat come first, then those that stand up.
        edge = (
            row * columns + column,
            rows * columns + row * columns + column + 1,
            (row + 1) * columns + column,
            rows * columns + row * columns + column,
        )
        for begin, end in pairs:
            first.append(edge[begin])
            second.append(edge[end])

    for kind, pairs in JOINED.items():
        join(number == kind, pairs)
    middle = values[:-1, :-1] + values[:-1, 1:] + values[1:, 1:] + values[1:, :-1] >= 0
    for kind, (if_high, if_low) in SADDLES.items():
        join((number == kind) & middle, if_high)
        join((number == kind) & ~middle, if_low)
    chains = linked(np.concatenate(first).tolist(), np.concatenate(second).tolist())
    return [crossings(np.array(chain), values, field) for chain in chains]


def crossings(edges: NDArray[np.intp], values: Array, field: Field) -> Array:
    """Where the values change their sign along grid edges (M,): map points (M, 2)."""
    rows, columns = values.shape
    upright = edges >= rows * columns
    row, column = np.divmod(edges - upright * rows * columns, columns)
    here = values[row, column]
    there = values[row + upright, column + ~upright]
    share = here / np.where(here == there, 1, here - there)
    place = np.stack([column + share * ~upright, row + share * upright], axis=1)
    result: Array = place * field.step + (field.left, field.bottom)
    return result


def linked(first: list[int], second: list[int]) -> list[list[int]]:
    """Segments between numbered points as chains; no point has more than two segments."""
    ends: dict[int, list[int]] = {}
    for a, b in zip(first, second, strict=True):
        ends.setdefault(a, []).append(b)
        ends.setdefault(b, []).append(a)
    chains = []
    # Open chains first, from an end of theirs; what is left are rings.
    for start in [*(point for point, others in ends.items() if len(others) == 1), *list(ends)]:
        if start not in ends:
            continue
        chain = [start]
        while chain[-1] in ends:
            others = ends[chain[-1]]
            if not others:
                del ends[chain[-1]]
                break
            following = others.pop()
            if not others:
                del ends[chain[-1]]
            ends[following].remove(chain[-1])
            chain.append(following)
        chains.append(chain)
    return chains


def boundaries(shares: Field) -> list[Array]:
    """The lines between the classes whose share of the votes (rows, columns, K) is the largest: polylines (M, 2)."""
    votes = shares.values
    if votes.shape[2] < 2:
        return []
    best = votes.argmax(axis=2)
    corners = np.sort(np.stack([best[:-1, :-1], best[:-1, 1:], best[1:, 1:], best[1:, :-1]]), axis=0)
    many = (np.diff(corners, axis=0) > 0).sum(axis=0) > 1
    lines: list[Array] = []
    for winner in np.unique(best):
        others = np.delete(votes, winner, axis=2).max(axis=2)
        lead = Field(shares.left, shares.bottom, shares.right, shares.top, votes[..., winner] - others)
        # Where two classes meet, the line is drawn for one of them; where more do, for each.
        lines += contour_lines(lead, 0.0, many | (corners[0] == winner))
    return lines
