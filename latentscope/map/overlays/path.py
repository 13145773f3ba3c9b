"""The overlay of the paths: each line as it really runs; of the active one also its waypoints and its steps.

What follows the mouse while a path is drawn is here, too: the line to where the next waypoint would be, and the ring
round the encoded point to which an end snaps. Nothing under the overlays is drawn again for any of this.
"""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap, QRegion

from latentscope.map.camera import Camera
from latentscope.map.overlays.path_line import HANDLE_REACH, LINE_REACH, Grip, PathLine, line_of
from latentscope.map.scene import Scene, colour
from latentscope.paths.routes import Route
from latentscope.state.paths import LatentPath
from latentscope.theme import path_colour, path_dashes
from trainer.geometry import Plane

__all__ = [
    "HANDLE_REACH",
    "LINE_REACH",
    "Grip",
    "PathOverlay",
    "casing",
    "grip_at",
    "route_pixels",
    "stroke",
]

HANDLE_RADIUS, ANCHOR_RADIUS, SNAP_RADIUS = 6.0, 2.5, 11.0
# So many are drawn one by one; in how large a square of logical pixels one has room.
FEW_HANDLES, STAMP = 40, 20
# Beads nearer to each other than this, in logical pixels, would hide the line.
BEAD_DISTANCE = 16
SHARP_POINTS = 64  # up to so many the corners are rounded, which takes long; of more none could tell
AIR = 14  # logical pixels round a line that its handles and rings may take

Place = NDArray[np.float64]


def route_pixels(route: Route, plane: Plane, camera: Camera) -> NDArray[np.float64]:
    """The pixels (K, 2) along a whole path."""
    return camera.to_pixel(plane.to_map(route.curve.points))


def grip_at(
    path: LatentPath | None, route: Route | None, plane: Plane, camera: Camera, pixel: tuple[float, float]
) -> Grip | None:
    """The part of the path at ``pixel``: the nearest waypoint within reach, else the nearest leg within reach."""
    return None if path is None or route is None else line_of(path, route, plane, camera).grip(pixel)


def stroke(scene: Scene) -> QColor:
    """White on dark, near black on light."""
    return colour(path_colour(0, scene.theme))


def casing(scene: Scene) -> QColor:
    """What sets the stroke off from points of any colour."""
    return colour(scene.theme.map_background, 0.7)


def ring(painter: QPainter, scene: Scene, centre: QPointF, own: QColor) -> None:
    """A handle: a circle in the path's own colour."""
    painter.setBrush(colour(scene.theme.map_background))
    for pen_colour, width in ((casing(scene), 4.5), (own, 2.25)):
        painter.setPen(QPen(pen_colour, width))
        painter.drawEllipse(centre, HANDLE_RADIUS, HANDLE_RADIUS)


