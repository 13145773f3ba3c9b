"""The overlay of the paths: each line as it really runs; of the active one also its waypoints and its steps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QRegion

from latentscope.map.camera import Camera
from latentscope.map.scene import Scene, colour
from latentscope.paths.routes import Route
from latentscope.state.paths import LatentPath
from trainer.geometry import Plane

__all__ = ["HANDLE_REACH", "LINE_REACH", "Grip", "PathOverlay", "grip_at", "route_pixels"]

# How near the mouse must be, in logical pixels.
HANDLE_REACH, LINE_REACH = 12.0, 7.0
HANDLE_RADIUS = 6.0
# Beads nearer to each other than this, in logical pixels, would hide the line.
BEAD_DISTANCE = 16


@dataclass(frozen=True)
class Grip:
    """What of a path the mouse is on: a waypoint, or the line between waypoint ``index`` and the next."""

    index: int
    on_line: bool = False


def route_pixels(route: Route, plane: Plane, camera: Camera) -> NDArray[np.float64]:
    """The pixels (K, 2) along a whole path."""
    return camera.to_pixel(plane.to_map(route.curve.points))


def grip_at(
    path: LatentPath | None, route: Route | None, plane: Plane, camera: Camera, pixel: tuple[float, float]
) -> Grip | None:
    """The part of the path at ``pixel``: the nearest waypoint within reach, else the nearest leg within reach."""
    if path is None or route is None:
        return None
    waypoints = camera.to_pixel(plane.to_map(path.waypoints))
    distance = np.hypot(*(waypoints - pixel).T)
    if distance.min() <= HANDLE_REACH:
        # Of two on one spot the later one: the end that has just been dragged there can be dragged away again.
        return Grip(len(distance) - 1 - int(distance[::-1].argmin()))
    curve = route.curve
    legs = [line_distance(camera.to_pixel(plane.to_map(curve.leg(leg))), pixel) for leg in range(curve.legs)]
    nearest = int(np.argmin(legs))
    return Grip(nearest, on_line=True) if legs[nearest] <= LINE_REACH else None


def line_distance(line: NDArray[np.float64], pixel: tuple[float, float]) -> float:
    """The distance from a pixel to a polyline (K, 2)."""
    start, along = line[:-1], np.diff(line, axis=0)
    length = np.maximum(np.einsum("ij,ij->i", along, along), 1e-12)
    share = np.clip(np.einsum("ij,ij->i", np.asarray(pixel) - start, along) / length, 0, 1)
    return float(np.hypot(*(start + share[:, None] * along - pixel).T).min())


def stroke(scene: Scene) -> QColor:
    """White on dark, near black on light."""
    return colour("#ffffff" if scene.theme.name == "dark" else scene.theme.text)


def casing(scene: Scene) -> QColor:
    """What sets the stroke off from points of any colour."""
    return colour(scene.theme.map_background, 0.7)


class PathOverlay:
    """``hovered`` is the part of the path under the mouse, ``selected`` the waypoint that Delete removes."""

    def __init__(self) -> None:
        self.hovered: Grip | None = None
        self.selected: int | None = None
        self._drawn_for: tuple[Route, Plane, Camera] | None = None
        self._line = np.empty((0, 2))

    def _pixels(self, path: LatentPath, scene: Scene) -> NDArray[np.float64]:
        """The pixels (K, 2) along the whole path; the same as long as neither its route nor the view has changed."""
        drawn, route = self._drawn_for, scene.route(path)
        if drawn is None or drawn[0] is not route or drawn[1] is not scene.plane or drawn[2] != scene.camera:
            self._drawn_for = route, scene.plane, scene.camera
            self._line = route_pixels(route, scene.plane, scene.camera)
        return self._line

    def region(self, scene: Scene) -> QRegion:
        if scene.path is None:
            return QRegion()
        everything = self._pixels(scene.path, scene)
        left, top = np.clip(np.floor(everything.min(axis=0)) - 14, -1e5, 1e5)
        right, bottom = np.clip(np.ceil(everything.max(axis=0)) + 14, -1e5, 1e5)
        region = QRegion(QRectF(left, top, right - left, bottom - top).toRect())
        return region & QRegion(0, 0, scene.camera.width, scene.camera.height)

    def paint(self, painter: QPainter, scene: Scene) -> None:
        if scene.path is None:
            return
        line = QPolygonF([QPointF(x, y) for x, y in np.clip(self._pixels(scene.path, scene), -1e5, 1e5)])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        on_line = self.hovered is not None and self.hovered.on_line
        for pen_colour, width in ((casing(scene), 6.0), (stroke(scene), 3.5 if on_line else 2.5)):
            round_cap, round_join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
            painter.setPen(QPen(pen_colour, width, Qt.PenStyle.SolidLine, round_cap, round_join))
            painter.drawPolyline(line)
        self._steps(painter, scene)
        for index, (x, y) in enumerate(scene.camera.to_pixel(scene.plane.to_map(scene.path.waypoints))):
            if abs(x) < 1e5 and abs(y) < 1e5:
                self._handle(painter, scene, index, QPointF(x, y))

    def _steps(self, painter: QPainter, scene: Scene) -> None:
        """A bead on the line for each step of the film strip, where there is room for them."""
        if scene.path is None:
            return
        beads = scene.camera.to_pixel(scene.plane.to_map(scene.route(scene.path).steps))
        if np.hypot(*np.diff(beads, axis=0).T).mean() < BEAD_DISTANCE:
            return
        painter.setPen(QPen(casing(scene), 1))
        painter.setBrush(stroke(scene))
        for x, y in beads:
            if abs(x) < 1e5 and abs(y) < 1e5:
                painter.drawEllipse(QPointF(x, y), 2.75, 2.75)

    def _handle(self, painter: QPainter, scene: Scene, index: int, centre: QPointF) -> None:
        hovered = self.hovered == Grip(index)
        radius = HANDLE_RADIUS + 2 * hovered
        fill = scene.theme.accent if index == self.selected else scene.theme.map_background
        painter.setPen(QPen(casing(scene), 4.5))
        painter.setBrush(colour(fill))
        painter.drawEllipse(centre, radius, radius)
        painter.setPen(QPen(stroke(scene), 2.25))
        painter.drawEllipse(centre, radius, radius)
