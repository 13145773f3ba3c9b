"""The overlay of the probe: the latent point that is being decoded now."""

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QRegion

from latentscope.map.grid import AXIS_HEIGHT, AXIS_WIDTH
from latentscope.map.scene import Scene, colour

__all__ = ["ProbeOverlay"]

RADIUS = 6.5


class ProbeOverlay:
    """A white ring in a dark one around the accent colour: clear on every background and on every class colour.

    Faint hairs lead from it to the axes.
    """

    def region(self, scene: Scene) -> QRegion:
        centre = self._centre(scene)
        if centre is None:
            return QRegion()
        x, y, reach = round(centre.x()), round(centre.y()), int(RADIUS) + 5
        region = QRegion(QRect(x - reach, y - reach, 2 * reach + 1, 2 * reach + 1))
        region += QRect(x - 2, y, 5, scene.camera.height)
        if scene.plane.dimension > 1:
            region += QRect(0, y - 2, x, 5)
        return region & QRect(0, 0, scene.camera.width, scene.camera.height)

    def paint(self, painter: QPainter, scene: Scene) -> None:
        centre = self._centre(scene)
        if centre is None:
            return
        x, y = centre.x(), centre.y()
        height = scene.camera.height
        painter.setPen(QPen(colour(scene.theme.text, 0.28), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(x, min(y + RADIUS + 3, height)), QPointF(x, height - AXIS_HEIGHT + 8))
        if scene.plane.dimension > 1:
            painter.drawLine(QPointF(max(x - RADIUS - 3, 0), y), QPointF(AXIS_WIDTH - 6, y))
        painter.setPen(QPen(QColor(0, 0, 0, 150), 4.5))
        painter.setBrush(colour(scene.theme.accent))
        painter.drawEllipse(centre, RADIUS, RADIUS)
        painter.setPen(QPen(QColor("white"), 2.25))
        painter.drawEllipse(centre, RADIUS, RADIUS)

    @staticmethod
    def _centre(scene: Scene) -> QPointF | None:
        """Where the probe is, in pixels; None where there is none, or it is far off the screen."""
        if scene.probe is None:
            return None
        x, y = scene.camera.to_pixel(scene.plane.to_map(scene.probe))
        if abs(x) > 1e5 or abs(y) > 1e5:
            return None
        return QPointF(float(x), float(y))
