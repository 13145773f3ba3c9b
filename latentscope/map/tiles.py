"""The atlas's grid of tiles: which there are, where they lie, and the sheet of pixels they make. Pure NumPy, no Qt.

Tile (i, j) at a spacing s is centred on the map point (i·s, j·s) and s wide, and shows the decoded image of its centre.
The spacing goes in steps, so that a tile stays where it is, and in the cache, while the user pans and zooms a little.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latentscope.map.camera import Bounds, Camera
from latentscope.map.cloud import BAND_HEIGHT, Cloud
from trainer.geometry import Plane

__all__ = ["FADE_LEVELS", "Tile", "TileSpan", "sheet_pixels", "shrunk", "span_in_view", "tile_spacing", "tiled_region"]

Tile = tuple[float, int, int]
Pictures = NDArray[np.uint8]

# The least width of a tile on the screen, in logical pixels; the most is half as much again.
TILE_WIDTH = 36
# How far the atlas goes beyond the prior's 3 σ and the codes, in map units.
REGION_PADDING = 0.4
# A tile fades in over so many steps of opacity, 0 included.
FADE_LEVELS = 9


@dataclass(frozen=True)
class TileSpan:
    """The tiles (i, j) with first_i ≤ i ≤ last_i and first_j ≤ j ≤ last_j; drawn ``lift`` map units higher."""

    spacing: float
    first_i: int
    last_i: int
    first_j: int
    last_j: int
    lift: float = 0.0

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of tiles."""
        return self.last_j - self.first_j + 1, self.last_i - self.first_i + 1

    @property
    def bounds(self) -> Bounds:
        s = self.spacing
        return Bounds(
            (self.first_i - 0.5) * s,
            (self.first_j - 0.5) * s + self.lift,
            (self.last_i + 0.5) * s,
            (self.last_j + 0.5) * s + self.lift,
        )

    def tiles(self) -> Iterator[tuple[Tile, int, int]]:
        """Each tile with its row and column; the top row comes first."""
        for row, j in enumerate(range(self.last_j, self.first_j - 1, -1)):
            for column, i in enumerate(range(self.first_i, self.last_i + 1)):
                yield (self.spacing, i, j), row, column


def tile_spacing(scale: float, least: float = TILE_WIDTH) -> float:
    """The smallest of 1 and 1.5 · 2^k map units that is at least ``least`` pixels at ``scale`` pixels a unit."""
    wanted = least / scale
    power = 2.0 ** math.floor(math.log2(wanted))
    return next(factor * power for factor in (1, 1.5, 2) if factor * power >= wanted)


def tiled_region(cloud: Cloud, plane: Plane) -> Bounds:
    """Where there is an atlas: the prior's 3 σ square and all but the outermost codes, with some air."""
    x, y = (float(part) for part in plane.to_map(np.zeros(plane.dimension)))
    region = Bounds(x - 3, y - 3, x + 3, y + 3)
    codes = cloud.bounds(0.5)
    return (region.united(codes) if codes else region).padded(REGION_PADDING)


def span_in_view(camera: Camera, region: Bounds, dimension: int) -> TileSpan | None:
    """The tiles of the region that the camera sees; None where it sees none of it."""
    spacing, visible = tile_spacing(camera.scale), camera.visible()
    first_i, last_i = span_of(max(region.left, visible.left), min(region.right, visible.right), spacing)
    if dimension == 1:
        # One row, below the band of points: what lies higher or lower decodes to the same.
        return TileSpan(spacing, first_i, last_i, 0, 0, -BAND_HEIGHT / 2 - spacing) if first_i <= last_i else None
    first_j, last_j = span_of(max(region.bottom, visible.bottom), min(region.top, visible.top), spacing)
    if first_i > last_i or first_j > last_j:
        return None
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


def sheet_pixels(
    pictures: NDArray[np.uint8], level: NDArray[np.intp], ink: tuple[int, int, int], opacity: float
) -> NDArray[np.uint32]:
    """All tiles side by side as premultiplied ARGB32 (rows · (H + 2 g), columns · (W + 2 g)), g being their ``margin``.

    ``pictures`` is (rows, columns, H, W, C); ``level`` (rows, columns) how far each has faded in, 0 to FADE_LEVELS − 1.
    A grey picture becomes strokes of ``ink``, brighter being more opaque, so that it looks right on dark and on light;
    a colour picture is drawn as it is, and more opaque: its colours would be lost in those of the ground.
    """
    if pictures.shape[-1] != 1:
        opacity = math.sqrt(opacity)
    strength = np.arange(FADE_LEVELS)[:, None] / (FADE_LEVELS - 1) * opacity
    value = np.arange(256)[None, :]
    tile_level = level[:, :, None, None] * 256
    sheet: NDArray[np.uint32]
    if pictures.shape[-1] == 1:
        alpha = (strength * value).ravel()
        strokes = packed(alpha, *(alpha * part / 255 for part in ink))
        sheet = strokes.take(tile_level + pictures[..., 0])
    else:
        table = (strength * value).ravel()
        sheet = packed(*(table.take(tile_level + part) for part in (255, *np.moveaxis(pictures[..., :3], -1, 0))))
    gap = margin(sheet.shape[2:])
    sheet = np.pad(sheet, ((0, 0), (0, 0), (gap, gap), (gap, gap)))
    rows, columns, height, width = sheet.shape
    return np.ascontiguousarray(sheet.transpose(0, 2, 1, 3)).reshape(rows * height, columns * width)


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
