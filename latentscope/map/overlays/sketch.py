"""The overlay of a selection in the making: its outline, the points it would take, and how many they are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF, QRegion

from latentscope.map.overlays.path import casing, stroke
from latentscope.map.points.layer import point_radius
from latentscope.map.scene import Scene, colour

__all__ = ["MOST_SHOWN", "Sketch", "SketchOverlay"]

# Above so many points they are counted, but not drawn again one by one while the mouse moves.
MOST_SHOWN = 3000
# The label's place beside the mouse, in logical pixels.
ASIDE, PADDING = 16.0, 7.0


@dataclass(frozen=True, eq=False)
class Sketch:
    """``outline`` (K, 2) map points; ``rows`` of the cloud that are inside, none where they are too many to be drawn.

    ``place`` is where the mouse is, a map point (2,); ``taken`` is whether the points are to be selected or left out.
    """

    outline: NDArray[np.float64]
    rows: NDArray[np.intp]
    place: NDArray[np.float64]
    text: str
    taken: bool = True


class SketchOverlay:
    """``sketch`` is what is being drawn, if anything is."""

    def __init__(self) -> None:
        self.sketch: Sketch | None = None

    def region(self, scene: Scene) -> QRegion:
        if self.sketch is None:
            return QRegion()
        reach = point_radius(scene) + 4
        box = self._polygon(scene, self.sketch).boundingRect().adjusted(-reach, -reach, reach, reach)
        region = QRegion(box.toAlignedRect()) | QRegion(self._label(scene, self.sketch).toAlignedRect())
        return region & QRegion(0, 0, scene.camera.width, scene.camera.height)

    def paint(self, painter: QPainter, scene: Scene) -> None:
        sketch = self.sketch
        if sketch is None:
            return
        polygon = self._polygon(scene, sketch)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(scene.theme.accent if sketch.taken else scene.theme.danger, 0.10))
        painter.drawPolygon(polygon, Qt.FillRule.WindingFill)
        self._points(painter, scene, sketch)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(casing(scene), 3.5))
        painter.drawPolygon(polygon)
        dashes = QPen(stroke(scene), 1.5)
        dashes.setDashPattern((4.0, 3.0))
        painter.setPen(dashes)
        painter.drawPolygon(polygon)
        box = self._label(scene, sketch)
        painter.setPen(QPen(colour(scene.theme.border), 1))
        painter.setBrush(colour(scene.theme.raised, 0.94))
        painter.drawRoundedRect(box, 6, 6)
        painter.setPen(colour(scene.theme.text))
        painter.setFont(scene.font)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, sketch.text)

    def _points(self, painter: QPainter, scene: Scene, sketch: Sketch) -> None:
        """The points inside, a little larger, in their own colours if they are to be selected."""
        rows = sketch.rows[sketch.rows < len(scene.cloud.index)]
        if not len(rows):
            return
        places = scene.camera.to_pixel(scene.cloud.position[rows])
        # A little square for each: discs, with soft edges, take ten times as long.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        size = 2 * point_radius(scene) + 1
        self._dots(painter, colour(scene.theme.map_background), size + 2, places)
        if sketch.taken:
            rows_of_table = scene.look.colour[rows]
            for row in np.unique(rows_of_table):
                self._dots(painter, QColor(*scene.look.table[row].tolist()), size, places[rows_of_table == row])
        else:
            self._dots(painter, colour(scene.theme.muted), size, places)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    @staticmethod
    def _dots(painter: QPainter, fill: QColor, size: float, places: NDArray[np.float64]) -> None:
        painter.setPen(QPen(fill, size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPoints(QPolygonF([QPointF(x, y) for x, y in places]))

    @staticmethod
    def _polygon(scene: Scene, sketch: Sketch) -> QPolygonF:
        return QPolygonF([QPointF(x, y) for x, y in np.clip(scene.camera.to_pixel(sketch.outline), -1e5, 1e5)])

    @staticmethod
    def _label(scene: Scene, sketch: Sketch) -> QRectF:
        """Below and right of the mouse, or wherever else beside it there is room."""
        metrics = QFontMetricsF(scene.font)
        width = metrics.horizontalAdvance(sketch.text) + 2 * PADDING
        height = metrics.height() + PADDING
        x, y = (float(c) for c in scene.camera.to_pixel(sketch.place))
        left = x + ASIDE if x + ASIDE + width < scene.camera.width else x - ASIDE - width
        top = y + ASIDE if y + ASIDE + height < scene.camera.height else y - ASIDE - height
        return QRectF(max(2.0, left), max(2.0, top), width, height)
