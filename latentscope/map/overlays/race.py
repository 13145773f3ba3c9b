"""The overlay of the race: a thin line for the way of each lane, in the lane's colour."""

import math

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QRegion

from latentscope.map.overlays.path import casing
from latentscope.map.overlays.path_line import PathLine, line_of
from latentscope.map.scene import Scene, colour
from latentscope.paths.routes import Route
from latentscope.state.paths import LatentPath

__all__ = ["RaceOverlay", "Way"]

WIDTH, CASED = 1.5, 3.5  # logical pixels
AIR = 4

Way = tuple[LatentPath, Route, str]


class RaceOverlay:
    """``ways`` are the paths of the lanes, how each runs, and its colour, #rrggbb.

    They are drawn once, into a picture, and not at each move of the mouse: five smooth lines take some 4 ms.
    """

    def __init__(self) -> None:
        self.ways: tuple[Way, ...] = ()
        self._known: list[tuple[PathLine, str]] = []
        self._made_from: tuple[object, ...] = ()
        self._picture: QImage | None = None
        self._box = QRect()

    def _lines(self, scene: Scene) -> list[tuple[PathLine, str]]:
        """The ways in pixels; the same objects as long as neither they nor the view have changed."""
        if scene.embedding is not None:  # a path would mean nothing there
            return []
        now = (self.ways, scene.plane, scene.camera, scene.theme)
        if len(self._made_from) != len(now) or any(a is not b for a, b in zip(now, self._made_from, strict=True)):
            here = [way for way in self.ways if len(way[0].waypoints[0]) == scene.plane.dimension]
            self._known = [(line_of(path, route, scene.plane, scene.camera), name) for path, route, name in here]
            self._made_from, self._picture, self._box = now, None, QRect()
            for line, _ in self._known:
                self._box |= line.box
        return self._known

    def region(self, scene: Scene) -> QRegion:
        region = QRegion()
        for line, _ in self._lines(scene):
            if not line.box.isEmpty():
                region += line.box.adjusted(-AIR, -AIR, AIR, AIR)
        return region & QRegion(0, 0, scene.camera.width, scene.camera.height)

    def paint(self, painter: QPainter, scene: Scene) -> None:
        lines, ratio = self._lines(scene), scene.camera.ratio
        if self._box.isEmpty():
            return
        seen = self._box.adjusted(-AIR, -AIR, AIR, AIR) & QRect(0, 0, scene.camera.width, scene.camera.height)
        left, top = math.floor(seen.left() * ratio), math.floor(seen.top() * ratio)
        if self._picture is None:
            width, height = math.ceil(seen.width() * ratio) + 1, math.ceil(seen.height() * ratio) + 1
            self._picture = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
            self._picture.fill(Qt.GlobalColor.transparent)
            with QPainter(self._picture) as drawing:
                drawing.translate(-left, -top)
                drawing.scale(ratio, ratio)
                draw(drawing, scene, lines)
        painter.scale(1 / ratio, 1 / ratio)
        painter.drawImage(QPoint(left, top), self._picture)


def draw(painter: QPainter, scene: Scene, lines: list[tuple[PathLine, str]]) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for width in (CASED, WIDTH):
        for line, name in lines:
            pen = QPen(casing(scene) if width == CASED else colour(name), width)
            pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)  # in lines so thin nobody could tell it from a round one
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            for piece in line.pieces:
                painter.drawPolyline(piece)
