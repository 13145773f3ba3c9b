from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage, QPainter

from latentscope.map.embedding import embedding_of
from latentscope.map.overlays.arrow import ArrowOverlay
from latentscope.map.scene import Scene
from trainer.files import Codes
from trainer.geometry import axis_plane

Make, Rgb = Callable[..., Scene], Callable[[QImage], NDArray[np.int64]]


def painted(scene: Scene, overlay: ArrowOverlay) -> QImage:
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        overlay.paint(painter, scene)
    return image


@pytest.mark.parametrize(
    ("start", "vector"), [((0.0, 0.0), (0.6, 0.3)), ((-1.0, 0.5), (0.0, -0.4)), ((0.0, 0.0), (0.0, 0.0))]
)
def test_it_paints_within_its_region(make_scene: Make, rgb: Rgb, start: Any, vector: Any) -> None:
    scene, overlay = make_scene(), ArrowOverlay()
    overlay.start, overlay.vector = np.array(start), np.array(vector)
    lit = np.argwhere(rgb(painted(scene, overlay)).sum(axis=-1) > 0)
    region = overlay.region(scene)
    box = region.boundingRect()
    assert len(lit) > 100
    assert lit[:, 1].min() >= box.left() and lit[:, 1].max() <= box.right()
    assert lit[:, 0].min() >= box.top() and lit[:, 0].max() <= box.bottom()


def test_the_head_is_where_the_direction_ends(make_scene: Make, rgb: Rgb) -> None:
    scene, overlay = make_scene(), ArrowOverlay()
    overlay.start, overlay.vector = np.zeros(2), np.array((1.0, 0.0))
    pixels = rgb(painted(scene, overlay))
    accent = QColor(scene.theme.accent)
    assert pixels[150, 296].tolist() == [accent.red(), accent.green(), accent.blue()]
    thick = (pixels.sum(axis=-1) > 0).sum(axis=0)
    assert thick[292] > thick[230] > 4  # from the foot at 200 to the head at 300


def test_without_a_direction_of_this_map_there_is_nothing(make_scene: Make, rgb: Rgb) -> None:
    overlay = ArrowOverlay()
    assert overlay.region(make_scene()).isEmpty()
    overlay.start, overlay.vector = np.zeros(2), np.ones(2)
    other = make_scene(plane=axis_plane(5), codes=None)
    assert overlay.region(other).isEmpty()
    assert not rgb(painted(other, overlay)).any()
    codes = Codes(np.zeros((3, 2), np.float32))
    position = np.arange(6, dtype=np.float32).reshape(3, 2)
    view = make_scene(embedding=embedding_of("t-sne", codes, np.arange(3), position))
    assert overlay.region(view).isEmpty()
    assert not rgb(painted(view, overlay)).any()
    overlay.vector = np.array((1e9, 0.0))
    assert overlay.region(make_scene()).isEmpty()
