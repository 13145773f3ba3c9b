"""The freehand tool: a stroke of the hand becomes a smooth path of few waypoints, which can be bent afterwards."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt

from latentscope.map.overlays.path import HANDLE_REACH, Grip
from latentscope.map.tools.path import PathGesture
from latentscope.map.tools.tool import Gesture, Pixel, Surface
from latentscope.paths.stroke import waypoints_along
from latentscope.state.paths import Paths, latent_tuple, new_path

__all__ = ["FreehandTool"]

STEP = 1.5  # logical pixels: a point of the stroke for each such move
LOOP = 120.0  # logical pixels: a stroke as long as this that comes back to its beginning is a loop


class FreehandTool:
    name = "freehand"
    title = "Freehand"
    key = "F"
    tip = "Draw a path in one stroke. It is smoothed, and can be bent afterwards; back at its beginning it is a loop."
    cursor = Qt.CursorShape.CrossCursor
    takes_all = True

    def press(self, surface: Surface, pixel: Pixel, grip: Grip | None) -> Gesture:
        return DrawFreehand(surface, pixel)


class DrawFreehand(PathGesture):
    """The path follows the stroke while it is drawn."""

    text = "Draw freehand"

    def __init__(self, surface: Surface, pixel: Pixel) -> None:
        super().__init__(surface, pixel)
        self.first = self.hand.spot(pixel, surface.keys)
        self.hand.mark(None)
        # Places of the map, not pixels: the wheel may turn meanwhile.
        self.places = [surface.camera.to_map(pixel)]
        self.length, self.last = 0.0, pixel

    def move(self, pixel: Pixel) -> None:
        moved = float(np.hypot(pixel[0] - self.last[0], pixel[1] - self.last[1]))
        if moved >= STEP:
            self.length, self.last = self.length + moved, pixel
            self.places.append(self.surface.camera.to_map(pixel))
            self.hand.show_handles(False)
            super().move(pixel)

    def changed(self, pixel: Pixel) -> Paths:
        surface, workspace = self.surface, self.surface.workspace
        stroke = surface.camera.to_pixel(np.array(self.places))
        closed = self.length > LOOP and float(np.hypot(*(stroke[-1] - stroke[0]))) < HANDLE_REACH
        if closed:
            self.hand.mark(self.first[0])
        (start, row), (end, other) = self.first, (self.first if closed else self.hand.spot(pixel, surface.keys))
        points = [latent_tuple(surface.latent_at((x, y))) for x, y in waypoints_along(stroke, closed).tolist()]
        anchors: list[int | None] = [None] * len(points)
        points[0], anchors[0] = latent_tuple(start), row
        if not closed:
            points[-1], anchors[-1] = latent_tuple(end), other
        path = new_path(tuple(points), workspace.pathing.style, tuple(anchors))
        return self.before.drawn(replace(path, kind="spline", closed=closed))

    def release(self) -> None:
        self.hand.show_handles(True)
        super().release()

    def cancel(self) -> None:
        self.hand.show_handles(True)
        super().cancel()
