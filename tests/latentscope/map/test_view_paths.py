"""Paths under a real mouse and real keys."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from map_mouse import (
    LEFT,
    PLAIN,
    SHIFT,
    Place,
    drag,
    hover,
    move,
    near,
    pixel,
    press,
    release,
    waypoints,
)
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from latentscope.map.view import MapView
from latentscope.state.paths import LatentPath
from trainer.paths.timing import Walk

ShowMap = Callable[..., MapView]
Key = Qt.Key


@pytest.mark.parametrize("tool", ["probe", "path"])
def test_a_path_is_drawn_live_and_is_one_step_to_undo(view: MapView, tool: str) -> None:
    view.set_tool(tool)
    keys = SHIFT if tool == "probe" else PLAIN
    press(view, (-1, 0.6), keys=keys)
    assert view.workspace.pathing.current is None
    for x in (-0.5, 0, 0.5, 1):
        move(view, (x, 1))
        assert waypoints(view) == [near((-1, 0.6)), near((x, 1))]
    release(view, (1, 1), keys=keys)
    assert view.workspace.undo_stack.count() == 1
    assert tuple(view.workspace.probe) == (0, 0)
    view.workspace.undo_stack.undo()
    assert view.workspace.pathing.current is None
    view.workspace.undo_stack.redo()
    assert waypoints(view) == [near((-1, 0.6)), near((1, 1))]


def test_a_shift_click_draws_no_path(view: MapView) -> None:
    QTest.mouseClick(view, LEFT, SHIFT, pixel(view, (1, 1)))
    assert view.workspace.pathing.current is None
    assert view.workspace.undo_stack.count() == 0


def test_a_new_path_takes_over_kind_and_steps(view: MapView) -> None:
    drag(view, (-1, 0), (1, 0), keys=SHIFT)
    assert view.workspace.pathing.current is not None
    view.workspace.pathing.change_current(replace(view.workspace.pathing.current, kind="slerp", walk=Walk(9)), "")
    drag(view, (0, 1), (1, 1.5), keys=SHIFT)
    path = view.workspace.pathing.current
    assert path is not None
    assert (path.kind, path.steps) == ("slerp", 9)
    view.workspace.pathing.set_current(None)
    drag(view, (0, 1), (1, 1.5), keys=SHIFT)
    path = view.workspace.pathing.current
    assert path is not None
    assert (path.kind, path.steps) == ("slerp", 9)


@pytest.mark.parametrize("tool", ["probe", "path", "pan"])
def test_waypoints_are_dragged_with_any_tool(view: MapView, tool: str) -> None:
    view.workspace.pathing.set_current(LatentPath(((-1.0, 1.0), (1.0, 1.0))))
    view.set_tool(tool)
    drag(view, (1, 1), (1.5, 0.5), (2, -0.5))
    assert waypoints(view) == [(-1, 1), near((2, -0.5))]
    assert view.workspace.undo_stack.count() == 1
    view.workspace.undo_stack.undo()
    assert waypoints(view) == [(-1, 1), (1, 1)]


def test_a_handle_does_not_jump_to_the_mouse(view: MapView) -> None:
    view.workspace.pathing.set_current(LatentPath(((-1.0, 1.0), (1.0, 1.0))))
    drag(view, (1.1, 1.05), (1.6, 1.05))
    assert waypoints(view)[1] == near((1.5, 1.0))


def test_dragging_the_line_bends_it(view: MapView) -> None:
    view.workspace.pathing.set_current(LatentPath(((-1.0, 1.0), (1.0, 1.0), (1.0, -1.0))))
    drag(view, (1, 0), (1.5, 0.2), (2, 0.4))
    assert waypoints(view) == [(-1, 1), (1, 1), near((2, 0.4)), (1, -1)]
    assert view.path_overlay.selected == 2
    assert view.workspace.undo_stack.count() == 1


def test_a_click_on_the_line_decodes_there(view: MapView) -> None:
    view.workspace.pathing.set_current(LatentPath(((-1.0, 1.0), (1.0, 1.0))))
    QTest.mouseClick(view, LEFT, PLAIN, pixel(view, (0.5, 1)))
    assert tuple(view.workspace.probe) == near((0.5, 1))
    assert waypoints(view) == [(-1, 1), (1, 1)]


def test_delete_removes_the_waypoint_that_was_clicked_and_at_last_the_path(view: MapView) -> None:
    view.workspace.pathing.set_current(LatentPath(((-1.0, 1.0), (0.0, -1.0), (1.0, 1.0))))
    QTest.mouseClick(view, LEFT, PLAIN, pixel(view, (0, -1)))
    assert view.path_overlay.selected == 1
    QTest.keyClick(view, Key.Key_Delete)
    assert waypoints(view) == [(-1, 1), (1, 1)]
    assert view.path_overlay.selected is None
    QTest.keyClick(view, Key.Key_Delete)
    assert len(waypoints(view)) == 2
    QTest.mouseClick(view, LEFT, PLAIN, pixel(view, (1, 1)))
    QTest.keyClick(view, Key.Key_Delete)
    assert view.workspace.pathing.current is None
    view.workspace.undo_stack.undo()
    view.workspace.undo_stack.undo()
    assert len(waypoints(view)) == 3


def test_a_click_on_the_empty_map_selects_no_waypoint(view: MapView) -> None:
    view.workspace.pathing.set_current(LatentPath(((-1.0, 1.0), (1.0, 1.0))))
    QTest.mouseClick(view, LEFT, PLAIN, pixel(view, (1, 1)))
    QTest.mouseClick(view, LEFT, PLAIN, pixel(view, (0, -2)))
    assert view.path_overlay.selected is None


@pytest.mark.parametrize("start", [(1, 1), (0, 1), (0, -1)])
def test_esc_cancels_a_gesture_and_restores_the_path(view: MapView, start: Place) -> None:
    before = LatentPath(((-1.0, 1.0), (1.0, 1.0)))
    view.workspace.pathing.set_current(before)
    press(view, start, keys=SHIFT if start == (0, -1) else PLAIN)
    move(view, (1.7, -1.5))
    assert view.workspace.pathing.current != before
    QTest.keyClick(view, Key.Key_Escape)
    assert view.workspace.pathing.current == before
    move(view, (2, 2))
    release(view, (2, 2))
    assert view.workspace.pathing.current == before
    assert view.workspace.undo_stack.count() == 0


def test_esc_removes_the_path_and_undo_brings_it_back(view: MapView) -> None:
    path = LatentPath(((-1.0, 1.0), (1.0, 1.0)))
    view.workspace.pathing.set_current(path)
    QTest.keyClick(view, Key.Key_Escape)
    assert view.workspace.pathing.current is None
    view.workspace.undo_stack.undo()
    assert view.workspace.pathing.current == path


def test_a_handle_shows_that_it_can_be_taken(view: MapView) -> None:
    view.workspace.pathing.set_current(LatentPath(((-1.0, 1.0), (1.0, 1.0))))
    assert view.cursor().shape() == Qt.CursorShape.CrossCursor
    hover(view, (1, 1))
    assert view.path_overlay.hovered is not None
    assert view.cursor().shape() == Qt.CursorShape.SizeAllCursor
    hover(view, (0, 1))
    assert view.cursor().shape() == Qt.CursorShape.PointingHandCursor
    hover(view, (0, -1))
    assert view.path_overlay.hovered is None
    assert view.cursor().shape() == Qt.CursorShape.CrossCursor
