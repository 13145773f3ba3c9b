"""The atlas's grid of tiles: which there are, where they lie, and the pixels they are drawn with. Pure NumPy, no Qt.

Tile (i, j) at a spacing s is centred on the map point (i·s, j·s) and s wide, and shows the decoded image of its centre.
The spacing goes in steps, so that a tile stays where it is, and in the cache, while the user pans and zooms a little.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latentscope.map.camera import Bounds, Camera
from latentscope.map.points.cloud import Cloud
from trainer.geometry import Plane

__all__ = [
    "Tile",
    "TileSpan",
    "finest_spacing",
    "shrunk",
    "span_in_view",
    "tile_pixels",
    "tile_spacing",
    "tiled_region",
]

Tile = tuple[float, int, int]
Pictures = NDArray[np.uint8]

# The least width of a tile on the screen, in logical pixels; the most is half as much again.
TILE_WIDTH = 36
# On a wall of screens tiles are larger instead of more than about so many.
MOST_TILES = 3000
# How far the atlas goes beyond the prior's 3 σ and the codes, in map units.
REGION_PADDING = 0.4
# Decoders count in single precision. Tiles are at least so many of its steps apart, so that neighbours differ.
STEPS_APART = 4


@dataclass(frozen=True)
class TileSpan:
    """The tiles (i, j) with first_i ≤ i ≤ last_i and first_j ≤ j ≤ last_j."""

    spacing: float
    first_i: int
    last_i: int
    first_j: int
    last_j: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of tiles."""
        return self.last_j - self.first_j + 1, self.last_i - self.first_i + 1

    @property
    def bounds(self) -> Bounds:
        s = self.spacing
        return Bounds(
            (self.first_i - 0.5) * s, (self.first_j - 0.5) * s, (self.last_i + 0.5) * s, (self.last_j + 0.5) * s
        )

    def holds(self, other: "TileSpan") -> bool:
        """Whether all tiles of the other are among these."""
        return (
            self.spacing == other.spacing
            and self.first_i <= other.first_i
            and self.last_i >= other.last_i
            and self.first_j <= other.first_j
            and self.last_j >= other.last_j
        )

    def cell(self, tile: Tile) -> tuple[int, int] | None:
        """The row and the column of a tile, the top row being 0; None if it is not one of these."""
        spacing, i, j = tile
        inside = self.first_i <= i <= self.last_i and self.first_j <= j <= self.last_j
        return (self.last_j - j, i - self.first_i) if inside and spacing == self.spacing else None

    def tiles(self) -> Iterator[Tile]:
        """Each tile; the top row comes first."""
        for j in range(self.last_j, self.first_j - 1, -1):
            for i in range(self.first_i, self.last_i + 1):
                yield self.spacing, i, j


def tile_spacing(scale: float, least: float = TILE_WIDTH) -> float:
    """The smallest of 1 and 1.5 · 2^k map units that is at least ``least`` pixels at ``scale`` pixels a unit."""
    wanted = least / scale
    power = 2.0 ** math.floor(math.log2(wanted))
    return next(factor * power for factor in (1, 1.5, 2) if factor * power >= wanted)


def finest_spacing(camera: Camera, plane: Plane) -> float:
    """The spacing below which the decoder, in single precision, could not tell the tiles in view apart, in map units.

    A step of single precision is 2⁻²³ of a number between 1 and 2, and what a decoder's first layer adds to its input
    (its bias) is about that large, so that smaller coordinates are no more precise than that.
    """
    largest = float(np.abs(plane.to_latent((camera.x, camera.y))).max(initial=1.0))
    along = min(float(np.abs(direction).max()) for direction in (plane.u, plane.v) if direction.any())
    return tile_spacing(1 / (STEPS_APART * float(np.spacing(np.float32(largest))) / along), 1.0)


