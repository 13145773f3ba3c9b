"""Pictures of points: exactly as a camera sees them, and of the whole cloud in several sizes. No widgets.

Both can be made on any thread. A crowd is drawn with a compression (see ``tone``) that depends on the cloud and the
scale alone, so that all pictures of one scale match, whoever makes them and whatever part of the map they show.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from latentscope.map.camera import Bounds, Camera
from latentscope.map.pictures import draw_unscaled, picture_of
from latentscope.map.points.cells import PIECE
from latentscope.map.points.cloud import Cloud
from latentscope.map.points.density import DensitySums, disc_kernel
from latentscope.map.points.look import Look
from latentscope.map.points.raster import disc_stamps, draw_discs
from latentscope.map.points.tone import compression_for

__all__ = ["FEW", "Content", "Plate", "draw_overview", "draw_plate", "point_radius_at", "steps_to_draw"]

Pace = Callable[[], None]
Content = tuple[Cloud, Look, float]  # and the device-pixel ratio
Tiers = list[tuple[NDArray[np.uint32], float]]  # premultiplied pixels and an opacity, the lowest first

# Logical pixels, for 10,000 points whose spread is 160 pixels on the screen.
POINT_RADIUS = 2.2
# A point grows with the fourth root of the zoom, so that one that stands alone is seen, up to this many times.
MOST_GROWTH = 2.0
POINT_OPACITY = 0.8
# Up to so many points are drawn one by one; of more it is cheaper to count them.
FEW = 60_000
# Points below this strength, of 255, lie under the others: what is dimmed must not hide what is not.
TIERS = ((1, 128), (128, 256))
# The whole cloud's picture: so many pixels along the longer side at most and at least, and in its smallest size.
LARGEST, SMALLEST, LAST = 2048, 256, 64
# The pieces that a plate's pixels are made in, and the file that they end in, about.
FURTHER_STEPS = 120
# A picture that is stretched further than this is cut to the view before.
MOST_WHOLE = 8
# One that is stretched further than this is enlarged in two steps: beyond a factor of 256 Qt takes ten times as long.
MOST_SMOOTH, HALFWAY = 64, (96, 64)  # and the size in between, in pixels


@dataclass(frozen=True, eq=False)
class Plate:
    """A picture of some content. Its top left corner is map point (``left``, ``top``), a unit ``scale`` of its pixels.

    ``camera`` is the one whose view it was made for, None of the whole cloud; ``margin`` how many device pixels it
    reaches beyond that view on each side: left and right, top and bottom.
    """

    content: Content
    left: float
    top: float
    scale: float
    image: QImage
    camera: Camera | None = None
    margin: tuple[int, int] = (0, 0)

    def is_of(self, content: Content, camera: Camera) -> bool:
        """Whether this is exactly what is seen from there."""
        return self.content == content and self.camera == camera

    def place(self, camera: Camera) -> QRectF:
        """Where the plate lies in the view of a camera, in logical pixels."""
        left, top = camera.to_pixel((self.left, self.top))
        stretch = camera.scale / self.scale
        return QRectF(left, top, self.image.width() * stretch, self.image.height() * stretch)

    def paint_exactly(self, painter: QPainter) -> None:
        """Draw the plate in the view that it was made for, one of its pixels to one of the device's."""
        ratio = self.content[2]
        painter.save()
        painter.translate(-self.margin[0] / ratio, -self.margin[1] / ratio)
        draw_unscaled(painter, self.image, ratio)
        painter.restore()

    def paint(self, painter: QPainter, camera: Camera) -> None:
        """Draw the plate in its place in the view of a camera, as far as it is seen."""
        place, stretch = self.place(camera), camera.scale * camera.ratio / self.scale
        view = QRectF(0, 0, camera.width, camera.height)
        if stretch == 1:  # moved only: no pixel need be mixed from others
            painter.save()
            painter.translate(*(round(edge * camera.ratio) / camera.ratio for edge in (place.left(), place.top())))
            draw_unscaled(painter, self.image, camera.ratio)
            painter.restore()
        elif stretch < MOST_WHOLE:
            painter.drawImage(place, self.image)
        elif place.intersects(view):  # far from all numbers that Qt can reckon with
            seen, pixel = place & view, stretch / camera.ratio
            left, top = (seen.left() - place.left()) / pixel, (seen.top() - place.top()) / pixel
            part = QRectF(left, top, seen.width() / pixel, seen.height() / pixel)
            if stretch > MOST_SMOOTH:
                part, image = QRectF(0, 0, *HALFWAY), part_of(self.image, part, HALFWAY)
                painter.drawImage(seen, image, part)
            else:
                painter.drawImage(seen, self.image, part)


