"""Points fade with their distance from the plane of the map. Pure NumPy, no Qt."""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latentscope.map.points.cloud import Cloud
from latentscope.map.points.look import Look
from trainer.files import Codes
from trainer.geometry import Plane

__all__ = ["STRENGTHS", "Depth", "at_share", "depth_of", "faded"]

# What is left of a point's strength, nearest first. Few steps: points of one strength are drawn at once.
STRENGTHS = (1.0, 0.72, 0.5, 0.34, 0.22, 0.14)
STEEPNESS = 4  # strength = 2^−(distance / half)^4: nearly full up to half of ``half``, and soon faint beyond it
ROUNDING = 1e-6  # of the square of the distance from the plane's origin: less is but rounding
BLOCK = 1 << 14  # points at a time: they stay in the processor's cache
SAMPLE = 100_000  # points that tell how far off a share of all lies


@dataclass(frozen=True, eq=False)
class Depth:
    """``distance`` (M,): how far each point of the cloud lies off the plane. At ``half`` its strength is one half."""

    distance: NDArray[np.float32]
    half: float

    @property
    def farthest(self) -> float:
        return float(self.distance.max(initial=0.0))

    @property
    def nearest(self) -> float:
        return float(self.distance.min(initial=self.farthest))

    @cached_property
    def step(self) -> NDArray[np.uint8]:
        """Which of ``STRENGTHS`` is left of each point, (M,)."""
        # The limits between the steps, as distances: sorting them in is far quicker than a power for each point.
        limits = [self.half * (-np.log2((a + b) / 2)) ** (1 / STEEPNESS) for a, b in pairwise(STRENGTHS)]
        result = np.zeros(len(self.distance), np.uint8)
        for limit in limits:
            result += ~(self.distance <= limit)  # one that is no number is far
        return result

    def strength(self, distance: ArrayLike) -> NDArray[np.float64]:
        """What is left of the strength of points at these distances: one of ``STRENGTHS`` each."""
        away = np.asarray(distance, float)
        far = np.minimum(away, 4 * self.half)  # of what is farther nothing is left anyway
        wanted = np.exp2(-((far / self.half) ** STEEPNESS)) if self.half > 0 else (away <= 0).astype(float)
        limits = [(a + b) / 2 for a, b in pairwise(STRENGTHS)]
        steps: NDArray[np.float64] = np.array(STRENGTHS)[np.searchsorted([-limit for limit in limits], -wanted)]
        return steps


def depth_of(codes: Codes, cloud: Cloud, plane: Plane, share: float) -> Depth:
    """The depth of a cloud on a plane, of which the nearest ``share`` (0 to 1) keeps at least half its strength.

    Of very many points that is as a sample of them has it.
    """
    distance = np.empty(len(cloud.index), np.float32)
    origin = plane.origin.astype(np.float32)
    mean = cloud.of_codes(codes.mean)
    ones = np.ones(len(origin), np.float32)
    for begin in range(0, len(distance), BLOCK):
        square = mean[begin : begin + BLOCK] - origin
        square *= square
        whole = square @ ones  # adds up the few numbers of each row twice as fast as a sum does
        on_plane = cloud.position[begin : begin + BLOCK]
        rest = whole - on_plane[:, 0] ** 2 - on_plane[:, 1] ** 2
        rest[rest < ROUNDING * whole] = 0
        distance[begin : begin + BLOCK] = np.sqrt(rest)
    return at_share(distance, share)


def at_share(distance: NDArray[np.float32], share: float) -> Depth:
    """The same points, of which another share keeps half its strength."""
    some = distance[:: max(1, len(distance) // SAMPLE)]
    return Depth(distance, float(np.quantile(some, share)) if len(some) else 0.0)


def faded(look: Look, depth: Depth | None) -> Look:
    """The same look with each point as strong as its distance from the plane leaves it."""
    if depth is None:
        return look
    # A table of what each strength becomes at each step, since there are few of both and many points.
    full = np.arange(256)[:, None]
    table = np.maximum(full * np.array(STRENGTHS), full > 0).astype(np.uint8)
    flat, steps, step = table.ravel(), np.uint16(len(STRENGTHS)), depth.step
    strength = np.empty_like(look.strength)
    for begin in range(0, len(strength), BLOCK):
        part = slice(begin, begin + BLOCK)
        flat.take(look.strength[part] * steps + step[part], out=strength[part], mode="clip")
    return replace(look, strength=strength)
