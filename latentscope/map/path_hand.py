"""What the mouse has to do with the paths of one map: what it is on, what it snaps to, and a path drawn by clicks.

A gesture lasts from a press to its release; a path that is drawn by clicks lasts longer, and is kept in mind here.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal

from latentscope.map.overlays.path import HANDLE_REACH, Grip, PathOverlay
from latentscope.map.overlays.path_line import PathLine
from latentscope.paths.editing import activate
from latentscope.state.paths import Latent, latent_tuple, new_path

if TYPE_CHECKING:
    from latentscope.map.canvas import MapCanvas

__all__ = ["SNAP_REACH", "PathHand", "Spot"]

Pixel = tuple[float, float]
Spot = tuple[Latent, int | None]  # where a waypoint is to be (D,), and which encoded point that is, if it is one

# How near an end must be to an encoded point to snap to it, in logical pixels.
SNAP_REACH = 8.0
# These keys prevent it: Alt, and Ctrl, since many window managers keep Alt + drag for themselves.
FREELY = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier


class PathHand(QObject):
    """The hand of one map's mouse on its paths; ``overlay`` shows what it does."""

    drawing_changed = Signal()  # a path is being drawn by clicks, or is no more

    def __init__(self, canvas: "MapCanvas") -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.overlay: PathOverlay = canvas.path_overlay
        self.can_anchor: Callable[[int], bool] = lambda row: True  # whether all maps know this code
        self.drawing = False
        self._seed: Spot | None = None

    # --- what is under the mouse --------------------------------------------------------------------------------------

    def lines(self) -> tuple[PathLine, ...]:
        return self.overlay.lines(self._canvas.scene)

    def grip(self, pixel: Pixel) -> Grip | None:
        """What of the active path is there."""
        active = self._canvas.scene.paths.active
        return None if active is None else self.lines()[active].grip(pixel)

    def other_at(self, pixel: Pixel) -> int | None:
        """Which of the paths that are not active passes there, the topmost of several."""
        active, lines = self._canvas.scene.paths.active, self.lines()
        return next((i for i in reversed(range(len(lines))) if i != active and lines[i].is_at(pixel)), None)

    def hover(self, pixel: Pixel | None, grip: Grip | None, keys: Qt.KeyboardModifier) -> None:
        """The mouse is at a pixel with no button held, or (None) has gone."""
        overlay = self.overlay
        other = self.other_at(pixel) if pixel is not None and grip is None and not self.drawing else None
        if (grip, other) != (overlay.hovered, overlay.other):
            overlay.hovered = grip
            overlay.other, overlay.other_at = other, pixel or (0.0, 0.0)
            self._repaint()
            self._canvas.update_cursor()
        if self.drawing:
            self.stretch(pixel if grip is None else None, keys)

    def select(self, waypoint: int | None) -> None:
        """Make a waypoint the one that Delete removes."""
        if waypoint != self.overlay.selected:
            self.overlay.selected = waypoint
            self._repaint()

    def show_handles(self, shown: bool) -> None:
        """Whether the active path has handles; while it is drawn in one stroke they would only flicker."""
        if shown != self.overlay.handles:
            self.overlay.handles = shown
            self._repaint()

    def activate(self, index: int) -> None:
        """Make another path the active one."""
        self.overlay.other = None
        self.select(None)
        activate(self._canvas.workspace, index)

    # --- where a waypoint goes ------------------------------------------------------------------------------------

    def spot(self, pixel: Pixel, keys: Qt.KeyboardModifier) -> Spot:
        """Where a waypoint goes that is put at a pixel: to the encoded point nearby, which is marked, or just there."""
        row = -1 if keys & FREELY else self.code_near(pixel)
        codes = self._canvas.workspace.codes
        if row < 0 or codes is None:
            self.mark(None)
            return self._canvas.latent_at(pixel), None
        z = codes.mean[row].astype(float)
        self.mark(z)
        return z, row

    def code_near(self, pixel: Pixel, reach: float = SNAP_REACH) -> int:
        """Which encoded point that is shown is nearest to a pixel and within reach; −1 if none is."""
        canvas = self._canvas
        if not canvas.workspace.layers.shows("points") or canvas.embedding is not None:
            return -1
        cloud, camera = canvas.cloud, canvas.camera
        row = cloud.nearest(camera.to_map(pixel), reach / camera.scale, canvas.workspace.hidden_classes)
        index = int(cloud.index[row]) if row >= 0 else -1
        return index if index >= 0 and self.can_anchor(index) else -1

    def mark(self, snapped: NDArray[np.float64] | None) -> None:
        """Ring the encoded point (D,) to which a waypoint snaps, or none any more."""
        if snapped is not None or self.overlay.snapped is not None:
            self.overlay.snapped = snapped
            self._repaint()

    # --- drawing by clicks ------------------------------------------------------------------------------------------

    def add(self, spot: Spot) -> None:
        """A click: one more waypoint at the end of the active path. Where there is none that has an end, the first of
        a new one, which becomes a path with the second."""
        workspace = self._canvas.workspace
        paths, path = workspace.pathing.paths, workspace.pathing.current
        z, anchor = spot
        self.mark(None)
        if self._seed is not None:
            if np.hypot(*(self._pixel(z) - self._pixel(self._seed[0]))) < HANDLE_REACH / 2:
                return
            ends, anchors = (latent_tuple(self._seed[0]), latent_tuple(z)), (self._seed[1], anchor)
            self._seed = None
            workspace.pathing.change(paths.drawn(new_path(ends, workspace.pathing.style, anchors)), "Draw path")
        elif path is None or path.closed:
            self._seed = spot
        else:
            more = path.with_inserted(len(path.waypoints), z, anchor)
            workspace.pathing.change(paths.with_current(more), "Add waypoint")
        self._set_drawing(True)
        if workspace.pathing.current is not None and self._seed is None:
            self.select(len(workspace.pathing.current.waypoints) - 1)
        self.stretch(None)

    def clicked(self, waypoint: int) -> None:
        """A waypoint was clicked: while a path is drawn, the first one makes it a loop, and the last one is its end."""
        path = self._canvas.workspace.pathing.current
        if not self.drawing or path is None:
            return
        if waypoint == 0 and len(path.waypoints) > 2:
            self._canvas.workspace.pathing.change_current(replace(path, closed=True), "Close path")
            self.end_drawing()
        elif waypoint == len(path.waypoints) - 1:
            self.end_drawing()

    def end_drawing(self) -> None:
        """What has been drawn stays; a first waypoint alone is nothing."""
        if self.drawing:
            self._seed = None
            self.mark(None)
            self.stretch(None)
            self._set_drawing(False)

    def start_afresh(self) -> None:
        """What was in hand belongs to a map that is not shown any more."""
        self.end_drawing()
        self.overlay.handles = True
        self.overlay.selected = self.overlay.hovered = self.overlay.other = None

    def follow(self) -> None:
        """The paths are others than before."""
        path, overlay = self._canvas.workspace.pathing.current, self.overlay
        if path is None:
            overlay.selected = overlay.hovered = None
        elif overlay.selected is not None and overlay.selected >= len(path.waypoints):
            overlay.selected = None
        if overlay.other is not None and overlay.other >= len(self._canvas.workspace.pathing.paths.items):
            overlay.other = None
        if self.drawing and self._seed is None and (path is None or path.closed):
            self.end_drawing()
        elif self.drawing and overlay.rubber is not None:
            self.stretch(None)

    def _set_drawing(self, drawing: bool) -> None:
        if drawing != self.drawing:
            self.drawing = drawing
            self.drawing_changed.emit()

    @property
    def has_seed(self) -> bool:
        """Whether a path is drawn of which there is but the first waypoint."""
        return self._seed is not None

    def stretch(self, pixel: Pixel | None, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Show the line from the last waypoint to where the next one would be, with the mouse at a pixel; or none."""
        overlay, path = self.overlay, self._canvas.workspace.pathing.current
        start = self._seed[0] if self._seed is not None else path.waypoints[-1] if path is not None else None
        rubber = None
        if pixel is not None and start is not None:
            rubber = np.stack([np.asarray(start, float), self.spot(pixel, keys)[0]])
        overlay.rubber, overlay.seed = rubber, None if self._seed is None else self._seed[0]
        self._repaint()

    def _pixel(self, z: Latent) -> NDArray[np.float64]:
        return self._canvas.camera.to_pixel(self._canvas.workspace.plane.to_map(z))

    def _repaint(self) -> None:
        self._canvas.repaint_overlay(self.overlay)