class PathOverlay:
    """``hovered`` is the part of the active path under the mouse, ``selected`` the waypoint that Delete removes.

    ``other`` is which of the other paths is under the mouse, if one is, and ``other_at`` the pixel where. While a path
    is drawn ``rubber`` is the latent points (2, D) of the line to the mouse, ``seed`` its first waypoint as long as
    there is no second; ``snapped`` is the encoded point (D,) to which a waypoint snaps. Freehand has no ``handles``.
    """

    def __init__(self) -> None:
        self.hovered: Grip | None = None
        self.selected: int | None = None
        self.other: int | None = None
        self.other_at = (0.0, 0.0)
        self.rubber: Place | None = None
        self.seed: Place | None = None
        self.snapped: Place | None = None
        self.handles = True
        self._lines: tuple[PathLine, ...] = ()
        self._drawn_for: Scene | None = None
        self._stale = False

    def lines(self, scene: Scene) -> tuple[PathLine, ...]:
        """All paths in pixels; the same objects as long as neither path, route nor view has changed."""
        before = self._drawn_for
        if before is None or before.plane is not scene.plane or before.camera != scene.camera:
            self._lines = ()
        elif before.paths is scene.paths and not self._stale:
            return self._lines
        known = {id(line.path): line for line in self._lines}
        self._drawn_for, self._stale = scene, False
        self._lines = tuple(self._line(path, scene, known.get(id(path))) for path in scene.paths.items)
        if scene.path is not None:
            scene.route(scene.path)  # what is asked for last is found first
        return self._lines

    def forget(self) -> None:
        """Some path may run otherwise than before."""
        self._stale = True

    @staticmethod
    def _line(path: LatentPath, scene: Scene, known: PathLine | None) -> PathLine:
        route = scene.route(path)
        return known if known is not None and known.route is route else line_of(path, route, scene.plane, scene.camera)

    # --- where --------------------------------------------------------------------------------------------------------

    def region(self, scene: Scene) -> QRegion:
        region = QRegion()
        for line in self.lines(scene):
            if not line.box.isEmpty():
                region += line.box.adjusted(-AIR, -AIR, AIR, AIR)
        for places in (self.rubber, self.seed, self.snapped):
            if places is not None:
                region += self._around(scene, places)
        if self.other is not None:
            region += self._label(scene, self._other_name(scene)).toAlignedRect().adjusted(-2, -2, 2, 2)
        return region & QRegion(0, 0, scene.camera.width, scene.camera.height)

    def _around(self, scene: Scene, places: Place) -> QRect:
        pixels = np.clip(np.atleast_2d(self._pixels(scene, places)), -1e5, 1e5)
        (left, top), (right, bottom) = pixels.min(axis=0) - AIR, pixels.max(axis=0) + AIR
        return QRectF(left, top, right - left, bottom - top).toAlignedRect()

    @staticmethod
    def _pixels(scene: Scene, places: Place) -> Place:
        return scene.camera.to_pixel(scene.plane.to_map(places))

    # --- painting -----------------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, scene: Scene) -> None:
        lines, active = self.lines(scene), scene.paths.active
        for index, line in enumerate(lines):
            if index not in (active, self.other):
                self._stroke(painter, scene, line, 4.0, 1.75, 0.8)
        if self.other is not None and self.other < len(lines):
            self._stroke(painter, scene, lines[self.other], 5.5, 3.0)
        if active is not None:
            on_line = self.hovered is not None and self.hovered.on_line
            self._stroke(painter, scene, lines[active], 6.0, 3.5 if on_line else 2.5)
            if self.handles:
                self._steps(painter, scene, lines[active])
                self._draw_handles(painter, scene, lines[active])
        self._what_comes(painter, scene)
        if self.other is not None:
            self._name(painter, scene, self._other_name(scene))

    def _stroke(
        self, painter: QPainter, scene: Scene, line: PathLine, cased: float, width: float, opacity: float = 1.0
    ) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        own = colour(path_colour(line.path.colour, scene.theme), opacity)
        if line.tangled:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(own, 0.0))
            painter.drawLines(line.strokes)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            return
        join = Qt.PenJoinStyle.RoundJoin if line.points <= SHARP_POINTS else Qt.PenJoinStyle.BevelJoin
        pens = [QPen(one, thick, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, join) for one, thick in
                ((casing(scene), cased), (own, width))]  # fmt: skip
        if dashes := path_dashes(line.path.colour, width):
            pens[1].setDashPattern(dashes)
        for pen in pens:
            painter.setPen(pen)
            for piece in line.pieces:
                painter.drawPolyline(piece)

    def _steps(self, painter: QPainter, scene: Scene, line: PathLine) -> None:
        """A bead on the line for each step of the film strip, where there is room for them."""
        beads = self._pixels(scene, line.route.steps)
        if np.hypot(*np.diff(beads, axis=0).T).mean() < BEAD_DISTANCE:
            return
        painter.setPen(QPen(casing(scene), 1))
        painter.setBrush(colour(path_colour(line.path.colour, scene.theme)))
        for x, y in beads:
            if abs(x) < 1e5 and abs(y) < 1e5:
                painter.drawEllipse(QPointF(x, y), 2.75, 2.75)

    def _draw_handles(self, painter: QPainter, scene: Scene, line: PathLine) -> None:
        """Each by itself; of many those that have nothing special by a stamp, since ten circles take a millisecond."""
        path, held = line.path, {self.selected, None if self.hovered is None else self.hovered.index}
        stamp, ratio = None, scene.camera.ratio
        for waypoint in line.handles.tolist():
            special = waypoint in held or path.anchor(waypoint) is not None or line.off_plane[waypoint]
            if special or len(line.handles) <= FEW_HANDLES:
                self._handle(painter, scene, line, waypoint)
                continue
            stamp = stamp or self._stamp(scene, path, ratio)
            x, y = np.round((line.waypoints[waypoint] - STAMP / 2) * ratio) / ratio
            painter.drawPixmap(QPointF(x, y), stamp)

    @staticmethod
    def _stamp(scene: Scene, path: LatentPath, ratio: float) -> QPixmap:
        """A handle with nothing special."""
        side = round(STAMP * ratio)
        stamp = QPixmap(side, side)
        stamp.setDevicePixelRatio(ratio)
        stamp.fill(Qt.GlobalColor.transparent)
        with QPainter(stamp) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            ring(painter, scene, QPointF(STAMP / 2, STAMP / 2), colour(path_colour(path.colour, scene.theme)))
        return stamp

    def _handle(self, painter: QPainter, scene: Scene, line: PathLine, index: int) -> None:
        """A ring: with a dot in it if the waypoint is an encoded point, hollow and faint if it is off the plane."""
        hovered, off_plane = self.hovered == Grip(index), bool(line.off_plane[index])
        centre, radius = QPointF(*line.waypoints[index]), HANDLE_RADIUS + 2 * hovered
        own = colour(path_colour(line.path.colour, scene.theme), 0.6 if off_plane and not hovered else 1.0)
        selected = index == self.selected
        if off_plane and not selected:
            painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            painter.setBrush(colour(scene.theme.accent if selected else scene.theme.map_background))
        painter.setPen(QPen(casing(scene), 4.5))
        painter.drawEllipse(centre, radius, radius)
        painter.setPen(QPen(own, 1.5 if off_plane else 2.25))
        painter.drawEllipse(centre, radius, radius)
        if line.path.anchor(index) is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(own)
            painter.drawEllipse(centre, ANCHOR_RADIUS, ANCHOR_RADIUS)

    def _what_comes(self, painter: QPainter, scene: Scene) -> None:
        """What a path that is being drawn would become with the next click."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.rubber is not None:
            start, end = (QPointF(x, y) for x, y in np.clip(self._pixels(scene, self.rubber), -1e5, 1e5))
            painter.setPen(QPen(casing(scene), 4.0))
            painter.drawLine(start, end)
            dashes = QPen(stroke(scene), 1.75)
            dashes.setDashPattern((3.5, 3.0))
            painter.setPen(dashes)
            painter.drawLine(start, end)
        if self.seed is not None:
            centre = QPointF(*self._pixels(scene, self.seed))
            ring(painter, scene, centre, stroke(scene))
        if self.snapped is not None:
            centre = QPointF(*self._pixels(scene, self.snapped))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for pen_colour, width in ((casing(scene), 5.0), (colour(scene.theme.accent), 2.5)):
                painter.setPen(QPen(pen_colour, width))
                painter.drawEllipse(centre, SNAP_RADIUS, SNAP_RADIUS)

    # --- the name of the path under the mouse -----------------------------------------------------------------------

    def _other_name(self, scene: Scene) -> str:
        paths = scene.paths.items
        return paths[self.other].name or "Draft" if self.other is not None and self.other < len(paths) else ""

    def _label(self, scene: Scene, name: str) -> QRectF:
        """Above and right of the mouse, or wherever else beside it there is room."""
        metrics = QFontMetricsF(scene.font)
        width, height = metrics.horizontalAdvance(name) + 14, metrics.height() + 6
        x, y = self.other_at
        left = x + 12 if x + 12 + width < scene.camera.width else x - 12 - width
        top = y - 12 - height if y - 12 - height > 2 else y + 14
        return QRectF(max(2.0, left), top, width, height)

    def _name(self, painter: QPainter, scene: Scene, name: str) -> None:
        box = self._label(scene, name)
        painter.setPen(QPen(colour(scene.theme.border), 1))
        painter.setBrush(colour(scene.theme.raised, 0.94))
        painter.drawRoundedRect(box, 5, 5)
        painter.setPen(colour(scene.theme.text))
        painter.setFont(scene.font)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)
