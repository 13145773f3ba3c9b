"""The rule ``spline``: a smooth curve through all waypoints."""

import numpy as np

from trainer.paths.curve import Array, Curve
from trainer.paths.linear import join as join_straight
from trainer.paths.rule import Surroundings

__all__ = ["join"]

LEG_POINTS = 64
# Of very many legs each has fewer, so that there are about so many points in all, but never less than some.
MOST_POINTS, LEAST_POINTS = 40_000, 4


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
    legs = len(control) - 3
    count = int(np.clip(MOST_POINTS // legs, LEAST_POINTS, LEG_POINTS))
    t = np.linspace(0, 1, count + 1)[:-1]
    inner = _legs(np.stack([control[i : i + legs] for i in range(4)]), t)
    points = np.concatenate([inner.reshape(-1, waypoints.shape[1]), control[-2:-1]])
    starts = np.arange(len(kept)) * count
    points[starts] = kept
    return Curve(points, starts[np.concatenate([[0], np.cumsum(moved)])].astype(np.intp))


def _legs(p: Array, t: Array) -> Array:
    """The splines (L, T, D) between the middle two of four control points each, (4, L, D), at t (T,) from 0 to 1.

    Barry & Goldman 1988.
    """
    sizes = np.sqrt(np.linalg.norm(np.diff(p, axis=0), axis=2))
    knots = np.concatenate([np.zeros((1, p.shape[1])), np.cumsum(sizes, axis=0)])[..., None, None]
    x = knots[1] + t[:, None] * (knots[2] - knots[1])
    points = p[:, :, None]

    def between(one: Array, other: Array, i: int, j: int) -> Array:
        mixed: Array = ((knots[j] - x) * one + (x - knots[i]) * other) / (knots[j] - knots[i])
        return mixed

    a1, a2, a3 = (between(points[i], points[i + 1], i, i + 1) for i in range(3))
    b1, b2 = between(a1, a2, 0, 2), between(a2, a3, 1, 3)
    return between(b1, b2, 1, 2)
