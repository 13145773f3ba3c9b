"""Constant visual speed: steps along a curve between which the image changes by the same amount."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.paths.curve import Array, Curve
from trainer.paths.rule import Decode

__all__ = ["TOLERANCE", "visual_shares"]

TOLERANCE = 0.05  # by how much the steps may differ, of their mean
WANTED = 0.02  # and where the search ends: what is decoded in the end differs a little from what is between the samples
# Samples along the curve: at least, for each step, and at most so many values of images.
LEAST, TO_A_STEP, MOST_VALUES = 257, 4, 2**25
DECODED = 256  # at a time
ROUNDS, TURNS = 4, 40
MANY = 256  # steps: of more of them each is so short that following the way is enough
CHOICES, LENGTHS = 257, 8  # samples that steps are chosen from, and distances that are tried


def visual_shares(curve: Curve, weights: Array, decode: Decode) -> Array | None:
    """At which shares (N + 1,) of the curve's length to step, so that the image changes by ``weights`` (N,) of all.

    The change from step to step is the Euclidean distance ‖x(zᵢ₊₁) − x(zᵢ)‖ of decoded images in [0, 1]. Of equal
    weights its steps then differ by no more than ``TOLERANCE`` of their mean; where that cannot be, because a curve
    goes back the way that it came, as little as was found. None where the image does not change at all.

    The curve is sampled finely, and its length in image space inverted. But a step cuts the corners that the images
    take, so that all steps are then moved until the cuts are even: first between the samples, then with the decoded
    steps themselves among them.
    """
    count = max(LEAST, TO_A_STEP * len(weights) + 1)
    shares = np.linspace(0, 1, count)
    first = decode(curve.at(shares[:1]))
    count = int(np.clip(MOST_VALUES // max(1, first.size), 17, count))
    shares = np.linspace(0, 1, count)
    images = in_parts(curve, shares, decode)
    best, least = None, math.inf
    for _ in range(ROUNDS):
        way = image_way(shares, images)
        if way is None:
            return None
        start = best if best is not None else way.share(np.concatenate([[0], np.cumsum(weights)]) * way.reach[-1])
        steps = way.share(evened(way, np.interp(start, way.shares, way.reach), weights))
        steps[0], steps[-1] = 0, 1
        decoded = in_parts(curve, steps, decode)
        uneven = unevenness(distances(decoded), weights)
        if uneven < least:
            best, least = steps, uneven
        if least <= WANTED:
            break
        shares, kept = np.unique(np.concatenate([shares, steps]), return_index=True)
        images = np.concatenate([images, decoded])[kept]
    return best


@dataclass(frozen=True, eq=False)
class ImageWay:
    """Images along a curve: ``images`` (M, P) at ``shares`` (M,) of it, and how long the way is up to each."""

    shares: Array
    images: NDArray[np.float32]
    reach: Array

    def share(self, reach: Array) -> Array:
        """Where along the curve the way is so long."""
        return np.interp(reach, self.reach, self.shares)

    def at(self, reach: Array) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The images (S, P) where the way is so long (S,), and how they change there a unit of it."""
        piece = np.clip(np.searchsorted(self.reach, reach, side="right") - 1, 0, len(self.reach) - 2)
        size = (self.reach[piece + 1] - self.reach[piece])[:, None]
        change = np.asarray((self.images[piece + 1] - self.images[piece]) / size, np.float32)
        found = self.images[piece] + np.asarray((reach - self.reach[piece])[:, None], np.float32) * change
        return found, change


def image_way(shares: Array, images: NDArray[np.float32]) -> ImageWay | None:
    """The way of some images, those left out that do not differ from the one before; None where none does."""
    apart = distances(images)
    reach = np.concatenate([[0.0], np.cumsum(apart)])
    if not reach[-1] > 1e-6 * math.sqrt(images.shape[1]):
        return None
    kept = np.concatenate([[True], apart > 1e-9 * reach[-1]])
    return ImageWay(shares[kept], images[kept], reach[kept])


def evened(way: ImageWay, reach: Array, weights: Array) -> Array:
    """Steps (N + 1,) along a way, moved from ``reach`` until its images are apart in proportion to ``weights`` (N,)."""

    def uneven(where: Array) -> float:
        return unevenness(distances(way.at(where)[0]), weights)

    followed = by_following(way, reach, weights)
    if uneven(followed) <= WANTED or len(weights) > MANY:
        return followed
    solved = by_newton(way, followed, weights)
    if uneven(solved) <= WANTED:
        return solved
    jumped = by_newton(way, by_choosing(way, solved, weights), weights)
    return min((followed, solved, jumped), key=uneven)


