"""The discs on the points that are picked for a plane."""

from collections.abc import Callable

import numpy as np
from PySide6.QtGui import QImage, QPainter

from latentscope.map.overlays.picks import PicksOverlay
from latentscope.map.scene import Scene


def test_their_bold_numbers_leave_the_other_words_of_the_map_as_they_are(make_scene: Callable[..., Scene]) -> None:
    scene, overlay = make_scene(), PicksOverlay()
    overlay.points = (np.zeros(2),)
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    image.fill(0)
    with QPainter(image) as painter:
        overlay.paint(painter, scene)
    assert image.pixel(195, 150) != image.pixel(10, 10), "there is a disc"
    assert not scene.font.bold()
