from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from atlas_layer import painted, settle
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from latentscope.background import Background
from latentscope.decoding import Decoding, Pace, TimedCodec
from latentscope.map.atlas import layer as atlas_module
from latentscope.map.atlas.layer import AtlasLayer, batch_size
from latentscope.map.camera import Camera
from latentscope.map.points.look import look_of
from latentscope.map.scene import Scene
from latentscope.state.layers import Layers
from latentscope.theme import DARK
from trainer.files import Codes
from trainer.geometry import Plane, axis_plane

MakeScene = Callable[..., Scene]
Rgb = Callable[[QImage], NDArray[np.int64]]


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
    in_view = (np.abs(centres) <= np.array((2, 1.5)) + 0.19).all(axis=1)
    assert not in_view[in_view.sum() :].any(), "what is seen comes first, then a ring around it"
    for group in (centres[in_view], centres[~in_view]):
        assert (np.diff(np.hypot(*group.T)) >= -1e-9).all()
    assert (np.abs(centres) <= np.array((2, 1.5)) + 4 * 0.375).all()
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
    layer.follow(replace(scene, camera=scene.camera.panned(120, 0)))
    settle(qtbot, layer, background)
    assert 0 < len(np.concatenate(asked)) < first / 3


def test_tiles_are_decoded_while_the_camera_moves_the_next_where_it_is_by_then(
    qtbot: QtBot,
    layer: AtlasLayer,
    background: Background,
    make_scene: MakeScene,
    asked: list[NDArray[np.float64]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(atlas_module, "REQUEST_VALUES", 64)
    scene = make_scene()
    moving = replace(scene, moving=True)
    for step in range(60):
        moving = replace(moving, camera=scene.camera.panned(-3 * step, 0))
        layer.follow(moving)
        qtbot.wait(10)
    assert 5 < len(asked) < 100, "one at a time, and none is given up because the camera has moved on"
    assert layer.decoded >= len(asked) - 1
    # what was asked for last lies about where the camera was last
    assert (np.abs(asked[-1][0] - (moving.camera.x, 0)) <= np.array((2, 1.5)) + 4 * 0.375).all()
    monkeypatch.setattr(atlas_module, "REQUEST_VALUES", 100_000)
    settle(qtbot, layer, background)


def test_no_more_tiles_are_asked_for_at_a_time_than_leave_the_probe_its_turn() -> None:
    class Slow:
        image_shape = (8, 8, 1)

    def timed(first: float, further: float) -> TimedCodec:
        return TimedCodec(cast("Any", Slow()), Pace(first, further))

    assert batch_size(timed(0.3, 0.01)) == pytest.approx(970, rel=0.01)
    assert batch_size(timed(20.0, 15.0)) == 1
    assert batch_size(timed(0.1, 0.0)) == atlas_module.REQUEST_VALUES // 64


@pytest.mark.parametrize("factor", [1.6, 4.0, 0.5])
def test_coarser_or_finer_tiles_are_shown_until_those_of_this_zoom_are_there(
    qtbot: QtBot,
    layer: AtlasLayer,
    background: Background,
    make_scene: MakeScene,
    rgb: Rgb,
    factor: float,
) -> None:
    scene = make_scene(layers=Layers(atlas_opacity=1.0))
    layer.follow(scene)
    settle(qtbot, layer, background)
    background.hold()
    closer = replace(scene, camera=scene.camera.zoomed(factor, (200, 150)))
    layer.follow(closer)
    assert not layer.is_full()
    at_once = rgb(painted(layer, closer))[40:-40, 60:-60]
    background.release()
    settle(qtbot, layer, background)
    assert layer.is_full()
    later = rgb(painted(layer, closer))[40:-40, 60:-60]
    assert (at_once != later).any()
    # no hole: about as bright everywhere as it is going to be at least
    for part in (np.s_[60:110, 80:200], np.s_[110:160, 80:140], np.s_[110:160, 140:200]):
        assert at_once[part].mean() > 0.6 * later[part].mean()


def test_a_frame_waits_neither_for_the_decoder_nor_for_tiles_that_are_there(
    qtbot: QtBot,
    layer: AtlasLayer,
    background: Background,
    make_scene: MakeScene,
    rgb: Rgb,
    asked: list[NDArray[np.float64]],
) -> None:
    scene = make_scene(layers=Layers(atlas_opacity=1.0))
    layer.follow(scene)
    settle(qtbot, layer, background)
    first = rgb(painted(layer, scene))
    away = replace(scene, camera=scene.camera.zoomed(4, (200, 150)))
    asked.clear()
    layer.follow(away)
    painted(layer, away)
    assert not asked
    settle(qtbot, layer, background)
    assert asked
    asked.clear()
    layer.follow(scene)
    rough = rgb(painted(layer, scene))
    settle(qtbot, layer, background)
    assert (rough != first).any()
    assert (rgb(painted(layer, scene)) == first).all()
    assert not asked, "all of its tiles are there"


def test_on_a_plane_that_moves_the_old_tiles_stay_until_the_new_are_there(
    qtbot: QtBot,
    layer: AtlasLayer,
    background: Background,
    make_scene: MakeScene,
    rgb: Rgb,
    asked: list[NDArray[np.float64]],
) -> None:
    scene = make_scene(layers=Layers(atlas_opacity=1.0))
    layer.follow(scene)
    settle(qtbot, layer, background)
    first, before = len(np.concatenate(asked)), rgb(painted(layer, scene))
    asked.clear()
    background.hold()
    moved = replace(scene, plane=Plane(np.array([2.0, 0.0]), np.array([1.0, 0.0]), np.array([0.0, 1.0])))
    layer.follow(moved)
    assert (rgb(painted(layer, moved))[:, :330] == before[:, :330]).all()
    background.release()
    settle(qtbot, layer, background)
    assert len(np.concatenate(asked)) > first / 2
    assert (rgb(painted(layer, moved)) != before).any()
    pixels = rgb(painted(layer, moved))
    assert (pixels[:, 390] == pixels[0, 390]).all(), "nothing of the old plane is left where the new one has no atlas"


def test_deep_in_the_map_new_latents_are_decoded_until_the_decoders_precision_ends(
    qtbot: QtBot,
    layer: AtlasLayer,
    background: Background,
    make_scene: MakeScene,
    asked: list[NDArray[np.float64]],
    rgb: Rgb,
) -> None:
    for scale, ends in ((1e3, False), (1e6, False), (1e9, True)):
        asked.clear()
        scene = make_scene(camera=Camera(x=1.1, y=0.7, scale=scale, width=400, height=300))
        layer.follow(scene)
        settle(qtbot, layer, background)
        assert layer.is_full()
        centres = np.concatenate(asked).astype(np.float32)
        assert len(np.unique(centres, axis=0)) == len(centres), "each tile is of a latent point of its own"
        image = rgb(painted(layer, scene))
        said = (image[12:30, 60:340] == np.array([int(DARK.text[i : i + 2], 16) for i in (1, 3, 5)])).all(axis=-1).any()
        assert said == ends


def test_one_dimension_has_its_row_of_tiles_in_sight_at_any_zoom(
    qtbot: QtBot, background: Background, make_scene: MakeScene, rgb: Rgb, one_dimensional: Decoding
) -> None:
    layer = AtlasLayer(one_dimensional)
    for y, scale in ((0.0, 100.0), (0.0, 3e4), (5.0, 300.0), (-9.0, 300.0)):
        camera = Camera(x=0.2, y=y, scale=scale, width=400, height=300)
        codes = Codes(np.array([[-1], [0], [1]], np.float32), None, np.arange(3))
        scene = make_scene(plane=axis_plane(1), codes=codes, camera=camera, layers=Layers(atlas_opacity=1.0))
        layer.follow(scene)
        settle(qtbot, layer, background)
        pixels = rgb(painted(layer, scene))
        rows = np.flatnonzero((pixels != pixels[0, 0]).any(axis=(1, 2)) | (pixels != pixels[-1, 0]).any(axis=(1, 2)))
        assert 20 < np.ptp(rows) < 60


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
