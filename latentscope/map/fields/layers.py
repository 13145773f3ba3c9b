"""All layers that are drawn from the fields of the plane, in their order under and over the points."""

from collections.abc import Callable

from PySide6.QtGui import QImage, QPainter

from latentscope.map.fields.ellipses import EllipsesLayer
from latentscope.map.fields.fields import PlaneFields
from latentscope.map.fields.lines import BoundariesLayer, ContoursLayer
from latentscope.map.fields.tints import TINTS, RegionsLayer, TintLayer
from latentscope.map.pictures import draw_unscaled
from latentscope.map.scene import BaseLayer, Scene

__all__ = ["FieldLayers", "KeptLayer"]

LINES = "ellipses", "boundaries", "density"


class FieldLayers:
    """``under`` the points, over the atlas, and ``over`` the points."""

    def __init__(self, fields: PlaneFields) -> None:
        self._fields, self._ellipses = fields, EllipsesLayer(fields.selecting)
        lines = (self._ellipses, BoundariesLayer(fields), ContoursLayer(fields))
        self.under: tuple[BaseLayer, ...] = (RegionsLayer(fields), *(TintLayer(name, fields) for name in TINTS))
        self.over: tuple[BaseLayer, ...] = (KeptLayer(lines, self._seen),)

    @property
    def rough(self) -> bool:
        """Whether they are to be painted again when the camera rests: lines are hair lines, ellipses few, meanwhile."""
        return self._ellipses.rough or self._fields.are_shown

    def _seen(self, scene: Scene) -> tuple[object, ...] | None:
        """What the lines are drawn from; None where none of them is on."""
        if not any(scene.layers.shows(name) for name in LINES):
            return None
        shown = tuple(scene.layers.shows(name) for name in LINES)
        look = (scene.cloud, scene.look, scene.codes, scene.layers.ellipses, self._fields.selecting.selection)
        return *shown, scene.theme, self._fields.contours, self._fields.regions, *(look if shown[0] else ())


class KeptLayer:
    """Layers whose picture is kept while the camera rests: smooth lines on halos take tens of milliseconds."""

    def __init__(self, layers: tuple[BaseLayer, ...], seen: Callable[[Scene], tuple[object, ...] | None]) -> None:
        """``seen`` is what they are drawn from beside the camera; None: they draw nothing."""
        self._layers, self._seen = layers, seen
        self._made_from: tuple[object, ...] = ()
        self._image = QImage()
        self.drawn = 0  # how often; for tests

    def paint(self, painter: QPainter, scene: Scene) -> None:
        seen = self._seen(scene)
        if seen is None:
            self._made_from, self._image = (), QImage()
        elif scene.moving or scene.still:
            self._paint(painter, scene)
        else:
            if (scene.camera, *seen) != self._made_from:
                self._made_from = (scene.camera, *seen)
                self._image = QImage(*scene.camera.device_size, QImage.Format.Format_ARGB32_Premultiplied)
                self._image.setDevicePixelRatio(scene.camera.ratio)
                self._image.fill(0)
                with QPainter(self._image) as own:
                    self._paint(own, scene)
                self._image.setDevicePixelRatio(1)
                self.drawn += 1
            draw_unscaled(painter, self._image, scene.camera.ratio)

    def _paint(self, painter: QPainter, scene: Scene) -> None:
        for layer in self._layers:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            layer.paint(painter, scene)
            painter.restore()