def part_of(image: QImage, part: QRectF, size: tuple[int, int]) -> QImage:
    """A few pixels of an image, some of them in part, smoothly enlarged to a size."""
    result = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
    result.fill(0)
    with QPainter(result) as painter:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(0, 0, *size), image, part)
    return result


def point_radius_at(cloud: Cloud, scale: float) -> float:
    """The radius of a point in logical pixels at so many of them a map unit: larger where there is room for it."""
    zoom = scale * cloud.spread / 160
    few = 10_000 / max(len(cloud.index), 1)
    return POINT_RADIUS * float(np.clip(zoom**0.25 * few**0.1, 0.6, MOST_GROWTH))


def compression_at(cloud: Cloud, scale: float) -> float:
    """How strongly crowds are compressed at so many logical pixels a map unit."""
    discs = cloud.crowding * math.pi * (point_radius_at(cloud, scale) / scale) ** 2
    return compression_for(-math.log1p(-POINT_OPACITY) * discs)


def steps_to_draw(points: int) -> int:
    """About how often ``draw_plate`` calls its pace for a picture with so many points: once looked at, once counted."""
    return 2 * points // PIECE + FURTHER_STEPS


def draw_plate(
    cloud: Cloud, look: Look, camera: Camera, margin: tuple[int, int] = (0, 0), pace: Pace = lambda: None
) -> Plate:
    """The points as the camera sees them, every one of them. ``pace`` is called between pieces of work."""
    width, height = (size + 2 * edge for size, edge in zip(camera.device_size, margin, strict=True))
    scale = camera.scale * camera.ratio
    left, top = (float(c) for c in camera.to_map((-margin[0] / camera.ratio, -margin[1] / camera.ratio)))
    radius = point_radius_at(cloud, camera.scale) * camera.ratio
    seen = Bounds(left, top - height / scale, left + width / scale, top).padded((radius + 1) / scale)
    if cloud.count(seen) <= FEW:
        tiers = _few(cloud, look, camera, seen, (left, top, width, height), pace)
    else:
        tiers = _many(cloud, look, camera, seen, (left, top, width, height), pace)
    return Plate((cloud, look, camera.ratio), left, top, scale, stacked(tiers, width, height), camera, margin)


def _few(
    cloud: Cloud, look: Look, camera: Camera, seen: Bounds, frame: tuple[float, float, int, int], pace: Pace
) -> Tiers:
    """The pictures of the lower and of the upper points, each disc in its very place."""
    left, top, width, height = frame
    scale = camera.scale * camera.ratio
    stamps = disc_stamps(point_radius_at(cloud, camera.scale) * camera.ratio, POINT_OPACITY)
    compression = compression_at(cloud, camera.scale)
    parts = [(position, look.colour[row], look.strength[row]) for position, row in pieces(cloud, seen)]
    if not parts:
        return []
    position, colour, strength = (np.concatenate(part) for part in zip(*parts, strict=True))
    x = (position[:, 0].astype(np.float64) - left) * scale
    y = (top - position[:, 1].astype(np.float64)) * scale
    result = []
    for lowest, highest in TIERS:
        rows = np.flatnonzero((strength >= lowest) & (strength < highest))
        if len(rows):
            colours = look.table.take(colour.take(rows), axis=0).astype(np.float32)
            given = strength.take(rows)
            one = bool((given == given[0]).all())
            strengths = None if one else (given / 255).astype(np.float32)
            pixels = draw_discs(x[rows], y[rows], colours, stamps, width, height, strengths, compression, pace)
            result.append((pixels, given[0] / 255 if one else 1.0))
    return result


