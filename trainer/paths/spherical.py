"""The rule ``slerp``: from waypoint to waypoint round the prior's centre."""

import numpy as np
from numpy.typing import ArrayLike

from trainer.paths.curve import Array, Curve, by_legs
from trainer.paths.linear import lerp
from trainer.paths.rule import Surroundings

__all__ = ["join", "slerp"]

# Points along each leg: a half circle of radius 3 then lies within 1e-4 of its polyline.
LEG_POINTS = 257


def slerp(start: ArrayLike, end: ArrayLike, t: ArrayLike) -> Array:
    """Spherical interpolation (Shoemake 1985; for latent spaces White 2016): the direction turns at a constant rate.

    The length goes linearly from |start| to |end|, so that points of different length are joined without a jump and
    the path is a circle's arc where both have the same length. Where a direction is not defined (an end at the
    centre) or the turn has no plane (opposite ends), the straight line is what is left.
    """
    a, b = np.asarray(start, float), np.asarray(end, float)
    weight = np.asarray(t, float)
    length_a, length_b = np.linalg.norm(a), np.linalg.norm(b)
    if min(length_a, length_b) < 1e-9:
        return lerp(a, b, weight)
    unit_a, unit_b = a / length_a, b / length_b
    # atan2 of sum and difference is precise at both ends of the range, where arccos of the dot product is not.
    angle = 2 * np.arctan2(np.linalg.norm(unit_a - unit_b), np.linalg.norm(unit_a + unit_b))
    if angle < 1e-6 or np.pi - angle < 1e-6:
        return lerp(a, b, weight)
    length = (1 - weight) * length_a + weight * length_b
    direction = np.sin((1 - weight) * angle)[..., None] * unit_a + np.sin(weight * angle)[..., None] * unit_b
    return length[..., None] * direction / np.sin(angle)


def join(waypoints: Array, closed: bool, around: Surroundings) -> Curve:
    """See ``trainer.paths.rule.joined``."""

    def leg(start: Array, end: Array) -> Array:
        points = slerp(start, end, np.linspace(0, 1, LEG_POINTS))
        points[0], points[-1] = start, end
        return points

    return by_legs(waypoints, closed, leg)
