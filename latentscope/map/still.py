"""A picture of the map to be kept, of which the dear part, very many points, is drawn on another thread."""

from collections.abc import Callable, Sequence

from PySide6.QtGui import QImage, QPainter

from latentscope.map.base import over_layers, still_picture
from latentscope.map.points.layer import PointsLayer
from latentscope.map.points.plates import FEW, draw_plate
from latentscope.map.scene import BaseLayer, Overlay, Scene

__all__ = ["StillPicture", "picture_behind"]

# Draws the picture, on any thread, and calls what it is given between pieces of work, which may raise to give up.
StillPicture = Callable[[Callable[[], None]], QImage]


def picture_behind(
    scene: Scene, scale: float, layers: Sequence[BaseLayer], overlays: Sequence[Overlay]
) -> tuple[StillPicture, int]:
    """What ``still_picture`` draws, as it is at this moment, drawn later; and how many points are still to be drawn.

    All but many points is drawn now; they are then put between what lies below and above them.
    """
    many = scene.layers.shows("points") and len(scene.cloud.index) > FEW
    place = next((i for i, layer in enumerate(layers) if isinstance(layer, PointsLayer)), None)
    if not many or place is None:
        whole = still_picture(scene, scale, layers, overlays)
        return lambda pace: whole, 0
    below = still_picture(scene, scale, layers[:place], ())
    above = over_layers(scene, scale, layers[place + 1 :], overlays)
    cloud, look = scene.cloud, scene.look
    camera = scene.camera.resized(scene.camera.width, scene.camera.height, scale)

    def draw(pace: Callable[[], None]) -> QImage:
        plate = draw_plate(cloud, look, camera, pace=pace)
        with QPainter(below) as painter:
            plate.paint_exactly(painter)
            painter.drawImage(0, 0, above)
        return below

    return draw, cloud.count(camera.visible())
