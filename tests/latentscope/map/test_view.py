"""The map under a real mouse and real keys."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from map_mouse import (
    LEFT,
    MIDDLE,
    PLAIN,
    RIGHT,
    SHIFT,
    drag,
    hover,
    move,
    near,
    pixel,
    press,
    release,
    turn,
)
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QFocusEvent
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from latentscope.map.view import MapView
from latentscope.state.open_model import OpenModel
from latentscope.state.paths import LatentPath
from latentscope.state.workspace import Workspace
from trainer.files import Codes, ModelFile
from trainer.geometry import Plane

ShowMap = Callable[..., MapView]
Key = Qt.Key


# --- probe ------------------------------------------------------------------------------------------------------------


def test_a_click_decodes_there(view: MapView) -> None:
    QTest.mouseClick(view, LEFT, PLAIN, pixel(view, (1.0, -0.5)))
    assert tuple(view.workspace.probe) == near((1.0, -0.5))


def test_a_drag_decodes_all_the_way(view: MapView) -> None:
    spy = QSignalSpy(view.workspace.probe_changed)
    drag(view, (0.5, 0.5), (1, 0.5), (1.5, 0.5), (2, 1))
    assert spy.count() == 4
    assert tuple(view.workspace.probe) == near((2, 1))
    move(view, (0, 0))
    assert spy.count() == 4


def test_esc_puts_the_probe_back(view: MapView) -> None:
    press(view, (1, 1))
    move(view, (2, 1))
    QTest.keyClick(view, Key.Key_Escape)
    assert tuple(view.workspace.probe) == (0, 0)
    move(view, (2, 2))
    release(view, (2, 2))
    assert tuple(view.workspace.probe) == (0, 0)


def test_on_a_plane_a_click_stays_on_the_plane(view: MapView) -> None:
    view.workspace.set_plane(Plane(np.array([0.5, 0.25]), np.array([0.0, 1.0]), np.array([1.0, 0.0])))
    QTest.mouseClick(view, LEFT, PLAIN, pixel(view, (1.0, -0.5)))
    assert tuple(view.workspace.probe) == near((0.0, 1.25))


def test_arrows_nudge_the_probe(view: MapView) -> None:
    QTest.keyClick(view, Key.Key_Right)
    QTest.keyClick(view, Key.Key_Up, SHIFT)
    assert view.workspace.probe == pytest.approx((0.05, 0.25))
    QTest.keyClick(view, Key.Key_Left, SHIFT)
    QTest.keyClick(view, Key.Key_Down)
    assert view.workspace.probe == pytest.approx((-0.2, 0.2))


# --- camera -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["middle", "space", "tool"])
def test_panning_moves_what_was_under_the_mouse_along(view: MapView, how: str) -> None:
    start, goal = pixel(view, (0.5, 0.5)), pixel(view, (0.5, 0.5)) + QPoint(70, -40)
    under = view.latent_at((start.x(), start.y()))
    if how == "space":
        QTest.keyPress(view, Key.Key_Space)
    if how == "tool":
        view.set_tool("pan")
    button = MIDDLE if how == "middle" else LEFT
    QTest.mousePress(view, button, PLAIN, start)
    assert view.cursor().shape() == Qt.CursorShape.ClosedHandCursor
    QTest.mouseMove(view, goal)
    QTest.mouseRelease(view, button, PLAIN, goal)
    assert view.latent_at((goal.x(), goal.y())) == pytest.approx(under)
    assert tuple(view.workspace.probe) == (0, 0)
    if how == "space":
        assert view.cursor().shape() == Qt.CursorShape.OpenHandCursor
        QTest.keyRelease(view, Key.Key_Space)
        assert view.cursor().shape() == Qt.CursorShape.CrossCursor


def test_esc_undoes_a_pan(view: MapView) -> None:
    before = view.camera
    press(view, (0, 0), MIDDLE)
    move(view, (1, 1))
    assert view.camera != before
    QTest.keyClick(view, Key.Key_Escape)
    assert view.camera == before


def test_the_wheel_zooms_at_the_cursor(view: MapView) -> None:
    where = QPoint(400, 120)
    under, scale = view.latent_at((400, 120)), view.camera.scale
    turn(view, 2, where)
    assert view.latent_at((400, 120)) == pytest.approx(under)
    assert view.camera.scale == pytest.approx(scale * 1.2**2)
    turn(view, -2, where)
    assert view.camera.scale == pytest.approx(scale)
    turn(view, 0, where, scrolled=30)
    assert view.camera.scale > scale


def test_plus_and_minus_zoom_and_a_double_click_resets(qtbot: QtBot, view: MapView) -> None:
    home = view.camera
    QTest.keyClick(view, Key.Key_Plus)
    QTest.keyClick(view, Key.Key_Plus)
    QTest.keyClick(view, Key.Key_Minus)
    assert view.camera.scale == pytest.approx(home.scale * 1.25)
    QTest.mouseDClick(view, LEFT, PLAIN, pixel(view, (0.5, 2)))
    qtbot.waitUntil(view.is_settled)
    assert view.camera.scale == pytest.approx(home.scale)


def test_a_double_click_on_a_handle_leaves_the_view(view: MapView) -> None:
    view.looking.zoom_by(1.5)
    before = view.camera
    view.workspace.pathing.set_current(LatentPath(((-1.0, 1.0), (1.0, 1.0))))
    QTest.mouseDClick(view, LEFT, PLAIN, pixel(view, (1, 1)))
    assert view.camera == before
    assert view.path_overlay.selected == 1


# --- hovering and the menu --------------------------------------------------------------------------------------------


def test_a_point_is_ringed_at_once_and_its_card_comes_after_a_rest(qtbot: QtBot, view: MapView) -> None:
    spy = QSignalSpy(view.hovered)
    row = 17
    hover(view, tuple(view.cloud.position[row]))
    ringed = view.hover_overlay.row
    assert np.hypot(*(view.cloud.position[ringed] - view.cloud.position[row])) < 0.03
    assert spy.count() == 0
    with qtbot.waitSignal(view.hovered):
        pass
    assert spy.at(0)[0] == view.cloud.index[ringed]
    hover(view, (0, 2.5))
    assert view.hover_overlay.row == -1
    assert spy.at(1)[0] == -1


def test_hidden_points_are_not_hovered_and_leaving_ends_it(view: MapView) -> None:
    hover(view, (2, 0))
    assert view.cloud.label[view.hover_overlay.row] == 2
    view.workspace.set_hidden_classes(frozenset({2}))
    hover(view, (2.01, 0.03))
    assert view.hover_overlay.row == -1
    hover(view, (0, 0))
    assert view.hover_overlay.row >= 0
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert view.hover_overlay.row == -1


def test_a_press_ends_hovering(view: MapView) -> None:
    hover(view, (2, 0))
    press(view, (2, 0))
    assert view.hover_overlay.row == -1
    release(view, (2, 0))


def test_a_right_click_asks_for_a_menu_and_decodes_nothing(view: MapView) -> None:
    spy = QSignalSpy(view.menu_requested)
    where = pixel(view, (1, 1))
    QTest.mouseClick(view, RIGHT, PLAIN, where)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, where, view.mapToGlobal(where))
    QApplication.sendEvent(view, event)
    assert spy.at(0)[0] == view.mapToGlobal(where)
    assert tuple(spy.at(0)[1]) == near((1, 1))
    assert tuple(view.workspace.probe) == (0, 0)


def test_the_menu_key_asks_for_the_probe_s_menu(view: MapView) -> None:
    view.workspace.set_probe([0.5, 0.5])
    spy = QSignalSpy(view.menu_requested)
    QApplication.sendEvent(view, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint()))
    assert spy.at(0)[0] == view.mapToGlobal(pixel(view, (0.5, 0.5)))
    assert tuple(spy.at(0)[1]) == (0.5, 0.5)


# --- what is not there any more ---------------------------------------------------------------------------------------


def test_a_gesture_ends_when_another_model_is_opened(view: MapView, model_file: ModelFile) -> None:
    press(view, (1, 1), keys=SHIFT)
    move(view, (2, 1))
    view.workspace.open_model(OpenModel(model_file, "other"))
    move(view, (2, 2))
    release(view, (2, 2), keys=SHIFT)
    assert view.workspace.pathing.current is None
    assert view.workspace.undo_stack.count() == 0


def test_without_a_model_the_mouse_and_the_keys_do_nothing(workspace: Workspace, show_map: ShowMap) -> None:
    view = show_map(workspace)
    camera = view.camera
    drag(view, (0, 0), (1, 1))
    drag(view, (0, 0), (1, 1), keys=SHIFT)
    drag(view, (0, 0), (1, 1), button=MIDDLE)
    turn(view, 3, QPoint(50, 50))
    for key in (Key.Key_Left, Key.Key_Plus, Key.Key_Delete, Key.Key_Escape, Key.Key_Space):
        QTest.keyClick(view, key)
    QTest.mouseDClick(view, LEFT, PLAIN, QPoint(50, 50))
    assert view.camera == camera
    assert tuple(workspace.probe) == (0, 0)
    assert workspace.pathing.current is None


def test_a_release_that_went_elsewhere_ends_the_gesture(view: MapView) -> None:
    press(view, (1, 1))
    hover(view, (2, 2))
    assert tuple(view.workspace.probe) == near((1, 1))
    press(view, (2, 1))
    assert tuple(view.workspace.probe) == near((2, 1))
    release(view, (2, 1))


def test_a_snapshot_does_not_move_the_map_in_the_hand(qtbot: QtBot, view: MapView, model_file: ModelFile) -> None:
    codes = np.random.default_rng(0).normal(0, 30, (90, 2)).astype(np.float32)
    snapshot = OpenModel(replace(model_file, codes=Codes(codes)), "test", live=True)
    before = view.camera
    press(view, (1, 1))
    view.workspace.set_snapshot(snapshot)
    qtbot.wait(30)
    assert view.camera == before
    release(view, (1, 1))
    view.workspace.set_snapshot(snapshot)
    qtbot.waitUntil(lambda: view.is_settled() and view.camera.scale < before.scale / 2)


def test_what_is_dragged_does_not_wait_for_a_snapshot_s_map(qtbot: QtBot, view: MapView, model_file: ModelFile) -> None:
    codes = Codes(np.random.default_rng(0).normal(0, 1, (90, 2)).astype(np.float32))
    press(view, (1, 1))
    before = view.base.composed
    view.workspace.set_snapshot(OpenModel(replace(model_file, codes=codes), "test", live=True))
    move(view, (1, 0.5))
    view.repaint()
    assert view.base.composed == before
    assert not view.is_settled()
    qtbot.waitUntil(view.is_settled)
    assert view.base.composed > before
    assert view.scene.codes is codes
    release(view, (1, 0.5))


def test_a_snapshot_takes_the_ring_and_the_card_away(qtbot: QtBot, view: MapView, model_file: ModelFile) -> None:
    hover(view, (2, 0))
    with qtbot.waitSignal(view.hovered):
        pass
    with qtbot.waitSignal(view.hovered, timeout=0) as gone:
        view.workspace.set_snapshot(OpenModel(model_file, "test", live=True))
    assert gone.args is not None
    assert gone.args[0] == -1
    assert view.hover_overlay.row == -1


def test_focus_is_shown_to_whoever_comes_by_keyboard(view: MapView, rgb: Callable[..., np.ndarray]) -> None:
    plain = rgb(view.grab().toImage())
    for reason, shown in ((Qt.FocusReason.TabFocusReason, True), (Qt.FocusReason.MouseFocusReason, False)):
        QApplication.sendEvent(view, QFocusEvent(QEvent.Type.FocusIn, reason))
        framed = rgb(view.grab().toImage())
        assert (framed[0] != plain[0]).any() == shown
