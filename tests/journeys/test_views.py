"""t-SNE as a view of the codes in the real window: made behind it, clicked on, left again."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from commands import make_model
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from latentscope.main_window import MainWindow
from latentscope.runs.evaluating import Wish
from latentscope.state.open_model import OpenModel

PATIENCE = 180_000
NO_KEYS, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def deep(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    window.open_path(make_model(tmp_path / "deep.safetensors", latent=20))
    qtbot.waitUntil(lambda: window.workspace.dimension == 20 and window.is_settled(), timeout=PATIENCE)
    return window


def print_layout(_model: Path, _wish: Wish) -> Sequence[str]:
    """A stand-in for the worker: it lays 40 codes on a spiral at once."""
    code = (
        "import json, math; n = 40; print(json.dumps({'event': 'embedding', 'index': list(range(0, 2 * n, 2)),"
        "'position': [[i * math.cos(i), i * math.sin(i)] for i in range(n)]}))"
    )
    return [sys.executable, "-c", code]


def wait_for_ever(_model: Path, _wish: Wish) -> Sequence[str]:
    return [sys.executable, "-c", "import time; time.sleep(600)"]


def fail(_model: Path, _wish: Wish) -> Sequence[str]:
    return [sys.executable, "-c", "print('The codes are made of cheese.'); raise SystemExit(1)"]


def in_view(window: MainWindow, qtbot: QtBot) -> None:
    window.planes.views.work._command = print_layout
    window.action("view-t-sne").trigger()
    qtbot.waitUntil(lambda: window.map.embedding is not None, timeout=PATIENCE)


def click(window: MainWindow, row: int, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
    x, y = window.map.camera.to_pixel(window.map.cloud.position[row])
    QTest.mouseClick(window.map, Qt.MouseButton.LeftButton, keys, QPoint(round(x), round(y)))


def test_tsne_is_made_behind_the_window(deep: MainWindow, qtbot: QtBot) -> None:
    deep.action("view-t-sne").trigger()
    assert deep.planes.notice.text.startswith("Making a t-SNE")
    assert not deep.is_settled()
    qtbot.waitUntil(lambda: deep.map.embedding is not None, timeout=PATIENCE)
    codes = deep.workspace.codes
    assert codes is not None
    assert len(deep.map.cloud.index) == len(codes.mean)
    assert np.isfinite(deep.map.cloud.position).all()
    assert deep.action("view-t-sne").isChecked()


def test_a_click_decodes_the_nearest_encoded_point_and_says_so(deep: MainWindow, qtbot: QtBot) -> None:
    in_view(deep, qtbot)
    codes = deep.workspace.codes
    assert codes is not None
    assert deep.planes.notice.text.startswith(f"t-SNE of 40 of {len(codes.mean)} codes")
    click(deep, 30)
    assert np.array_equal(deep.workspace.probe, codes.mean[60].astype(float))
    assert deep.planes.notice.text.endswith("decodes the nearest code, now test image 60.")
    deep.workspace.set_probe(codes.mean[60] + 1.0)
    assert deep.planes.notice.text.endswith("decodes the nearest code.")
    for name in ("atlas", "prior", "fade"):
        assert not deep.layers_panel.rows[name].isEnabled()
        assert "not latent" in deep.layers_panel.rows[name].toolTip()
    assert deep.layers_panel.rows["points"].isEnabled()
    click(deep, 20, SHIFT)
    assert deep.workspace.pathing.current is None, "there is no way between two points of such a view"
    probe = deep.workspace.probe
    QTest.keyClick(deep.map, Qt.Key.Key_Right)
    assert np.array_equal(deep.workspace.probe, probe)


def test_the_plane_comes_back_as_it_was(deep: MainWindow, qtbot: QtBot) -> None:
    deep.action("plane-axes").trigger()
    plane, places = deep.workspace.plane, deep.map.cloud.position.copy()
    in_view(deep, qtbot)
    made = deep.map.embedding
    QTest.mouseClick(deep.planes.notice.buttons[0], Qt.MouseButton.LeftButton)
    assert deep.map.embedding is None
    assert deep.workspace.plane is plane
    assert np.array_equal(deep.map.cloud.position, places)
    assert deep.layers_panel.rows["atlas"].isEnabled()
    assert deep.action("plane-axes").isChecked()
    deep.action("view-t-sne").trigger()
    assert deep.map.embedding is made, "kept for the next time"
    deep.action("undo").trigger()
    assert deep.map.embedding is None
    deep.action("redo").trigger()
    deep.action("plane-codes").trigger()
    assert deep.map.embedding is None, "any plane is a way back"
    assert deep.action("plane-codes").isChecked()
    deep.action("undo").trigger()
    assert deep.map.embedding is made, "which is one step, from whichever plane"
    deep.planes.choose_axis(0, 3)
    assert deep.map.embedding is None
    deep.action("undo").trigger()
    assert deep.map.embedding is made
    assert deep.workspace.plane is plane


def test_other_codes_end_a_view(deep: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    in_view(deep, qtbot)
    model = deep.workspace.model
    assert model is not None
    assert model.file.codes is not None
    newer = replace(model.file, codes=replace(model.file.codes, mean=model.file.codes.mean * 1.1))
    deep.workspace.set_snapshot(OpenModel(newer, "newer", live=True))
    assert deep.map.embedding is None
    qtbot.waitUntil(lambda: "shows the plane again" in deep.message_bar.text)
    for _ in range(deep.workspace.undo_stack.count()):
        deep.action("undo").trigger()
    assert deep.map.embedding is None, "and undo does not bring back what would lie"
    in_view(deep, qtbot)
    deep.open_path(make_model(tmp_path / "other.safetensors", latent=3))
    qtbot.waitUntil(lambda: deep.workspace.dimension == 3 and deep.is_settled(), timeout=PATIENCE)
    assert deep.map.embedding is None


def test_a_view_can_be_cancelled_and_may_fail(deep: MainWindow, qtbot: QtBot) -> None:
    views = deep.planes.views
    views.work._command = wait_for_ever
    for _ in range(10):
        deep.action("view-t-sne").trigger()
    QTest.mouseClick(deep.planes.notice.buttons[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(views.is_settled, timeout=PATIENCE)
    assert deep.planes.notice.text == ""
    views.work._command = fail
    deep.action("view-t-sne").trigger()
    qtbot.waitUntil(views.is_settled, timeout=PATIENCE)
    assert deep.message_bar.text.endswith("The codes are made of cheese.")
    views.work._command = wait_for_ever
    deep.action("view-t-sne").trigger()
    deep.close()  # the worker ends with the window


def test_umap_that_is_missing_says_how_to_get_it(deep: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("latentscope.window.views.umap_is_there", lambda: False)
    deep.planes.refresh()
    assert not deep.action("view-umap").isEnabled()
    assert "pip install 'latentscope[views]'" in deep.action("view-umap").toolTip()


def test_maps_that_are_compared_show_planes(deep: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    in_view(deep, qtbot)
    deep.compare.open([make_model(tmp_path / "beside.safetensors", latent=20)])
    qtbot.waitUntil(lambda: deep.compare.is_on and deep.is_settled(), timeout=PATIENCE)
    assert deep.map.embedding is None
    assert not deep.action("view-t-sne").isEnabled()
    assert "compared" in deep.action("view-t-sne").toolTip()
