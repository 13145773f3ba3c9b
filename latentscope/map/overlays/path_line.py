"""A path as it lies on the map, in pixels: what is drawn of it, and what of it the mouse is on."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF
from PySide6.QtGui import QPolygonF

from latentscope.map.camera import Camera
from latentscope.map.overlays.probe import OFF_PLANE
from latentscope.paths.routes import Route
from latentscope.state.paths import LatentPath
from trainer.geometry import Plane

__all__ = ["HANDLE_REACH", "HANDLE_ROOM", "LINE_REACH", "Grip", "PathLine", "clipped", "line_of"]

# How near the mouse must be, in logical pixels.
HANDLE_REACH, LINE_REACH = 12.0, 7.0
# Of more waypoints than this, only one in each square of so many logical pixels has a handle; and where even these are
# more than could be told apart, only the ends have.
MANY, HANDLE_ROOM, MOST_HANDLES = 64, 24.0, 250
# Lines of more points than this are so dense a tangle that nobody could follow them.
MANY_POINTS = 2000
# How far beyond the edges of the map lines and handles are drawn, and the least step of a line that is.
MARGIN, LEAST_STEP = 24.0, 2.0

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Grip:
    """What of a path the mouse is on: a waypoint, or the line between waypoint ``index`` and the next."""

    index: int
    on_line: bool = False


@dataclass(frozen=True, eq=False)
class PathLine:
    """A path seen from a camera: the pixels (K, 2) along its curve, and those of its waypoints (W, 2).

    ``off_plane`` (W,) says which waypoints lie off the plane, so that what is seen of them is their projection.
    """

    path: LatentPath
    route: Route
    camera: Camera
    pixels: Array
    waypoints: Array
    off_plane: NDArray[np.bool_]

    @cached_property
    def runs(self) -> list[Array]:
        """The pieces (M, 2) of the line that are seen."""
        size = np.array([self.camera.width, self.camera.height], float)
        return [_thinned(piece) for piece in clipped(self.pixels, -MARGIN, size + MARGIN)]

    @cached_property
    def points(self) -> int:
        """How many there are in all of these."""
        return sum(len(run) for run in self.runs)

    @property
    def tangled(self) -> bool:
        """Whether these are so many that some strokes stand for all, which would take too long."""
        return self.points > MANY_POINTS

    @cached_property
    def pieces(self) -> list[QPolygonF]:
        """What is drawn of the line."""
        return [QPolygonF([QPointF(x, y) for x, y in run.tolist()]) for run in self.runs]

    @cached_property
    def strokes(self) -> list[QLineF]:
        """What is drawn of a line that is tangled."""
        every = self.points // MANY_POINTS + 1
        ends = [np.hstack([run[:-1], run[1:]])[::every] for run in self.runs if self.tangled]
        return [QLineF(*stroke) for stroke in np.concatenate(ends).tolist()] if ends else []

    @cached_property
    def handles(self) -> NDArray[np.intp]:
        """The waypoints that have a handle, ascending: those that are seen, and where they are crowded, some of them.

        Both ends come before the others.
        """
        size = np.array([self.camera.width, self.camera.height], float)
        seen = np.flatnonzero(((self.waypoints > -MARGIN) & (self.waypoints < size + MARGIN)).all(axis=1))
        if len(seen) <= MANY:
            return seen
        order = np.concatenate([seen[-1:], seen])  # of a cell the first in this order: if they are seen, the ends
        cells = np.floor(self.waypoints[order] / HANDLE_ROOM).astype(np.int64)
        _, first = np.unique(cells[:, 0] * (1 << 20) + cells[:, 1], return_index=True)
        found = np.unique(order[first])
        return found if len(found) <= MOST_HANDLES else found[np.isin(found, (0, len(self.waypoints) - 1))]

    @cached_property
    def box(self) -> QRect:
        """The rectangle of the line and its handles, as far as it is seen, without their own width; empty if none."""
        seen = [*self.runs, *([self.waypoints[self.handles]] if len(self.handles) else [])]
        if not seen:
            return QRect()
        low = np.min([places.min(axis=0) for places in seen], axis=0)
        high = np.max([places.max(axis=0) for places in seen], axis=0)
        return QRectF(QPointF(*low), QPointF(*high)).toAlignedRect().adjusted(0, 0, 1, 1)

    def grip(self, pixel: tuple[float, float]) -> Grip | None:
        """What of the path is at a pixel: the nearest handle within reach, else the nearest leg within reach."""
        handles = self.handles
        if len(handles):
            distance = np.hypot(*(self.waypoints[handles] - pixel).T)
            # Of two on one spot the later one: the end that has just been dragged there can be dragged away again.
            nearest = len(distance) - 1 - int(distance[::-1].argmin())
            if distance[nearest] <= HANDLE_REACH:
                return Grip(int(handles[nearest]))
        if not self._may_be_at(pixel):
            return None
        distances = line_distances(self.pixels, pixel)
        piece = int(distances.argmin())
        if distances[piece] > LINE_REACH:
            return None
        return Grip(int(np.searchsorted(self.route.curve.corners, piece, side="right")) - 1, on_line=True)

    def is_at(self, pixel: tuple[float, float]) -> bool:
        """Whether the line passes within reach of a pixel."""
        return self._may_be_at(pixel) and bool(line_distances(self.pixels, pixel).min() <= LINE_REACH)

    def _may_be_at(self, pixel: tuple[float, float]) -> bool:
        x, y = round(pixel[0]), round(pixel[1])
        reach = int(LINE_REACH) + 1
        return self.box.adjusted(-reach, -reach, reach, reach).contains(x, y)


def line_of(path: LatentPath, route: Route, plane: Plane, camera: Camera) -> PathLine:
    """A path that runs so, seen from there."""
    pixels = camera.to_pixel(plane.to_map(route.curve.points))
    waypoints = np.asarray(path.waypoints, float)
    if plane.dimension > 2:
        off_plane = np.asarray(plane.distance(waypoints)) > OFF_PLANE
    else:
        off_plane = np.zeros(len(waypoints), bool)
    return PathLine(path, route, camera, pixels, camera.to_pixel(plane.to_map(waypoints)), off_plane)


def line_distances(line: Array, pixel: tuple[float, float]) -> Array:
    """The distances (K − 1,) from a pixel to each straight piece of a polyline (K, 2)."""
    start, along = line[:-1], np.diff(line, axis=0)
    length = np.maximum(np.einsum("ij,ij->i", along, along), 1e-12)
    share = np.clip(np.einsum("ij,ij->i", np.asarray(pixel) - start, along) / length, 0, 1)
    return np.asarray(np.hypot(*(start + share[:, None] * along - pixel).T))


def clipped(line: Array, low: float | Array, high: float | Array) -> list[Array]:
    """The pieces (M, 2) of a polyline (K, 2) within an upright rectangle (Liang & Barsky 1984)."""
    start, along = line[:-1], np.diff(line, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = (low - start) / along, (high - start) / along
    still = along == 0
    outside = still & ((start < low) | (start > high))
    enter = np.where(still, 0.0, np.minimum(one, other)).max(axis=1).clip(min=0.0)
    leave = np.where(still, 1.0, np.maximum(one, other)).min(axis=1).clip(max=1.0)
    seen = np.flatnonzero((enter <= leave) & ~outside.any(axis=1))
    if not len(seen):
        return []
    first, last = start[seen] + enter[seen, None] * along[seen], start[seen] + leave[seen, None] * along[seen]
    whole = leave[seen] >= 1
    last[whole] = line[1:][seen[whole]]  # exactly where the next piece starts
    joined = (np.diff(seen) == 1) & whole[:-1] & (enter[seen[1:]] <= 0)
    breaks = np.flatnonzero(~joined) + 1
    firsts, lasts = np.split(first, breaks), np.split(last, breaks)
    return [np.concatenate([a, b[-1:]]) for a, b in zip(firsts, lasts, strict=True)]


def _thinned(line: Array) -> Array:
    """A polyline without the points that are less than a step from the one before: none could tell."""
    if len(line) < 3:
        return line
    reach = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    steps = np.floor(reach / LEAST_STEP)
    keep = np.concatenate([[True], np.diff(steps) > 0])
    keep[-1] = True
    return line[keep]
