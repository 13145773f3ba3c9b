from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

from latentscope.decoding import Decoding
from latentscope.map.grid import AXIS_WIDTH
from latentscope.map.view import MapView
from latentscope.state.layers import Layers
from latentscope.state.open_model import OpenModel
from latentscope.state.paths import LatentPath
from latentscope.state.workspace import Workspace
from latentscope.theme import DARK, LIGHT
from trainer.files import Codes, ModelFile
from trainer.geometry import axis_plane

ShowMap = Callable[..., MapView]
Rgb = Callable[[QImage], NDArray[np.int64]]


def with_codes(file: ModelFile, mean: NDArray[np.float64], labels: NDArray[np.int64] | None = None) -> OpenModel:
    return OpenModel(replace(file, codes=Codes(mean.astype(np.float32), None, labels)), "test", live=True)


def test_a_probe_drag_draws_no_points_and_no_tiles_again(
    qtbot: QtBot, open_workspace: Workspace, show_map: ShowMap, qapp: object
) -> None:
    view = show_map(open_workspace)
    before = (view.points.drawn, view.atlas.sheets_made, view.base.composed)
    paths = [LatentPath(((0.0, 0.0), (0.1 * i, 1.0)), "slerp") for i in range(5)]
    for i in range(20):
        open_workspace.set_probe([0.1 * i, -0.05 * i])
        open_workspace.pathing.set_current(paths[i % 5])
        qtbot.wait(1)
    assert (view.points.drawn, view.atlas.sheets_made, view.base.composed) == before


def test_moving_the_probe_repaints_a_few_pixels_and_leaves_no_trace(
    qtbot: QtBot, open_workspace: Workspace, show_map: ShowMap, rgb: Rgb
) -> None:
    view = show_map(open_workspace)
    open_workspace.set_probe([2.0, 1.0])
    qtbot.wait(10)
    open_workspace.set_probe([-1.0, -0.5])
    qtbot.wait(10)
    incremental = rgb(view.grab().toImage())
    view.update()
    qtbot.wait(10)
    assert (rgb(view.grab().toImage()) == incremental).all()


@pytest.mark.parametrize(
    "change",
    [
        lambda view: view.workspace.set_hidden_classes(frozenset({1})),
        lambda view: view.workspace.set_layers(Layers().with_shown("points", False)),
        lambda view: view.workspace.set_layers(Layers().with_shown("prior", False)),
        lambda view: view.workspace.set_layers(Layers(atlas_opacity=1.0)),
        lambda view: view.set_theme(LIGHT),
        lambda view: view.looking.zoom_by(1.1),
        lambda view: view.workspace.set_plane(axis_plane(2, 1, 0)),
    ],
)
def test_what_changes_the_picture_composes_it_again(
    qtbot: QtBot, open_workspace: Workspace, show_map: ShowMap, rgb: Rgb, change: Callable[[MapView], None]
) -> None:
    view = show_map(open_workspace)
    before = rgb(view.grab().toImage())
    change(view)
    qtbot.waitUntil(view.is_settled)
    assert (rgb(view.grab().toImage()) != before).any()


def test_an_empty_map_invites_and_a_model_takes_its_place(
    qtbot: QtBot, workspace: Workspace, model_file: ModelFile, show_map: ShowMap, rgb: Rgb
) -> None:
    view = show_map(workspace)
    empty = rgb(view.grab().toImage())
    middle = np.s_[220:260, 200:440]
    assert (empty[middle] != empty[0, 0]).any()
    workspace.open_model(OpenModel(model_file, "test"))
    qtbot.waitUntil(view.is_settled)
    assert view.points.drawn == 1
    assert len(view.cloud.index) == 90


def test_the_first_view_shows_the_prior_and_the_codes(open_workspace: Workspace, show_map: ShowMap) -> None:
    view = show_map(open_workspace)
    for corner in ((-3, -3), (3, 3)):
        x, y = view.camera.to_pixel(corner)
        assert AXIS_WIDTH - 1 <= x <= view.width()
        assert 0 <= y <= view.height()


def test_resizing_an_untouched_map_fits_it_and_a_moved_one_keeps_its_centre(
    qtbot: QtBot, open_workspace: Workspace, show_map: ShowMap
) -> None:
    view = show_map(open_workspace)
    first = view.camera.scale
    view.resize(900, 800)
    assert view.camera.scale > first
    view.move_camera(replace(view.camera, x=1.5, y=-0.5, scale=77.0))
    view.resize(640, 480)
    camera = view.camera
    assert (camera.x, camera.y, camera.scale, camera.width, camera.height) == (1.5, -0.5, 77.0, 640, 480)
    qtbot.waitUntil(view.is_settled)


def test_reset_view_comes_back_smoothly(qtbot: QtBot, open_workspace: Workspace, show_map: ShowMap) -> None:
    view = show_map(open_workspace)
    home = view.camera
    view.looking.zoom_by(5)
    assert view.camera.scale == pytest.approx(home.scale * 5)
    view.looking.reset()
    qtbot.waitUntil(view.is_settled)
    assert (view.camera.x, view.camera.y, view.camera.scale) == pytest.approx((home.x, home.y, home.scale))


def test_snapshots_leave_the_camera_until_codes_leave_a_view_nobody_chose(
    qtbot: QtBot, workspace: Workspace, model_file: ModelFile, show_map: ShowMap
) -> None:
    codes = np.random.default_rng(0).normal(0, 0.3, (200, 2))
    workspace.open_model(with_codes(model_file, codes))
    view = show_map(workspace)
    first = view.camera
    workspace.set_snapshot(with_codes(model_file, codes * 3))
    qtbot.waitUntil(view.is_settled)
    assert view.camera == first
    workspace.set_snapshot(with_codes(model_file, codes * 40))
    qtbot.waitUntil(view.is_settled)
    assert view.camera.scale < first.scale / 2
    view.looking.zoom_by(4)
    chosen = view.camera
    workspace.set_snapshot(with_codes(model_file, codes * 400))
    qtbot.waitUntil(view.is_settled)
    assert view.camera == chosen


