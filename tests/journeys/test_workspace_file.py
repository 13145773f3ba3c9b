"""Workspace files in the real window: saved, opened in another, lost and found, and what the map looks like from one."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hand import Hand
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from latentscope.assets import shipped_model
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
        elif name != "saved_as":
            assert value == other, name


def test_all_that_was_there_is_there_again_in_another_window(
    window: MainWindow, hand: Hand, make_window: MakeWindow, qtbot: QtBot, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    work(window, hand)
    qtbot.waitUntil(window.is_settled, timeout=PATIENCE)
    path = tmp_path / "mine.latentscope"
    save(window, path, monkeypatch)
    assert path.stat().st_size < 20_000
    assert window.windowTitle() == "mine[*] – mnist-vae-2d – Latentscope"
    assert not window.isWindowModified()
    before = captured(window)
    window.close()

    again = make_window()
    opened(again, qtbot, path)
    same_state(before, captured(again))
    assert again.workspace.path == before.paths.current
    assert not again.workspace.undo_stack.canUndo()
    assert not again.isWindowModified()
    assert again.settings.recent_files()[0] == path
    again.action("layer-atlas").trigger()
    assert again.isWindowModified()
    QTest.keyClick(again, Qt.Key.Key_Z, CONTROL)
    assert not again.isWindowModified()


def test_the_picture_from_the_window_and_the_one_without_are_the_same_file(
    window: MainWindow, hand: Hand, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(window, hand)
    qtbot.waitUntil(window.is_settled, timeout=PATIENCE)
    path, exported, headless = (tmp_path / name for name in ("mine.latentscope", "window.png", "headless.png"))
    save(window, path, monkeypatch)
    qtbot.waitUntil(window.is_settled, timeout=PATIENCE)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(exported), ""))
    window.action("export-map").trigger()
    qtbot.waitUntil(exported.exists, timeout=PATIENCE)
    command = [sys.executable, "-m", "latentscope", str(path), "--export-map", str(headless)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert headless.read_bytes() == exported.read_bytes()
