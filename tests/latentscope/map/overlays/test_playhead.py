"""The playhead: a bar across the path, where the film stands."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage, QPainter

from latentscope.map.overlays.playhead import PlayheadOverlay
from latentscope.map.scene import Scene
from latentscope.state.paths import NO_PATHS, LatentPath


@pytest.fixture
def scene(make_scene: Callable[..., Scene]) -> Scene:
    return make_scene()


@pytest.fixture
def on_a_path(scene: Scene) -> Scene:
    return replace(scene, paths=NO_PATHS.drawn(LatentPath(((-1.0, 0.0), (1.0, 0.0)))))


def painted(overlay: PlayheadOverlay, scene: Scene) -> np.ndarray:
    """Which pixels (height, width) it touches."""
    image = QImage(scene.camera.width, scene.camera.height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    with QPainter(image) as painter:
        overlay.paint(painter, scene)
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width()) != 0


@pytest.mark.parametrize("ahead", [(1.0, 0.0), (0.0, 1e-5), (0.3, -0.4), (0.0, 0.0)])
def test_it_stands_across_the_path_and_within_its_region(on_a_path: Scene, ahead: tuple[float, float]) -> None:
    overlay = PlayheadOverlay()
    overlay.place, overlay.ahead = np.array([0.2, 0.1]), np.array(ahead)
    touched = painted(overlay, on_a_path)
    y, x = np.nonzero(touched)
    middle = on_a_path.camera.to_pixel([0.2, 0.1])
    assert np.allclose([x.mean() + 0.5, y.mean() + 0.5], middle, atol=1)
    region = overlay.region(on_a_path)
    assert all(region.contains(QPoint(int(a), int(b))) for a, b in zip(x, y, strict=True))
    along = np.array([ahead[0], -ahead[1]])
    if along.any():
        spread = np.stack([x, y], axis=1) - middle
        along /= np.linalg.norm(along)
        assert np.abs(spread @ along).max() < 5 < 14 < np.abs(spread @ [-along[1], along[0]]).max()
    else:
        assert np.ptp(y) > np.ptp(x)


def test_there_is_none_without_a_place_without_a_path_and_far_away(scene: Scene, on_a_path: Scene) -> None:
    overlay = PlayheadOverlay()
    overlay.ahead = np.array([1.0, 0.0])
    assert overlay.region(on_a_path).isEmpty()
    overlay.place = np.array([1e9, 0.0])
    assert overlay.region(on_a_path).isEmpty()
    assert not painted(overlay, on_a_path).any()
    overlay.place = np.array([0.0, 0.0])
    assert overlay.region(scene).isEmpty()
    assert not overlay.region(on_a_path).isEmpty()
