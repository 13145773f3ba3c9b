from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from latentscope.background import Background
from latentscope.decoding import Decoding, load_codec
from latentscope.layers import Layers
from latentscope.map import atlas as atlas_module
from latentscope.map.atlas import AtlasLayer
from latentscope.map.base import paint_base
from latentscope.map.camera import Camera
from latentscope.map.look import look_of
from latentscope.map.scene import Scene
from latentscope.theme import DARK, LIGHT
from trainer.files import ModelFile
from trainer.geometry import Plane

MakeScene = Callable[..., Scene]
Rgb = Callable[[QImage], NDArray[np.int64]]


def painted(layer: AtlasLayer, scene: Scene) -> QImage:
    image = QImage(*scene.camera.device_size, QImage.Format.Format_RGB32)
    paint_base(image, [layer], scene)
    return image


@pytest.fixture
def asked(decoding: Decoding, monkeypatch: pytest.MonkeyPatch) -> list[NDArray[np.float64]]:
    """The latent points of every request to the decoder, (N, D) each."""
    requests: list[NDArray[np.float64]] = []
    request = decoding.request

    def record(key: str, z: NDArray[np.float64], deliver: Callable[..., None]) -> None:
        requests.append(np.asarray(z))
        request(key, z, deliver)

    monkeypatch.setattr(decoding, "request", record)
    return requests


@pytest.fixture
def layer(decoding: Decoding) -> AtlasLayer:
    return AtlasLayer(decoding)


def settle(qtbot: QtBot, layer: AtlasLayer, background: Background) -> None:
    qtbot.waitUntil(lambda: layer.is_settled() and not background.busy())


def test_the_tiles_show_what_the_decoder_makes_of_their_centres(
    qtbot: QtBot, layer: AtlasLayer, background: Background, make_scene: MakeScene, rgb: Rgb, decoding: Decoding
) -> None:
    scene = make_scene(layers=Layers(atlas_opacity=1.0))
    layer.follow(scene)
    settle(qtbot, layer, background)
    pixels = rgb(painted(layer, scene))
    codec = decoding.codec
    assert codec is not None
    ink = 219, 230, 245
    background_colour = 11, 14, 19
    # The tile at the centre is 37.5 pixels wide; the image has 8 parts in 10 of it, and its inner pixels 6.
    expected = codec.decode(np.zeros((1, 2), np.float32))[0, 1:-1, 1:-1, 0].mean() / 255
    got = pixels[150 - 11 : 150 + 11, 200 - 11 : 200 + 11].reshape(-1, 3).mean(axis=0)
    for channel in range(3):
        mixed = ink[channel] * expected + background_colour[channel] * (1 - expected)
        assert got[channel] == pytest.approx(mixed, abs=3)


