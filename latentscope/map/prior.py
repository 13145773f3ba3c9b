"""The layer of the prior N(0, I): its 1, 2 and 3 σ circles. In one dimension, lines at ±1, ±2 and ±3 σ.

The points of the map are projected on its plane, and so is the prior: what is left is N(projection of 0, I) again.
"""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from latentscope.map.scene import Scene, colour

__all__ = ["PriorLayer"]

SIGMAS = (1, 2, 3)


class PriorLayer:
    def paint(self, painter: QPainter, scene: Scene) -> None:
        if not scene.layers.prior:
            return
        camera, plane = scene.camera, scene.plane
        centre = camera.to_pixel(plane.to_map(np.zeros(plane.dimension)))
        painter.setFont(scene.font)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for sigma in SIGMAS:
            radius = sigma * camera.scale
            # One device pixel wide: Qt draws thin lines twenty times faster than thick ones.
            painter.setPen(QPen(colour(scene.theme.muted, 0.75 - 0.13 * sigma), 0))
            if plane.dimension == 1:
                self._lines(painter, scene, float(centre[0]), radius)
            elif radius < 1e5:  # a larger circle is a straight line off the screen, and costs Qt dearly
                painter.drawEllipse(QPointF(*centre), radius, radius)
            self._label(painter, scene, sigma, float(centre[0]), float(centre[1]), radius)

    def _lines(self, painter: QPainter, scene: Scene, x: float, radius: float) -> None:
        for end in (x - radius, x + radius):
            painter.drawLine(QPointF(end, 0), QPointF(end, scene.camera.height))

    def _label(self, painter: QPainter, scene: Scene, sigma: int, x: float, y: float, radius: float) -> None:
        """A small "2σ" on the circle, up and to the right, where it crosses neither axis."""
        painter.setPen(colour(scene.theme.muted, 0.85))
        turn = np.sqrt(0.5)
        where = QPointF(x + radius * turn, y - radius * turn)
        if scene.plane.dimension == 1:
            where = QPointF(x + radius, 18)
        if abs(where.x()) < 1e5 and abs(where.y()) < 1e5:
            painter.drawText(QRectF(where.x() + 3, where.y() - 16, 40, 16), Qt.AlignmentFlag.AlignLeft, f"{sigma}σ")
