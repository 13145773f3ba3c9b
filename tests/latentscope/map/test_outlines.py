from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from latentscope.map.outlines import draw_words
from latentscope.map.scene import Scene

Rgb = Callable[[QImage], NDArray[np.int64]]


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_on_the_way_words_stand_where_they_stand_at_rest(
    make_scene: Callable[..., Scene], rgb: Rgb, ratio: float
) -> None:
    def ink(moving: bool) -> NDArray[np.float64]:
        scene = make_scene(moving=moving)
        scene = make_scene(moving=moving, camera=scene.camera.resized(400, 300, ratio))
        image = QImage(*scene.camera.device_size, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(0)
        with QPainter(image) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            draw_words(painter, scene, QPointF(60.3, 80.8), "Slant 0.32", QColor("white"), QPen(QColor("#400000"), 4))
        return rgb(image).sum(axis=2).astype(float)

    still, moving = ink(False), ink(True)
    assert moving.sum() == pytest.approx(still.sum(), rel=0.02)
    for axis in (0, 1):
        places = np.arange(still.shape[1 - axis])
        middles = [float((one.sum(axis=axis) * places).sum() / one.sum()) for one in (still, moving)]
        assert middles[0] == pytest.approx(middles[1], abs=0.6), "to a whole pixel"