def test_a_smooth_refit_while_one_goes_on_ends_at_the_newest_goal(
    qtbot: QtBot, workspace: Workspace, model_file: ModelFile, show_map: ShowMap
) -> None:
    codes = np.random.default_rng(0).normal(0, 0.3, (200, 2))
    workspace.open_model(with_codes(model_file, codes))
    view = show_map(workspace)
    for factor in (40, 80):
        workspace.set_snapshot(with_codes(model_file, codes * factor))
        qtbot.wait(20)
    qtbot.waitUntil(view.is_settled)
    assert np.ptp(codes[:, 1]) * 80 * 0.8 < view.camera.visible().height


def test_another_model_starts_afresh(
    qtbot: QtBot, open_workspace: Workspace, model_file: ModelFile, show_map: ShowMap
) -> None:
    view = show_map(open_workspace)
    home = view.camera
    view.looking.zoom_by(7)
    view.select_waypoint(1)
    open_workspace.open_model(OpenModel(model_file, "other"))
    qtbot.waitUntil(view.is_settled)
    assert view.camera == home
    assert view.path_overlay.selected is None


@pytest.mark.parametrize("dimension", [1, 3, 20])
def test_other_latent_dimensions(
    qtbot: QtBot, workspace: Workspace, model_file: ModelFile, show_map: ShowMap, dimension: int
) -> None:
    mean = np.random.default_rng(0).normal(size=(40, dimension))
    config = model_file.config.model_copy(update={"latent": dimension})
    codes = Codes(mean.astype(np.float32), None, np.arange(40) % 3)
    workspace.open_model(OpenModel(replace(model_file, config=config, codes=codes), "test"))
    workspace.set_layers(Layers().with_shown("atlas", False))  # this test's decoder has two dimensions
    view = show_map(workspace)
    assert view.points.drawn == 1
    assert view.latent_at((100, 100)).shape == (dimension,)
    pixel = view.camera.to_pixel(workspace.plane.to_map(view.latent_at((100, 100))))
    assert pixel[0] == pytest.approx(100)
    assert view.picture().width() == view.width()


@pytest.mark.parametrize(
    "mean",
    [
        np.zeros((0, 2)),
        np.zeros((1, 2)),
        np.full((50, 2), 0.7),
        np.full((5, 2), np.nan),
        np.array([[0, 0], [np.inf, 0], [1, 1]]),
        np.array([[0, 0], [3e38, -3e38]]),
    ],
)
def test_strange_codes_are_shown_as_far_as_they_can_be(
    workspace: Workspace, model_file: ModelFile, show_map: ShowMap, mean: NDArray[np.float64]
) -> None:
    workspace.open_model(with_codes(model_file, mean))
    view = show_map(workspace)
    assert np.isfinite([view.camera.x, view.camera.y, view.camera.scale]).all()
    assert not view.grab().isNull()


def test_a_model_without_codes_still_has_a_map(
    workspace: Workspace, model_file: ModelFile, show_map: ShowMap, rgb: Rgb
) -> None:
    workspace.open_model(OpenModel(replace(model_file, codes=None), "test"))
    view = show_map(workspace)
    assert view.points.drawn == 0
    assert view.atlas.sheets_made > 0


def test_two_hundred_classes_and_labels_beyond_the_names(
    workspace: Workspace, model_file: ModelFile, show_map: ShowMap
) -> None:
    mean = np.random.default_rng(0).normal(size=(400, 2))
    workspace.open_model(with_codes(model_file, mean, np.arange(400) % 200))
    view = show_map(workspace)
    assert view.points.drawn == 1


@pytest.mark.parametrize("scale", [1.0, 2.0, 0.5])
def test_the_exported_picture_is_what_is_seen(
    qtbot: QtBot, open_workspace: Workspace, show_map: ShowMap, rgb: Rgb, scale: float
) -> None:
    view = show_map(open_workspace)
    open_workspace.pathing.set_current(LatentPath(((-1.0, 0.0), (1.0, 1.0))))
    qtbot.wait(10)
    picture = view.picture(scale)
    assert (picture.width(), picture.height()) == (640 * scale, 480 * scale)
    if scale == 1:
        assert np.abs(rgb(picture) - rgb(view.grab().toImage())).max() <= 2
    before = view.base.composed
    view.repaint()
    assert view.base.composed == before


def test_the_picture_leaves_the_hover_ring_out(
    qtbot: QtBot, open_workspace: Workspace, show_map: ShowMap, rgb: Rgb
) -> None:
    view = show_map(open_workspace)
    plain = rgb(view.picture())
    view.hover_overlay.row = 3
    assert (rgb(view.picture()) == plain).all()


def test_tools_are_taken_in_hand_by_name(open_workspace: Workspace, show_map: ShowMap) -> None:
    view = show_map(open_workspace)
    spy = QSignalSpy(view.tool_changed)
    assert view.tool == "probe"
    for name in ("path", "path", "pan"):
        view.set_tool(name)
    assert [spy.at(i)[0] for i in range(spy.count())] == ["path", "pan"]
    assert view.tool == "pan"


def test_it_says_what_it_is(open_workspace: Workspace, decoding: Decoding, qtbot: QtBot) -> None:
    view = MapView(open_workspace, decoding, DARK)
    qtbot.addWidget(view)
    assert view.accessibleName() == "Latent map"
    assert "arrow keys" in view.accessibleDescription()
