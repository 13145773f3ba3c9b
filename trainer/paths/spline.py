"""The rule ``spline``: a smooth curve through all waypoints."""

import numpy as np

from trainer.paths.curve import Array, Curve
from trainer.paths.linear import join as join_straight
from trainer.paths.rule import Surroundings

__all__ = ["join"]

LEG_POINTS = 64


def join(waypoints: Array, closed: bool, around: Surroundings) -> Curve:
    """The centripetal Catmull-Rom spline (Catmull & Rom 1974; centripetal: Lee 1989, Yuksel et al. 2011).

    It goes through every waypoint, and a centripetal one has neither cusps nor loops between two of them. Waypoints on
    one spot count once. See ``trainer.paths.rule.joined``.
    """
    moved = np.linalg.norm(np.diff(waypoints, axis=0), axis=1) > 0
    kept = waypoints[np.concatenate([[True], moved])]
    closed_here = closed and len(kept) > 1 and not np.array_equal(kept[0], kept[-1])
    if len(kept) < 3:
        return join_straight(waypoints, closed, around)
    # Two more at either end: of a closed curve its own, else the mirror images of the neighbours.
    before = kept[-1:] if closed_here else 2 * kept[:1] - kept[1:2]
    after = kept[:2] if closed_here else 2 * kept[-1:] - kept[-2:-1]
    control = np.concatenate([before, kept, after])
    t = np.linspace(0, 1, LEG_POINTS + 1)[:-1]
    legs = [_leg(control[i : i + 4], t) for i in range(len(control) - 3)]
    points = np.concatenate([*legs, control[-2:-1]])
    starts = np.arange(len(kept)) * LEG_POINTS
    points[starts] = kept
    return Curve(points, starts[np.concatenate([[0], np.cumsum(moved)])].astype(np.intp))


def _leg(p: Array, t: Array) -> Array:
    """The spline between the middle two of four control points (4, D), at t (T,) from 0 to 1 (Barry & Goldman 1988)."""
    knots = np.concatenate([[0.0], np.cumsum(np.sqrt(np.linalg.norm(np.diff(p, axis=0), axis=1)))])
    x = (knots[1] + t * (knots[2] - knots[1]))[:, None]

    def between(one: Array, other: Array, i: int, j: int) -> Array:
        mixed: Array = ((knots[j] - x) * one + (x - knots[i]) * other) / (knots[j] - knots[i])
        return mixed

    a1, a2, a3 = between(p[0], p[1], 0, 1), between(p[1], p[2], 1, 2), between(p[2], p[3], 2, 3)
    b1, b2 = between(a1, a2, 0, 2), between(a2, a3, 1, 3)
    return between(b1, b2, 1, 2)
