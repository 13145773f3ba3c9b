"""The condition: in the workspace, in the decoding, and in the atlas."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from latentscope.background import Background
from latentscope.decoding import Decoding, load_codec
from latentscope.map.atlas.layer import AtlasLayer
from latentscope.map.camera import Camera
from latentscope.map.points.cloud import cloud_of
from latentscope.map.points.look import look_of
from latentscope.map.scene import Scene, faint_classes
from latentscope.state.layers import Layers
from latentscope.state.open_model import OpenModel
from latentscope.state.workspace import Workspace
from latentscope.theme import DARK
from trainer.conditions import pure
from trainer.errors import ConfigError
from trainer.files import ModelFile

Make = Callable[..., ModelFile]


@pytest.fixture
def told(workspace: Workspace, make_conditional: Make) -> Workspace:
    workspace.open_model(OpenModel(make_conditional(), "conditional"))
    return workspace


def test_a_conditional_model_begins_with_its_first_class(
    qtbot: QtBot, told: Workspace, model_file: ModelFile, make_conditional: Make
) -> None:
    assert (told.classes, told.condition, told.condition_text) == (3, (1.0, 0.0, 0.0), "class a")
    told.set_condition([0, 1, 1])
    assert told.condition_text == "b 50 % + c 50 %"
    with qtbot.waitSignal(told.condition_changed):
        told.open_model(OpenModel(model_file, "another"))
    assert (told.classes, told.condition, told.condition_text) == (0, None, "")
    told.change_condition([1, 0, 0], "Decode class a")  # means nothing here
    assert told.condition is None
    assert not told.undo_stack.canUndo()


def test_a_snapshot_leaves_the_condition_alone(qtbot: QtBot, told: Workspace, make_conditional: Make) -> None:
    told.set_condition([0, 0.25, 0.75])
    with qtbot.assertNotEmitted(told.condition_changed):
        told.set_snapshot(OpenModel(make_conditional(), "later"))
    assert told.condition == (0, 0.25, 0.75)


def test_changes_of_the_condition_can_be_undone(told: Workspace) -> None:
    told.change_condition(pure(1, 3), "Decode class b")
    before = told.condition
    told.set_condition([0, 0.5, 0.5])
    told.change_condition([0, 0.25, 0.75], "Mix classes b and c", before)
    told.undo_stack.undo()
    assert told.condition == (0, 1, 0)
    told.undo_stack.undo()
    assert told.condition == (1, 0, 0)
    told.undo_stack.redo()
    told.undo_stack.redo()
    assert told.condition == (0, 0.25, 0.75)


@pytest.mark.parametrize("weights", [[1, 0], [0, 0, 0], [np.nan, 1, 0], [-1, 1, 1]])
def test_what_is_no_condition_is_refused(told: Workspace, weights: list[float]) -> None:
    with pytest.raises(ConfigError):
        told.set_condition(weights)
    assert told.condition == (1, 0, 0)


@pytest.fixture
def telling(background: Background, make_conditional: Make) -> Decoding:
    result = Decoding(background)
    result.set_condition(pure(0, 3))
    result.use(load_codec(make_conditional()))
    return result


def test_what_is_decoded_is_of_the_class(qtbot: QtBot, telling: Decoding) -> None:
    seen: list[np.ndarray] = []
    z, codec = np.zeros((1, 2)), telling.codec
    assert codec is not None
    telling.request("x", z, lambda pictures, _: seen.append(pictures))
    with qtbot.waitSignal(telling.ready):
        telling.set_condition(pure(2, 3))
    telling.request("x", z, lambda pictures, _: seen.append(pictures))
    telling.request("x", z, lambda pictures, _: seen.append(pictures), pure(1, 3))
    for pictures, label in zip(seen, (0, 2, 1), strict=True):
        assert np.array_equal(pictures, codec.decode(z, pure(label, 3)))
    assert not np.array_equal(seen[0], seen[1])


def test_decoder_and_condition_of_different_models_decode_nothing(
    qtbot: QtBot, telling: Decoding, model_file: ModelFile
) -> None:
    with qtbot.assertNotEmitted(telling.ready):
        telling.set_condition(None)
    telling.request("x", np.zeros((1, 2)), lambda *_: pytest.fail("decoded"))
    telling.use(load_codec(model_file))
    seen: list[np.ndarray] = []
    telling.request("x", np.zeros((1, 2)), lambda pictures, _: seen.append(pictures))
    assert len(seen) == 1
    telling.set_condition(pure(0, 3))
    telling.request("x", np.zeros((1, 2)), lambda *_: pytest.fail("decoded"))


def test_the_atlas_takes_over_another_class_without_going_dark(
    qtbot: QtBot, telling: Decoding, background: Background, make_conditional: Make
) -> None:
    file = make_conditional()
    plane = Workspace().plane
    cloud = cloud_of(file.codes, plane)
    scene = Scene(
        camera=Camera(scale=100, width=400, height=300), theme=DARK, font=qtbot_font(), plane=plane,
        cloud=cloud, look=look_of(cloud, DARK, 3), layers=Layers(), probe=None,
    )  # fmt: skip
    layer = AtlasLayer(telling)
    layer.follow(scene)
    qtbot.waitUntil(lambda: layer.is_settled() and not background.busy())
    before = dict(layer._tiles)

    def ink() -> float:
        assert layer._sheet is not None
        return float((layer._sheet._cells >> np.uint32(24)).mean())

    whole = ink()
    seen: list[float] = []
    layer.changed.connect(lambda: seen.append(ink()))
    telling.set_condition(pure(1, 3))
    qtbot.waitUntil(lambda: layer.is_settled() and not background.busy())
    assert seen
    assert min(seen) > 0.5 * whole  # nothing has gone before the other was there
    assert layer._tiles.keys() == before.keys()
    assert layer.is_full()
    codec = telling.codec
    assert codec is not None
    for tile in list(before)[::7]:
        spacing, i, j = tile
        expected = codec.decode([[i * spacing, j * spacing]], pure(1, 3))[0].astype(int)
        assert np.abs(layer._tiles[tile].picture - expected).max() <= 1
    # A tile that is panned to is of the new class, too, and what is asked for meanwhile is not lost.
    for label in (2, 0, 1, 2):
        telling.set_condition(pure(label, 3))
    layer.follow(replace(scene, camera=replace(scene.camera, x=0.5)))
    qtbot.waitUntil(lambda: layer.is_settled() and not background.busy())
    assert layer.is_full() and layer._sheet is not None
    spacing, i, j = next(iter(layer._sheet.span.tiles()))
    expected = codec.decode([[i * spacing, j * spacing]], pure(2, 3))[0].astype(int)
    assert np.abs(layer._tiles[spacing, i, j].picture - expected).max() <= 1


def qtbot_font() -> object:
    from PySide6.QtGui import QFont

    return QFont()


def test_only_classes_that_are_decoded_are_not_faint() -> None:
    assert faint_classes(None) == frozenset()
    assert faint_classes((0.0, 0.5, 0.5)) == {0}
