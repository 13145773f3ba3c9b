"""Paths in the real window: drawn, bent, snapped, closed, kept, renamed, taken up, removed, and all of it undone."""

from pathlib import Path

import numpy as np
import pytest
from comparing import ALT, LEFT, NONE, SHIFT, compare, digits, models
from empty_places import empty_places
from hand import Hand
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from latentscope.main_window import MainWindow
from latentscope.map.path_hand import SNAP_REACH
from latentscope.paths.anchors import end_images
from latentscope.state.paths import LatentPath

__all__ = ["digits", "models"]  # fixtures

CTRL = Qt.KeyboardModifier.ControlModifier
Key = Qt.Key


def active(window: MainWindow) -> LatentPath:
    path = window.workspace.pathing.current
    assert path is not None
    return path


def undo(window: MainWindow, times: int = 1) -> None:
    for _ in range(times):
        QTest.keyClick(window, Key.Key_Z, CTRL)


def redo(window: MainWindow, times: int = 1) -> None:
    for _ in range(times):
        QTest.keyClick(window, Key.Key_Z, CTRL | SHIFT)


def lonely_code(window: MainWindow) -> int:
    """A code in the middle of the map with no other near it."""
    view = window.map
    pixels = view.camera.to_pixel(view.cloud.position)
    middle = np.hypot(*(pixels - (view.width() / 2, view.height() / 2)).T)
    for row in np.argsort(middle):
        away = np.hypot(*(pixels - pixels[row]).T)
        if (away < 3 * SNAP_REACH).sum() == 1:
            return int(view.cloud.index[row])
    raise AssertionError("every code has neighbours")


def test_drawn_by_clicks_bent_and_undone(window: MainWindow, hand: Hand) -> None:
    a, b, c, d = empty_places(window, 4)
    QTest.keyClick(window, Key.Key_P)
    assert "Enter" in window.hint_line.text()
    for place in (a, b, c):
        hand.click(*place)
    QTest.keyClick(window.map, Key.Key_Return)
    assert len(active(window).waypoints) == 3
    frames = window.film_strip.frames
    drawn = active(window)
    # The middle of the first leg is dragged to another place, then that waypoint once more.
    middle = tuple((np.array(drawn.waypoints[0]) + drawn.waypoints[1]) / 2)
    hand.drag(middle, d)
    assert len(active(window).waypoints) == 4
    tolerance = 2 / window.map.camera.scale
    assert np.allclose(active(window).waypoints[1], d, atol=tolerance)
    assert frames is window.film_strip.frames
    undo(window)
    assert active(window) == drawn
    undo(window, 2)
    assert window.workspace.pathing.current is None
    redo(window, 3)
    assert len(active(window).waypoints) == 4
    window.map.set_tool("probe")
    assert "decode" in window.hint_line.text()


