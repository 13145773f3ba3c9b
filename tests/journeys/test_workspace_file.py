"""Workspace files in the real window: saved, opened in another, lost and found; and the map without a window."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import make_model
from hand import Hand
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot
from workspaces import captured, drop, opened, same_state, save, work

from latentscope.analysis.groups import Group
from latentscope.assets import shipped_model
from latentscope.main_window import MainWindow
from latentscope.runs.evaluating import Wish

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
PATIENCE = 120_000
MakeWindow = Callable[..., MainWindow]


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
    assert again.workspace.pathing.current == before.paths.current
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


# --- what is missing or damaged -----------------------------------------------------------------------------------


@pytest.fixture
def lost(window: MainWindow, hand: Hand, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace file whose model has moved to the folder "attic"."""
    model = make_model(tmp_path / "mine.safetensors")
    window.open_path(model)
    qtbot.waitUntil(lambda: window.windowTitle().startswith("mine") and window.is_settled(), timeout=PATIENCE)
    hand.drag((-1.0, 0.0), (1.0, 0.5), SHIFT)
    window.action("layer-prior").trigger()
    path = tmp_path / "lost.latentscope"
    save(window, path, monkeypatch)
    (tmp_path / "attic").mkdir()
    model.rename(tmp_path / "attic" / "mine.safetensors")
    window.open_path(shipped())
    qtbot.waitUntil(window.is_settled, timeout=PATIENCE)
    window.action("layer-prior").trigger()
    return path


def shipped() -> Path:
    model = shipped_model()
    assert model is not None
    return model


def test_a_missing_model_is_said_and_looked_for(
    lost: Path, window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(window, lost)
    assert "The workspace lost is of the model mine, which is not at" in window.message_bar.text
    assert not window.workspace.layers.shows("prior"), "what can be shown without it is shown"
    assert window.workspaces.path is None, "and nothing can be saved over the file"
    answers = iter(["", str(tmp_path / "attic" / "mine.safetensors")])
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (next(answers), ""))
    for _ in range(2):  # the first time the dialog is cancelled
        [button] = window.message_bar.buttons
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.workspaces.path == lost and window.is_settled(), timeout=PATIENCE)
    assert window.workspace.pathing.current is not None
    assert np.allclose(window.workspace.pathing.current.waypoints, [(-1.0, 0.0), (1.0, 0.5)], atol=0.02)
    assert window.message_bar.text == ""


def test_a_model_that_moved_with_the_file_or_is_known_is_found(
    lost: Path, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "attic" / "mine.safetensors").rename(tmp_path / "another name.safetensors")
    opened(window, qtbot, lost)
    assert window.workspace.pathing.current is not None
    assert window.message_bar.text == ""


def test_another_model_in_its_place_is_noticed(lost: Path, window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    make_model(tmp_path / "mine.safetensors", latent=3)
    opened(window, qtbot, lost)
    assert "The model mine is another than the one that was saved" in window.message_bar.text
    assert "have 2 dimensions where this model has 3" in window.message_bar.text
    assert window.workspace.pathing.current is None
    assert window.isWindowModified()


def test_a_damaged_model_is_said_and_what_was_open_stays(
    lost: Path, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "mine.safetensors").write_bytes(b"\x00\x01garbage" * 50)
    (tmp_path / "attic" / "mine.safetensors").unlink()
    before = window.workspace.model
    drop(window, lost)
    qtbot.waitUntil(lambda: "is not opened, since its model cannot be" in window.message_bar.text, timeout=PATIENCE)
    assert window.workspace.model is before
    assert [button.text() for button in window.message_bar.buttons] == ["Locate Model…"]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda data: data[: len(data) // 2], "was cut short"),
        (lambda data: b"", "is empty"),
        (lambda data: bytes(range(256)) * 20, "is no workspace"),
        (lambda data: data.replace(b'"scale":', b'"scale":"x",', 1), "damaged"),
        (lambda data: data.replace(b'"probe": [', b'"probe": [1e400,', 1), "finite number"),
        (lambda data: data.replace(b'"dimension": 2', b'"dimension": 1' + b"0" * 300, 1), "'dimension'"),
    ],
)
def test_a_damaged_file_is_one_sentence_and_changes_nothing(
    window: MainWindow, tmp_path: Path, damage: Callable[[bytes], bytes], words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    path = tmp_path / "mine.latentscope"
    save(window, path, monkeypatch)
    path.write_bytes(damage(path.read_bytes()))
    window.workspace.set_probe((1.0, 1.0))
    before = captured(window)
    drop(window, path)
    assert words in window.message_bar.text
    assert window.message_bar.kind == "error"
    same_state(before, captured(window))


def test_huge_numbers_are_shown_as_far_as_they_can_be(
    window: MainWindow, hand: Hand, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand.drag((-1.0, 0.0), (1.0, 0.5), SHIFT)
    path = tmp_path / "huge.latentscope"
    save(window, path, monkeypatch)
    content: dict[str, Any] = json.loads(path.read_bytes())
    content["view"] |= {"x": 1e38, "scale": 1e38, "chosen": True}
    content["probe"] = [3e38, -3e38]
    content["paths"]["items"][0]["waypoints"] = [[-3e38, 0], [3e38, 1]]
    content["selection"]["rows"] = "0-99999999"
    content["layers"]["atlas_opacity"] = 0
    path.write_text(json.dumps(content))
    opened(window, qtbot, path)
    assert "Left out: the selection, which has points that this model has not." in window.message_bar.text
    assert window.workspace.probe[0] == 3e38
    window.action("reset-view").trigger()
    qtbot.waitUntil(window.is_settled, timeout=PATIENCE)


def test_a_place_that_cannot_be_written_is_said_and_nothing_is_lost(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "mine.latentscope"), ""))
    window.action("save-workspace").trigger()
    assert "because there is no such file or folder; save it somewhere else" in window.message_bar.text
    assert window.workspaces.path is None
    path = tmp_path / "mine"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    window.action("save-workspace").trigger()
    path = path.with_suffix(".latentscope")
    assert path.exists()
    whole = path.read_bytes()
    path.chmod(0o444)
    if os.access(path, os.W_OK):
        return  # nothing is write-protected for this user
    window.action("layer-atlas").trigger()
    window.action("save-workspace").trigger()
    assert "because permission is denied" in window.message_bar.text
    assert path.read_bytes() == whole
    assert window.isWindowModified()


