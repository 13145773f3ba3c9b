"""The overlay of the race: a thin line for the way of each lane, in the lane's colour."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPen, QRegion

from latentscope.map.overlays.path import casing
from latentscope.map.overlays.path_line import PathLine, line_of
from latentscope.map.scene import Scene, colour
from latentscope.paths.routes import Route
from latentscope.state.paths import LatentPath

__all__ = ["RaceOverlay"]

WIDTH, CASED = 1.5, 3.5  # logical pixels
AIR = 4


class RaceOverlay:
    """``ways`` are the paths of the lanes, how each runs, and its colour, #rrggbb."""

    def __init__(self) -> None:
        self.ways: tuple[tuple[LatentPath, Route, str], ...] = ()
        self._known: list[tuple[PathLine, str]] = []
        self._made_from: tuple[object, ...] = ()

    def _lines(self, scene: Scene) -> list[tuple[PathLine, str]]:
        """The ways in pixels; the same objects as long as neither they nor the view have changed."""
        if scene.embedding is not None:  # a path would mean nothing there
            return []
        now = (self.ways, scene.plane, scene.camera)
        if len(self._made_from) != len(now) or any(a is not b for a, b in zip(now, self._made_from, strict=True)):
            here = [way for way in self.ways if len(way[0].waypoints[0]) == scene.plane.dimension]
            self._known = [(line_of(path, route, scene.plane, scene.camera), name) for path, route, name in here]
            self._made_from = now
        return self._known

    def region(self, scene: Scene) -> QRegion:
        region = QRegion()
        for line, _ in self._lines(scene):
            if not line.box.isEmpty():
                region += line.box.adjusted(-AIR, -AIR, AIR, AIR)
        return region & QRegion(0, 0, scene.camera.width, scene.camera.height)

    def paint(self, painter: QPainter, scene: Scene) -> None:
        lines = self._lines(scene)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for width in (CASED, WIDTH):
            for line, name in lines:
                pen = QPen(casing(scene) if width == CASED else colour(name), width)
                pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
                pen.setCapStyle(Qt.PenCapStyle.RoundCap)
                painter.setPen(pen)
                for piece in line.pieces:
                    painter.drawPolyline(piece)
