"""The cached picture under the overlays: every layer that does not move with the mouse, in one image."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from latentscope.map.camera import Camera
from latentscope.map.scene import BaseLayer, Overlay, Scene, colour

__all__ = ["BasePicture", "over_layers", "paint_base", "paint_still", "still_picture"]


class BasePicture:
    """Composes the layers again only after ``expire``; until then a frame costs one copy of the part that is wanted."""

    def __init__(self, layers: Sequence[BaseLayer]) -> None:
        self._layers = layers
        self._image = QImage()
        self._fresh = False
        self.composed = 0  # how often; for tests and benchmarks

    @property
    def is_fresh(self) -> bool:
        """Whether the picture shows what it is to show."""
        return self._fresh

    def expire(self) -> None:
        self._fresh = False

    def image(self, scene: Scene) -> QImage:
        """The picture in device pixels, its device-pixel ratio left at 1."""
        width, height = scene.camera.device_size
        if not self._fresh or self._image.width() != width or self._image.height() != height:
            if self._image.width() != width or self._image.height() != height:
                self._image = QImage(width, height, QImage.Format.Format_RGB32)
            # While it is painted the image counts in logical pixels.
            self._image.setDevicePixelRatio(scene.camera.ratio)
            paint_base(self._image, self._layers, scene)
            self._image.setDevicePixelRatio(1)
            self._fresh = True
            self.composed += 1
        return self._image


def paint_base(image: QImage, layers: Sequence[BaseLayer], scene: Scene) -> None:
    """Paint the background and the layers, the first one lowest."""
    image.fill(colour(scene.theme.map_background))
    with QPainter(image) as painter:
        paint_layers(painter, layers, scene)


def paint_layers(painter: QPainter, layers: Sequence[BaseLayer], scene: Scene) -> None:
    for layer in layers:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        try:
            layer.paint(painter, scene)
        finally:
            painter.restore()


def still_picture(scene: Scene, scale: float, layers: Sequence[BaseLayer], overlays: Sequence[Overlay]) -> QImage:
    """The scene as a picture to be kept, at ``scale`` pixels to a logical pixel."""
    still = still_scene(scene, scale)
    image = image_for(still.camera, QImage.Format.Format_RGB32)
    paint_base(image, layers, still)
    with QPainter(image) as painter:
        paint_overlays(painter, overlays, still)
    return image


def over_layers(scene: Scene, scale: float, layers: Sequence[BaseLayer], overlays: Sequence[Overlay]) -> QImage:
    """The same of the upper layers alone, on nothing: to be drawn over what lies below them."""
    still = still_scene(scene, scale)
    image = image_for(still.camera, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    with QPainter(image) as painter:
        paint_layers(painter, layers, still)
        paint_overlays(painter, overlays, still)
    return image


def paint_still(
    painter: QPainter, scene: Scene, scale: float, layers: Sequence[BaseLayer], overlays: Sequence[Overlay]
) -> None:
    """The same on a painter that writes shapes; what is made of pixels is as fine as ``scale``."""
    still = still_scene(scene, scale)
    painter.fillRect(0, 0, still.camera.width, still.camera.height, colour(still.theme.map_background))
    paint_layers(painter, layers, still)
    paint_overlays(painter, overlays, still)


def still_scene(scene: Scene, scale: float) -> Scene:
    camera = scene.camera.resized(scene.camera.width, scene.camera.height, scale)
    return replace(scene, camera=camera, moving=False, still=True)


def image_for(camera: Camera, kind: QImage.Format) -> QImage:
    """An image of a view's size in device pixels, in which a painter counts in logical ones."""
    image = QImage(*camera.device_size, kind)
    image.setDevicePixelRatio(camera.ratio)
    return image


def paint_overlays(painter: QPainter, overlays: Sequence[Overlay], scene: Scene) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for overlay in overlays:
        overlay.paint(painter, scene)
