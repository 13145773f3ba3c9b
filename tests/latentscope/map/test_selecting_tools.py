"""The lasso and the rectangle, with a real mouse on a bare map: codes lie in heaps about (−2, 0), (0, 0) and (2, 0)."""

from dataclasses import replace

import numpy as np
import pytest
from map_mouse import LEFT, PLAIN, SHIFT, Place, drag, move, pixel, press, release, turn
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from latentscope.map.view import MapView
from latentscope.state.open_model import Moment, OpenModel
from latentscope.state.paths import LatentPath
from latentscope.state.selection import Selection
from trainer.files import ModelFile

ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier


def around(x: float, y: float = 0.0, reach: float = 0.9) -> list[Place]:
    """Corners of a lasso round a place."""
    angles = np.linspace(0.3, 2 * np.pi, 24)
    return [(x + reach * np.cos(a), y + reach * np.sin(a)) for a in angles]


def labels(view: MapView) -> set[int]:
    """The classes of what is selected."""
    codes = view.workspace.codes
    assert codes is not None
    assert codes.labels is not None
    return set(codes.labels[view.workspace.selecting.selection.index].tolist())


def selected(view: MapView) -> int:
    return len(view.workspace.selecting.selection)


@pytest.fixture
def lasso(view: MapView) -> MapView:
    view.set_tool("lasso")
    return view


def test_a_lasso_selects_adds_and_removes(lasso: MapView) -> None:
    drag(lasso, *around(-2))
    assert labels(lasso) == {0}
    assert selected(lasso) == 30
    drag(lasso, *around(2), keys=SHIFT)
    assert labels(lasso) == {0, 2}
    drag(lasso, *around(-2), keys=ALT)
    assert labels(lasso) == {2}
    drag(lasso, *around(2), keys=CTRL)  # where the window manager has a use of its own for Alt
    assert selected(lasso) == 0
    for expected in (30, 60, 30, 0):
        lasso.workspace.undo_stack.undo()
        assert selected(lasso) == expected
    assert lasso.workspace.pathing.current is None


def test_a_rectangle_selects(view: MapView) -> None:
    view.set_tool("rectangle")
    drag(view, (1, 1), (1.5, 0), (3, -1))
    assert labels(view) == {2}
    drag(view, (-3, -1), (-1, 1))
    assert labels(view) == {0}


def test_what_is_drawn_is_counted_and_released(lasso: MapView) -> None:
    places = around(0)
    press(lasso, places[0])
    for place in places[1:]:
        move(lasso, place)
    sketch = lasso.sketch_overlay.sketch
    assert sketch is not None
    assert sketch.text == "30"
    assert len(sketch.rows) == 30
    assert not lasso.sketch_overlay.region(lasso._scene).isEmpty()
    with_it = lasso.grab().toImage()
    assert selected(lasso) == 0
    release(lasso, places[-1])
    assert lasso.sketch_overlay.sketch is None
    assert selected(lasso) == 30
    assert lasso.grab().toImage() != with_it


def test_a_click_takes_one_point_and_on_the_empty_map_none(lasso: MapView) -> None:
    place = tuple(lasso.cloud.position[5])
    drag(lasso, place)
    assert selected(lasso) == 1
    drag(lasso, (0.0, 1.9), keys=SHIFT)  # a slip with Shift held costs nothing
    assert selected(lasso) == 1
    drag(lasso, (0.0, 1.9))
    assert selected(lasso) == 0
    lasso.workspace.undo_stack.undo()
    assert selected(lasso) == 1


def test_the_base_picture_stays_while_a_lasso_is_drawn(lasso: MapView) -> None:
    lasso.grab()
    before = lasso.base.composed
    places = around(0)
    press(lasso, places[0])
    for place in places[1:]:
        move(lasso, place)
        lasso.grab()
    assert lasso.base.composed == before
    release(lasso, places[-1])


def test_esc_ends_one_thing_after_another(lasso: MapView) -> None:
    workspace = lasso.workspace
    workspace.pathing.set_current(LatentPath(((-1.0, 0.0), (1.0, 0.0))))
    drag(lasso, *around(2))
    press(lasso, (-2, 1))
    for place in around(-2):
        move(lasso, place)
    for sketched, count, path in ((False, 30, True), (False, 0, True), (False, 0, False)):
        QTest.keyClick(lasso, Qt.Key.Key_Escape)
        assert (lasso.sketch_overlay.sketch is not None) == sketched
        assert selected(lasso) == count
        assert (workspace.pathing.current is not None) == path
    release(lasso, (-2, 1))
    assert selected(lasso) == 0


