"""Probe, path and selection move over a map that is not drawn again for them, whatever it shows."""

from dataclasses import replace

import numpy as np
from hand import Hand
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from latentscope.main_window import MainWindow
from latentscope.state.layers import LAYERS

SHIFT = Qt.KeyboardModifier.ShiftModifier


def made(window: MainWindow) -> tuple[int, int, int]:
    return window.map.points.drawn, window.map.atlas.sheets_made, window.map.base.composed


def test_a_drag_with_everything_on_draws_no_points_and_no_tiles_again(
    window: MainWindow, hand: Hand, qtbot: QtBot
) -> None:
    layers = replace(window.workspace.layers, shown=frozenset(layer.name for layer in LAYERS))
    window.workspace.set_layers(layers)
    window.workspace.selecting.choose(np.arange(0, 10_000, 3), "replace", "a third")
    hand.drag((-2, -1), (2, 1), SHIFT)
    qtbot.waitUntil(window.is_settled, timeout=60_000)
    before, probe = made(window), window.workspace.probe
    hand.drag((-1, 1), (1.5, -0.5), steps=30)
    assert not np.array_equal(window.workspace.probe, probe)
    path = window.workspace.pathing.current
    hand.drag((2, 1), (1, -1.5), steps=20)  # an end of the path
    assert window.workspace.pathing.current != path
    QTest.mouseMove(window.map, hand.pixel(0.3, 0.4))  # hovering
    window.map.setFocus()
    QTest.keyClick(window.map, Qt.Key.Key_Left)
    qtbot.wait(50)
    assert made(window) == before


def test_a_selection_draws_the_points_again_but_no_tile(window: MainWindow, qtbot: QtBot) -> None:
    points, tiles, _ = made(window)
    window.workspace.selecting.choose(np.arange(100), "replace", "some")
    qtbot.waitUntil(window.is_settled, timeout=60_000)
    qtbot.wait(20)
    assert made(window)[0] > points
    assert made(window)[1] == tiles