def by_following(way: ImageWay, reach: Array, weights: Array) -> Array:
    """Take how far apart the steps are for how long the way is between them, invert, and again: few turns for a way
    that bends little."""
    best, least = reach, math.inf
    target = np.concatenate([[0.0], np.cumsum(weights)])
    for _ in range(TURNS):
        apart = distances(way.at(reach)[0])
        uneven = unevenness(apart, weights)
        if uneven < least:
            best, least = reach, uneven
        if uneven <= WANTED / 4 or not apart.any():
            break
        run = np.concatenate([[0.0], np.cumsum(apart)])
        reach = np.interp(target * run[-1], run, reach)
    return best


def by_newton(way: ImageWay, reach: Array, weights: Array) -> Array:
    """Solve for steps that are as far apart as they should be: Newton's method with Levenberg's damping."""

    def looked(where: Array) -> tuple[Array, Array, Array]:
        """How far apart the images of each step are, and how that grows as its start and its end move on."""
        images, change = way.at(where)
        step = np.diff(images, axis=0)
        apart = np.maximum(np.sqrt(np.einsum("ij,ij->i", step, step)), 1e-12)
        begin = -np.einsum("ij,ij->i", step, change[:-1]) / apart
        end = np.einsum("ij,ij->i", step, change[1:]) / apart
        return apart.astype(float), begin.astype(float), end.astype(float)

    def fitting_rate(apart: Array) -> float:
        return float((apart * weights).sum() / (weights**2).sum())

    rows, damping = np.arange(len(weights)), 1e-3
    apart, begin, end = looked(reach)
    for _ in range(TURNS):
        if unevenness(apart, weights) <= WANTED / 4 or damping > 1e6:
            break
        # The unknowns: the steps between both ends, and how much all of the weight is worth.
        slope = np.zeros((len(rows), len(rows)))
        slope[rows[:-1], rows[:-1]] = end[:-1]
        slope[rows[1:], rows[:-1]] = begin[1:]
        slope[:, -1] = -weights / weights.mean()
        error = apart - fitting_rate(apart) * weights
        move = np.linalg.solve(slope.T @ slope + damping * np.eye(len(rows)), -slope.T @ error)[:-1]
        shift = np.diff(np.concatenate([[0.0], move, [0.0]]))
        # No step may overtake the next.
        part = min(1.0, float(np.min(0.8 * np.diff(reach)[shift < 0] / -shift[shift < 0], initial=1.0)))
        tried = reach.copy()
        tried[1:-1] += part * move
        found = looked(tried)
        if np.linalg.norm(found[0] - fitting_rate(found[0]) * weights) < np.linalg.norm(error):
            reach, (apart, begin, end), damping = tried, found, max(damping / 4, 1e-9)
        else:
            damping *= 6
    return reach


def by_choosing(way: ImageWay, reach: Array, weights: Array) -> Array:
    """The best steps among the samples, wherever they are, for each of some distances (dynamic programming): for a way
    that turns so often that what is best nearby is not good."""
    chosen = np.unique(np.linspace(0, len(way.reach) - 1, CHOICES).astype(int))
    images = way.images[chosen]
    square = np.einsum("ij,ij->i", images, images)
    apart = np.sqrt(np.maximum(square[:, None] + square - 2 * images @ images.T, 0))
    apart[np.tril_indices(len(chosen))] = np.inf  # never back
    whole = float(distances(way.at(reach)[0]).sum())
    best, least = reach, math.inf
    for length in whole * np.linspace(0.75, 1.1, LENGTHS):
        cost = np.full(len(chosen), np.inf)
        cost[0] = 0
        origins = []
        for weight in weights:
            total = cost[:, None] + (apart / length - weight) ** 2
            origins.append(total.argmin(axis=0))
            cost = total[origins[-1], np.arange(len(chosen))]
        if cost[-1] < least:
            least, steps = float(cost[-1]), [len(chosen) - 1]
            for origin in reversed(origins):
                steps.append(int(origin[steps[-1]]))
            best = way.reach[chosen[steps[::-1]]]
    return best


def unevenness(apart: Array, weights: Array) -> float:
    """Between the largest and the smallest step, in proportion to their weights, of the mean."""
    rate = apart / weights
    return float(np.ptp(rate) / rate.mean()) if rate.any() else math.inf


def distances(images: NDArray[np.float32]) -> Array:
    """From each of some images (S, P) to the next, (S - 1,)."""
    step = np.diff(images, axis=0)
    return np.sqrt(np.einsum("ij,ij->i", step, step)).astype(float)


def in_parts(curve: Curve, shares: Array, decode: Decode) -> NDArray[np.float32]:
    points = curve.at(shares)
    return np.concatenate([decode(points[begin : begin + DECODED]) for begin in range(0, len(points), DECODED)])
