"""What a tool of the map is.

A tool has no state: a press makes a gesture, which lives until the button is released or Esc is pressed.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor

from latentscope.map.camera import Camera
from latentscope.map.overlays.path import Grip
from latentscope.map.overlays.sketch import Sketch
from latentscope.map.path_hand import PathHand
from latentscope.map.points.cloud import Cloud
from latentscope.state.workspace import Workspace

__all__ = ["CLICK_SLACK", "Gesture", "Pixel", "Surface", "Tool"]

Pixel = tuple[float, float]

# How far the mouse may stray, in logical pixels, in what is still a click.
CLICK_SLACK = 4.0


class Surface(Protocol):
    """What a tool may use of the map."""

    @property
    def workspace(self) -> Workspace: ...

    @property
    def camera(self) -> Camera: ...

    @property
    def cloud(self) -> Cloud: ...

    @property
    def keys(self) -> Qt.KeyboardModifier:
        """The modifier keys that are held, as of the last press, move or release."""

    @property
    def path_hand(self) -> PathHand:
        """The hand of the mouse on the paths."""

    def move_camera(self, camera: Camera) -> None:
        """Look from there, as the user's own wish."""

    def latent_at(self, pixel: Pixel) -> NDArray[np.float64]:
        """The latent point (D,) under a pixel."""

    def select_waypoint(self, index: int | None) -> None:
        """Make a waypoint the one that Delete removes."""

    def show_sketch(self, sketch: Sketch | None) -> None:
        """Draw a selection in the making over the map."""


class Gesture(Protocol):
    """A press of the mouse and what follows."""

    def move(self, pixel: Pixel) -> None: ...

    def release(self) -> None:
        """The button was released: what was done is to last."""

    def cancel(self) -> None:
        """Esc was pressed: everything is to be as before the press."""


class Tool(Protocol):
    @property
    def name(self) -> str:
        """The word that programs use."""

    @property
    def title(self) -> str:
        """The word that people see."""

    @property
    def key(self) -> str:
        """The key that takes it in hand."""

    @property
    def tip(self) -> str:
        """What it does, in a sentence."""

    @property
    def cursor(self) -> Qt.CursorShape | QCursor: ...

    @property
    def takes_all(self) -> bool:
        """Whether every press is this tool's own, also those on a path, and with Shift held."""

    def press(self, surface: Surface, pixel: Pixel, grip: Grip | None) -> Gesture:
        """The left button was pressed at ``pixel``, on the line of the path if ``grip`` says so."""
