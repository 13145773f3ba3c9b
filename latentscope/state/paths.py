"""A path through a latent space, as the window keeps it. Pure data."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.geometry import PathKind, path_points

__all__ = ["Latent", "LatentPath", "latent_tuple"]

Latent = NDArray[np.float64]


@dataclass(frozen=True)
class LatentPath:
    """An ordered list of latent waypoints and the rule that joins them."""

    waypoints: tuple[tuple[float, ...], ...]
    kind: PathKind = "linear"
    steps: int = 16

    def points(self, steps: int | None = None) -> Latent:
        """(steps, D) latent points along the path."""
        return path_points(self.waypoints, self.kind, steps or self.steps)

    def with_waypoint(self, index: int, z: ArrayLike) -> "LatentPath":
        """The same path with one waypoint moved to z (D,)."""
        points = list(self.waypoints)
        points[index] = latent_tuple(z)
        return replace(self, waypoints=tuple(points))

    def turned(self, matrix: Latent) -> "LatentPath":
        """The same path with each waypoint z as z @ matrix, (D, D)."""
        return replace(self, waypoints=tuple(latent_tuple(z) for z in np.array(self.waypoints) @ matrix))


def latent_tuple(z: ArrayLike) -> tuple[float, ...]:
    return tuple(float(value) for value in np.asarray(z, float))
