"""What a path looks like while its way is being found: the way that the nearest like it took, bent to its waypoints."""

from collections.abc import Iterable

import numpy as np

from latentscope.state.paths import LatentPath
from trainer.paths.curve import Array, Curve

__all__ = ["Leg", "curve_of", "legs_of", "like"]

Leg = tuple[str, tuple[float, ...], tuple[float, ...]]  # the rule, and both ends


def legs_of(path: LatentPath) -> list[Leg]:
    """Between which waypoints a path runs, one after the other."""
    ends = [*path.waypoints[1:], path.waypoints[0]] if path.closed else path.waypoints[1:]
    return [(path.kind, start, end) for start, end in zip(path.waypoints, ends, strict=False)]


def curve_of(path: LatentPath, legs: list[Array]) -> Curve:
    """The curve of a path from the points (K, D) of each of its legs, both ends included."""
    points = np.concatenate([legs[0], *(leg[1:] for leg in legs[1:])])
    corners = np.concatenate([[0], np.cumsum([len(leg) - 1 for leg in legs])])[: len(path.waypoints)]
    return Curve(points, corners.astype(np.intp))


def like(path: LatentPath, known: Iterable[tuple[LatentPath, Curve]]) -> list[Array] | None:
    """The legs of a path by those of one of the ``known`` whose rule it shares, and all waypoints but one: one of them
    has been moved or added. None where no other is like it."""
    for other, curve in known:
        if other.kind != path.kind or other.closed != path.closed:
            continue
        old, new = other.waypoints, path.waypoints
        if len(old[0]) != len(new[0]) or abs(len(new) - len(old)) > 1:
            continue
        if len(old) == len(new) and sum(a != b for a, b in zip(old, new, strict=True)) <= 1:
            legs = [curve.leg(leg) for leg in range(curve.legs)]
            return [bent(leg, start, end) for leg, (_, start, end) in zip(legs, legs_of(path), strict=True)]
        if len(new) == len(old) + 1:
            added = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), len(old))
            if new[:added] + new[added + 1 :] == old and 0 < added <= curve.legs:
                legs = [curve.leg(leg) for leg in range(curve.legs)]
                parts = [*legs[: added - 1], *cut(legs[added - 1], new[added]), *legs[added:]]
                return [bent(leg, start, end) for leg, (_, start, end) in zip(parts, legs_of(path), strict=True)]
    return None


def bent(points: Array, start: tuple[float, ...], end: tuple[float, ...]) -> Array:
    """A curve (K, D) whose ends are moved to these, and all between in proportion."""
    steps = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    share = (steps / steps[-1] if steps[-1] > 0 else np.linspace(0, 1, len(points)))[:, None]
    moved: Array = points + (1 - share) * (np.array(start) - points[0]) + share * (np.array(end) - points[-1])
    moved[0], moved[-1] = start, end
    return moved


def cut(points: Array, at: tuple[float, ...]) -> tuple[Array, Array]:
    """A curve (K, D) in two, at the point of it that is nearest to a place."""
    nearest = int(np.linalg.norm(points - np.array(at), axis=1).argmin())
    nearest = min(max(nearest, 1), len(points) - 2) if len(points) > 2 else 0
    return (points[: nearest + 1], points[nearest:]) if len(points) > 2 else (points, points)
