"""Drawing paths by clicks and in one stroke, and snapping, under a real mouse on a bare map."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from map_mouse import (
    LEFT,
    SHIFT,
    Place,
    click,
    double_click,
    drag,
    hover,
    move,
    near,
    pixel,
    press,
    release,
    waypoints,
)  # fmt: skip
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from latentscope.map.embedding import Embedding
from latentscope.map.path_hand import SNAP_REACH
from latentscope.map.view import MapView
from latentscope.state.open_model import OpenModel
from latentscope.state.paths import LatentPath
from trainer.files import ModelFile
from trainer.paths.rule import NOTHING_AROUND
from trainer.paths.spline import join

ShowMap = Callable[..., MapView]
ALT = Qt.KeyboardModifier.AltModifier
Key = Qt.Key
OPEN = LatentPath(((-1.0, 1.0), (0.0, 1.5), (1.0, 1.0)))


def move_with(view: MapView, place: Place, keys: Qt.KeyboardModifier, buttons: Qt.MouseButton) -> None:
    """A move with keys held, which QTest does not know."""
    where = QPointF(pixel(view, place))
    there = QPointF(view.mapToGlobal(where))
    event = QMouseEvent(QEvent.Type.MouseMove, where, there, Qt.MouseButton.NoButton, buttons, keys)
    QApplication.sendEvent(view, event)


def code(view: MapView, row: int) -> Place:
    assert view.workspace.codes is not None
    x, y = view.workspace.codes.mean[row].tolist()
    return x, y


def beside(view: MapView, row: int, away: float) -> Place:
    """So many pixels above a code that is the uppermost of its heap."""
    x, y = code(view, row)
    return x, y + away / view.camera.scale


@pytest.fixture
def top(view: MapView) -> int:
    """The uppermost code of the middle heap: the nearest to whatever is above it."""
    codes = view.workspace.codes
    assert codes is not None
    assert codes.labels is not None
    return int(np.where(codes.labels == 1, codes.mean[:, 1], -np.inf).argmax())


@pytest.fixture
def pen(view: MapView) -> MapView:
    view.set_tool("path")
    return view


# --- by clicks --------------------------------------------------------------------------------------------------------


def test_clicks_draw_a_path_step_by_step(pen: MapView) -> None:
    click(pen, (-1, 1))
    assert pen.path_hand.drawing
    assert pen.workspace.pathing.current is None
    assert pen.workspace.undo_stack.count() == 0
    click(pen, (0, 1.5))
    assert waypoints(pen) == [near((-1, 1)), near((0, 1.5))]
    click(pen, (1, 1))
    assert len(waypoints(pen)) == 3
    assert pen.workspace.undo_stack.count() == 2
    QTest.keyClick(pen, Key.Key_Return)
    assert not pen.path_hand.drawing
    pen.workspace.undo_stack.undo()
    assert len(waypoints(pen)) == 2
    pen.workspace.undo_stack.undo()
    assert pen.workspace.pathing.current is None
    pen.workspace.undo_stack.redo()
    pen.workspace.undo_stack.redo()
    assert len(waypoints(pen)) == 3


def test_a_click_goes_on_with_the_active_path(pen: MapView) -> None:
    pen.workspace.pathing.set_current(OPEN)
    click(pen, (1.5, 1.8))
    assert waypoints(pen)[3] == near((1.5, 1.8))
    assert pen.path_hand.drawing


def test_a_line_leads_from_the_last_waypoint_to_the_mouse(pen: MapView) -> None:
    click(pen, (-1, 1))
    hover(pen, (0.5, 1.2))
    rubber = pen.path_overlay.rubber
    assert rubber is not None
    assert [near(tuple(end)) for end in rubber] == [tuple(end) for end in [(-1, 1), (0.5, 1.2)]]
    assert pen.path_overlay.region(pen.scene).contains(pixel(pen, (0, 1.133)))
    click(pen, (0.5, 1.2))
    hover(pen, (1, 1.8))
    assert pen.path_overlay.rubber is not None
    assert tuple(pen.path_overlay.rubber[0]) == near((0.5, 1.2))
    QApplication.sendEvent(pen, QEvent(QEvent.Type.Leave))
    assert pen.path_overlay.rubber is None


@pytest.mark.parametrize("end", ["double click", "enter", "esc", "last waypoint", "another tool"])
def test_drawing_ends(pen: MapView, end: str) -> None:
    for place in ((-1, 1), (0, 1.5)):
        click(pen, place)
    if end == "double click":
        double_click(pen, (1, 1))
        assert not pen.looking.moved_by_user
    else:
        click(pen, (1, 1))
    match end:
        case "enter":
            QTest.keyClick(pen, Key.Key_Enter)
        case "esc":
            QTest.keyClick(pen, Key.Key_Escape)
        case "last waypoint":
            click(pen, (1, 1))
        case "another tool":
            pen.set_tool("probe")
    assert not pen.path_hand.drawing
    assert pen.path_overlay.rubber is None
    assert len(waypoints(pen)) == 3
    assert pen.workspace.pathing.current is not None and not pen.workspace.pathing.current.closed


def test_a_click_on_the_first_waypoint_closes_the_loop(pen: MapView) -> None:
    for place in ((-1, 1), (0, 1.8), (1, 1), (-1, 1)):
        click(pen, place)
    assert pen.workspace.pathing.current is not None
    assert pen.workspace.pathing.current.closed
    assert len(waypoints(pen)) == 3
    assert not pen.path_hand.drawing
    pen.workspace.undo_stack.undo()
    assert not pen.workspace.pathing.current.closed
    # A loop has no end to go on from: the next click begins another path.
    pen.workspace.undo_stack.redo()
    click(pen, (1.5, -1))
    click(pen, (2, -1.5))
    assert waypoints(pen) == [near((1.5, -1)), near((2, -1.5))]


def test_esc_at_the_worst_moments(pen: MapView) -> None:
    click(pen, (-1, 1))
    QTest.keyClick(pen, Key.Key_Escape)  # but one waypoint there
    assert (pen.path_hand.drawing, pen.path_overlay.seed, pen.workspace.pathing.current) == (False, None, None)
    click(pen, (-1, 1))
    click(pen, (0, 1.5))
    press(pen, (1, 1))
    move(pen, (1.4, 1.6))
    assert len(waypoints(pen)) == 3
    QTest.keyClick(pen, Key.Key_Escape)  # the next waypoint is being dragged
    assert len(waypoints(pen)) == 2
    assert pen.path_hand.drawing
    release(pen, (1.4, 1.6))
    QTest.keyClick(pen, Key.Key_Escape)
    assert not pen.path_hand.drawing
    assert len(waypoints(pen)) == 2
    QTest.keyClick(pen, Key.Key_Escape)
    assert pen.workspace.pathing.current is None


def test_undo_down_to_nothing_ends_the_drawing(pen: MapView) -> None:
    for place in ((-1, 1), (0, 1.5)):
        click(pen, place)
    pen.workspace.undo_stack.undo()
    assert not pen.path_hand.drawing
    hover(pen, (1, 1))
    assert pen.path_overlay.rubber is None


def test_delete_takes_the_last_waypoint_back(pen: MapView) -> None:
    for place in ((-1, 1), (0, 1.5), (1, 1)):
        click(pen, place)
    QTest.keyClick(pen, Key.Key_Backspace)
    assert len(waypoints(pen)) == 2
    assert pen.path_hand.drawing


def test_ten_fast_clicks_are_ten_waypoints(pen: MapView) -> None:
    for i in range(10):
        click(pen, (-2 + 0.4 * i, 1.2 + 0.4 * (i % 2)))
    assert len(waypoints(pen)) == 10


def test_another_model_ends_the_drawing(pen: MapView, model_file: ModelFile) -> None:
    click(pen, (-1, 1))
    pen.workspace.open_model(OpenModel(model_file, "other"))
    assert not pen.path_hand.drawing
    hover(pen, (1, 1))
    assert pen.path_overlay.rubber is None


# --- snapping ---------------------------------------------------------------------------------------------------------


def test_both_ends_snap_to_codes_nearby(view: MapView, top: int) -> None:
    press(view, beside(view, top, SNAP_REACH - 2), keys=SHIFT)
    move(view, (0.8, 1.2))
    assert view.path_overlay.snapped is None
    move(view, beside(view, top, 3))
    assert view.path_overlay.snapped is not None
    assert view.path_overlay.region(view.scene).contains(pixel(view, code(view, top)))
    release(view, beside(view, top, 3))
    path = view.workspace.pathing.current
    assert path is not None
    assert path.anchors == (top, top)  # both ends equal: nothing breaks
    assert path.waypoints == (code(view, top), code(view, top))
    assert view.path_overlay.snapped is None
    view.grab()


def test_alt_prevents_it_at_once(view: MapView, top: int) -> None:
    press(view, (0.5, 1.5), keys=SHIFT)
    move(view, beside(view, top, 3))
    assert view.workspace.pathing.current is not None
    assert view.workspace.pathing.current.anchors == (None, top)
    move_with(view, beside(view, top, 3.4), SHIFT | ALT, LEFT)
    assert view.workspace.pathing.current.anchors == ()
    QTest.keyRelease(view, Key.Key_Alt)  # the mouse stays where it is
    assert view.workspace.pathing.current.anchors == (None, top)
    QTest.keyPress(view, Key.Key_Control)  # where the window manager has a use of its own for Alt
    assert view.workspace.pathing.current.anchors == ()
    release(view, beside(view, top, 3.4), keys=SHIFT | Qt.KeyboardModifier.ControlModifier)
    assert view.workspace.pathing.current.anchors == ()


def test_only_ends_snap_and_only_to_what_is_shown(view: MapView, top: int) -> None:
    view.workspace.pathing.set_current(OPEN)
    drag(view, (0, 1.5), beside(view, top, 2))
    assert view.workspace.pathing.current is not None
    assert view.workspace.pathing.current.anchors == ()
    view.workspace.pathing.set_current(OPEN)
    drag(view, (1, 1), beside(view, top, 2))
    assert view.workspace.pathing.current.anchors == (None, None, top)
    drag(view, code(view, top), (1, 1))
    assert view.workspace.pathing.current.anchors == ()
    view.workspace.pathing.set_current(replace(OPEN, closed=True))
    drag(view, (1, 1), beside(view, top, 2))
    assert view.workspace.pathing.current.anchors == ()
    view.workspace.set_hidden_classes(frozenset({1}))
    view.workspace.pathing.set_current(OPEN)
    drag(view, (1, 1), beside(view, top, 2))
    assert view.workspace.pathing.current.anchors == ()


def test_clicked_waypoints_snap_too_and_stay_anchored(pen: MapView, top: int) -> None:
    for place in ((-1, 1), beside(pen, top, 3), (1, 1)):
        click(pen, place)
    assert pen.workspace.pathing.current is not None
    assert pen.workspace.pathing.current.anchors == (None, top, None)


# --- in one stroke ----------------------------------------------------------------------------------------------------


def wave(tremor: float) -> list[Place]:
    x = np.linspace(-2.2, 2.2, 120)
    noise = np.random.default_rng(0).normal(0, tremor, (2, 120))
    return list(zip(x + noise[0], 1.2 + 0.5 * np.sin(2.5 * x) + noise[1], strict=True))


def test_a_stroke_becomes_a_smooth_path_of_few_waypoints(view: MapView) -> None:
    view.set_tool("freehand")
    places = wave(0.02)
    press(view, places[0])
    for place in places[1:]:
        move(view, place)
    assert view.workspace.pathing.current is not None  # live
    assert not view.path_overlay.handles
    release(view, places[-1])
    path = view.workspace.pathing.current
    assert view.path_overlay.handles
    assert path.kind == "spline"
    assert 4 <= len(path.waypoints) <= 14
    assert view.workspace.undo_stack.count() == 1
    run = join(np.array(path.waypoints), False, NOTHING_AROUND).points
    meant = 1.2 + 0.5 * np.sin(2.5 * run[:, 0])
    assert np.abs(run[:, 1] - meant).max() * view.camera.scale < 9
    # It can be bent afterwards.
    view.set_tool("probe")
    drag(view, path.waypoints[1], (path.waypoints[1][0], 0.9))
    assert waypoints(view)[1] == near((path.waypoints[1][0], 0.9))


def test_a_stroke_that_comes_back_is_a_loop(view: MapView) -> None:
    view.set_tool("freehand")
    angles = np.linspace(0, 2 * np.pi, 100)
    drag(view, *[(1.2 * np.cos(a), 1.2 * np.sin(a)) for a in angles])
    path = view.workspace.pathing.current
    assert path is not None
    assert path.closed
    assert 4 <= len(path.waypoints) <= 12
    assert np.hypot(*np.array(path.waypoints).T) == pytest.approx(1.2, abs=0.12)


def test_a_stroke_is_given_up_by_esc_and_a_click_is_none(view: MapView) -> None:
    view.set_tool("freehand")
    press(view, (-1, 1))
    for x in (-0.5, 0, 0.5):
        move(view, (x, 1.3))
    QTest.keyClick(view, Key.Key_Escape)
    assert view.workspace.pathing.current is None
    assert view.path_overlay.handles
    release(view, (0.5, 1.3))
    click(view, (1, 1))
    assert view.workspace.pathing.current is None
    assert view.workspace.undo_stack.count() == 0


def test_where_the_points_lie_by_likeness_nothing_is_drawn(view: MapView) -> None:
    codes = view.workspace.codes
    assert codes is not None
    view.set_embedding(Embedding("t-sne", codes, view.cloud))
    for tool in ("freehand", "path"):
        view.set_tool(tool)
        drag(view, (-1, 1), (0, 1.2), (1, 1))
        assert view.workspace.pathing.current is None
        assert not view.path_hand.drawing