def test_ends_snap_to_real_images_unless_alt_is_held(
    window: MainWindow, hand: Hand, qtbot: QtBot, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATENTSCOPE_DATA", str(data_folder))
    window.set_data(None)
    qtbot.waitUntil(lambda: window.originals.at_hand, timeout=30_000)
    row = lonely_code(window)
    assert window.workspace.codes is not None
    z = tuple(window.workspace.codes.mean[row].tolist())
    (free,) = empty_places(window, 1)
    beside = (z[0] + 4 / window.map.camera.scale, z[1])
    hand.drag(beside, free, SHIFT)
    assert active(window).anchors == (row, None)
    assert active(window).waypoints[0] == z
    first, last = end_images(active(window), window.originals)
    assert np.array_equal(first, window.originals.picture(row))
    assert last is None
    hand.drag(free, beside)
    assert active(window).anchors == (row, row)
    undo(window)
    assert active(window).anchors == (row, None)
    undo(window)
    hand.drag(beside, free, SHIFT | ALT)
    assert active(window).anchors == ()


def test_one_stroke_closed_kept_renamed_taken_up_and_removed(window: MainWindow, hand: Hand, qtbot: QtBot) -> None:
    QTest.keyClick(window, Key.Key_F)
    view = window.map
    middle = QPoint(view.width() // 2, view.height() // 2)
    angles = np.linspace(0, 1.5 * np.pi, 60)
    stroke = [middle + QPoint(round(130 * np.cos(angle)), round(130 * np.sin(angle))) for angle in angles]
    QTest.mousePress(view, LEFT, NONE, stroke[0])
    for pixel in stroke[1:]:
        QTest.mouseMove(view, pixel)
    QTest.mouseRelease(view, LEFT, NONE, stroke[-1])
    assert active(window).kind == "spline"
    count = len(active(window).waypoints)
    assert 3 <= count <= 12
    window.action("path-close").trigger()
    assert active(window).closed
    assert window.action("path-close").text() == "Open the Path"
    undo(window)
    assert not active(window).closed
    redo(window)

    QTest.keyClick(window, Key.Key_D, CTRL | SHIFT)
    kept = active(window)
    assert kept.name.startswith("Loop from ")
    assert kept.colour == 1
    (a, b) = empty_places(window, 2)
    view.set_tool("probe")
    hand.drag(a, b, SHIFT | ALT)
    panel = window.path_commands.panel
    window.show_panel(panel)
    assert [panel.list.item(row).text() for row in range(2)] == [kept.name, "Draft"]

    panel.list.rename(0)
    editor = panel.list.findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, "round trip")
    QTest.keyClick(editor, Key.Key_Return)
    qtbot.waitUntil(lambda: window.workspace.pathing.paths.names == ["round trip"])
    QTest.mouseClick(panel.list.viewport(), LEFT, pos=panel.list.visualItemRect(panel.list.item(0)).center())
    assert active(window).name == "round trip"
    assert active(window).closed
    QTest.keyClick(window, Key.Key_N)
    assert active(window).name == ""
    QTest.mouseDClick(view, LEFT, NONE, hand.pixel(*kept.waypoints[2]))  # its line, on the map
    assert active(window).name == "round trip"
    QTest.mouseClick(panel.remove_button, LEFT)
    assert window.workspace.pathing.paths.names == []
    undo(window)
    assert window.workspace.pathing.paths.names == ["round trip"]
    undo(window, 4)  # taken up, the draft taken up, the first time taken up, renamed
    assert window.workspace.pathing.paths.names == [kept.name]
    undo(window, 2)  # drawn, kept
    assert [path.name for path in window.workspace.pathing.paths.items] == [""]
    redo(window, 7)
    assert [path.name for path in window.workspace.pathing.paths.items] == [""]


def test_esc_at_the_worst_moment(window: MainWindow, hand: Hand) -> None:
    a, b, c = empty_places(window, 3)
    hand.drag(a, b, SHIFT)
    QTest.keyClick(window, Key.Key_D, CTRL | SHIFT)
    before = window.workspace.pathing.paths
    steps = window.workspace.undo_stack.count()
    hand.drag(active(window).waypoints[1], c, release=False)
    assert window.workspace.pathing.paths != before
    QTest.keyClick(window.film_strip, Key.Key_Escape)
    assert window.workspace.pathing.paths == before
    QTest.mouseRelease(window.map, LEFT, NONE, hand.pixel(*c))
    QTest.keyClick(window, Key.Key_P)
    hand.click(*c)
    assert len(active(window).waypoints) == 3
    undo(window)
    QTest.keyClick(window.map, Key.Key_Escape)
    assert not window.map.path_hand.drawing
    assert window.workspace.pathing.paths == before
    QTest.keyClick(window.map, Key.Key_Escape)
    assert window.workspace.pathing.current is None
    assert len(window.workspace.pathing.paths.items) == 1
    assert window.workspace.undo_stack.count() == steps + 1  # to leave the path is the one step there is


def test_the_menu_of_a_waypoint_and_of_a_line(window: MainWindow, hand: Hand) -> None:
    a, b = empty_places(window, 2)
    hand.drag(a, b, SHIFT)

    def choose(text: str, z: tuple[float, ...]) -> None:
        menu = QMenu(window)
        window.path_commands.fill_map_menu(menu, window.map.mapToGlobal(hand.pixel(*z)))
        (action,) = (action for action in menu.actions() if action.text() == text)
        action.trigger()
        menu.deleteLater()

    middle = tuple((np.array(a) + b) / 2)
    choose("Insert Waypoint", middle)
    assert len(active(window).waypoints) == 3
    choose("Snap to the Nearest Test Point", active(window).waypoints[1])
    row = active(window).anchor(1)
    assert row is not None
    choose("Let Go of the Test Point", active(window).waypoints[1])
    assert active(window).anchors == ()
    choose("Reverse Path", a)
    assert np.allclose(active(window).waypoints[-1], a, atol=2 / window.map.camera.scale)
    choose("Remove Waypoint", active(window).waypoints[1])
    assert len(active(window).waypoints) == 2
    undo(window, 6)
    assert window.workspace.pathing.current is None


def test_all_paths_are_on_a_companion_too_and_are_drawn_from_there(
    digits: MainWindow, models: dict[str, Path], qtbot: QtBot
) -> None:
    (companion,) = compare(digits, qtbot, models["two"])
    hand = Hand(digits)
    assert digits.workspace.codes is not None
    (free,) = empty_places(digits, 1)
    hand.drag(tuple(digits.workspace.codes.mean[0]), free, SHIFT)
    row = active(digits).anchor(0)  # that one, or another so near that a whole pixel cannot tell them apart
    assert row is not None
    z = tuple(digits.workspace.codes.mean[row].tolist())
    QTest.keyClick(digits, Key.Key_D, CTRL | SHIFT)
    theirs = companion.workspace.pathing.paths
    assert theirs.names == digits.workspace.pathing.paths.names
    # The same test image, which each of the models has somewhere else.
    assert companion.workspace.codes is not None
    assert theirs.items[0].waypoints[0] == tuple(companion.workspace.codes.mean[row].tolist())
    assert digits.workspace.pathing.paths.items[0].waypoints[0] == z

    digits.map.set_tool("path")
    view = companion.map
    QTest.keyClick(view, Key.Key_Escape)  # leaves the kept path
    for x, y in ((0.3, 0.3), (0.6, 0.25), (0.7, 0.7)):
        where = QPoint(round(x * view.width()), round(y * view.height()))
        QTest.mouseClick(view, LEFT, ALT, where)
    QTest.keyClick(view, Key.Key_Return)
    assert len(active(digits).waypoints) == 3
    assert len(digits.workspace.pathing.paths.items) == 2
    assert companion.alignment is not None
    there = companion.alignment.to_main(np.array(companion.workspace.pathing.current.waypoints))
    assert np.allclose(there, active(digits).waypoints)
    undo(digits, 2)
    assert len(digits.workspace.pathing.paths.items) == len(companion.workspace.pathing.paths.items) == 1
