"""The overlay of the hovered point: a ring round the nearest one, and its posterior where ellipses are shown."""

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QRegion

from latentscope.map.fields.ellipses import hovered_region, paint_hovered
from latentscope.map.points.layer import point_radius
from latentscope.map.scene import Scene, colour

__all__ = ["PICK_RADIUS", "HoverOverlay"]

# How near the mouse must be to a point, in logical pixels (FiftyOne's figure).
PICK_RADIUS = 14
# The ring's distance from the point.
GAP = 3.5


class HoverOverlay:
    """``row`` is the hovered point's row in the cloud, −1 for none."""

    def __init__(self) -> None:
        self.row = -1

    def region(self, scene: Scene) -> QRegion:
        centre = self._centre(scene)
        if centre is None:
            return QRegion()
        reach = int(point_radius(scene) + GAP) + 4
        ring = QRect(round(centre.x()) - reach, round(centre.y()) - reach, 2 * reach + 1, 2 * reach + 1)
        return hovered_region(scene, self.row) | QRegion(ring)

    def paint(self, painter: QPainter, scene: Scene) -> None:
        centre = self._centre(scene)
        if centre is None:
            return
        paint_hovered(painter, scene, self.row)
        red, green, blue = scene.look.table[scene.look.colour[self.row]]
        radius = point_radius(scene)
        painter.setPen(QPen(colour(scene.theme.map_background, 0.8), 4))
        painter.setBrush(QColor(int(red), int(green), int(blue)))
        painter.drawEllipse(centre, radius + 1.5, radius + 1.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour(scene.theme.text), 1.5))
        painter.drawEllipse(centre, radius + GAP, radius + GAP)

    def _centre(self, scene: Scene) -> QPointF | None:
        if not 0 <= self.row < len(scene.cloud.index):
            return None
        return QPointF(*(float(c) for c in scene.camera.to_pixel(scene.cloud.position[self.row])))
