"""What an unexpected end leaves behind, and how it comes back."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from workspaces import save

from latentscope.main_window import MainWindow
from latentscope.settings import autosave_folder
from latentscope.state.paths import LatentPath

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
PATIENCE = 120_000
MakeWindow = Callable[..., MainWindow]


@pytest.fixture
def crashed() -> dict[str, Any]:
    """What a window showed that was killed."""
    support = Path(__file__).parents[1] / "support"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(support), *sys.path])}
    process = subprocess.Popen(
        [sys.executable, str(support / "crashing.py")], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        shown: dict[str, Any] = json.loads(process.stdout.readline())
        assert len(list(autosave_folder().iterdir())) == 1
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    return shown


def begin(make_window: MakeWindow) -> MainWindow:
    window = make_window()
    window.workspaces.begin()
    return window


def test_what_a_killed_window_showed_is_offered_to_one_window_and_restored(
    crashed: dict[str, Any], make_window: MakeWindow, qtbot: QtBot
) -> None:
    window, other = begin(make_window), begin(make_window)
    assert window.message_bar.text == "Latentscope ended unexpectedly. Restore what you had?"
    assert other.message_bar.text == ""
    restore, discard = window.message_bar.buttons
    assert (restore.text(), discard.text()) == ("Restore", "Discard")
    assert window.action("restore-workspace").isVisible()
    QTest.mouseClick(restore, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.workspace.pathing.current is not None and window.is_settled(), timeout=PATIENCE)
    assert [list(z) for z in window.workspace.pathing.current.waypoints] == crashed["path"]
    assert window.workspace.probe.tolist() == crashed["probe"]
    assert window.workspace.hidden_classes == {1}
    assert not window.workspace.undo_stack.canUndo()
    assert not window.action("restore-workspace").isVisible()
    qtbot.waitUntil(window.workspaces.is_settled, timeout=PATIENCE)
    assert len(list(autosave_folder().iterdir())) == 1, "it is kept as this window's own"
    window.close()
    other.close()
    assert list(autosave_folder().iterdir()) == [], "a clean end leaves nothing"


def test_what_is_not_wanted_is_gone_and_what_is_not_answered_stays(
    crashed: dict[str, Any], make_window: MakeWindow, qtbot: QtBot
) -> None:
    [kept] = autosave_folder().iterdir()
    pid, rest = kept.name.split("-", 1)
    window = begin(make_window)
    window.close()
    [left] = autosave_folder().iterdir()
    left.rename(left.with_name(f"{pid}-{rest}"))  # as if the process of that window had ended
    window = begin(make_window)
    QTest.mouseClick(window.message_bar.buttons[1], Qt.MouseButton.LeftButton)
    assert list(autosave_folder().iterdir()) == []
    assert window.message_bar.text == ""
    assert window.workspace.pathing.current is None


def test_a_damaged_copy_is_said_and_not_offered_again(
    crashed: dict[str, Any], make_window: MakeWindow, qtbot: QtBot
) -> None:
    [kept] = autosave_folder().iterdir()
    kept.write_bytes(kept.read_bytes()[:100])
    window = begin(make_window)
    QTest.mouseClick(window.message_bar.buttons[0], Qt.MouseButton.LeftButton)
    assert window.message_bar.text == "What you had cannot be restored: what was kept of it is damaged."
    assert list(autosave_folder().iterdir()) == []


def test_a_full_disk_is_said_once(make_window: MakeWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("latentscope.files.autosaved.write_atomically", full)
    window = begin(make_window)
    window.workspace.set_probe((1.0, 1.0))
    qtbot.waitUntil(lambda: "because the disk is full" in window.message_bar.text, timeout=PATIENCE)
    window.message_bar.hide()
    window.workspace.set_probe((1.0, 0.5))
    qtbot.waitUntil(window.workspaces.is_settled, timeout=PATIENCE)
    assert window.message_bar.text == ""
    monkeypatch.undo()
    window.workspace.set_probe((0.5, 0.5))
    qtbot.waitUntil(window.workspaces.is_settled, timeout=PATIENCE)


def test_what_was_saved_needs_no_copy(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = begin(make_window)
    window.action("layer-atlas").trigger()
    qtbot.waitUntil(window.workspaces.is_settled, timeout=PATIENCE)
    assert len(list(autosave_folder().iterdir())) == 1
    path = tmp_path / "mine.latentscope"
    save(window, path, monkeypatch)
    qtbot.waitUntil(window.workspaces.is_settled, timeout=PATIENCE)
    assert list(autosave_folder().iterdir()) == []
    window.action("layer-prior").trigger()
    qtbot.waitUntil(window.workspaces.is_settled, timeout=PATIENCE)
    [kept] = autosave_folder().iterdir()
    assert json.loads(kept.read_bytes())["saved_as"] == str(path)


def test_what_was_in_no_file_at_a_good_end_is_in_the_menu_at_the_next_start(
    make_window: MakeWindow, qtbot: QtBot
) -> None:
    window = begin(make_window)
    assert not window.action("restore-workspace").isVisible()
    path = LatentPath(((-1.0, 0.5), (1.5, -0.5)))
    window.workspace.pathing.change_current(path, "Draw path")
    window.close()
    assert not list(autosave_folder().glob("*")), "it was no crash"
    again = begin(make_window)
    assert again.message_bar.text == "", "nobody is asked"
    again.action("restore-workspace").trigger()
    qtbot.waitUntil(lambda: again.workspace.pathing.current == path and again.is_settled(), timeout=PATIENCE)
    assert not again.action("restore-workspace").isVisible()
    again.workspace.pathing.set_current(None)
    again.close()
    third = begin(make_window)
    assert not third.action("restore-workspace").isVisible(), "it was removed"
