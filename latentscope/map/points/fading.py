"""Points fade with their distance from the plane of the map. Pure NumPy, no Qt."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latentscope.map.points.cloud import Cloud
from latentscope.map.points.look import Look
from trainer.files import Codes
from trainer.geometry import Plane

__all__ = ["STRENGTHS", "Depth", "depth_of", "faded"]

# What is left of a point's strength, nearest first. Few steps: points of one strength are drawn at once.
STRENGTHS = (1.0, 0.72, 0.5, 0.34, 0.22, 0.14)
STEEPNESS = 4  # strength = 2^−(distance / half)^4: nearly full up to half of ``half``, and soon faint beyond it
ROUNDING = 1e-6  # of the square of the distance from the plane's origin: less is but rounding
BLOCK = 1 << 16  # points at a time


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

    def strength(self, distance: ArrayLike) -> NDArray[np.float64]:
        """What is left of the strength of points at these distances: one of ``STRENGTHS`` each."""
        away = np.asarray(distance, float)
        far = np.minimum(away, 4 * self.half)  # of what is farther nothing is left anyway
        wanted = np.exp2(-((far / self.half) ** STEEPNESS)) if self.half > 0 else (away <= 0).astype(float)
        limits = [(a + b) / 2 for a, b in pairwise(STRENGTHS)]
        steps: NDArray[np.float64] = np.array(STRENGTHS)[np.searchsorted([-limit for limit in limits], -wanted)]
        return steps


def depth_of(codes: Codes, cloud: Cloud, plane: Plane, share: float) -> Depth:
    """The depth of a cloud, of which the nearest ``share`` (0 to 1) keeps at least half its strength."""
    distance = np.empty(len(cloud.index), np.float32)
    origin, u, v = (part.astype(np.float32) for part in (plane.origin, plane.u, plane.v))
    for begin in range(0, len(distance), BLOCK):
        offset = codes.mean[cloud.index[begin : begin + BLOCK]] - origin
        whole = np.einsum("nd,nd->n", offset, offset)
        rest = whole - (offset @ u) ** 2 - (offset @ v) ** 2
        rest[rest < ROUNDING * whole] = 0
        distance[begin : begin + BLOCK] = np.sqrt(rest)
    return Depth(distance, float(np.quantile(distance, share)) if len(distance) else 0.0)


def faded(look: Look, depth: Depth | None) -> Look:
    """The same look with each point as strong as its distance from the plane leaves it."""
    if depth is None:
        return look
    weaker = np.maximum(look.strength * depth.strength(depth.distance), look.strength > 0)
    return replace(look, strength=weaker.astype(np.uint8))
