"""The overlay of the points that are picked for a plane: a numbered disc on each."""

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPen, QRegion

from latentscope.map.scene import Scene, colour
from latentscope.state.paths import Latent

__all__ = ["PicksOverlay"]

RADIUS = 9.0


class PicksOverlay:
    """``points`` are the latent points (D,) that have been picked so far."""

    def __init__(self) -> None:
        self.points: tuple[Latent, ...] = ()

    def region(self, scene: Scene) -> QRegion:
        region = QRegion()
        reach = int(RADIUS) + 3
        for place in self._places(scene):
            x, y = round(place.x()), round(place.y())
            region += QRect(x - reach, y - reach, 2 * reach + 1, 2 * reach + 1)
        return region

    def paint(self, painter: QPainter, scene: Scene) -> None:
        font = QFont(scene.font)
        font.setBold(True)
        painter.setFont(font)
        for number, place in enumerate(self._places(scene), 1):
            painter.setPen(QPen(colour(scene.theme.map_background, 0.9), 2))
            painter.setBrush(colour(scene.theme.accent))
            painter.drawEllipse(place, RADIUS, RADIUS)
            painter.setPen(colour(scene.theme.on_accent))
            box = QRectF(place.x() - RADIUS, place.y() - RADIUS, 2 * RADIUS, 2 * RADIUS)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number))

    def _places(self, scene: Scene) -> list[QPointF]:
        places = [scene.camera.to_pixel(scene.plane.to_map(z)) for z in self.points]
        return [QPointF(float(x), float(y)) for x, y in places if np.abs((x, y)).max() < 1e5]
