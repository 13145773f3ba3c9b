"""The layer of factor arrows: from the middle of the codes, one to where each factor grows; a biplot (Gabriel 1971)."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from latentscope.map.outlines import draw_words
from latentscope.map.scene import Scene, colour

__all__ = ["FactorArrow", "FactorArrowsLayer"]

REACH = 2.5  # times the spread of the codes: the length of the arrow of a factor that a direction tells exactly
LEAST = 26.0  # px: of any arrow, so that it has a direction
HEAD, HALF_HEAD = 11.0, 5.0  # px
GAP = 6.0  # px: between an arrow's tip and its words


@dataclass(frozen=True)
class FactorArrow:
    """From map point ``start`` into the direction (``x``, ``y``), a unit vector; ``strength`` from 0 to 1."""

    title: str
    start: tuple[float, float]
    x: float
    y: float
    strength: float


class FactorArrowsLayer:
    """Over the points. Words that would lie over each other are moved apart."""

    def paint(self, painter: QPainter, scene: Scene) -> None:
        if not scene.layers.shows("factors") or not scene.arrows:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetricsF(scene.font)
        taken: list[QRectF] = []
        ends = []
        for number, arrow in enumerate(scene.arrows):
            x, y = scene.camera.to_pixel(arrow.start)
            start = QPointF(float(x), float(y))
            if scene.plane.dimension == 1:  # all lie on one line: each has a height of its own
                start += QPointF(0, (number - (len(scene.arrows) - 1) / 2) * 1.3 * metrics.height())
            length = max(LEAST, arrow.strength * REACH * scene.cloud.spread * scene.camera.scale)
            way = QPointF(arrow.x, -arrow.y)
            draw_arrow(painter, start, start + way * length, way, scene)
            ends.append((start + way * (length + GAP), way, f"{arrow.title} {arrow.strength:.2f}"))
        for tip, way, text in sorted(ends, key=lambda end: end[0].y()):
            where = free_place(tip, way, metrics.horizontalAdvance(text), metrics.height(), taken)
            taken.append(where)
            start = QPointF(where.left(), where.top() + metrics.ascent())
            halo = QPen(colour(scene.theme.map_background, 0.85), 4)
            draw_words(painter, scene, start, text, colour(scene.theme.text), halo)


def draw_arrow(painter: QPainter, start: QPointF, tip: QPointF, way: QPointF, scene: Scene) -> None:
    """A shaft and a head, on a soft ground of the map's colour, so that they stand out from the points."""
    across = QPointF(-way.y(), way.x()) * HALF_HEAD
    neck = tip - way * HEAD
    head = QPolygonF([tip, neck + across, neck - across])
    painter.setPen(QPen(colour(scene.theme.map_background, 0.8), 5))
    painter.setBrush(colour(scene.theme.map_background, 0.8))
    painter.drawLine(start, neck)
    painter.drawPolygon(head)
    painter.setPen(QPen(colour(scene.theme.text), 2))
    painter.drawLine(start, neck)
    painter.setPen(QPen(colour(scene.theme.text), 1))
    painter.setBrush(colour(scene.theme.text))
    painter.drawPolygon(head)


def free_place(tip: QPointF, way: QPointF, width: float, height: float, taken: list[QRectF]) -> QRectF:
    """Where words of that size go at the end of an arrow: beyond it, or below what is there already."""
    left = tip.x() - width * (1 - way.x()) / 2
    place = QRectF(left, tip.y() - height * (1 - way.y()) / 2, width, height)
    for other in sorted(taken, key=QRectF.top):
        if place.intersects(other):
            place.moveTop(math.ceil(other.bottom()))
    return place
