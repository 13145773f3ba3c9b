"""How good is it, and which of its dimensions carry anything: Evaluation and Dimensions in the real window."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from commands import make_model
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTabBar
from pytestqt.qtbot import QtBot

from latentscope.main_window import MainWindow
from latentscope.paths.routes import route_at_once
from trainer.config import make_config

PATIENCE = 90_000  # ms; a worker imports torch first, on a machine that may be busy


def open_model(window: MainWindow, qtbot: QtBot, path: Path) -> None:
    window.open_path(path)
    qtbot.waitUntil(lambda: window.windowTitle().startswith(path.stem), timeout=PATIENCE)
    qtbot.waitUntil(window.is_settled, timeout=PATIENCE)


def click_tab(window: MainWindow, title: str) -> None:
    """A click of the mouse on the tab of a dock."""
    for bar in window.findChildren(QTabBar):
        for index in range(bar.count()):
            if bar.tabText(index) == title:
                QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(index).center())
                return
    raise AssertionError(f"there is no tab {title}")


def test_a_model_is_measured_while_another_is_looked_at(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = make_model(tmp_path / "mine.safetensors")
    shipped = window.workspace.model
    open_model(window, qtbot, path)
    panel = window.evaluation
    click_tab(window, "Evaluation")
    qtbot.waitUntil(panel.isVisible)
    QTest.mouseClick(panel.measure, Qt.MouseButton.LeftButton)
    assert panel.cancel.isVisible()
    assert shipped is not None
    window.workspace.open_model(shipped)
    qtbot.waitUntil(panel.measure.isVisible, timeout=PATIENCE)
    assert window.message_bar.text == ""
    open_model(window, qtbot, path)
    panel.copy_text()
    text = QGuiApplication.clipboard().text()
    for words in ("−ELBO, binarised", "−log p(x), exact", "Nearest neighbours", "Mutual information"):
        assert words in text


def test_what_cannot_be_measured_is_said(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = make_model(tmp_path / "mine.safetensors")
    open_model(window, qtbot, path)
    click_tab(window, "Evaluation")
    window.documents.set_data(str(tmp_path / "gone.npz"))
    QTest.mouseClick(window.evaluation.measure, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "gone.npz" in window.message_bar.text, timeout=PATIENCE)
    assert window.evaluation.measure.isVisible()


def test_a_window_that_is_closed_while_measuring_leaves_nothing_behind(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    open_model(window, qtbot, make_model(tmp_path / "mine.safetensors"))
    click_tab(window, "Evaluation")
    for _ in range(10):  # ten fast clicks begin one measurement
        QTest.mouseClick(window.evaluation.measure, Qt.MouseButton.LeftButton)
    assert window.evaluating.file is not None
    window.close()
    assert window.evaluating.file is None


def test_one_click_traverses_a_dimension(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    open_model(window, qtbot, make_model(tmp_path / "wide.safetensors", latent=12))
    click_tab(window, "Dimensions")
    panel = window.dimensions
    qtbot.waitUntil(lambda: len(panel.rows.rows) == 12)
    window.docks["Film strip"].close()
    window.workspace.set_probe(np.linspace(-0.5, 0.5, 12))
    height = panel.rows.row_height
    QTest.mouseClick(panel.rows, Qt.MouseButton.LeftButton, pos=QPoint(18, 2 * height + height // 2))
    path = window.workspace.pathing.current
    assert path is not None
    steps = np.diff(route_at_once(path).steps, axis=0)
    assert (np.flatnonzero(np.abs(steps).max(axis=0) > 1e-12) == [2]).all()
    assert window.docks["Film strip"].isVisible()
    qtbot.waitUntil(lambda: window.film_strip.frames.pictures is not None, timeout=PATIENCE)
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.workspace.pathing.current is None


def test_the_doctor_watches_a_training_collapse(window: MainWindow, qtbot: QtBot) -> None:
    """Without the reconstruction term only the KL is left, and every dimension becomes the prior."""
    click_tab(window, "Dimensions")
    assert window.dimensions.words.text().startswith("Both dimensions are in use")
    config = make_config({"data": "digits", "hidden": [32], "latent": 3, "reconstruction": False, "epochs": 60})
    window.flow.start(config)
    qtbot.waitUntil(lambda: window.training.state == "finished", timeout=PATIENCE)
    window.show_panel(window.dimensions)
    qtbot.waitUntil(lambda: window.dimensions.words.text().startswith("The model has collapsed"), timeout=PATIENCE)
    assert "only the KL was left" in window.dimensions.advice.text()
    assert max(row.kl for row in window.dimensions.rows.rows) < 0.05


def test_a_restored_layout_has_each_tab_once(make_window: Callable[..., MainWindow]) -> None:
    make_window().close()
    window = make_window()
    for restore in (lambda: None, window.arrangement.reset):
        restore()
        bars = [bar for bar in window.findChildren(QTabBar) if bar.isVisible()]
        tabs = [bar.tabText(index) for bar in bars for index in range(bar.count())]
        assert "Dimensions" in tabs
        assert len(tabs) == len(set(tabs))
