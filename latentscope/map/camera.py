"""Where the map is looked at from: the one place where map units become pixels and back. Pure, no Qt.

Map points are float arrays (..., 2) with y up. Pixels are logical pixels of the widget, (..., 2) with y down, (0, 0)
its top left corner; a logical pixel is ``ratio`` device pixels wide. Both axes have the same scale.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["MAX_SCALE", "MIN_SCALE", "Bounds", "Camera", "Insets"]

Array = NDArray[np.float64]

# Pixels a unit. Beyond these a double's digits or the eye's patience end.
MIN_SCALE, MAX_SCALE = 1e-3, 1e9
# What is as large as single precision goes can be shown whole.
LEAST_SCALE = 1e-37


@dataclass(frozen=True)
class Bounds:
    """An upright rectangle of the map, in map units."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.top - self.bottom

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2

    def united(self, other: "Bounds") -> "Bounds":
        return Bounds(
            min(self.left, other.left),
            min(self.bottom, other.bottom),
            max(self.right, other.right),
            max(self.top, other.top),
        )

    def padded(self, by: float) -> "Bounds":
        return Bounds(self.left - by, self.bottom - by, self.right + by, self.top + by)

    def holds(self, other: "Bounds") -> bool:
        return (
            self.left <= other.left
            and self.bottom <= other.bottom
            and self.right >= other.right
            and self.top >= other.top
        )


@dataclass(frozen=True)
class Insets:
    """Pixels along the widget's edges that a fitted rectangle keeps clear of: the axes and some air."""

    left: float = 0
    top: float = 0
    right: float = 0
    bottom: float = 0


@dataclass(frozen=True)
class Camera:
    """The map point (x, y) in the middle, pixels per map unit, and the widget's size and device-pixel ratio."""

    x: float = 0.0
    y: float = 0.0
    scale: float = 100.0
    width: int = 1
    height: int = 1
    ratio: float = 1.0

    def to_pixel(self, points: ArrayLike) -> Array:
        """The logical pixels (..., 2) of map points (..., 2)."""
        xy = np.asarray(points, float)
        return (xy - (self.x, self.y)) * (self.scale, -self.scale) + (self.width / 2, self.height / 2)

    def to_map(self, pixels: ArrayLike) -> Array:
        """The map points (..., 2) under logical pixels (..., 2)."""
        xy = np.asarray(pixels, float)
        return (xy - (self.width / 2, self.height / 2)) / (self.scale, -self.scale) + (self.x, self.y)

    def visible(self) -> Bounds:
        """The part of the map that the widget shows."""
        half_width, half_height = self.width / 2 / self.scale, self.height / 2 / self.scale
        return Bounds(self.x - half_width, self.y - half_height, self.x + half_width, self.y + half_height)

    @property
    def device_size(self) -> tuple[int, int]:
        """Width and height in device pixels, rounded up so that they cover the widget."""
        return max(1, int(np.ceil(self.width * self.ratio))), max(1, int(np.ceil(self.height * self.ratio)))

    def zoomed(self, factor: float, pixel: ArrayLike) -> "Camera":
        """Closer by ``factor``; the map point under ``pixel`` stays where it is."""
        scale = float(np.clip(self.scale * factor, min(MIN_SCALE, self.scale), MAX_SCALE))
        x, y = self.to_map(pixel)
        share = self.scale / scale
        return replace(self, x=float(x + (self.x - x) * share), y=float(y + (self.y - y) * share), scale=scale)

    def panned(self, dx: float, dy: float) -> "Camera":
        """The map moved by (dx, dy) pixels with the hand, right and down."""
        return replace(self, x=self.x - dx / self.scale, y=self.y + dy / self.scale)

    def resized(self, width: int, height: int, ratio: float) -> "Camera":
        """The same centre and scale in a widget of another size."""
        return replace(self, width=max(1, width), height=max(1, height), ratio=ratio)

    def fitted(self, bounds: Bounds, insets: Insets | None = None) -> "Camera":
        """As close as shows all of ``bounds`` inside the insets, centred between them."""
        edge = insets or Insets()
        room_x = max(self.width - edge.left - edge.right, 1.0)
        room_y = max(self.height - edge.top - edge.bottom, 1.0)
        scale = min(room_x / max(bounds.width, 1e-9), room_y / max(bounds.height, 1e-9))
        scale = float(np.clip(scale, LEAST_SCALE, MAX_SCALE))
        x, y = bounds.centre
        return replace(
            self,
            x=x - (edge.left - edge.right) / 2 / scale,
            y=y - (edge.bottom - edge.top) / 2 / scale,
            scale=scale,
        )

    def towards(self, goal: "Camera", share: float) -> "Camera":
        """On the way to another camera: 0 is here, 1 is there. The scale changes by equal factors in equal shares."""
        if share >= 1:  # to the last digit
            return goal
        scale = self.scale * (goal.scale / self.scale) ** share
        x, y = self.x + (goal.x - self.x) * share, self.y + (goal.y - self.y) * share
        return replace(self, x=x, y=y, scale=scale)