def test_hidden_classes_and_codes_that_are_nowhere_are_left_out(lasso: MapView, model_file: ModelFile) -> None:
    assert model_file.codes is not None
    mean = model_file.codes.mean.copy()
    mean[6] = np.nan
    codes = replace(model_file.codes, mean=mean)
    lasso.workspace.open_model(OpenModel(replace(model_file, codes=codes), "holes"))
    lasso.workspace.set_hidden_classes(frozenset({1}))
    drag(lasso, (-3.5, -1.5), (3.5, -1.5), (3.5, 1.5), (-3.5, 1.5))
    assert labels(lasso) == {0, 2}
    assert selected(lasso) == 59
    assert 6 not in lasso.workspace.selecting.selection.index


def test_a_path_is_no_obstacle_to_a_lasso(lasso: MapView) -> None:
    path = LatentPath(((-2.9, 0.0), (1.0, 0.0)))
    lasso.workspace.pathing.set_current(path)
    drag(lasso, (-2.9, 0.0), (-2, 1.2), (-1.1, 0.0), (-2, -1.2), keys=SHIFT)
    assert lasso.workspace.pathing.current == path
    assert labels(lasso) == {0}


def test_the_wheel_may_turn_meanwhile(lasso: MapView) -> None:
    places = around(2, reach=1.1)
    press(lasso, places[0])
    for i, place in enumerate(places[1:]):
        move(lasso, place)
        if i == 9:
            turn(lasso, -2, pixel(lasso, place))
    release(lasso, places[-1])
    assert labels(lasso) == {2}
    assert selected(lasso) == 30


def test_points_may_move_meanwhile(lasso: MapView, model_file: ModelFile) -> None:
    """A training goes on: what counts is where the points are at the end."""
    assert model_file.codes is not None
    places = around(2)
    press(lasso, places[0])
    for place in places[1:12]:
        move(lasso, place)
    moved = replace(model_file.codes, mean=model_file.codes.mean + np.float32((4, 0)))
    lasso.workspace.set_snapshot(OpenModel(replace(model_file, codes=moved), "later"))
    for place in places[12:]:
        move(lasso, place)
    release(lasso, places[-1])
    assert labels(lasso) == {0}
    assert selected(lasso) == 30


def test_what_is_selected_stays_while_a_run_goes_on(lasso: MapView, model_file: ModelFile) -> None:
    drag(lasso, *around(-2))
    before = lasso.workspace.selecting.selection
    lasso.workspace.set_snapshot(OpenModel(model_file, "later"))
    assert lasso.workspace.selecting.selection == before
    earlier = replace(model_file.codes, mean=-model_file.codes.mean)
    lasso.workspace.set_moment(Moment(OpenModel(model_file, "earlier"), earlier, np.array([[0.0, 1.0], [-1.0, 0.0]])))
    assert lasso.workspace.selecting.selection == before
    assert (lasso._scene.look.strength < 255).sum() == 60
    lasso.workspace.open_model(OpenModel(model_file, "another"))
    assert selected(lasso) == 0


def test_another_model_ends_the_drawing(lasso: MapView, model_file: ModelFile) -> None:
    press(lasso, (-1, 1))
    move(lasso, (1, 1))
    lasso.workspace.open_model(OpenModel(model_file, "another"))
    assert lasso.sketch_overlay.sketch is None
    release(lasso, (1, 1))
    assert selected(lasso) == 0


def test_on_a_map_without_points_nothing_is_selected(lasso: MapView, model_file: ModelFile) -> None:
    lasso.workspace.open_model(OpenModel(replace(model_file, codes=None), "bare"))
    drag(lasso, *around(0))
    drag(lasso, (0, 0))
    assert selected(lasso) == 0
    assert not lasso.workspace.undo_stack.canUndo()


def test_each_tool_has_a_cursor_of_its_own(view: MapView) -> None:
    pictures = []
    for tool in ("lasso", "rectangle"):
        view.set_tool(tool)
        assert view.cursor().shape() == Qt.CursorShape.BitmapCursor
        pictures.append(view.cursor().pixmap().toImage())
    assert pictures[0] != pictures[1]
    view.set_tool("probe")
    assert view.cursor().shape() == Qt.CursorShape.CrossCursor


def test_ten_fast_clicks(lasso: MapView) -> None:
    lasso.workspace.selecting.set(Selection.of([3, 4]))
    for _ in range(10):
        QTest.mouseClick(lasso, LEFT, PLAIN, pixel(lasso, (0.0, 1.9)))
    assert selected(lasso) == 0
