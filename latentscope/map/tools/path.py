"""The path tool, and the gestures on a path that every tool shares: draw one, move a waypoint, bend the line.

While a gesture goes on the path changes live; at its end it becomes one step to undo. A path ends where the mouse is,
or at the encoded point nearby (``PathHand.spot``); waypoints in between go where they are put.
"""

import numpy as np
from PySide6.QtCore import Qt

from latentscope.map.overlays.path import Grip
from latentscope.map.tools.tool import CLICK_SLACK, Gesture, Pixel, Surface
from latentscope.state.paths import Paths, latent_tuple, new_path

__all__ = ["BendPath", "DrawPath", "MoveWaypoint", "PathGesture", "PathTool"]


class PathTool:
    name = "path"
    title = "Path"
    key = "P"
    tip = (
        "Drag to draw a path, or click for each of its waypoints: Enter or a double click ends it, a click on the first"
        " makes a loop. Drag handles or the line to change it."
    )
    cursor = Qt.CursorShape.CrossCursor
    takes_all = False

    def press(self, surface: Surface, pixel: Pixel, grip: Grip | None) -> Gesture:
        if surface.path_hand.drawing:
            return AddWaypoint(surface, pixel, None if grip is None else grip.index)
        return BendPath(surface, pixel, grip.index) if grip else DrawOrAdd(surface, pixel)


class PathGesture:
    """What the gestures share: they begin once the mouse has moved far enough, and end as one step to undo."""

    text = ""

    def __init__(self, surface: Surface, pixel: Pixel) -> None:
        self.surface, self.hand = surface, surface.path_hand
        self.start = pixel
        self.before = surface.workspace.pathing.paths
        self.begun = False

    def move(self, pixel: Pixel) -> None:
        if not self.begun and np.hypot(pixel[0] - self.start[0], pixel[1] - self.start[1]) < CLICK_SLACK:
            return
        self.begun = True
        self.surface.workspace.pathing.set(self.changed(pixel))

    def release(self) -> None:
        workspace = self.surface.workspace
        self.hand.mark(None)
        if self.begun:
            workspace.pathing.change(workspace.pathing.paths, self.text, before=self.before)
        else:
            self.click()

    def cancel(self) -> None:
        self.hand.mark(None)
        if self.begun:
            self.surface.workspace.pathing.set(self.before)

    def changed(self, pixel: Pixel) -> Paths:
        """The paths with the mouse at ``pixel``."""
        raise NotImplementedError

    def click(self) -> None:
        """The button was released where it was pressed."""


class DrawPath(PathGesture):
    """A new path from where the button was pressed; its kind and steps are those of the one before."""

    text = "Draw path"

    def __init__(self, surface: Surface, pixel: Pixel) -> None:
        super().__init__(surface, pixel)
        self.first = self.hand.spot(pixel, surface.keys)
        self.hand.mark(None)

    def changed(self, pixel: Pixel) -> Paths:
        (start, row), (end, other) = self.first, self.hand.spot(pixel, self.surface.keys)
        ends = (latent_tuple(start), latent_tuple(end))
        return self.before.drawn(new_path(ends, self.surface.workspace.pathing.style, (row, other)))


class DrawOrAdd(DrawPath):
    """With the path tool: a drag draws a new path; a click takes another in hand, or adds a waypoint to the active."""

    def click(self) -> None:
        other = self.hand.other_at(self.start)
        if other is not None:
            self.hand.activate(other)
        else:
            self.hand.add(self.first)


class AddWaypoint(PathGesture):
    """While a path is drawn by clicks: one more waypoint at its end, which can be dragged before it is let go.

    On the line (after waypoint ``leg``) a drag bends it instead.
    """

    def __init__(self, surface: Surface, pixel: Pixel, leg: int | None) -> None:
        super().__init__(surface, pixel)
        self.leg = leg
        self.text = "Add waypoint" if leg is None else "Bend path"
        self.first = self.hand.spot(pixel, surface.keys)
        self.hand.stretch(None)

    def move(self, pixel: Pixel) -> None:
        if self.hand.has_seed:  # the first waypoint alone is no path yet
            self.first = self.hand.spot(pixel, self.surface.keys)
            self.hand.stretch(pixel, self.surface.keys)
        else:
            super().move(pixel)

    def changed(self, pixel: Pixel) -> Paths:
        path = self.before.current
        if path is None:
            return self.before
        if self.leg is not None:
            return self.before.with_current(path.with_inserted(self.leg + 1, self.surface.latent_at(pixel)))
        z, anchor = self.hand.spot(pixel, self.surface.keys)
        return self.before.with_current(path.with_inserted(len(path.waypoints), z, anchor))

    def release(self) -> None:
        super().release()
        path = self.surface.workspace.pathing.current
        if self.begun and self.leg is None and path is not None:
            self.hand.select(len(path.waypoints) - 1)

    def click(self) -> None:
        self.hand.add(self.first)


class MoveWaypoint(PathGesture):
    """Drags a waypoint along the map's plane; a click selects it. An end snaps to encoded points."""

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
        place, anchor = np.add(path.waypoints[self.index], along), None
        if path.is_end(self.index):
            x, y = self.surface.camera.to_pixel(self.surface.workspace.plane.to_map(place))
            snapped, anchor = self.hand.spot((float(x), float(y)), self.surface.keys)
            place = place if anchor is None else snapped
        return self.before.with_current(path.with_waypoint(self.index, place, anchor))

    def click(self) -> None:
        self.hand.clicked(self.index)


class BendPath(PathGesture):
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
