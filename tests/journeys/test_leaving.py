"""Something else is opened over what was made: who is asked, who is not, and how it comes back."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hand import Hand
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot
from workspaces import captured, drop, same_state, save

from latentscope.main_window import MainWindow
from latentscope.state.paths import LatentPath

SHIFT = Qt.KeyboardModifier.ShiftModifier
PATIENCE = 120_000
Buttons = QMessageBox.StandardButton


@pytest.fixture
def other(window: MainWindow, tmp_path: Path) -> Path:
    """The same model in another file."""
    model = window.workspace.model
    assert model is not None
    assert model.path is not None
    path = tmp_path / "other.safetensors"
    path.write_bytes(model.path.read_bytes())
    return path


def answer(window: MainWindow, button: QMessageBox.StandardButton) -> None:
    box = window.findChild(QMessageBox)
    assert box.text() == "<b>Save the changes of mine?</b>"
    QTest.mouseClick(box.button(button), Qt.MouseButton.LeftButton)
    QTest.qWait(0)  # it is deleted


def shows(window: MainWindow, title: str) -> Callable[[], bool]:
    return lambda: window.workspace.model is not None and window.workspace.model.title == title and window.is_settled()


def test_whoever_has_saved_a_workspace_is_asked_before_its_changes_go(
    window: MainWindow, hand: Hand, other: Path, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.latentscope"
    save(window, path, monkeypatch)
    hand.drag((-1.0, 0.0), (1.0, 0.5), SHIFT)
    whole, before = path.read_bytes(), captured(window)
    drop(window, other)
    answer(window, Buttons.Cancel)
    same_state(before, captured(window))
    assert path.read_bytes() == whole

    drop(window, other)
    answer(window, Buttons.Save)
    qtbot.waitUntil(shows(window, "other"), timeout=PATIENCE)
    assert b"waypoints" in path.read_bytes()
    assert window.workspaces.path is None

    drop(window, path)  # nothing is lost now: nobody is asked
    qtbot.waitUntil(lambda: window.workspaces.path == path and window.is_settled(), timeout=PATIENCE)
    assert captured(window).paths == before.paths
    window.action("layer-atlas").trigger()
    whole = path.read_bytes()
    window.action("open-shipped").trigger()
    answer(window, Buttons.Discard)
    qtbot.waitUntil(lambda: window.workspaces.path is None and window.is_settled(), timeout=PATIENCE)
    assert path.read_bytes() == whole
    assert not window.workspaces.leaving.kept, "it was to be discarded"


def test_whoever_has_not_is_never_asked_and_gets_it_back_when_wanted(
    window: MainWindow, hand: Hand, other: Path, qtbot: QtBot
) -> None:
    drop(window, other)
    qtbot.waitUntil(shows(window, "other"), timeout=PATIENCE)
    assert window.message_bar.text == "", "nothing had been made"
    assert not window.action("restore-workspace").isVisible()
    hand.drag((-1.0, 0.0), (1.0, 0.5), SHIFT)
    window.workspace.selecting.choose(np.arange(50))
    window.workspace.selecting.keep("the first")
    window.action("zoom-in").trigger()  # a view that is chosen does not depend on the room for the map
    qtbot.waitUntil(window.is_settled, timeout=PATIENCE)
    before = captured(window)
    window.action("open-shipped").trigger()
    qtbot.waitUntil(shows(window, "mnist-vae-2d"), timeout=PATIENCE)
    qtbot.waitUntil(lambda: "What you had on other is in no file" in window.message_bar.text)
    assert window.workspace.pathing.current is None
    window.workspace.pathing.change_current(LatentPath(((0.0, 0.0), (1.0, 1.0))), "Draw path")

    [button] = window.message_bar.buttons
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(shows(window, "other"), timeout=PATIENCE)
    same_state(before, captured(window))
    assert window.windowTitle() == "other – Latentscope"
    qtbot.waitUntil(lambda: "What you had on mnist-vae-2d" in window.message_bar.text)
    window.message_bar.hide()
    window.action("restore-workspace").trigger()  # and there again, by the menu
    qtbot.waitUntil(shows(window, "mnist-vae-2d"), timeout=PATIENCE)
    assert window.workspace.pathing.current == LatentPath(((0.0, 0.0), (1.0, 1.0)))
