"""The state object: setters compare, changes can be undone, a snapshot disturbs nothing."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from latentscope.paths.routes import route_at_once
from latentscope.state.layers import LAYERS, Layers
from latentscope.state.open_model import Moment, OpenModel
from latentscope.state.paths import LatentPath
from latentscope.state.planes import PlaneChoice
from latentscope.state.workspace import Workspace
from trainer.errors import ConfigError
from trainer.files import Codes, ModelFile
from trainer.geometry import pca_plane
from trainer.paths.timing import Walk

PATH = LatentPath(((0.0, 0.0), (1.0, 2.0)))


def test_opening_starts_afresh(open_workspace: Workspace, model_file: ModelFile) -> None:
    workspace = open_workspace
    workspace.set_probe([1, 1])
    workspace.pathing.change_current(PATH, "Draw path")
    workspace.set_hidden_classes(frozenset({1}))
    workspace.open_model(OpenModel(model_file, "another"))
    assert np.array_equal(workspace.probe, [0, 0])
    assert workspace.pathing.current is None
    assert workspace.hidden_classes == frozenset()
    assert not workspace.undo_stack.canUndo()


def test_a_snapshot_disturbs_nothing(qtbot: QtBot, open_workspace: Workspace, model_file: ModelFile) -> None:
    workspace = open_workspace
    workspace.set_probe([1, 1])
    workspace.pathing.change_current(PATH, "Draw path")
    with qtbot.waitSignal(workspace.snapshot_changed), qtbot.assertNotEmitted(workspace.model_changed):
        workspace.set_snapshot(OpenModel(model_file, "later", live=True))
    assert np.array_equal(workspace.probe, [1, 1])
    assert workspace.pathing.current == PATH
    assert workspace.undo_stack.canUndo()


def test_a_snapshot_of_another_dimension_is_another_model(
    qtbot: QtBot, open_workspace: Workspace, model_file: ModelFile
) -> None:
    config = model_file.config.model_copy(update={"latent": 5})
    codes = Codes(np.random.default_rng(0).normal(size=(20, 5)).astype(np.float32))
    with qtbot.waitSignal(open_workspace.model_changed):
        open_workspace.set_snapshot(OpenModel(replace(model_file, config=config, codes=codes), "five"))
    assert open_workspace.dimension == 5
    assert open_workspace.probe.shape == (5,)


def of_dimension(file: ModelFile, dimension: int, seed: int) -> OpenModel:
    config = file.config.model_copy(update={"latent": dimension})
    codes = Codes(np.random.default_rng(seed).normal(size=(50, dimension)).astype(np.float32))
    return OpenModel(replace(file, config=config, codes=codes), "many", live=True)


def test_above_two_dimensions_the_plane_follows_the_codes(
    qtbot: QtBot, workspace: Workspace, model_file: ModelFile
) -> None:
    workspace.open_model(of_dimension(model_file, 5, seed=0))
    before = workspace.plane
    with qtbot.waitSignal(workspace.plane_changed):
        workspace.set_snapshot(of_dimension(model_file, 5, seed=1))
    after = workspace.plane
    assert not np.allclose(before.u, after.u)
    assert before.u @ after.u + before.v @ after.v >= 0, "but it does not flip"


def test_above_two_dimensions_there_is_a_choice_of_planes(
    qtbot: QtBot, workspace: Workspace, model_file: ModelFile
) -> None:
    workspace.open_model(of_dimension(model_file, 5, seed=0))
    with qtbot.waitSignal(workspace.plane_changed):
        workspace.change_plane(PlaneChoice("axes"), "Show axes")
    assert workspace.plane.to_map([1, 2, 3, 4, 5]).tolist() == [1, 2]
    with qtbot.assertNotEmitted(workspace.plane_changed):
        workspace.set_snapshot(of_dimension(model_file, 5, seed=1))
    workspace.open_model(of_dimension(model_file, 5, seed=2))
    assert workspace.plane_kind == "codes"


def test_one_latent_dimension_lies_on_a_line(workspace: Workspace, model_file: ModelFile) -> None:
    config = model_file.config.model_copy(update={"latent": 1})
    workspace.open_model(OpenModel(replace(model_file, config=config, codes=None), "one"))
    assert workspace.dimension == 1
    assert np.allclose(workspace.plane.to_latent([0.7, 5.0]), [0.7])


def test_setters_compare_before_they_emit(qtbot: QtBot, open_workspace: Workspace) -> None:
    open_workspace.set_probe([0.5, 0.5])
    with qtbot.assertNotEmitted(open_workspace.probe_changed):
        open_workspace.set_probe([0.5, 0.5])
    with qtbot.assertNotEmitted(open_workspace.pathing.changed):
        open_workspace.pathing.set_current(None)


@pytest.mark.parametrize("z", [[1.0], [1.0, 2.0, 3.0], [np.nan, 0.0], [np.inf, 0.0]])
def test_a_probe_that_is_no_latent_point_is_ignored(open_workspace: Workspace, z: list[float]) -> None:
    open_workspace.set_probe(z)
    assert np.array_equal(open_workspace.probe, [0, 0])


def test_a_gesture_is_one_step_to_undo(open_workspace: Workspace) -> None:
    workspace = open_workspace
    before = workspace.pathing.paths
    for x in np.linspace(0, 1, 20):
        workspace.pathing.set_current(LatentPath(((0.0, 0.0), (float(x), 0.0))))
    last = workspace.pathing.current
    workspace.pathing.change(workspace.pathing.paths, "Draw path", before)
    workspace.undo_stack.undo()
    assert workspace.pathing.current is None
    workspace.undo_stack.redo()
    assert workspace.pathing.current == last


def test_classes_and_layers_can_be_undone(open_workspace: Workspace) -> None:
    workspace = open_workspace
    workspace.change_hidden_classes(frozenset({2}), "Hide c")
    workspace.change_layers(workspace.layers.with_shown("atlas", False), "Hide atlas")
    workspace.undo_stack.undo()
    assert workspace.layers.shows("atlas")
    workspace.undo_stack.undo()
    assert workspace.hidden_classes == frozenset()


@given(st.frozensets(st.sampled_from([layer.name for layer in LAYERS])), st.floats(0.05, 1))
def test_layers_are_remembered(shown: frozenset[str], opacity: float) -> None:
    layers = Layers(shown, opacity)
    assert Layers.from_json(layers.to_json()) == layers


@given(st.text() | st.sampled_from(["", "[]", "{}", '{"points": 1}', "null", '{"atlas_opacity": "x"}']))
def test_layers_of_a_damaged_memory_are_the_usual_ones(text: str) -> None:
    assert Layers.from_json(text) == Layers()


def test_what_changes_nothing_is_no_step(open_workspace: Workspace) -> None:
    open_workspace.pathing.change_current(None, "Remove path")
    assert not open_workspace.undo_stack.canUndo()


def test_a_path_goes_through_its_waypoints() -> None:
    bent = LatentPath(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), walk=Walk(5))
    assert np.allclose(route_at_once(bent).steps, [[0, 0], [0.5, 0], [1, 0], [1, 0.5], [1, 1]])
    assert bent.with_waypoint(2, np.array([2.0, 0.0])).waypoints[2] == (2.0, 0.0)


def turned_by(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def test_a_moment_keeps_places_on_the_map_and_gives_them_back_exactly(
    qtbot: QtBot, open_workspace: Workspace, model_file: ModelFile
) -> None:
    workspace = open_workspace
    workspace.set_probe([0.1, 0.7])
    workspace.pathing.set_current(PATH)
    codes = Codes(model_file.codes.mean + 1, None, model_file.codes.labels)
    moment = Moment(OpenModel(model_file, "then"), codes, turned_by(0.4))
    signals = [workspace.snapshot_changed, workspace.probe_changed, workspace.pathing.changed]
    with qtbot.waitSignals(signals), qtbot.assertNotEmitted(workspace.plane_changed):
        workspace.set_moment(moment)
    assert workspace.moment is moment
    assert workspace.codes is codes
    assert np.allclose(workspace.plane.to_map(workspace.probe), [0.1, 0.7])
    assert np.allclose(workspace.probe @ moment.turn, [0.1, 0.7])
    assert np.allclose(workspace.plane.to_map(workspace.pathing.current.waypoints), PATH.waypoints)
    with qtbot.assertNotEmitted(workspace.snapshot_changed):
        workspace.set_moment(moment)
    with qtbot.assertNotEmitted(workspace.probe_changed):  # only the points have moved
        workspace.set_moment(Moment(moment.model, None, moment.turn.copy()))
    workspace.set_snapshot(OpenModel(model_file, "now"))
    assert workspace.moment is None
    assert workspace.codes is model_file.codes
    assert np.array_equal(workspace.probe, [0.1, 0.7])
    assert workspace.pathing.current == PATH
    assert workspace.undo_stack.count() == 0


def test_a_moment_that_is_not_turned_is_shown_on_the_plane_itself(
    open_workspace: Workspace, model_file: ModelFile
) -> None:
    open_workspace.set_moment(Moment(OpenModel(model_file, "then"), model_file.codes, np.eye(2)))
    assert open_workspace.plane is open_workspace.still_plane


def test_what_is_set_at_a_moment_stays_in_its_place(open_workspace: Workspace, model_file: ModelFile) -> None:
    workspace, then = open_workspace, OpenModel(model_file, "then")
    workspace.set_moment(Moment(then, model_file.codes, turned_by(1.0)))
    workspace.set_probe(workspace.plane.to_latent([1.0, 0.5]))
    workspace.set_plane(workspace.plane)
    drawn = LatentPath(tuple(map(tuple, workspace.plane.to_latent([[0.0, 1.0], [1.0, 0.0]]).tolist())))
    workspace.pathing.change_current(drawn, "Draw path")
    assert np.allclose(workspace.pathing.current.waypoints, drawn.waypoints)
    for turn in (-2.0, 0.3):
        workspace.set_moment(Moment(then, model_file.codes, turned_by(turn)))
        assert np.allclose(workspace.plane.to_map(workspace.probe), [1.0, 0.5])
        workspace.undo_stack.undo()
        assert workspace.pathing.current is None
        workspace.undo_stack.redo()
        assert np.allclose(workspace.plane.to_map(workspace.pathing.current.waypoints), [[0, 1], [1, 0]])
    workspace.set_snapshot(then)
    assert np.allclose(workspace.probe, [1.0, 0.5])
    assert np.allclose(workspace.pathing.current.waypoints, [[0, 1], [1, 0]])


def test_a_plane_that_is_chosen_in_a_moment_is_one_of_the_aligned_map(
    qtbot: QtBot, workspace: Workspace, model_file: ModelFile
) -> None:
    """The axes are named after the run's newest; the moment's own latent space is turned against it."""
    newest = of_dimension(model_file, 5, seed=0)
    workspace.open_model(newest)
    turn = np.linalg.qr(np.random.default_rng(3).normal(size=(5, 5)))[0]
    assert newest.file.codes is not None
    codes = Codes((newest.file.codes.mean @ turn.T).astype(np.float32))
    workspace.set_moment(Moment(replace(newest, title="earlier"), codes, turn))
    workspace.change_plane(PlaneChoice("axes", (3, 1)), "Show z3 and z1")
    shown = workspace.plane.to_map(codes.mean)
    assert np.allclose(shown, newest.file.codes.mean[:, [3, 1]], atol=1e-5)
    probe = workspace.probe.copy()
    workspace.bring_plane_to_probe()
    assert workspace.plane.distance(probe) < 1e-9
    workspace.change_plane(PlaneChoice(), "Show codes")
    held = workspace.still_plane
    assert np.allclose(np.abs(held.u @ pca_plane(newest.file.codes.mean).u), 1, atol=1e-4)
    workspace.undo_stack.undo()
    workspace.undo_stack.undo()
    assert np.allclose(workspace.plane.to_map(codes.mean), shown)
    workspace.set_snapshot(newest)
    assert workspace.plane.u.tolist() == [0, 0, 0, 1, 0]
    assert workspace.plane.v.tolist() == [0, 1, 0, 0, 0]


def test_a_plane_that_follows_the_codes_stays_where_the_probe_was(workspace: Workspace, model_file: ModelFile) -> None:
    workspace.open_model(of_dimension(model_file, 5, seed=0))
    probe = np.arange(5.0)
    workspace.set_probe(probe)
    workspace.bring_plane_to_probe()
    workspace.set_snapshot(of_dimension(model_file, 5, seed=1))
    assert workspace.plane.distance(probe) < 1e-9
    assert workspace.plane_choice.through == tuple(probe)


def test_points_on_a_line_leave_the_plane(workspace: Workspace, model_file: ModelFile) -> None:
    workspace.open_model(of_dimension(model_file, 3, seed=0))
    before = workspace.plane
    with pytest.raises(ConfigError, match="one line"):
        workspace.change_plane(PlaneChoice("points", points=((0, 0, 0), (1, 1, 1), (2, 2, 2))), "Plane")
    assert workspace.plane is before
    assert not workspace.undo_stack.count()
