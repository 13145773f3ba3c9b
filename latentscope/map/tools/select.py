"""The selecting tools: a lasso drawn by hand, and a rectangle.

Shift adds to what is selected, Alt takes away from it; so does Ctrl, since many window managers keep Alt + drag for
themselves. The selection changes when the button is released, as one step to undo.
"""

from collections.abc import Callable

import numpy as np
from PySide6.QtGui import QCursor

from latentscope.map.overlays.enclosing import Lasso, Rectangle, Shape
from latentscope.map.overlays.path import Grip
from latentscope.map.overlays.sketch import MOST_SHOWN, Sketch
from latentscope.map.tools.cursors import lasso_cursor, rectangle_cursor
from latentscope.map.tools.tool import CLICK_SLACK, Gesture, Pixel, Surface
from latentscope.state.selection import HowToSelect, how_by_keys

__all__ = ["LassoTool", "RectangleTool", "SelectDrag"]

# How near a click must be to a point, in logical pixels: where points are dense, there is empty map between them, too.
REACH = 6.0
STEP = 1.5  # logical pixels: a corner of the lasso for each such move
SIGNS = {"replace": "", "add": "+ ", "remove": "\N{MINUS SIGN} "}
NOT_THE_SAME = "other test points: nothing to select here"


class LassoTool:
    name = "lasso"
    title = "Lasso"
    key = "L"
    tip = "Draw round points to select them. Shift adds, Alt removes; a click on the empty map clears."
    takes_all = True

    @property
    def cursor(self) -> QCursor:
        return lasso_cursor()

    def press(self, surface: Surface, pixel: Pixel, grip: Grip | None) -> Gesture:
        return SelectDrag(surface, pixel, Lasso)


class RectangleTool:
    name = "rectangle"
    title = "Rectangle"
    key = "M"
    tip = "Drag a rectangle round points to select them. Shift adds, Alt removes; a click on the empty map clears."
    takes_all = True

    @property
    def cursor(self) -> QCursor:
        return rectangle_cursor()

    def press(self, surface: Surface, pixel: Pixel, grip: Grip | None) -> Gesture:
        return SelectDrag(surface, pixel, Rectangle)


class SelectDrag:
    """Draws a shape of ``make(points, start)`` over the points of the classes that are shown."""

    def __init__(self, surface: Surface, pixel: Pixel, make: Callable[..., Shape]) -> None:
        self._surface, self._make = surface, make
        self._how: HowToSelect = how_by_keys(surface.keys)
        self._start = self._last = pixel
        self._begun = False
        # Places of the map, not pixels: the wheel may turn meanwhile.
        self._places = [surface.camera.to_map(pixel)]
        self._lay_over_points()

    def _lay_over_points(self) -> None:
        self._cloud = self._surface.cloud
        self._rows = np.flatnonzero(self._cloud.shown(self._surface.workspace.hidden_classes))
        self._shape = self._make(self._cloud.position[self._rows], self._places[0])
        for place in self._places[1:]:
            self._shape.extend(place)

    def move(self, pixel: Pixel) -> None:
        if not self._begun and np.hypot(pixel[0] - self._start[0], pixel[1] - self._start[1]) < CLICK_SLACK:
            return
        if self._begun and np.hypot(pixel[0] - self._last[0], pixel[1] - self._last[1]) < STEP:
            return
        self._begun, self._last = True, pixel
        self._places.append(self._surface.camera.to_map(pixel))
        if self._cloud is not self._surface.cloud:  # a newer snapshot: the points lie elsewhere
            self._lay_over_points()
        else:
            self._shape.extend(self._places[-1])
        rows = self._inside()
        text = f"{SIGNS[self._how]}{len(rows):,}" if self._surface.workspace.selecting.possible else NOT_THE_SAME
        shown = rows if len(rows) <= MOST_SHOWN else rows[:0]
        self._surface.show_sketch(Sketch(self._shape.outline, shown, self._places[-1], text, self._how != "remove"))

    def release(self) -> None:
        self._surface.show_sketch(None)
        if self._begun:
            if self._cloud is not self._surface.cloud:
                self._lay_over_points()
            self._select(self._inside())
        else:
            self._click()

    def cancel(self) -> None:
        self._surface.show_sketch(None)

    def _inside(self) -> "np.ndarray[tuple[int], np.dtype[np.intp]]":
        """The rows of the cloud in the shape."""
        return self._rows[self._shape.inside]

    def _click(self) -> None:
        surface = self._surface
        within = REACH / surface.camera.scale
        row = surface.cloud.nearest(self._places[0], within, surface.workspace.hidden_classes)
        if row >= 0:
            self._select(np.array([row]))
        elif self._how == "replace":
            surface.workspace.selecting.clear()

    def _select(self, rows: "np.ndarray[tuple[int], np.dtype[np.intp]]") -> None:
        self._surface.workspace.selecting.choose(self._surface.cloud.index[rows], self._how)
