from dataclasses import replace

import pytest
from map_mouse import MIDDLE, drag
from pytestqt.qtbot import QtBot

from latentscope.map import looking
from latentscope.map.view import MapView


def test_the_view_can_be_undone_and_quick_moves_are_one_step(qtbot: QtBot, view: MapView) -> None:
    undo, home = view.workspace.undo_stack, view.camera
    for _ in range(3):
        view.looking.zoom_by(1.5)
    closer = view.camera
    assert undo.count() == 1 and undo.undoText() == "Move view"
    undo.undo()
    qtbot.waitUntil(lambda: view.camera == home)
    assert not view.looking.moved_by_user
    undo.redo()
    qtbot.waitUntil(lambda: view.camera == closer)
    assert view.looking.moved_by_user
    view.looking.reset()
    qtbot.waitUntil(lambda: view.camera == home)
    undo.undo()
    qtbot.waitUntil(lambda: view.camera == closer)


def test_moves_with_a_pause_between_them_are_two_steps(view: MapView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "ONE_GO", -1.0)
    view.looking.zoom_by(1.5)
    view.looking.zoom_by(1.5)
    assert view.workspace.undo_stack.count() == 2


def test_a_drag_is_one_step_however_long_it_takes(qtbot: QtBot, view: MapView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "ONE_GO", -1.0)
    undo, home = view.workspace.undo_stack, view.camera
    for _ in range(2):
        drag(view, (0, 0), (0.5, 0.2), (1, 0.4), button=MIDDLE)
    assert undo.count() == 2
    undo.undo()
    undo.undo()
    qtbot.waitUntil(lambda: view.camera == home)


def test_a_drag_that_comes_back_is_no_step(view: MapView) -> None:
    home = view.camera
    view.looking.move(home.panned(30, 10))
    view.looking.move(home)
    assert view.workspace.undo_stack.count() == 0


def test_an_earlier_view_fits_the_widget_of_now(qtbot: QtBot, view: MapView) -> None:
    view.looking.zoom_by(2)
    before = view.camera
    view.looking.zoom_by(2)
    view.resize(500, 400)
    qtbot.waitUntil(lambda: view.camera.width == 500)
    view.looking.restore(before, True)
    qtbot.waitUntil(lambda: view.camera == replace(before, width=500, height=400))
