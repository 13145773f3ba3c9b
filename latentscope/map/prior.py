"""The layer of the prior N(0, I): its 1, 2 and 3 σ circles. In one dimension, lines at ±1, ±2 and ±3 σ.

The points of the map are projected on its plane, and so is the prior: what is left is N(projection of 0, I) again.
"""

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen

from latentscope.map.outlines import words_as_outlines
from latentscope.map.scene import Scene, colour

__all__ = ["PriorLabels", "PriorLayer"]

SIGMAS = (1, 2, 3)
# Pixels. A circle as large as this is a straight line off the screen, and costs Qt dearly.
FAR = 1e5


class PriorLayer:
    """The circles, under the points."""

    def paint(self, painter: QPainter, scene: Scene) -> None:
        if not scene.layers.shows("prior") or not scene.has_prior:
            return
        centre = prior_centre(scene)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for sigma in SIGMAS:
            radius = sigma * scene.camera.scale
            # One device pixel wide: Qt draws thin lines twenty times faster than thick ones.
            painter.setPen(QPen(colour(scene.theme.muted, 0.75 - 0.13 * sigma), 0))
            if scene.plane.dimension == 1:
                for x in (centre.x() - radius, centre.x() + radius):
                    painter.drawLine(QPointF(x, 0), QPointF(x, scene.camera.height))
            elif radius < FAR:
                painter.drawEllipse(centre, radius, radius)


class PriorLabels:
    """A small "2σ" on each circle, up and to the right, where it crosses neither axis; over the points."""

    def paint(self, painter: QPainter, scene: Scene) -> None:
        if not scene.layers.shows("prior") or not scene.has_prior:
            return
        centre = prior_centre(scene)
        for sigma in SIGMAS:
            radius = sigma * scene.camera.scale
            where = centre + QPointF(radius, -radius) * 0.5**0.5 + QPointF(4, -4)
            if scene.plane.dimension == 1:
                where = QPointF(centre.x() + radius + 5, 18)
            if abs(where.x()) < FAR and abs(where.y()) < FAR:
                text = words_as_outlines(where, f"{sigma}σ", scene.font)
                painter.strokePath(text, QPen(colour(scene.theme.map_background, 0.8), 3))
                painter.fillPath(text, colour(scene.theme.muted))


def prior_centre(scene: Scene) -> QPointF:
    x, y = scene.camera.to_pixel(scene.plane.to_map(np.zeros(scene.plane.dimension)))
    return QPointF(float(x), float(y))
