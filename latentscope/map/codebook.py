"""The layer of the codebook: a ring for each code, as large as it is used; a cross for one that never is.

Codes lie on the plane of the pooled codes: an image's point is the mean of the codes that its grid is made of.
"""

import numpy as np
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QPainter, QPen, QRegion

from latentscope.map.marks import LARGEST
from latentscope.map.scene import Scene, colour

__all__ = ["CodeHoverOverlay", "CodebookLayer"]


class CodebookLayer:
    """Under the points, so that these can be seen and hovered."""

    def paint(self, painter: QPainter, scene: Scene) -> None:
        marks = scene.codebook
        if marks is None or not scene.layers.shows("codebook"):
            return
        x, y = scene.camera.to_pixel(marks.position).T
        seen = (np.abs(x - scene.camera.width / 2) < scene.camera.width) & (
            np.abs(y - scene.camera.height / 2) < scene.camera.height
        )
        radius = marks.radius()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour(scene.theme.text, 0.75), 1.1))
        painter.setBrush(colour(scene.theme.muted, 0.18))
        for code in np.flatnonzero(seen & (marks.count > 0)):
            painter.drawEllipse(QPointF(x[code], y[code]), radius[code], radius[code])
        painter.setPen(QPen(colour(scene.theme.danger), 1.6))
        for code in np.flatnonzero(seen & (marks.count == 0)):
            arm = float(radius[code])
            painter.drawLine(QPointF(x[code] - arm, y[code] - arm), QPointF(x[code] + arm, y[code] + arm))
            painter.drawLine(QPointF(x[code] - arm, y[code] + arm), QPointF(x[code] + arm, y[code] - arm))


class CodeHoverOverlay:
    """``code`` is the one under the mouse, −1 for none."""

    def __init__(self) -> None:
        self.code = -1

    def region(self, scene: Scene) -> QRegion:
        centre = self._centre(scene)
        if centre is None:
            return QRegion()
        reach = round(LARGEST) + 8
        return QRegion(QRect(round(centre.x()) - reach, round(centre.y()) - reach, 2 * reach + 1, 2 * reach + 1))

    def paint(self, painter: QPainter, scene: Scene) -> None:
        centre = self._centre(scene)
        if centre is None or scene.codebook is None:
            return
        radius = float(scene.codebook.radius()[self.code]) + 2.5
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour(scene.theme.map_background, 0.8), 4))
        painter.drawEllipse(centre, radius, radius)
        painter.setPen(QPen(colour(scene.theme.accent), 2))
        painter.drawEllipse(centre, radius, radius)

    def _centre(self, scene: Scene) -> QPointF | None:
        if scene.codebook is None or not 0 <= self.code < len(scene.codebook.position):
            return None
        return QPointF(*(float(c) for c in scene.camera.to_pixel(scene.codebook.position[self.code])))
