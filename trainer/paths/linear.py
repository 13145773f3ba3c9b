"""The rule ``linear``: straight lines from waypoint to waypoint."""

import numpy as np
from numpy.typing import ArrayLike

from trainer.paths.curve import Array, Curve
from trainer.paths.rule import Surroundings

__all__ = ["join", "lerp"]


def lerp(start: ArrayLike, end: ArrayLike, t: ArrayLike) -> Array:
    """Linear interpolation, (1 − t)·start + t·end, for t of shape (T,): (T, D)."""
    a, b = np.asarray(start, float), np.asarray(end, float)
    weight = np.asarray(t, float)[..., None]
    return (1 - weight) * a + weight * b


def join(waypoints: Array, closed: bool, around: Surroundings) -> Curve:
    """See ``trainer.paths.rule.joined``."""
    points = np.concatenate([waypoints, waypoints[:1]]) if closed else waypoints
    return Curve(points, np.arange(len(waypoints)))
