"""Several paths on a bare map under a real mouse: one is active, the others are in sight."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from map_mouse import (
    LEFT,
    PLAIN,
    SHIFT,
    click,
    drag,
    hover,
    near,
    pixel,
    waypoints,
)  # fmt: skip
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from latentscope.map.view import MapView
from latentscope.paths import editing
from latentscope.state.open_model import OpenModel
from latentscope.state.paths import LatentPath, Paths
from latentscope.state.workspace import Workspace
from trainer.files import ModelFile

ShowMap = Callable[..., MapView]
ALT = Qt.KeyboardModifier.AltModifier
Key = Qt.Key
OPEN = LatentPath(((-1.0, 1.0), (0.0, 1.5), (1.0, 1.0)))


@pytest.fixture
def pen(view: MapView) -> MapView:
    view.set_tool("path")
    return view


@pytest.fixture
def two(view: MapView) -> MapView:
    """A kept path above and an active draft below."""
    kept = LatentPath(((-1.0, 1.0), (1.0, 1.0)), name="kept", colour=1)
    view.workspace.pathing.set(Paths((kept, LatentPath(((-1.0, -1.0), (1.0, -1.0)))), 1))
    return view


def test_a_path_under_the_mouse_is_highlighted_and_named(two: MapView) -> None:
    plain = two.grab().toImage()
    hover(two, (0.3, 1))
    assert two.path_overlay.other == 0
    assert two.grab().toImage() != plain
    hover(two, (0.3, 0.5))
    assert two.path_overlay.other is None
    assert two.grab().toImage() == plain


def test_it_is_taken_by_a_click_with_the_path_tool_and_a_double_click_with_another(two: MapView) -> None:
    click(two, (0.3, 1))
    assert two.workspace.pathing.paths.active == 1  # the probe tool decodes there
    assert tuple(two.workspace.probe) == near((0.3, 1))
    QTest.mouseDClick(two, LEFT, PLAIN, pixel(two, (0.3, 1)))
    assert two.workspace.pathing.paths.active == 0
    assert not two.looking.moved_by_user
    two.workspace.undo_stack.undo()
    assert two.workspace.pathing.paths.active == 1
    two.set_tool("path")
    click(two, (0.3, 1))
    assert two.workspace.pathing.paths.active == 0
    assert not two.path_hand.drawing


def test_esc_leaves_a_kept_path_where_it_is(two: MapView) -> None:
    editing.activate(two.workspace, 0)
    QTest.keyClick(two, Key.Key_Escape)
    assert two.workspace.pathing.current is None
    assert two.workspace.pathing.paths.names == ["kept"]
    two.workspace.undo_stack.undo()
    assert two.workspace.pathing.paths.active == 0


def test_a_drag_draws_another_draft_beside_what_is_kept(two: MapView) -> None:
    drag(two, (-1, 0.5), (1, 0.6), keys=SHIFT)
    assert [path.name for path in two.workspace.pathing.paths.items] == ["kept", ""]
    assert waypoints(two) == [near((-1, 0.5)), near((1, 0.6))]


def test_no_points_and_no_tiles_are_drawn_again(two: MapView) -> None:
    before = (two.points.drawn, two.atlas.sheets_made, two.base.composed)
    two.set_tool("path")
    for place in ((0.3, 1), (0, 0.5), (0.2, 1.8), (0.9, 1.4)):
        hover(two, place)
        click(two, place)
        two.grab()
    assert (two.points.drawn, two.atlas.sheets_made, two.base.composed) == before


def test_ten_thousand_waypoints_have_handles_only_where_there_is_room(view: MapView) -> None:
    angle = np.linspace(0, 60, 10_000)
    spiral = np.stack([angle / 30 * np.cos(angle), angle / 30 * np.sin(angle)], axis=1)
    view.workspace.pathing.set_current(LatentPath(tuple(map(tuple, spiral.tolist()))))
    line = view.path_hand.lines()[0]
    assert len(line.handles) <= 250
    assert {0, 9_999} <= set(line.handles.tolist())
    assert len(line.strokes) < 4000
    view.grab()
    drag(view, tuple(spiral[-1]), (1.5, 1.7))
    assert waypoints(view)[-1] == near((1.5, 1.7))
    hover(view, tuple(spiral[5_000]))
    assert view.path_overlay.hovered is not None


def test_a_path_that_leaves_the_map_runs_where_it_should(view: MapView) -> None:
    view.workspace.pathing.set_current(LatentPath(((-1e7, -1e7), (1e7, 1e7))))
    view.grab()
    hover(view, (1, 1))
    assert view.path_overlay.hovered is not None
    hover(view, (1, 0.5))
    assert view.path_overlay.hovered is None


def test_waypoints_off_the_plane_are_marked_and_dragged_along_it(
    workspace: Workspace, model_file: ModelFile, show_map: ShowMap
) -> None:
    assert model_file.codes is not None
    deep = np.concatenate([model_file.codes.mean, np.full((90, 1), 0.01, np.float32)], axis=1)
    config = model_file.config.model_copy(update={"latent": 3})
    file = replace(model_file, config=config, codes=replace(model_file.codes, mean=deep, logvar=None))
    workspace.open_model(OpenModel(file, "deep"))
    view = show_map(workspace)
    plane = workspace.plane
    normal = np.cross(plane.u, plane.v)
    on, off = plane.to_latent([-1.0, 1.0]), plane.to_latent([1.0, 1.0]) + 0.5 * normal
    workspace.pathing.set_current(LatentPath((tuple(on.tolist()), tuple(off.tolist()))))
    assert view.path_hand.lines()[0].off_plane.tolist() == [False, True]
    view.grab()
    drag(view, (1, 1), (1.4, 1.4))
    assert workspace.pathing.current is not None
    assert plane.distance(workspace.pathing.current.waypoints[1]) == pytest.approx(0.5)
    assert tuple(plane.to_map(workspace.pathing.current.waypoints[1])) == near((1.4, 1.4))
