"""Keeping a curve out of places that are sparser than what it may cross. Pure NumPy."""

import numpy as np

from trainer.paths.curve import Array
from trainer.paths.density import Density

__all__ = ["lifted"]

LOOKS = 8  # places along each piece that are looked at
ROUNDS, SURPLUS = 24, 0.01  # log density that a point is moved higher than it must, more in each round
LONGEST = 0.03  # a point is moved by at most so much at a time, in units of the codes' spread


def lifted(points: Array, density: Density, least: float, unit: float) -> Array | None:
    """A polyline (K, D) moved up the density, where it must be, until its logarithm is nowhere below ``least``; as it
    is where it never was. None where that cannot be done nearby; of both ends, which stay, it is not asked.

    ``unit`` is the codes' spread, in latent units.
    """
    share = (np.arange(1, LOOKS + 1) / (LOOKS + 1))[:, None, None]
    moved = points
    for number in range(1, ROUNDS + 1):
        at_points, slope = density.with_slope(moved)
        between = density.log((1 - share) * moved[:-1] + share * moved[1:]).min(axis=0)
        lack = np.zeros(len(moved))
        lack[1:-1] = least - at_points[1:-1]
        np.maximum(lack[:-1], least - between, out=lack[:-1])
        np.maximum(lack[1:], least - between, out=lack[1:])
        # Rounding may put what lies beside an end a last digit below it.
        low = lack > 1e-9
        if not low.any():
            return moved
        low[[0, -1]] = False
        steep = np.linalg.norm(slope[low], axis=1)
        far = np.minimum((lack[low] + number * SURPLUS) / np.maximum(steep, 1e-12), LONGEST * unit)
        moved = moved.copy()
        moved[low] += (far / np.maximum(steep, 1e-12))[:, None] * slope[low]
    return None
