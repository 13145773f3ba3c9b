"""The overlay of the playhead: a bar across the path where its film stands."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QPainter, QPen, QRegion

from latentscope.map.overlays.path import casing, stroke
from latentscope.map.scene import Scene

__all__ = ["PlayheadOverlay"]

HALF = 15.0  # px: it is twice as long, and looks out on either side of the probe
CASING = 6.5


class PlayheadOverlay:
    """``place`` is a latent point (D,), None where nothing plays; ``ahead`` the direction (D,) of the path there."""

    def __init__(self) -> None:
        self.place: NDArray[np.float64] | None = None
        self.ahead: NDArray[np.float64] | None = None

    def region(self, scene: Scene) -> QRegion:
        ends = self._ends(scene)
        if ends is None:
            return QRegion()
        reach = round(CASING)
        left, right = sorted(end.x() for end in ends)
        top, bottom = sorted(end.y() for end in ends)
        covered = QRect(
            int(left) - reach, int(top) - reach, int(right - left) + 2 * reach, int(bottom - top) + 2 * reach
        )
        return QRegion(covered & QRect(0, 0, scene.camera.width, scene.camera.height))

    def paint(self, painter: QPainter, scene: Scene) -> None:
        ends = self._ends(scene)
        if ends is None:
            return
        for pen_colour, width in ((casing(scene), CASING), (stroke(scene), 3.0)):
            painter.setPen(QPen(pen_colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(*ends)

    def _ends(self, scene: Scene) -> tuple[QPointF, QPointF] | None:
        """Of the bar, in pixels; None where there is none, or it is far off the screen."""
        if self.place is None or self.ahead is None or scene.path is None:
            return None
        middle, on = scene.camera.to_pixel(scene.plane.to_map(np.stack([self.place, self.place + self.ahead])))
        if not np.isfinite(middle).all() or np.abs(middle).max() > 1e5:
            return None
        along = on - middle
        length = float(np.hypot(*along))
        # Where the path leads nowhere on the map, or straight through its plane, the bar stands upright.
        across = np.array([-along[1], along[0]]) / length * HALF if length > 1e-9 else np.array([0.0, HALF])
        return QPointF(*(middle - across)), QPointF(*(middle + across))
