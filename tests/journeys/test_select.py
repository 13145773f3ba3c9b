"""Selecting on the map of a real window: lasso, rectangle, classes, menus, two maps at once."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from comparing import compare, digits, drag, models
from hand import Hand
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QScrollArea
from pytestqt.qtbot import QtBot

from latentscope.main_window import MainWindow
from latentscope.map.view import MapView
from latentscope.window.palette import ShortcutList

__all__ = ["digits", "models"]  # fixtures

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, ALT, CTRL = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
)


def draw_round(view: MapView, middle: QPoint, reach: float, keys: Qt.KeyboardModifier = PLAIN) -> None:
    """A lasso by hand, round a pixel."""
    angles = np.linspace(0, 1.9 * np.pi, 30)
    places = [middle + QPoint(round(reach * np.cos(a)), round(reach * np.sin(a))) for a in angles]
    QTest.mousePress(view, LEFT, keys, places[0])
    for place in places[1:]:
        QTest.mouseMove(view, place)
    QTest.mouseRelease(view, LEFT, keys, places[-1])


def selected(window: MainWindow) -> int:
    return len(window.workspace.selecting.selection)


def test_a_lasso_dims_the_rest_and_is_undone(window: MainWindow, hand: Hand, qtbot: QtBot) -> None:
    # Only the points: the tiles of the atlas may still be on their way.
    window.workspace.set_layers(replace(window.workspace.layers, shown=frozenset({"points"})))
    qtbot.waitUntil(window.is_settled)
    before = window.map.picture()
    QTest.keyClick(window, Qt.Key.Key_L)
    assert window.map.tool == "lasso"
    assert window.action("tool-lasso").isChecked()
    draw_round(window.map, hand.pixel(0, 1), 80)
    first = selected(window)
    assert 500 < first < 9_000
    assert (window.map._scene.look.strength < 255).sum() == 10_000 - first
    qtbot.waitUntil(window.is_settled)
    assert window.map.picture() != before
    draw_round(window.map, hand.pixel(2.2, 0), 60, SHIFT)
    both = selected(window)
    assert both > first
    draw_round(window.map, hand.pixel(0, 1), 80, ALT)
    assert selected(window) == both - first
    for expected in (both, first, 0):
        QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
        assert selected(window) == expected
    QTest.keyClick(window, Qt.Key.Key_V)
    qtbot.waitUntil(window.is_settled)
    assert window.map.picture() == before
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL | SHIFT)
    assert selected(window) == first
    assert window.action("redo").text() == f"Redo Add {both - first:,} points"


def test_keys_and_menus_select(window: MainWindow, hand: Hand, qtbot: QtBot) -> None:
    assert not window.action("select-none").isEnabled()
    QTest.mouseClick(window.legend.buttons[7], LEFT)  # hidden: not among all that is shown
    QTest.keyClick(window, Qt.Key.Key_A, CTRL)
    assert selected(window) == 10_000 - 1_028
    QTest.mouseClick(window.legend.buttons[3], LEFT, CTRL)
    assert selected(window) == 1_010
    QTest.keyClick(window, Qt.Key.Key_I, CTRL)
    assert selected(window) == 10_000 - 1_028 - 1_010
    QTest.keyClick(window, Qt.Key.Key_A, CTRL | SHIFT)
    assert selected(window) == 0
    assert not window.action("select-invert").isEnabled()

    window.map.menu_requested.emit(window.map.mapToGlobal(hand.pixel(2.5, 0.2)), np.array([2.5, 0.2]))
    menu = next(one for one in window.findChildren(QMenu) if one.isVisible())
    next(action for action in menu.actions() if action.text() == "Select Class 0").trigger()
    menu.close()
    assert selected(window) == 980
    classes = window.menus["Select/Class"]
    classes.aboutToShow.emit()
    assert len(classes.actions()) == 10
    classes.actions()[1].trigger()
    assert selected(window) == 1_135


def test_esc_works_wherever_the_focus_is(window: MainWindow, hand: Hand) -> None:
    hand.drag((-1, 0), (1, 1), SHIFT)
    QTest.keyClick(window, Qt.Key.Key_A, CTRL)
    window.film_strip.header.play_button.setFocus()
    QTest.keyClick(window.film_strip.header.play_button, Qt.Key.Key_Escape)
    assert selected(window) == 0
    assert window.workspace.pathing.current is not None
    QTest.keyClick(window.film_strip.header.play_button, Qt.Key.Key_Escape)
    assert window.workspace.pathing.current is None


def test_the_list_of_keys_knows_the_tools(window: MainWindow) -> None:
    window.action("shortcuts").trigger()
    shown = next(widget for widget in QApplication.topLevelWidgets() if isinstance(widget, ShortcutList))
    texts = {label.text() for label in shown.findChildren(type(window.model_line))}
    assert {"L", "M", "Ctrl+A", "Tool: Lasso", "Select All Shown"} <= texts
    area = shown.findChild(QScrollArea)
    assert area is not None and area.widget().width() <= area.viewport().width(), "no line is cut off"
    shown.close()


def test_the_same_test_points_are_selected_on_both_maps(
    digits: MainWindow, models: dict[str, Path], qtbot: QtBot
) -> None:
    (companion,) = compare(digits, qtbot, models["two"])
    digits.action("tool-rectangle").trigger()
    assert companion.map.tool == "rectangle"
    places = digits.map.camera.to_pixel(digits.map.cloud.position)
    x, y = (round(float(np.median(places[:, axis]))) for axis in (0, 1))
    drag(digits.map, QPoint(2, 2), QPoint(x, y))
    index = digits.workspace.selecting.selection.index
    assert len(index)
    assert np.array_equal(companion.workspace.selecting.selection.index, index)
    # On the other map, too; and what is done there is a step to undo here.
    drag(companion.map, QPoint(x, y), QPoint(companion.map.width() - 2, companion.map.height() - 2), keys=SHIFT)
    more = digits.workspace.selecting.selection.index
    assert len(more) > len(index)
    assert np.array_equal(companion.workspace.selecting.selection.index, more)
    QTest.keyClick(digits, Qt.Key.Key_Z, CTRL)
    assert np.array_equal(companion.workspace.selecting.selection.index, index)
    QTest.keyClick(companion.map, Qt.Key.Key_Escape)
    assert selected(digits) == 0
    digits.compare.stop()


def test_on_a_map_of_other_test_points_nothing_is_selected(
    window: MainWindow, models: dict[str, Path], qtbot: QtBot
) -> None:
    (companion,) = compare(window, qtbot, models["two"])
    window.action("select-all").trigger()
    assert not len(companion.workspace.selecting.selection)
    window.action("tool-lasso").trigger()
    middle = companion.map.rect().center()
    QTest.mousePress(companion.map, LEFT, PLAIN, middle)
    QTest.mouseMove(companion.map, middle + QPoint(90, 0))
    QTest.mouseMove(companion.map, middle + QPoint(0, 90))
    sketch = companion.map.sketch_overlay.sketch
    assert sketch is not None
    assert "other test points" in sketch.text
    QTest.mouseRelease(companion.map, LEFT, PLAIN, middle)
    assert selected(window) == 10_000
    window.compare.stop()


def test_a_selection_is_kept_and_makes_a_direction(window: MainWindow, hand: Hand, qtbot: QtBot) -> None:
    panel = window.selections.panel
    QTest.keyClick(window, Qt.Key.Key_L)
    draw_round(window.map, hand.pixel(-1.1, 1.2), 55)
    QTest.keyClick(window, Qt.Key.Key_D, CTRL)
    assert panel.isVisible()
    assert panel.kept.name.text() == "7s, upper left"
    QTest.keyClick(panel.kept.name, Qt.Key.Key_Return)
    sevens = selected(window)
    draw_round(window.map, hand.pixel(2.4, 0.2), 70)
    QTest.keyClick(window, Qt.Key.Key_D, CTRL)
    QTest.keyClick(panel.kept.name, Qt.Key.Key_Return)
    assert [(one.name, len(one)) for one in window.workspace.selecting.kept] == [
        ("7s, upper left", sevens),
        ("0s, right", selected(window)),
    ]
    row = panel.kept.list.visualItemRect(panel.kept.list.topLevelItem(0)).center()
    QTest.mouseClick(panel.kept.list.viewport(), LEFT, PLAIN, row)
    assert selected(window) == sevens

    panel.direction.a_choice.setCurrentText("0s, right")
    panel.direction.a_choice.activated.emit(panel.direction.a_choice.currentIndex())
    panel.direction.b_choice.setCurrentText("7s, upper left")
    panel.direction.b_choice.activated.emit(panel.direction.b_choice.currentIndex())
    qtbot.waitUntil(window.is_settled, timeout=20_000)
    vector = panel.directing.vector
    assert vector is not None and vector[0] > 2
    QTest.keyClick(window, Qt.Key.Key_V)
    hand.click(-1.2, 1.0)  # from a seven
    start, picture = window.workspace.probe, window.decoded.view.picture.copy()
    assert np.array_equal(window.map.arrow_overlay.start, start)
    panel.direction.slider.setFocus()
    for _ in range(2):
        QTest.keyClick(panel.direction.slider, Qt.Key.Key_PageUp)
    assert np.allclose(window.workspace.probe, start + vector)
    qtbot.waitUntil(lambda: not np.array_equal(window.decoded.view.picture, picture))
    assert np.allclose(window.map.arrow_overlay.start, start)

    QTest.mouseClick(panel.direction.path_button, LEFT)
    qtbot.waitUntil(lambda: window.film_strip.frames.pictures is not None)
    assert len(window.film_strip.frames.pictures) == 17
    window.show_panel(window.layers_panel)
    qtbot.waitUntil(lambda: window.map.arrow_overlay.vector is None)
