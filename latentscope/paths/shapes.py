"""What a path looks like while its way is being found: the way that the nearest like it took, bent to its waypoints."""

from collections.abc import Iterable, Mapping

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


def like(path: LatentPath, known: Iterable[tuple[LatentPath, Curve]], legs: Mapping[Leg, Array]) -> Curve | None:
    """The curve of a path by that of one of the ``known`` whose rule it shares, and all waypoints but one: one of them
    has been moved or added. None where no other is like it.

    The legs at that waypoint are those that are known already, or are bent. Only they are touched: a path may have
    thousands.
    """
    for other, curve in known:
        if other.kind != path.kind or other.closed != path.closed:
            continue
        old, new = other.waypoints, path.waypoints
        if len(old[0]) != len(new[0]):
            continue
        first = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
        if len(new) == len(old) and old[first + 1 :] == new[first + 1 :]:
            return _fitted(curve, path, first, legs) if first < len(new) else curve
        if len(new) == len(old) + 1 and old[first:] == new[first + 1 :] and 0 < first <= curve.legs:
            parts = cut(curve.leg(first - 1), new[first])
            start, end = _span(curve, first - 1)
            points = np.concatenate([curve.points[:start], parts[0], parts[1][1:], curve.points[end:]])
            grown = len(points) - len(curve.points)
            corners = np.insert(curve.corners, first, start + len(parts[0]) - 1)
            corners[first + 1 :] += grown
            return _fitted(Curve(points, corners), path, first, legs)
    return None


def _span(curve: Curve, leg: int) -> tuple[int, int]:
    """Where the points of a leg begin, and where those begin that come after it."""
    last = len(curve.points) - 1
    return int(curve.corners[leg]), 1 + (int(curve.corners[leg + 1]) if leg + 1 < len(curve.corners) else last)


def _fitted(curve: Curve, path: LatentPath, waypoint: int, legs: Mapping[Leg, Array]) -> Curve:
    """A curve whose legs to and from a waypoint are those of a path."""
    count, points = len(path.waypoints), path.waypoints
    around = {(waypoint - 1) % count, waypoint} if path.closed else {waypoint - 1, waypoint} & set(range(count - 1))
    for leg in sorted(around):
        start, end = points[leg], points[(leg + 1) % count]
        first, after = _span(curve, leg)
        found = legs.get((path.kind, start, end))
        found = bent(curve.points[first:after], start, end) if found is None else found
        line = np.concatenate([curve.points[:first], found, curve.points[after:]])
        corners = curve.corners.copy()
        corners[leg + 1 :] += len(line) - len(curve.points)
        curve = Curve(line, corners)
    return curve


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
