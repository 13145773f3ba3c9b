"""The layers that tint the map softly: far from data, round trip, stretch; and the regions of the classes."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath

from latentscope.map.camera import Bounds, Camera
from latentscope.map.fields.fields import PlaneFields
from latentscope.map.pictures import picture_of
from latentscope.map.scene import Scene, colour
from latentscope.theme import Theme, class_colours

__all__ = ["TINTS", "RegionsLayer", "TintLayer", "tint_colour"]

# The colour of each layer's tint, dark theme and light, and how opaque it is where it is full: a fog, and two hues that
# colour-blind eyes tell apart. Points and atlas are seen through all three.
TINTS = {
    "sparse": ("#a9b6c8", "#5d6a7b", 0.34),
    "round-trip": ("#ff8c2e", "#d96f00", 0.46),
    "stretch": ("#22d3bd", "#00897c", 0.46),
}
REGION_OPAQUE = 0.2


def tint_colour(layer: str, theme: Theme) -> QColor:
    """The colour of a layer's tint where it is full."""
    dark, light, opaque = TINTS[layer]
    return colour(dark if theme.name == "dark" else light, opaque)


class TintLayer:
    """One tint, under the points and over the atlas."""

    def __init__(self, layer: str, fields: PlaneFields) -> None:
        self._layer, self._fields = layer, fields
        self._content: tuple[object, ...] = ()
        self._image = QImage()

    def paint(self, painter: QPainter, scene: Scene) -> None:
        tint = self._fields.tint(self._layer)
        if tint is None or not scene.layers.shows(self._layer):
            return
        full = tint_colour(self._layer, scene.theme)
        if self._content != (tint, scene.theme):
            self._content = tint, scene.theme
            self._image = picture_of(
                inks(np.array([[full.red(), full.green(), full.blue()]]), full.alphaF()).take(tint.tone)
            )
        around = draw_field(painter, scene.camera, self._image, tint.bounds, tint.step)
        if self._layer == "sparse":  # of the whole map: outside there is nothing at all
            painter.fillPath(around, full)


class RegionsLayer:
    """Each class's part of the map in its colour, faintly, and more faintly where the vote is close."""

    def __init__(self, fields: PlaneFields) -> None:
        self._fields = fields
        self._content: tuple[object, ...] = ()
        self._image = QImage()

    def paint(self, painter: QPainter, scene: Scene) -> None:
        regions = self._fields.regions
        if regions is None or not scene.layers.shows("regions") or not regions.winner.size or regions.winner.max() < 0:
            return
        if self._content != (regions, scene.theme):
            self._content = regions, scene.theme
            table = inks(np.array(class_colours(int(regions.winner.max()) + 1, scene.theme)), REGION_OPAQUE)
            self._image = picture_of(table.take(regions.winner * 256 + regions.lead))
        draw_field(painter, scene.camera, self._image, regions.bounds, regions.step)


def inks(rgb: NDArray[np.int64], opacity: float) -> NDArray[np.uint32]:
    """Premultiplied ARGB32 of each colour (K, 3) at 256 strengths up to ``opacity``: (K · 256,)."""
    alpha = np.arange(256) / 255 * opacity
    parts = np.round(alpha[None, :, None] * np.concatenate([np.full((len(rgb), 1), 255), rgb], axis=1)[:, None, :])
    a, red, green, blue = np.moveaxis(parts.astype(np.uint32), -1, 0)
    result: NDArray[np.uint32] = (a << 24 | red << 16 | green << 8 | blue).reshape(-1)
    return result


def draw_field(
    painter: QPainter, camera: Camera, image: QImage, bounds: Bounds, step: tuple[float, float]
) -> QPainterPath:
    """Draw an image of a pixel a node over its part of the map, smoothly; gives back the rest of the view."""
    dx, dy = step
    whole = Bounds(bounds.left - dx / 2, bounds.bottom - dy / 2, bounds.right + dx / 2, bounds.top + dy / 2)
    # A little more than is seen: far beyond it, a picture as large as a closely seen map would be too much for Qt.
    view = camera.visible().padded(2 * max(min(dx, 1e3), 8 / camera.scale))
    part = Bounds(
        max(whole.left, view.left),
        max(whole.bottom, view.bottom),
        min(whole.right, view.right),
        min(whole.top, view.top),
    )
    around = QPainterPath()
    around.setFillRule(Qt.FillRule.OddEvenFill)
    around.addRect(QRectF(0, 0, camera.width, camera.height))
    if part.width <= 0 or part.height <= 0:
        return around
    left, top = camera.to_pixel((part.left, part.top))
    target = QRectF(left, top, part.width * camera.scale, part.height * camera.scale)
    source = QRectF((part.left - whole.left) / dx, (whole.top - part.top) / dy, part.width / dx, part.height / dy)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.drawImage(target, image, source)
    seen = target & QRectF(0, 0, camera.width, camera.height)
    around.addRect(seen)
    return around
