"""The path tool, and the gestures on a path that every tool shares: draw one, move a waypoint, bend the line.

While a gesture goes on the path changes live; at its end it becomes one step to undo.
"""

import numpy as np
from PySide6.QtCore import Qt

from latentscope.map.overlays.path import Grip
from latentscope.map.tools.tool import CLICK_SLACK, Gesture, Pixel, Surface
from latentscope.state.paths import Paths, latent_tuple, new_path

__all__ = ["BendPath", "DrawPath", "MoveWaypoint", "PathTool"]


class PathTool:
    name = "path"
    title = "Path"
    key = "P"
    tip = "Drag on the map to draw a path; drag its handles or its line to change it."
    cursor = Qt.CursorShape.CrossCursor
    takes_all = False

    def press(self, surface: Surface, pixel: Pixel, grip: Grip | None) -> Gesture:
        return BendPath(surface, pixel, grip.index) if grip else DrawPath(surface, pixel)


class _PathGesture:
    """What the gestures share: they begin once the mouse has moved far enough, and end as one step to undo."""

    text = ""

    def __init__(self, surface: Surface, pixel: Pixel) -> None:
        self.surface = surface
        self.start = pixel
        self.before = surface.workspace.paths
        self.begun = False

    def move(self, pixel: Pixel) -> None:
        if not self.begun and np.hypot(pixel[0] - self.start[0], pixel[1] - self.start[1]) < CLICK_SLACK:
            return
        self.begun = True
        self.surface.workspace.set_paths(self.changed(pixel))

    def release(self) -> None:
        workspace = self.surface.workspace
        if self.begun:
            workspace.change_paths(workspace.paths, self.text, before=self.before)
        else:
            self.click()

    def cancel(self) -> None:
        if self.begun:
            self.surface.workspace.set_paths(self.before)

    def changed(self, pixel: Pixel) -> Paths:
        """The paths with the mouse at ``pixel``."""
        raise NotImplementedError

    def click(self) -> None:
        """The button was released where it was pressed."""


class DrawPath(_PathGesture):
    """A new path from where the button was pressed; its kind and steps are those of the one before."""

    text = "Draw path"

    def changed(self, pixel: Pixel) -> Paths:
        ends = tuple(latent_tuple(self.surface.latent_at(end)) for end in (self.start, pixel))
        return self.before.drawn(new_path(ends, self.surface.workspace.path_style))


class MoveWaypoint(_PathGesture):
    """Drags a waypoint along the map's plane; a click selects it."""

    text = "Move waypoint"

    def __init__(self, surface: Surface, pixel: Pixel, index: int) -> None:
        super().__init__(surface, pixel)
        self.index = index
        surface.select_waypoint(index)

    def changed(self, pixel: Pixel) -> Paths:
        path = self.before.current
        if path is None:
            return self.before
        # By difference, so that the handle does not jump to the mouse, and what of it lies off the plane stays.
        along = self.surface.latent_at(pixel) - self.surface.latent_at(self.start)
        return self.before.with_current(path.with_waypoint(self.index, np.add(path.waypoints[self.index], along)))


class BendPath(_PathGesture):
    """Dragging the line between two waypoints puts another there; a click decodes what is under it."""

    text = "Bend path"

    def __init__(self, surface: Surface, pixel: Pixel, leg: int) -> None:
        super().__init__(surface, pixel)
        self.leg = leg

    def changed(self, pixel: Pixel) -> Paths:
        path = self.before.current
        if path is None:
            return self.before
        self.surface.select_waypoint(self.leg + 1)
        return self.before.with_current(path.with_inserted(self.leg + 1, self.surface.latent_at(pixel)))

    def click(self) -> None:
        self.surface.workspace.set_probe(self.surface.latent_at(self.start))

    def cancel(self) -> None:
        super().cancel()
        self.surface.select_waypoint(None)
