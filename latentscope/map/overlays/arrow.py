"""The overlay of a direction: an arrow as long as the direction is, on the line that the probe goes along."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF, QRegion

from latentscope.map.overlays.path import casing
from latentscope.map.scene import Scene, colour

__all__ = ["ArrowOverlay"]

Array = NDArray[np.float64]

HEAD = 11.0  # logical pixels
HALF_WIDTH = 5.0
TICK = 4.0
BOXES = 16
LEAST = 3.0  # logical pixels: a direction that lies nearly across the plane is a ring, not an arrow


class ArrowOverlay:
    """``start`` (D,) is the arrow's foot, ``vector`` (D,) the way to its head; the line goes twice as far."""

    def __init__(self) -> None:
        self.start: Array | None = None
        self.vector: Array | None = None

    def region(self, scene: Scene) -> QRegion:
        marks = self._marks(scene)
        if marks is None:
            return QRegion()
        # Small boxes along the line: with one for all of it, a slanting arrow would have most of the map painted anew.
        ends = np.linspace(marks[0], marks[-1], BOXES + 1)
        region, reach = QRegion(), HEAD + 4
        for one, next_one in pairwise(ends):
            left, top = np.minimum(one, next_one) - reach
            right, bottom = np.maximum(one, next_one) + reach
            region += QRectF(left, top, right - left, bottom - top).toAlignedRect()
        return region & QRegion(0, 0, scene.camera.width, scene.camera.height)

    def paint(self, painter: QPainter, scene: Scene) -> None:
        marks = self._marks(scene)
        if marks is None:
            return
        accent = colour(scene.theme.accent)
        points = [QPointF(x, y) for x, y in marks]
        foot, tip = points[2], points[3]
        along = marks[3] - marks[2]
        length = float(np.hypot(*along))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if length < LEAST:
            painter.setPen(QPen(accent, 2))
            painter.drawEllipse(foot, HEAD, HEAD)
            return
        unit = along / length
        across = np.array((-unit[1], unit[0]))
        for pen, width in ((casing(scene), 4.0), (accent, 1.5)):
            thin = QPen(pen, width)
            if width < 4:
                thin.setDashPattern((3.0, 3.0))
            painter.setPen(thin)
            painter.drawLine(points[0], points[-1])
        neck = marks[3] - min(HEAD, length) * unit
        head = QPolygonF([tip, QPointF(*(neck + HALF_WIDTH * across)), QPointF(*(neck - HALF_WIDTH * across))])
        round_cap = Qt.PenCapStyle.RoundCap
        for pen, width in ((casing(scene), 7.0), (accent, 3.0)):
            painter.setPen(QPen(pen, width, Qt.PenStyle.SolidLine, round_cap, Qt.PenJoinStyle.RoundJoin))
            painter.setBrush(pen)
            painter.drawLine(foot, QPointF(*neck))
            painter.drawPolygon(head)
        for mark in (marks[0], marks[1], marks[2], marks[4]):
            for pen, width in ((casing(scene), 5.0), (accent, 2.0)):
                painter.setPen(QPen(pen, width, Qt.PenStyle.SolidLine, round_cap))
                painter.drawLine(QPointF(*(mark - TICK * across)), QPointF(*(mark + TICK * across)))

    def _marks(self, scene: Scene) -> Array | None:
        """The pixels (5, 2) at t = −2, −1, 0, 1 and 2; None where there is nothing to draw."""
        if self.start is None or self.vector is None or len(self.start) != scene.plane.dimension:
            return None
        if scene.embedding is not None:  # it has no directions
            return None
        t = np.arange(-2.0, 3.0)[:, None]
        marks = scene.camera.to_pixel(scene.plane.to_map(self.start + t * self.vector))
        return marks if np.abs(marks).max() < 1e5 else None