def _many(
    cloud: Cloud, look: Look, camera: Camera, seen: Bounds, frame: tuple[float, float, int, int], pace: Pace
) -> Tiers:
    """The same, each disc in the middle of its pixel."""
    left, top, width, height = frame
    kernel = disc_kernel(point_radius_at(cloud, camera.scale) * camera.ratio, POINT_OPACITY)
    sums = counted(cloud, look, seen, (left, top, camera.scale * camera.ratio), (width, height, len(kernel) // 2), pace)
    compression = compression_at(cloud, camera.scale)
    return [(one.discs(kernel, compression, pace), opacity) for one, opacity in sums]


def counted(
    cloud: Cloud,
    look: Look,
    seen: Bounds,
    frame: tuple[float, float, float],
    size: tuple[int, int, int],
    pace: Pace,
) -> list[tuple[DensitySums, float]]:
    """The sums of the lower and of the upper points, if there are any, that lie in ``seen``; and their opacity.

    ``frame`` is the left, the top and the pixels a map unit; ``size`` the width, the height and the margin in pixels.
    """
    left, top, scale = frame
    found = []
    levels = levels_of(look.strength, pace)
    for lowest, highest in TIERS:
        tier = levels[(levels >= lowest) & (levels < highest)]
        if len(tier):
            found.append((lowest, highest, DensitySums(*size, strengths=len(tier) > 1), tier[0] / 255))
    for position, row in pieces(cloud, seen):
        x = (position[:, 0].astype(np.float64) - left) * scale
        y = (top - position[:, 1].astype(np.float64)) * scale
        colour = look.colour[row] if isinstance(row, slice) else look.colour.take(row)
        if len(levels) == 1:
            for _, _, sums, _ in found:
                sums.add(x, y, look.table.take(colour, axis=0))
            pace()
            continue
        strength = look.strength[row] if isinstance(row, slice) else look.strength.take(row)
        for lowest, highest, sums, _ in found:
            given = None
            rows = np.flatnonzero((strength >= lowest) & (strength < highest))
            if len(sums.sums) == 5:
                given = (strength.take(rows) / 255).astype(np.float32)
            sums.add(x.take(rows), y.take(rows), look.table.take(colour.take(rows), axis=0), given)
        pace()
    return [(sums, 1.0 if len(sums.sums) == 5 else opacity) for _, _, sums, opacity in found]


def levels_of(strength: NDArray[np.uint8], pace: Pace) -> NDArray[np.intp]:
    """Which strengths there are, ascending."""
    there = np.zeros(256, bool)
    for start in range(0, len(strength), PIECE):
        there[strength[start : start + PIECE]] = True
        pace()
    return np.flatnonzero(there)


def pieces(cloud: Cloud, seen: Bounds) -> Iterator[tuple[NDArray[np.float32], slice | NDArray[np.int32]]]:
    """The points that lie in ``seen``, and some others, a piece at a time: their positions, and which rows they are."""
    if cloud.cells is None:
        for start in range(0, len(cloud.index), PIECE):
            part = slice(start, start + PIECE)
            yield cloud.position[part], part
        return
    for group in cloud.cells.slices(seen):
        position = np.concatenate([cloud.cells.position[part] for part in group])
        yield position, np.concatenate([cloud.cells.order[part] for part in group])


def stacked(tiers: Tiers, width: int, height: int) -> QImage:
    """Pictures over one another, the first one lowest; an empty one of none."""
    if len(tiers) == 1 and tiers[0][1] == 1:
        return picture_of(tiers[0][0])
    image = picture_of(np.zeros((height, width), np.uint32))
    with QPainter(image) as painter:
        for pixels, opacity in tiers:
            painter.setOpacity(opacity)
            painter.drawImage(0, 0, picture_of(pixels))
    return image


def draw_overview(cloud: Cloud, look: Look, ratio: float, pace: Pace) -> list[Plate]:
    """The whole cloud, but for far outliers, in sizes that halve; the largest has about as many pixels as points."""
    bulk, whole = cloud.bounds(0.5), cloud.bounds()
    assert bulk is not None
    assert whole is not None
    wide, high = max(bulk.width, 1e-6), max(bulk.height, 1e-6)
    left, right = max(whole.left, bulk.left - wide), min(whole.right, bulk.right + wide)
    bottom, top = max(whole.bottom, bulk.bottom - high), min(whole.top, bulk.top + high)
    side = int(np.clip(math.isqrt(len(cloud.index)), SMALLEST, LARGEST))
    scale = side / max(right - left, top - bottom, 1e-6)
    edge = 8  # pixels about it, for the discs at its edge; halving leaves one of them for the smallest but two
    width, height = (
        -(-(math.ceil(length * scale) + 2 * edge) // 2**4) * 2**4 for length in (right - left, top - bottom)
    )
    left, top = left - edge / scale, top + edge / scale
    seen = Bounds(left, top - height / scale, left + width / scale, top)
    tiers = [
        (one.sums, opacity) for one, opacity in counted(cloud, look, seen, (left, top, scale), (width, height, 0), pace)
    ]
    plates: list[Plate] = []
    while not plates or (max(width, height) >= 2 * LAST and width % 2 == height % 2 == 0):
        if plates:
            scale, width, height = scale / 2, width // 2, height // 2
            tiers = [(halved(sums), opacity) for sums, opacity in tiers]
        logical = scale / ratio
        kernel = disc_kernel(point_radius_at(cloud, logical) * ratio, POINT_OPACITY)
        compression = compression_at(cloud, logical)
        pictures = [
            (DensitySums.of(sums, len(kernel) // 2).discs(kernel, compression, pace), opacity)
            for sums, opacity in tiers
        ]
        plates.append(Plate((cloud, look, ratio), left, top, scale, stacked(pictures, width, height)))
    return plates


def halved(sums: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sums (C, H, W) of even height and width in cells twice as wide: (C, H / 2, W / 2)."""
    channels, height, width = sums.shape
    result: NDArray[np.float32] = sums.reshape(channels, height // 2, 2, width // 2, 2).sum(axis=(2, 4))
    return result