def test_a_window_with_changes_asks_before_it_closes(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.latentscope"
    save(window, path, monkeypatch)
    window.action("layer-atlas").trigger()
    whole = path.read_bytes()

    def answer(button: QMessageBox.StandardButton) -> None:
        window.close()
        assert window.isVisible()
        box = window.findChild(QMessageBox)
        QTest.mouseClick(box.button(button), Qt.MouseButton.LeftButton)

    answer(QMessageBox.StandardButton.Cancel)
    assert window.isVisible()
    assert path.read_bytes() == whole
    QTest.qWait(0)
    answer(QMessageBox.StandardButton.Save)
    assert not window.isVisible()
    assert path.read_bytes() != whole


# --- more than two dimensions -------------------------------------------------------------------------------------


def print_layout(_model: Path, _wish: Wish) -> list[str]:
    """A stand-in for the worker: it lays 40 codes on a spiral at once."""
    code = (
        "import json, math; n = 40; print(json.dumps({'event': 'embedding', 'index': list(range(0, 2 * n, 2)),"
        "'position': [[i * math.cos(i), i * math.sin(i)] for i in range(n)]}))"
    )
    return [sys.executable, "-c", code]


@pytest.mark.parametrize("view", ["plane", "t-sne"])
def test_planes_directions_and_views_come_back(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, view: str
) -> None:
    monkeypatch.setattr("latentscope.window.views.embedding_command", print_layout)
    window = make_window()
    window.open_path(make_model(tmp_path / "deep.safetensors", latent=6))
    qtbot.waitUntil(lambda: window.workspace.dimension == 6 and window.is_settled(), timeout=PATIENCE)
    window.action("plane-axes").trigger()
    window.workspace.set_probe(np.arange(6) / 3)
    window.action("plane-probe").trigger()
    for rows, name in ((range(50), "first"), (range(60, 90), "")):
        window.workspace.selecting.choose(np.array(rows))
        if name:
            window.workspace.selecting.keep(name)
    window.show_panel(window.selections.panel)
    directing = window.selections.panel.directing
    qtbot.waitUntil(lambda: directing.active, timeout=PATIENCE)
    directing.set_groups(Group("kept", "first"), Group("selected"))
    qtbot.waitUntil(lambda: directing.vector is not None and window.is_settled(), timeout=PATIENCE)
    directing.go_to(0.5)
    if view == "t-sne":
        window.action("view-t-sne").trigger()
        qtbot.waitUntil(lambda: window.map.embedding is not None and window.is_settled(), timeout=PATIENCE)
    window.action("zoom-in").trigger()
    qtbot.waitUntil(window.is_settled, timeout=PATIENCE)
    path = tmp_path / "deep.latentscope"
    save(window, path, monkeypatch)
    before = captured(window)
    window.close()

    again = make_window()
    opened(again, qtbot, path)
    qtbot.waitUntil(lambda: again.map.embedding is not None or view == "plane", timeout=PATIENCE)
    qtbot.waitUntil(again.is_settled, timeout=PATIENCE)
    same_state(before, captured(again))
    assert again.selections.panel.directing.t == 0.5
    assert not again.workspace.undo_stack.canUndo()
    assert not again.isWindowModified()
