"""The atlas when the decoder, the look or the model is another."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from atlas_layer import painted, settle
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from latentscope.background import Background
from latentscope.decoding import Decoding, load_codec
from latentscope.map.atlas import layer as atlas_module
from latentscope.map.atlas.layer import AtlasLayer
from latentscope.map.points.look import look_of
from latentscope.map.scene import Scene
from latentscope.state.layers import Layers
from latentscope.theme import DARK, LIGHT
from trainer.files import Codes, ModelFile

MakeScene = Callable[..., Scene]
Rgb = Callable[[QImage], NDArray[np.int64]]


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


def test_snapshots_that_come_quicker_than_the_atlas_is_made_leave_no_tile_behind(
    qtbot: QtBot,
    layer: AtlasLayer,
    background: Background,
    make_scene: MakeScene,
    decoding: Decoding,
    model_file: ModelFile,
    asked: list[NDArray[np.float64]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = make_scene()
    layer.follow(scene)
    settle(qtbot, layer, background)

    def seen() -> NDArray[np.float64]:
        centres = np.unique(np.concatenate(asked), axis=0)
        return centres[(np.abs(centres) <= np.array((2, 1.5)) + 0.19).all(axis=1)]

    tiles = len(seen())
    asked.clear()
    monkeypatch.setattr(atlas_module, "REQUEST_VALUES", 25 * 64)  # at a time
    for _ in range(2 * tiles // 25):
        before = layer.decoded
        decoding.use(load_codec(model_file))
        layer.follow(scene)
        assert not layer.is_full()
        qtbot.waitUntil(lambda before=before: layer.decoded > before)
    assert len(seen()) == tiles, "not only the nearest to the middle, again and again"
    monkeypatch.setattr(atlas_module, "REQUEST_VALUES", 100_000)
    settle(qtbot, layer, background)
    assert layer.is_full()


def test_a_newer_snapshot_s_tiles_take_the_place_of_the_old_ones_without_a_fade(
    qtbot: QtBot,
    layer: AtlasLayer,
    background: Background,
    make_scene: MakeScene,
    decoding: Decoding,
    model_file: ModelFile,
    rgb: Rgb,
) -> None:
    scene = make_scene(layers=Layers(atlas_opacity=1.0))
    layer.follow(scene)
    settle(qtbot, layer, background)
    before, made = rgb(painted(layer, scene)), layer.sheets_made
    background.hold()
    weights = {name: -value for name, value in model_file.weights.items()}
    decoding.use(load_codec(replace(model_file, weights=weights)))
    assert model_file.codes is not None
    newer = make_scene(codes=Codes(model_file.codes.mean, None), layers=Layers(atlas_opacity=1.0))
    layer.follow(newer)
    assert np.array_equal(rgb(painted(layer, newer)), before), "until then they stay"
    background.release()
    settle(qtbot, layer, background)
    assert not np.array_equal(rgb(painted(layer, newer)), before)
    assert layer.sheets_made - made <= 4, "each costs a picture of the whole map"


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


def test_the_opacity_draws_no_tile_again(
    qtbot: QtBot, layer: AtlasLayer, background: Background, make_scene: MakeScene, rgb: Rgb
) -> None:
    scene = make_scene(layers=Layers(atlas_opacity=1.0))
    layer.follow(scene)
    settle(qtbot, layer, background)
    made, strong = layer.sheets_made, rgb(painted(layer, scene))
    faint = replace(scene, layers=Layers(atlas_opacity=0.2))
    layer.follow(faint)
    assert rgb(painted(layer, faint)).mean() < strong.mean()
    assert layer.sheets_made == made


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
