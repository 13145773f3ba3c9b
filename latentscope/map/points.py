"""The layer of encoded test points."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage, QPainter

from latentscope.map.pictures import picture_of
from latentscope.map.raster import disc_stamps, draw_discs
from latentscope.map.scene import Scene
from latentscope.theme import class_colours

__all__ = ["POINT_RADIUS", "PointsLayer"]

# Logical pixels.
POINT_RADIUS = 2.2
POINT_OPACITY = 0.8


class PointsLayer:
    """Draws the points into an image of their own, which is kept until the camera or the points change."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._image = QImage()
        self.drawn = 0  # how often the points have been rasterised; for tests and benchmarks

    def paint(self, painter: QPainter, scene: Scene) -> None:
        if not scene.layers.points or not len(scene.cloud.index):
            return
        key = (scene.camera, scene.cloud, scene.hidden, scene.theme, scene.class_count)
        if key != self._key:
            self._key, self._image = key, self._draw(scene)
        painter.drawImage(0, 0, self._image)

    def _draw(self, scene: Scene) -> QImage:
        self.drawn += 1
        camera, cloud = scene.camera, scene.cloud
        shown = cloud.shown(scene.hidden)
        device = camera.to_pixel(cloud.position[shown]) * camera.ratio
        colours = point_colours(cloud.label[shown], scene)
        width, height = camera.device_size
        stamps = disc_stamps(POINT_RADIUS * camera.ratio, POINT_OPACITY)
        image = picture_of(draw_discs(device[:, 0], device[:, 1], colours, stamps, width, height))
        image.setDevicePixelRatio(camera.ratio)
        return image


def point_colours(label: NDArray[np.int64], scene: Scene) -> NDArray[np.float32]:
    """The colour (N, 3) in 0..255 of each point: its class's, or without classes the accent's."""
    plain = QColor(scene.theme.accent if scene.class_count == 0 else scene.theme.muted)
    table = [*class_colours(scene.class_count, scene.theme), (plain.red(), plain.green(), plain.blue())]
    known = (label >= 0) & (label < scene.class_count)
    return np.array(table, np.float32)[np.where(known, label, scene.class_count)]
