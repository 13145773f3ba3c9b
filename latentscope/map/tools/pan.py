"""The pan tool: the map follows the hand."""

from PySide6.QtCore import Qt

from latentscope.map.overlays.path import Grip
from latentscope.map.tools.tool import Gesture, Pixel, Surface

__all__ = ["PanDrag", "PanTool"]


class PanTool:
    name = "pan"
    title = "Pan"
    key = "H"
    tip = "Drag the map. With any other tool: the middle button, or Space and drag."
    cursor = Qt.CursorShape.OpenHandCursor
    takes_all = False

    def press(self, surface: Surface, pixel: Pixel, grip: Grip | None) -> Gesture:
        return PanDrag(surface, pixel)


class PanDrag:
    def __init__(self, surface: Surface, pixel: Pixel) -> None:
        self._surface = surface
        self._start = pixel
        self._before = surface.camera

    def move(self, pixel: Pixel) -> None:
        self._surface.move_camera(self._before.panned(pixel[0] - self._start[0], pixel[1] - self._start[1]))

    def release(self) -> None:
        """The map is where it is already."""

    def cancel(self) -> None:
        self._surface.move_camera(self._before)
