"""The probe tool: decodes what is under the mouse."""

from PySide6.QtCore import Qt

from latentscope.map.overlays.path import Grip
from latentscope.map.tools.path import BendPath
from latentscope.map.tools.tool import Gesture, Pixel, Surface

__all__ = ["ProbeDrag", "ProbeTool"]


class ProbeTool:
    name = "probe"
    title = "Probe"
    key = "V"
    tip = "Click or drag on the map to decode what is there."
    cursor = Qt.CursorShape.CrossCursor
    takes_all = False

    def press(self, surface: Surface, pixel: Pixel, grip: Grip | None) -> Gesture:
        return BendPath(surface, pixel, grip.index) if grip else ProbeDrag(surface, pixel)


class ProbeDrag:
    def __init__(self, surface: Surface, pixel: Pixel) -> None:
        self._surface = surface
        self._before = surface.workspace.probe
        self.move(pixel)

    def move(self, pixel: Pixel) -> None:
        self._surface.workspace.set_probe(self._surface.latent_at(pixel))

    def release(self) -> None:
        """The probe is where it is already."""

    def cancel(self) -> None:
        self._surface.workspace.set_probe(self._before)
