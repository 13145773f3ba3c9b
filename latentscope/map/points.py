"""The layer of encoded test points."""

import time

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from latentscope.map.camera import Camera
from latentscope.map.pictures import draw_unscaled, picture_of
from latentscope.map.raster import disc_stamps, draw_discs
from latentscope.map.scene import Scene

__all__ = ["PointsLayer", "point_radius"]

# Logical pixels, for 10,000 points whose spread is 160 pixels on the screen.
POINT_RADIUS = 2.2
# A point grows with the fourth root of the zoom, so that one that stands alone is seen, up to this many times.
MOST_GROWTH = 2.0
POINT_OPACITY = 0.8
# What drawing the points may take while the camera moves, of the 16.7 ms of a frame.
BUDGET_MS = 9.0
# How much an image of a moment ago may be stretched, and how much of the view it must cover.
ROUGH_STRETCH, ROUGH_COVER = 1.3, 0.85


class PointsLayer:
    """Draws the points into an image of their own, which is kept until the camera or the points change.

    Where drawing them takes a large part of a display frame, the image of a moment ago is moved and stretched instead
    while the camera is on its way, as long as it still covers nearly all of the view at nearly the same scale.
    """

    def __init__(self) -> None:
        self._content: tuple[object, ...] = ()
        self._camera = Camera()
        self._image = QImage()
        self._ms = 0.0  # what the last drawing took
        self.budget_ms = BUDGET_MS
        self.rough = False  # what was painted last was an image of another camera
        self.drawn = 0  # how often the points have been drawn; for tests and benchmarks

    def paint(self, painter: QPainter, scene: Scene) -> None:
        self.rough = False
        if not scene.layers.shows("points") or not len(scene.cloud.index):
            return
        content = (scene.cloud, scene.look, scene.camera.ratio)
        if content == self._content and scene.camera == self._camera:
            draw_unscaled(painter, self._image, scene.camera.ratio)
        elif scene.moving and content == self._content and self._ms > self.budget_ms and self._nearly(scene.camera):
            self.rough = True
            painter.drawImage(self._place(scene.camera), self._image)
        else:
            self._content, self._camera = content, scene.camera
            self._image = self._draw(scene)
            draw_unscaled(painter, self._image, scene.camera.ratio)

    def _place(self, camera: Camera) -> QRectF:
        """Where the image lies in the view of another camera, in logical pixels."""
        stretch = camera.scale / self._camera.scale
        left, top = camera.to_pixel(self._camera.to_map((0, 0)))
        return QRectF(left, top, self._camera.width * stretch, self._camera.height * stretch)

    def _nearly(self, camera: Camera) -> bool:
        view = QRectF(0, 0, camera.width, camera.height)
        covered = self._place(camera) & view
        like = 1 / ROUGH_STRETCH < camera.scale / self._camera.scale < ROUGH_STRETCH
        return like and covered.width() * covered.height() > ROUGH_COVER * view.width() * view.height()

    def _draw(self, scene: Scene) -> QImage:
        start = time.perf_counter()
        image = picture_of(np.zeros(scene.camera.device_size[::-1], np.uint32))
        with QPainter(image) as painter:
            for strength in np.unique(scene.look.strength):  # the faintest lowest
                if strength > 0:
                    discs = self._discs(scene, scene.look.strength == strength, POINT_OPACITY * int(strength) / 255)
                    painter.drawImage(0, 0, discs)
        self._ms = (time.perf_counter() - start) * 1000
        self.drawn += 1
        return image

    @staticmethod
    def _discs(scene: Scene, rows: NDArray[np.bool_], opacity: float) -> QImage:
        camera = scene.camera
        device = camera.to_pixel(scene.cloud.position[rows]) * camera.ratio
        stamps = disc_stamps(point_radius(scene) * camera.ratio, opacity)
        colours = scene.look.colours[rows].astype(np.float32)
        return picture_of(draw_discs(device[:, 0], device[:, 1], colours, stamps, *camera.device_size))


def point_radius(scene: Scene) -> float:
    """The radius of a point in logical pixels: larger where there is room for it."""
    zoom = scene.camera.scale * scene.cloud.spread / 160
    few = 10_000 / max(len(scene.cloud.index), 1)
    return POINT_RADIUS * float(np.clip(zoom**0.25 * few**0.1, 0.6, MOST_GROWTH))