def tiled_region(cloud: Cloud, plane: Plane) -> Bounds:
    """Where there is an atlas: the prior's 3 σ square and all but the outermost codes, with some air."""
    x, y = (float(part) for part in plane.to_map(np.zeros(plane.dimension)))
    region = Bounds(x - 3, y - 3, x + 3, y + 3)
    codes = cloud.bounds(0.5)
    return (region.united(codes) if codes else region).padded(REGION_PADDING)


def span_in_view(camera: Camera, region: Bounds, dimension: int, finest: float = 0.0, ring: int = 0) -> TileSpan | None:
    """The tiles of the region that the camera sees, and ``ring`` more on each side; None where it sees none of it.

    Tiles are not closer than ``finest``. In one dimension there is a single row of them.
    """
    least = max(TILE_WIDTH, math.sqrt(camera.width * camera.height / MOST_TILES))
    spacing = max(tile_spacing(camera.scale, least), finest)
    visible = camera.visible()
    if visible.right < region.left or visible.left > region.right:
        return None
    visible = visible.padded(ring * spacing)
    first_i, last_i = span_of(max(region.left, visible.left), min(region.right, visible.right), spacing)
    if dimension == 1:
        return TileSpan(spacing, first_i, last_i, 0, 0)
    if camera.visible().top < region.bottom or camera.visible().bottom > region.top:
        return None
    first_j, last_j = span_of(max(region.bottom, visible.bottom), min(region.top, visible.top), spacing)
    return TileSpan(spacing, first_i, last_i, first_j, last_j)


def span_of(low: float, high: float, spacing: float) -> tuple[int, int]:
    """The first and last tile along an axis that overlap low to high; first > last if low > high."""
    if low > high:
        return 0, -1
    return math.floor(low / spacing + 0.5), math.ceil(high / spacing - 0.5)


def shrunk(pictures: Pictures, side: int) -> Pictures:
    """Pictures (N, H, W, C) no larger than about ``side``, by averaging whole blocks of pixels."""
    factor = -(-max(pictures.shape[1:3]) // side)
    if factor <= 1:
        return pictures
    count, height, width, channels = pictures.shape
    height, width = height // factor, width // factor
    if not height or not width:  # an extremely long, thin picture
        return pictures
    cut = pictures[:, : height * factor, : width * factor]
    blocks = cut.reshape(count, height, factor, width, factor, channels)
    return blocks.mean(axis=(2, 4)).round().astype(np.uint8)


def tile_pixels(pictures: Pictures, ink: tuple[int, int, int]) -> NDArray[np.uint32]:
    """Pictures (N, H, W, C) as premultiplied ARGB32 (N, H + 2 g, W + 2 g), g being their transparent ``margin``.

    A grey picture becomes strokes of ``ink``, brighter being more opaque, so that it looks right on dark and on light;
    a colour picture is drawn as it is.
    """
    count, height, width, channels = pictures.shape
    if channels == 1:
        alpha = np.arange(256.0)
        pixels = packed(alpha, *(alpha * part / 255 for part in ink)).take(pictures[..., 0])
    else:
        red, green, blue = (pictures[..., channel].astype(np.uint32) for channel in range(3))
        pixels = np.uint32(0xFF000000) | red << np.uint32(16) | green << np.uint32(8) | blue
    gap = margin((height, width))
    result = np.zeros((count, height + 2 * gap, width + 2 * gap), np.uint32)
    result[:, gap : gap + height, gap : gap + width] = pixels
    return result


def margin(shape: tuple[int, ...]) -> int:
    """Transparent pixels around a tile of so many (H, W): images that fill their frame would run into each other."""
    return max(1, round(max(shape) / 16))


def packed(
    alpha: NDArray[np.float64], red: NDArray[np.float64], green: NDArray[np.float64], blue: NDArray[np.float64]
) -> NDArray[np.uint32]:
    """Premultiplied channels in 0..255 as ARGB32."""
    result = (alpha + 0.5).astype(np.uint32) << np.uint32(24)
    for part, shift in ((red, 16), (green, 8), (blue, 0)):
        result = result | (part + 0.5).astype(np.uint32) << np.uint32(shift)
    return result
