"""What a user does to a window, and what of it a workspace file keeps."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hand import Hand
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from latentscope.files.workspace_state import Captured, capture
from latentscope.main_window import MainWindow

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
PATIENCE = 120_000
MakeWindow = Callable[..., MainWindow]


def captured(window: MainWindow) -> Captured:
    made = capture(window)
    assert made is not None
    return made


def work(window: MainWindow, hand: Hand) -> None:
    """Change everything that a workspace file keeps, as a user does."""
    QTest.mouseClick(window.legend.buttons[1], Qt.MouseButton.LeftButton)
    window.map.setFocus()
    window.map.set_tool("lasso")
    hand.drag((-1.0, -1.0), (1.0, -1.0), release=False)
    for corner in ((1.0, 1.0), (-1.0, 1.0)):
        QTest.mouseMove(window.map, hand.pixel(*corner))
    QTest.mouseRelease(window.map, Qt.MouseButton.LeftButton, pos=hand.pixel(-1.0, 1.0))
    assert len(window.workspace.selecting.selection) > 100
    window.workspace.selecting.keep("the middle")
    window.action("select-invert").trigger()
    window.map.set_tool("probe")
    hand.drag((-1.5, 0.0), (1.0, 1.2), SHIFT)
    window.action("layer-prior").trigger()
    window.action("layer-density").trigger()
    window.action("zoom-in").trigger()
    hand.click(0.31, -0.47)


def save(window: MainWindow, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    QTest.keyClick(window, Qt.Key.Key_S, CONTROL | ALT)
    assert path.exists(), window.message_bar.text


def drop(window: MainWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    button, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, button, keys))


def opened(window: MainWindow, qtbot: QtBot, path: Path) -> None:
    drop(window, path)
    qtbot.waitUntil(lambda: window.workspaces.path == path and window.is_settled(), timeout=PATIENCE)


def same_state(a: Captured, b: Captured) -> None:
    """Every field that is kept; planes have no equality of their own."""
    for name, value in vars(a).items():
        other = getattr(b, name)
        if name == "plane":
            assert all(np.array_equal(getattr(value, part), getattr(other, part)) for part in ("origin", "u", "v"))
        elif name == "camera":  # of another map, which may be of another size
            assert (value.x, value.y, value.scale) == (other.x, other.y, other.scale)
        elif name not in ("saved_as", "size"):
            assert value == other, name
