"""The layers of lines: round the densest shares of the codes, and between the classes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF, QTransform

from latentscope.map.fields.fields import PlaneFields
from latentscope.map.outlines import draw_words
from latentscope.map.scene import Scene, colour

__all__ = ["BoundariesLayer", "ContoursLayer"]

HALO = 3.0  # px: the dark (in light: bright) line under a line, so that it is seen over points and pictures
CONTOUR = {0.5: 1.8, 0.8: 1.4, 0.95: 1.0}  # px: the width of each line
CLEAR = 40  # px: a label keeps this far from the edges of the map,
LABEL_OFF = 5.0  # px: and stands this far from its line


class ContoursLayer:
    """The lines of the density, over the points, each with the share of the codes within."""

    def __init__(self, fields: PlaneFields) -> None:
        self._fields = fields
        self._paths = _Paths()

    def paint(self, painter: QPainter, scene: Scene) -> None:
        contours = self._fields.contours
        if contours is None or not scene.layers.shows("density"):
            return
        paths = self._paths.of(contours, [lines for _, lines in contours.lines])
        for (share, _), path in zip(contours.lines, paths, strict=True):
            stroke(painter, scene, path, CONTOUR[share], scene.theme.text, 0.95)
        taken: list[QRectF] = []
        for number, (share, lines) in enumerate(contours.lines):
            words = f"{share:.0%}".replace("%", " %")
            metrics = QFontMetricsF(scene.font)
            size = QSizeF(metrics.horizontalAdvance(words), metrics.ascent())
            if (box := label_place(scene, lines, size, taken, number)) is not None:
                taken.append(box)
                halo = QPen(colour(scene.theme.map_background, 0.85), 3.5)
                draw_words(painter, scene, box.bottomLeft(), words, colour(scene.theme.text), halo)


class BoundariesLayer:
    """The lines between the classes that win the vote."""

    def __init__(self, fields: PlaneFields) -> None:
        self._fields = fields
        self._paths = _Paths()

    def paint(self, painter: QPainter, scene: Scene) -> None:
        regions = self._fields.regions
        if regions is not None and scene.layers.shows("boundaries"):
            stroke(painter, scene, self._paths.of(regions, [regions.lines])[0], 1.0, scene.theme.muted, 1.0)


class _Paths:
    """Polylines as Qt's paths in map units, made once for what they are of."""

    def __init__(self) -> None:
        self._of: object = None
        self._paths: list[QPainterPath] = []

    def of(self, what: object, groups: Sequence[Sequence[NDArray[np.float64]]]) -> list[QPainterPath]:
        if self._of is not what:
            self._of = what
            self._paths = [path_of(lines) for lines in groups]
        return self._paths


def path_of(lines: Sequence[NDArray[np.float64]]) -> QPainterPath:
    path = QPainterPath()
    for line in lines:
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in line.tolist()]))
    return path


def stroke(painter: QPainter, scene: Scene, path: QPainterPath, width: float, ink: str, opacity: float) -> None:
    """Draw a path of map units, ``width`` pixels wide, on a halo. On the way only as a hair line, which is fast."""
    camera = scene.camera
    left, top = (float(c) for c in camera.to_pixel((0.0, 0.0)))
    pixels = QTransform(camera.scale, 0, 0, -camera.scale, left, top).map(path)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if scene.moving:
        painter.setPen(QPen(colour(ink, opacity), 0))
        painter.drawPath(pixels)
        return
    painter.setPen(QPen(colour(scene.theme.map_background, 0.7), width + HALO))
    painter.drawPath(pixels)
    painter.setPen(QPen(colour(ink, opacity), width))
    painter.drawPath(pixels)


def label_place(
    scene: Scene, lines: Sequence[NDArray[np.float64]], size: QSizeF, taken: Sequence[QRectF], number: int = 0
) -> QRectF | None:
    """Where words of a size go: on the longest line within the view, clear of its edges, where it is highest and the
    words lie over no others; in logical pixels.

    In one dimension, where all lines are as high as the map, each has its label at a height of its own.
    """
    for line in sorted(lines, key=len, reverse=True)[:3]:
        x, y = scene.camera.to_pixel(line).T
        if scene.plane.dimension == 1:
            y = np.full(len(y), 52.0 + 20 * number)
        free = (x > CLEAR) & (x < scene.camera.width - 2 * CLEAR) & (y > CLEAR) & (y < scene.camera.height - CLEAR)
        left, top = x + LABEL_OFF, y - LABEL_OFF - size.height()
        for other in taken:
            beside = (left + size.width() < other.left()) | (left > other.right())
            free &= beside | (top + size.height() < other.top()) | (top > other.bottom())
        if free.any():
            best = np.flatnonzero(free)[y[free].argmin()]
            return QRectF(QPointF(float(left[best]), float(top[best])), size)
    return None
