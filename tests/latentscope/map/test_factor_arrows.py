from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from latentscope.map.factor_arrows import FactorArrow, FactorArrowsLayer, free_place
from latentscope.map.scene import Scene
from latentscope.state.layers import Layers
from trainer.files import Codes
from trainer.geometry import axis_plane

RIGHT = FactorArrow("Slant", (0.0, 0.0), 1.0, 0.0, 0.8)
SHOWN = Layers().with_shown("factors", True)


def painted(scene: Scene, rgb: Callable[[QImage], np.ndarray]) -> np.ndarray:
    """Where anything is drawn, (H, W) bool."""
    image = QImage(*scene.camera.device_size, QImage.Format.Format_RGB32)
    image.fill(0)
    with QPainter(image) as painter:
        FactorArrowsLayer().paint(painter, scene)
    return rgb(image).sum(axis=2) > 300


def test_an_arrow_points_to_where_its_factor_grows(make_scene: Callable[..., Scene], rgb: Callable) -> None:
    scene = make_scene(layers=SHOWN, arrows=(RIGHT,))
    seen = painted(scene, rgb)
    _, x = np.nonzero(seen[149:152])
    assert x.min() >= 198, "from the middle, which is at 200, to the right"
    up = painted(replace(scene, arrows=(replace(RIGHT, x=0.0, y=1.0),)), rgb)
    y, _ = np.nonzero(up[:, 199:202])
    assert y.max() <= 152 and y.min() < 100, "upwards"


def test_a_stronger_factor_has_a_longer_arrow(make_scene: Callable[..., Scene], rgb: Callable) -> None:
    lengths = []
    for strength in (0.05, 0.5, 1.0):
        scene = make_scene(layers=SHOWN, arrows=(replace(RIGHT, title="", strength=strength),))
        lengths.append(np.nonzero(painted(scene, rgb)[149:152])[1].max())
    assert lengths[0] >= 220 and lengths == sorted(lengths) and lengths[2] > lengths[1] + 20


def test_nothing_is_drawn_while_the_layer_is_off_or_nothing_is_known(
    make_scene: Callable[..., Scene], rgb: Callable
) -> None:
    assert not painted(make_scene(arrows=(RIGHT,)), rgb).any()
    assert not painted(make_scene(layers=SHOWN), rgb).any()


@pytest.mark.parametrize("count", [2, 5])
def test_words_never_lie_over_each_other(count: int) -> None:
    taken: list[QRectF] = []
    for _ in range(count):
        taken.append(free_place(QPointF(100, 100), QPointF(1, 0), 60, 15, taken))
    assert not any(one.intersects(other) for i, one in enumerate(taken) for other in taken[:i])


def test_in_one_dimension_each_arrow_has_a_height_of_its_own(make_scene: Callable[..., Scene], rgb: Callable) -> None:
    codes = Codes(np.array([[-1.0], [0.0], [1.0]], np.float32))
    arrows = tuple(replace(RIGHT, title="", strength=strength) for strength in (0.9, 0.9, 0.9))
    scene = make_scene(plane=axis_plane(1), codes=codes, layers=SHOWN, arrows=arrows)
    shafts = painted(scene, rgb)[:, 240]
    assert np.count_nonzero(np.diff(shafts.astype(int)) == 1) == 3
