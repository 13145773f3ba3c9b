"""The layer of points where there are too many to be drawn within a frame."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from latentscope.map.base import paint_base
from latentscope.map.camera import Camera
from latentscope.map.points.cloud import MANY
from latentscope.map.points.layer import PointsLayer
from latentscope.map.points.look import look_of
from latentscope.map.scene import Scene
from latentscope.state.layers import Layers
from latentscope.theme import DARK
from trainer.files import Codes

MakeScene = Callable[..., Scene]
Rgb = Callable[[QImage], NDArray[np.int64]]


@pytest.fixture
def layer(qapp: object) -> Iterator[PointsLayer]:
    """Nothing is cheap enough to be drawn at once."""
    result = PointsLayer()
    result.budget_ms = result.rest_ms = 0
    yield result
    result.close()


def painted(layer: PointsLayer, scene: Scene) -> QImage:
    image = QImage(*scene.camera.device_size, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scene.camera.ratio)
    paint_base(image, [layer], scene)
    return image


@pytest.fixture
def exact(qtbot: QtBot) -> Callable[[PointsLayer, Scene], QImage]:
    """Paints until everything has come."""

    def paint(layer: PointsLayer, scene: Scene) -> QImage:
        painted(layer, scene)
        qtbot.waitUntil(layer.is_settled)
        return painted(layer, scene)

    return paint


Exact = Callable[[PointsLayer, Scene], QImage]


def test_while_the_mouse_drags_something_newer_codes_are_drawn_behind(
    qtbot: QtBot, layer: PointsLayer, make_scene: MakeScene, rgb: Rgb
) -> None:
    layer.rest_ms, layer.held_ms = np.inf, 0
    newer = Codes(np.array([[0, 1], [0.5, 0], [1, -1]], np.float32), None, np.arange(3))
    before = painted(layer, make_scene(held=True))
    assert layer.drawn == 1, "there is nothing to be shown meanwhile"
    scene = make_scene(codes=newer, held=True)
    assert np.array_equal(rgb(painted(layer, scene)), rgb(before))
    assert not layer.is_settled()
    qtbot.waitUntil(layer.is_settled)
    at_rest = PointsLayer()
    expected = painted(at_rest, replace(scene, held=False))
    assert np.array_equal(rgb(painted(layer, scene)), rgb(expected))
    assert not np.array_equal(rgb(expected), rgb(before))
    assert (layer.drawn, layer.overview_bytes) == (2, 0)
    at_rest.close()


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_what_comes_from_the_other_thread_is_what_would_have_been_drawn_at_once(
    layer: PointsLayer, make_scene: MakeScene, rgb: Rgb, exact: Exact, ratio: float
) -> None:
    scene = make_scene()
    scene = replace(scene, camera=scene.camera.resized(400, 300, ratio))
    assert (rgb(painted(layer, scene)) == rgb(painted(layer, replace(scene, cloud=scene.cloud)))).all()
    assert layer.rough
    drawn = rgb(exact(layer, scene))
    assert not layer.rough
    at_once = PointsLayer()
    at_once.rest_ms = 1e9
    # A centre that lies where two parts of a pixel meet may go to either.
    assert np.abs(drawn - rgb(painted(at_once, scene))).mean() < 0.05


def test_the_picture_is_moved_while_the_camera_moves_and_drawn_when_it_rests(
    layer: PointsLayer, make_scene: MakeScene, rgb: Rgb, exact: Exact
) -> None:
    scene = make_scene()
    exact(layer, scene)
    panned = replace(scene, camera=scene.camera.panned(20, 10), moving=True)
    rough = rgb(painted(layer, panned))
    assert layer.rough
    assert layer.drawn == 1
    assert (rough == rgb(exact(layer, replace(panned, moving=False)))).all()
    assert layer.drawn == 2


def test_a_view_that_the_picture_does_not_cover_is_filled_from_the_whole_cloud_s(
    layer: PointsLayer, make_scene: MakeScene, rgb: Rgb, exact: Exact
) -> None:
    scene = make_scene()
    close = replace(scene, camera=scene.camera.zoomed(4, (300, 150)))  # only the point at (1, 0) is in view
    exact(layer, close)
    wide = rgb(painted(layer, replace(scene, moving=True)))
    background = QColor(DARK.map_background)
    for x in (100, 200, 300):
        spot = wide[146:154, x - 4 : x + 4]
        assert np.abs(spot - (background.red(), background.green(), background.blue())).max() > 60


@pytest.mark.parametrize("scale", [1e-3, 1e4, 1e9])
def test_points_on_one_spot_are_seen_from_anywhere(
    layer: PointsLayer, make_scene: MakeScene, rgb: Rgb, exact: Exact, scale: float
) -> None:
    """However near one goes, all of them stay in view, and the picture of the whole cloud is stretched ever more."""
    scene = make_scene(codes=Codes(np.full((500, 2), 0.3, np.float32), None, np.zeros(500, np.int64)))
    exact(layer, replace(scene, camera=Camera(0.3, 0.3, 100, 400, 300)))
    camera = Camera(float(np.float32(0.3)), float(np.float32(0.3)), scale, 400, 300)
    painted(layer, replace(scene, camera=camera, moving=True))
    assert layer.rough
    drawn = rgb(exact(layer, replace(scene, camera=camera)))
    assert np.abs(drawn[150, 200] - drawn[0, 0]).max() > 60


def test_a_new_wish_does_not_drop_the_picture_that_is_on_its_way(
    layer: PointsLayer, make_scene: MakeScene, qtbot: QtBot
) -> None:
    """As while a lasso is drawn: each move selects other points, and one is to see what one does."""
    scene = make_scene()
    count = 0
    while layer.drawn < 3 and count < 1000:
        count += 1
        painted(layer, replace(scene, look=look_of(scene.cloud, DARK, 3, frozenset({count % 3}))))
        qtbot.wait(1)
    assert layer.drawn == 3


def test_other_colours_take_the_place_of_the_old_ones_when_they_are_there(
    layer: PointsLayer, make_scene: MakeScene, rgb: Rgb, exact: Exact
) -> None:
    scene = make_scene()
    before = rgb(exact(layer, scene))
    hidden = replace(scene, look=look_of(scene.cloud, DARK, 3, frozenset({1})))
    assert (rgb(painted(layer, hidden)) == before).all()
    after = rgb(exact(layer, hidden))
    assert (after[:, :160] == before[:, :160]).all()
    assert not (after[:, 160:240] == before[:, 160:240]).all()


def test_the_newest_wish_wins(layer: PointsLayer, make_scene: MakeScene, rgb: Rgb, exact: Exact) -> None:
    scene = make_scene()
    for step in range(20):
        painted(layer, replace(scene, camera=scene.camera.panned(step, 0)))
    last = replace(scene, camera=scene.camera.panned(19, 0))
    drawn = rgb(exact(layer, last))
    at_once = PointsLayer()
    assert np.abs(drawn - rgb(painted(at_once, last))).max() <= 1


def test_nothing_of_another_model_is_seen(
    layer: PointsLayer, make_scene: MakeScene, rgb: Rgb, exact: Exact, qtbot: QtBot
) -> None:
    scene = make_scene()
    exact(layer, scene)
    painted(layer, replace(scene, camera=scene.camera.panned(5, 0)))  # and another is under way
    layer.forget()
    assert layer.is_settled()
    empty = rgb(painted(layer, make_scene(layers=Layers().with_shown("points", False))))
    other = make_scene(codes=Codes(np.array([[0, 1.2]], np.float32), None, np.arange(1)))
    assert (rgb(painted(layer, other)) == empty).all()
    assert (rgb(exact(layer, other))[:100] != empty[:100]).any()


def test_a_picture_to_be_kept_is_whole_at_once(layer: PointsLayer, make_scene: MakeScene, rgb: Rgb) -> None:
    scene = make_scene()
    kept = rgb(painted(layer, replace(scene, still=True)))
    assert (kept == rgb(painted(PointsLayer(), scene))).all()
    assert layer.is_settled()


def test_many_points_get_an_index_and_can_then_be_pointed_at(make_scene: MakeScene, qtbot: QtBot, exact: Exact) -> None:
    mean = np.random.default_rng(0).normal(size=(MANY + 1, 2)).astype(np.float32)
    layer, scene = PointsLayer(), make_scene(codes=Codes(mean, None, np.zeros(MANY + 1, np.int64)))
    here = mean[77].astype(float)
    assert scene.cloud.nearest(here, 1, frozenset()) == -1
    exact(layer, scene)
    assert scene.cloud.nearest(here, 1, frozenset()) == 77
    assert scene.cloud.nearest(here, 1, frozenset({0})) == -1
    layer.close()


def test_nothing_is_asked_of_a_layer_that_is_closed(layer: PointsLayer, make_scene: MakeScene) -> None:
    layer.close()
    painted(layer, make_scene())
    assert layer.is_settled()