def test_tiles_are_decoded_nearest_first_and_only_once(
    qtbot: QtBot,
    layer: AtlasLayer,
    background: Background,
    make_scene: MakeScene,
    asked: list[NDArray[np.float64]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(atlas_module, "REQUEST_VALUES", 20 * 64)
    scene = make_scene()
    layer.follow(scene)
    settle(qtbot, layer, background)
    centres = np.concatenate(asked)
    assert len(asked) > 3
    assert len(np.unique(centres, axis=0)) == len(centres)
    distance = np.hypot(*centres.T)
    assert (np.diff(distance) >= -1e-9).all()
    visible = scene.camera.visible().padded(0.2)
    assert (np.abs(centres) <= (visible.right, visible.top)).all()
    asked.clear()
    layer.follow(replace(scene, look=look_of(scene.cloud, DARK, 3, frozenset({1}))))
    settle(qtbot, layer, background)
    assert asked == []


def test_panning_decodes_only_what_is_new(
    qtbot: QtBot,
    layer: AtlasLayer,
    background: Background,
    make_scene: MakeScene,
    asked: list[NDArray[np.float64]],
) -> None:
    scene = make_scene()
    layer.follow(scene)
    settle(qtbot, layer, background)
    first = len(np.concatenate(asked))
    asked.clear()
    layer.follow(replace(scene, camera=scene.camera.panned(80, 0)))
    settle(qtbot, layer, background)
    assert 0 < len(np.concatenate(asked)) < first / 3


def test_nothing_is_decoded_while_the_camera_moves(
    qtbot: QtBot,
    layer: AtlasLayer,
    background: Background,
    make_scene: MakeScene,
    asked: list[NDArray[np.float64]],
) -> None:
    scene = make_scene()
    for step in range(10):
        layer.follow(replace(scene, camera=scene.camera.panned(step, 0)))
        qtbot.wait(5)
    assert asked == []
    settle(qtbot, layer, background)
    assert len(asked) == 1


def test_the_empty_far_away_is_not_tiled(
    qtbot: QtBot,
    layer: AtlasLayer,
    background: Background,
    make_scene: MakeScene,
    asked: list[NDArray[np.float64]],
) -> None:
    layer.follow(make_scene(camera=Camera(scale=5, width=400, height=300)))
    settle(qtbot, layer, background)
    assert np.abs(np.concatenate(asked)).max() < 8
    asked.clear()
    layer.follow(make_scene(camera=Camera(x=500, scale=100, width=400, height=300)))
    settle(qtbot, layer, background)
    assert asked == []


def test_on_a_plane_tiles_are_decoded_on_that_plane(
    qtbot: QtBot,
    layer: AtlasLayer,
    background: Background,
    make_scene: MakeScene,
    asked: list[NDArray[np.float64]],
) -> None:
    plane = Plane(np.array([0.5, 0.0]), np.array([0.0, 1.0]), np.array([1.0, 0.0]))
    layer.follow(make_scene(plane=plane))
    settle(qtbot, layer, background)
    assert asked[0][0].tolist() == [0.5, 0]


def test_a_new_decoder_decodes_everything_again(
    qtbot: QtBot,
    layer: AtlasLayer,
    background: Background,
    make_scene: MakeScene,
    asked: list[NDArray[np.float64]],
    decoding: Decoding,
    model_file: ModelFile,
) -> None:
    layer.follow(make_scene())
    settle(qtbot, layer, background)
    first = len(np.concatenate(asked))
    asked.clear()
    decoding.use(load_codec(model_file))
    settle(qtbot, layer, background)
    assert len(np.concatenate(asked)) == first


def test_it_waits_for_a_decoder_and_a_switched_off_atlas_decodes_nothing(
    qtbot: QtBot, background: Background, make_scene: MakeScene, model_file: ModelFile, rgb: Rgb
) -> None:
    decoding = Decoding(background)
    layer, scene = AtlasLayer(decoding), make_scene(layers=Layers().with_shown("atlas", False))
    layer.follow(scene)
    decoding.use(load_codec(model_file))
    settle(qtbot, layer, background)
    assert layer.sheets_made == 0
    on = replace(scene, layers=Layers())
    decoding = Decoding(background)
    layer = AtlasLayer(decoding)
    layer.follow(on)
    settle(qtbot, layer, background)
    plain = rgb(painted(layer, on))
    assert (plain == plain[0, 0]).all()
    with qtbot.waitSignal(layer.changed):
        decoding.use(load_codec(model_file))
    settle(qtbot, layer, background)
    assert (rgb(painted(layer, on)) != plain).any()


def test_the_fade_ends_and_leaves_no_timer(
    qtbot: QtBot, layer: AtlasLayer, background: Background, make_scene: MakeScene
) -> None:
    layer.follow(make_scene())
    settle(qtbot, layer, background)
    made = layer.sheets_made
    assert made > 2
    qtbot.wait(60)
    assert layer.sheets_made == made


def test_another_theme_draws_other_ink_at_once(
    qtbot: QtBot, layer: AtlasLayer, background: Background, make_scene: MakeScene
) -> None:
    scene = make_scene()
    layer.follow(scene)
    settle(qtbot, layer, background)
    with qtbot.waitSignal(layer.changed, timeout=0):
        layer.follow(replace(scene, theme=LIGHT))
    settle(qtbot, layer, background)


def test_nothing_of_a_model_that_was_closed_is_shown_or_kept(
    qtbot: QtBot, layer: AtlasLayer, background: Background, make_scene: MakeScene, rgb: Rgb
) -> None:
    scene = make_scene()
    layer.follow(scene)
    settle(qtbot, layer, background)
    layer.forget()
    pixels = rgb(painted(layer, scene))
    assert (pixels == pixels[0, 0]).all()


def test_the_cache_is_bounded(
    qtbot: QtBot,
    layer: AtlasLayer,
    background: Background,
    make_scene: MakeScene,
    asked: list[NDArray[np.float64]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What has left the cache is decoded again; what the view shows has not left it."""
    scene = make_scene()
    layer.follow(scene)
    settle(qtbot, layer, background)
    monkeypatch.setattr(atlas_module, "CACHE_TILES", 0)  # two views' worth are kept all the same
    places = [replace(scene, camera=scene.camera.zoomed(factor, (200, 150))) for factor in (2, 4, 8)]
    for place in (*places, scene):
        asked.clear()
        layer.follow(place)
        settle(qtbot, layer, background)
        assert asked
    asked.clear()
    layer.follow(replace(scene, look=look_of(scene.cloud, DARK, 3, frozenset({2}))))
    settle(qtbot, layer, background)
    assert asked == []
