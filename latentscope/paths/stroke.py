"""From a stroke of the hand to a smooth path of few waypoints. Pure NumPy."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trainer.paths.rule import NOTHING_AROUND
from trainer.paths.spline import join

__all__ = ["smoothed", "waypoints_along"]

# In pixels: how far apart the points of a stroke are taken, over what length it is smoothed (the σ of a Gaussian), and
# how far the path may be from the smooth stroke.
SPACING, SMOOTHING, TOLERANCE = 3.0, 9.0, 4.0
# Longer strokes are taken in as many points, farther apart; so rough a path has as many waypoints at most.
MOST_POINTS, MOST_ROUNDS = 4000, 8

Array = NDArray[np.float64]


def waypoints_along(stroke: Array, closed: bool = False) -> Array:
    """Few waypoints (W, 2) whose spline runs along a stroke (K, 2) without its tremor, in pixels; W ≥ 2.

    They begin with the stroke's two ends (of a closed stroke its beginning and its thirds); wherever the spline strays
    too far, one more is put where it strays farthest. The ends stay exactly where they are.
    """
    line = smoothed(stroke, closed)
    last = len(line) - 1
    chosen = np.unique(np.linspace(0, last, 4 if closed else 2).round().astype(np.intp))
    for _ in range(MOST_ROUNDS):
        extra = _worst(line, chosen)
        if not len(extra):
            break
        chosen = np.union1d(chosen, extra)
    found = line[chosen]
    return found[:-1] if closed and len(found) > 3 else found


def smoothed(stroke: Array, closed: bool = False) -> Array:
    """A stroke (K, 2) in points of equal distance, smoothed; a closed one ends where it begins."""
    line = np.concatenate([stroke, stroke[:1]]) if closed else stroke
    reach = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    if reach[-1] == 0:
        return np.stack([stroke[0], stroke[-1]])
    count = int(np.clip(np.ceil(reach[-1] / SPACING), 2, MOST_POINTS - 1)) + 1
    where = np.linspace(0, reach[-1], count)
    even = np.stack([np.interp(where, reach, axis) for axis in line.T], axis=1)
    sigma = SMOOTHING / (reach[-1] / (count - 1))
    half = min(int(np.ceil(3 * sigma)), count - 1)
    kernel = np.exp(-0.5 * (np.arange(-half, half + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    if closed:
        padded = np.concatenate([even[-1 - half : -1], even, even[1 : half + 1]])
    else:  # point reflections, which leave the ends where they are
        before, after = 2 * even[0] - even[half:0:-1], 2 * even[-1] - even[-2 : -2 - half : -1]
        padded = np.concatenate([before, even, after])
    smooth = np.stack([np.convolve(axis, kernel, mode="valid") for axis in padded.T], axis=1)
    if not closed:
        smooth[0], smooth[-1] = stroke[0], stroke[-1]
    return smooth


def _worst(line: Array, chosen: NDArray[np.intp]) -> NDArray[np.intp]:
    """Of each leg of the spline through the chosen points of a line the point from which it strays farthest, if it is
    too far; none, where the spline is good enough."""
    curve = join(line[chosen], False, NOTHING_AROUND)
    found = []
    for leg, (start, end) in enumerate(pairwise(chosen)):
        between = line[start + 1 : end]
        if len(between) < 2:
            continue
        run = curve.leg(leg)
        away = _distances(between, np.concatenate([run[:-1:4], run[-1:]]))
        worst = int(away.argmax())
        if away[worst] > TOLERANCE:
            found.append(start + 1 + worst)
    return np.array(found, np.intp)


def _distances(points: Array, line: Array) -> Array:
    """How far points (N, 2) are from a polyline (K, 2), (N,)."""
    start, along = line[:-1], np.diff(line, axis=0)
    offset = points[:, None] - start
    share = (offset * along).sum(axis=2) / np.maximum((along**2).sum(axis=1), 1e-12)
    away = offset - np.clip(share, 0, 1)[..., None] * along
    return np.asarray(np.sqrt((away**2).sum(axis=2).min(axis=1)))
