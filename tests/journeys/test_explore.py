"""First start, drag, path, legend, export: what somebody does in the first minutes."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hand import Hand
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from latentscope.analysis.neighbours import nearest
from latentscope.main_window import MainWindow
from latentscope.window.palette import CommandPalette, ShortcutList

SHIFT = Qt.KeyboardModifier.ShiftModifier


def centre_of(window: MainWindow, label: int) -> tuple[float, float]:
    """A place on the map where a class is at home: the code of it nearest to the median of its codes."""
    codes = window.workspace.codes
    assert codes is not None
    assert codes.labels is not None
    mine = codes.mean[codes.labels == label]
    found, _ = nearest(mine, np.median(mine, axis=0), 1)
    return float(mine[found[0], 0]), float(mine[found[0], 1])


def test_the_first_start_shows_the_map_of_mnist(window: MainWindow) -> None:
    codes = window.workspace.codes
    assert codes is not None
    assert len(codes.mean) == 10_000
    assert "10,000 test points of MNIST" in window.model_line.text()
    assert [button.accessibleName() for button in window.legend.buttons][3] == "Class 3, 1,010 points"
    assert window.decoded.view.picture is not None
    assert window.message_bar.text == ""
    # Points and atlas are really on the map: it has many colours.
    image = window.map.grab().toImage()
    colours = {image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}
    assert len(colours) > 500


def test_a_drag_morphs_the_digit_under_the_hand(window: MainWindow, hand: Hand) -> None:
    seen: list[bytes] = []
    window.workspace.probe_changed.connect(lambda: seen.append(window.decoded.view.picture.tobytes()))
    start, end = centre_of(window, 0), centre_of(window, 1)
    hand.drag(start, end)
    assert len(set(seen)) >= 10
    # The mouse moves in whole pixels.
    assert np.allclose(window.workspace.probe, end, atol=2 / window.map.camera.scale)
    assert "1, test image" in window.decoded.neighbours.accessibleDescription()
    picture = window.decoded.view.picture
    assert picture is not None
    assert window.decoding.codec is not None
    assert np.array_equal(picture, window.decoding.codec.decode(window.workspace.probe[None])[0])


def test_a_shift_drag_from_a_3_to_an_8_shows_the_strip_between(window: MainWindow, hand: Hand, qtbot: QtBot) -> None:
    three, eight = centre_of(window, 3), centre_of(window, 8)
    hand.drag(three, eight, SHIFT)
    path = window.workspace.pathing.current
    assert path is not None
    tolerance = 2 / window.map.camera.scale
    assert np.allclose(path.waypoints[0], three, atol=tolerance)
    assert np.allclose(path.waypoints[-1], eight, atol=tolerance)
    # Where decoding is slow the frames come a moment later.
    qtbot.waitUntil(lambda: window.film_strip.frames.pictures is not None)
    assert len(window.film_strip.frames.pictures) == 16
    qtbot.waitUntil(lambda: window.docks["Film strip"].windowTitle() == "Film strip   3 → 8")

    # An end can be dragged, and the strip follows while it moves.
    before = window.film_strip.frames.pictures[-1].copy()
    one = centre_of(window, 1)
    hand.drag(path.waypoints[-1], one, release=False)
    qtbot.waitUntil(lambda: not np.array_equal(window.film_strip.frames.pictures[-1], before))
    QTest.mouseRelease(window.map, Qt.MouseButton.LeftButton, pos=hand.pixel(*one))
    assert np.allclose(window.workspace.pathing.current.waypoints[-1], one, atol=tolerance)

    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert np.allclose(window.workspace.pathing.current.waypoints[-1], eight, atol=tolerance)
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.workspace.pathing.current is None
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | SHIFT)
    assert window.workspace.pathing.current is not None
    window.map.setFocus()
    QTest.keyClick(window.map, Qt.Key.Key_Escape)
    assert window.workspace.pathing.current is None


def test_esc_removes_the_path_wherever_the_focus_is(window: MainWindow, hand: Hand) -> None:
    hand.drag((-1, 0), (1, 1), SHIFT)
    window.film_strip.header.play_button.setFocus()
    QTest.mouseClick(window.film_strip.header.play_button, Qt.MouseButton.LeftButton)
    assert window.playback.playing.playing
    QTest.keyClick(window.film_strip.header.play_button, Qt.Key.Key_Escape)
    assert window.workspace.pathing.current is None
    assert not window.playback.playing.playing
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.workspace.pathing.current is not None


def test_arrow_keys_nudge_and_r_samples(window: MainWindow) -> None:
    window.map.setFocus()
    QTest.keyClick(window.map, Qt.Key.Key_Right)
    small = window.workspace.probe.copy()
    assert small[0] > 0
    assert small[1] == 0
    QTest.keyClick(window.map, Qt.Key.Key_Up, SHIFT)
    assert window.workspace.probe[1] > small[0]
    before = window.workspace.probe
    QTest.keyClick(window, Qt.Key.Key_R)
    assert not np.array_equal(window.workspace.probe, before)


def test_the_legend_filters_the_map(window: MainWindow) -> None:
    before = window.map.grab().toImage()
    QTest.mouseClick(window.legend.buttons[1], Qt.MouseButton.LeftButton)
    hidden = window.map.grab().toImage()
    assert hidden != before
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.map.grab().toImage() == before


def test_zoom_and_back(window: MainWindow, qtbot: QtBot) -> None:
    home = window.map.camera
    window.action("zoom-in").trigger()
    assert window.map.camera.scale > home.scale
    QTest.keyClick(window, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: abs(window.map.camera.scale / home.scale - 1) < 1e-6)


def test_pictures_are_exported(
    window: MainWindow, hand: Hand, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand.drag((-1, 0), (1, 1), SHIFT)
    sizes = {}
    for name in ("export-map", "export-image"):
        path = tmp_path / f"{name}.png"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, path=path: (str(path), ""))
        window.action(name).trigger()
        qtbot.waitUntil(window.is_settled)
        with Image.open(path) as image:
            sizes[name] = image.size
    assert sizes["export-map"][0] >= 2 * window.map.width()
    assert sizes["export-image"] == (448, 448)


def test_a_model_is_saved_dropped_and_opened_again(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.safetensors"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    window.action("save-as").trigger()
    qtbot.waitUntil(lambda: "Saved as mine.safetensors" in window.message_bar.text)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    drop = QDropEvent(
        QPointF(50, 50), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    with qtbot.waitSignal(window.documents.opened):
        window.dropEvent(drop)
    assert window.windowTitle() == "mine – Latentscope"


def test_everything_in_the_menus_is_in_the_palette_and_runs_from_there(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier | SHIFT)
    palette = window.findChild(CommandPalette)
    assert palette.found.topLevelItemCount() > 25
    QTest.keyClicks(palette.query, "probe cent")
    window.workspace.set_probe([1, 1])
    QTest.keyClick(palette.query, Qt.Key.Key_Return)
    assert np.array_equal(window.workspace.probe, [0, 0])
    qtbot.waitUntil(lambda: window.findChild(CommandPalette) is None)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_Slash, Qt.KeyboardModifier.ControlModifier)
    shortcuts = window.findChild(ShortcutList)
    shortcuts.close()


def test_layers_are_switched_and_undone(window: MainWindow) -> None:
    window.action("layer-atlas").trigger()
    assert not window.workspace.layers.shows("atlas")
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.workspace.layers.shows("atlas")
    assert window.action("layer-atlas").isChecked()


def test_layout_and_layers_are_remembered(make_window: Callable[..., MainWindow]) -> None:
    window = make_window()
    window.action("layer-atlas").trigger()
    window.docks["Film strip"].close()
    window.close()
    again = make_window(resize=False)
    assert not again.workspace.layers.shows("atlas")
    assert not again.docks["Film strip"].isVisible()


def test_dark_and_light(window: MainWindow) -> None:
    dark = window.grab().toImage()
    window.action("theme-light").trigger()
    light = window.grab().toImage()
    assert light.pixelColor(5, 5).lightness() > 180 > 80 > dark.pixelColor(5, 5).lightness()


def test_real_pictures_stand_beside_the_neighbours(
    window: MainWindow, qtbot: QtBot, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATENTSCOPE_DATA", str(data_folder))
    window.set_data(None)
    qtbot.waitUntil(lambda: window.originals.at_hand, timeout=30_000)
    assert not window.decoded.data_button.isVisible()
    assert window.originals.picture(0).shape == (28, 28, 1)


def test_without_the_data_set_it_is_offered(
    make_window: Callable[..., MainWindow], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.delenv("LATENTSCOPE_DATA", raising=False)
    window = make_window()
    if not window.originals.at_hand:  # it may lie in the user's cache
        assert window.decoded.data_button.text().startswith("Get MNIST (12 MB)")
