"""Which grids of levels have a given number of points. Needs no torch, so that a form can ask."""

from functools import cache

__all__ = ["FEWEST", "MOST", "levels_of", "nearest_codes"]

FEWEST, MOST = 3, 8  # levels of one number


@cache
def levels_of(codes: int) -> tuple[int, ...] | None:
    """How many levels each number of a vector has, falling, so that their product is ``codes``; None if none are.

    As few numbers as possible, then those whose coarsest has most levels: Mentzer et al. 2023 (arXiv:2309.15505,
    appendix A.4.1) find five levels or more the best use of a number. 512 is 8·8·8, 1,000 is 8·5·5·5.
    """
    return max(_products(codes, MOST), key=lambda levels: (-len(levels), levels[-1]), default=None)


def nearest_codes(codes: int) -> tuple[int, ...]:
    """The numbers of codes next to this one, below and above, that are products of levels."""
    below = next((n for n in range(codes, FEWEST - 1, -1) if levels_of(n)), None)
    above = next(n for n in range(max(codes, FEWEST), 2 * codes + MOST) if levels_of(n))
    return tuple(sorted({n for n in (below, above) if n is not None}))


def _products(codes: int, most: int) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = [(codes,)] if FEWEST <= codes <= most else []
    for level in range(min(most, codes), FEWEST - 1, -1):
        if codes % level == 0:
            found += [(level, *rest) for rest in _products(codes // level, level)]
    return found
