"""Photographs instead of digits: colour images of one's own are trained on, mapped, decoded and shown in colour."""

from pathlib import Path

import numpy as np
from hand import Hand
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from latentscope.main_window import MainWindow
from latentscope.panels.training.run_form import RunForm
from trainer.config import make_config

PATIENCE = 90_000  # ms


def save_lights(path: Path) -> None:
    """400 images of a soft light, red ones and green ones, each somewhere else."""
    random = np.random.default_rng(0)
    centre = random.uniform(2, 5, (400, 2))
    y, x = np.mgrid[:8, :8]
    light = np.exp(-((x - centre[:, :1, None]) ** 2 + (y - centre[:, 1:, None]) ** 2) / 12)
    labels = np.arange(400) % 2
    images = np.full((400, 8, 8, 3), 25.0)
    for label in (0, 1):
        images[labels == label, :, :, label] += 220 * light[labels == label]
    np.savez(path, images=images.astype(np.uint8), labels=np.array(["red", "green"])[labels])


def colours_of(widget: QWidget) -> tuple[int, int]:
    """How many pixels are clearly red, and clearly green."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)[:, : 3 * image.width()]
    red, green, blue = pixels.reshape(-1, 3).astype(int).T
    return int(((red > green + 40) & (red > blue + 40)).sum()), int(((green > red + 40) & (green > blue + 40)).sum())


def test_a_colour_data_set_is_trained_on_and_explored_in_colour(
    window: MainWindow, hand: Hand, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "lights.npz"
    save_lights(path)
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    form = window.flow.form
    assert isinstance(form, RunForm)
    settings = {"network": "conv", "hidden": [8, 16], "likelihood": "optimal-gaussian", "batch": 60}
    form.set_config(make_config({"data": str(path), "epochs": 60, **settings}))
    qtbot.waitUntil(lambda: form.preview.samples is not None, timeout=PATIENCE)
    assert min(colours_of(form.preview.view)) > 500, "the preview"
    QTest.mouseClick(form.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.training.state == "finished", timeout=PATIENCE)
    qtbot.waitUntil(window.is_settled, timeout=PATIENCE)

    assert "nats (density)" in window.training_panel.line.text(), "not to be compared with the digits'"
    assert "lights.npz" in window.model_line.text() and "nats (density)" in window.model_line.text()
    codes = window.workspace.codes
    assert codes is not None and codes.labels is not None
    assert window.workspace.model is not None
    names = window.workspace.model.file.class_names
    # The points have colours, too; without them what is left is the atlas.
    window.action("layer-points").trigger()
    window.action("layer-prior").trigger()
    for label in (0, 1):
        hand.click(*(float(part) for part in codes.mean[codes.labels == label].mean(0)))
        qtbot.waitUntil(window.is_settled, timeout=PATIENCE)
        picture = window.decoded.view.picture
        assert picture is not None and picture.shape == (8, 8, 3)
        red, green, blue = picture.reshape(-1, 3).astype(int).max(0)
        assert (red > green + 60) if names[label] == "red" else (green > red + 60)
        assert blue < 60
    qtbot.waitUntil(lambda: max(colours_of(window.decoded.neighbours)) > 200, timeout=PATIENCE)  # the thumbnails
    assert min(colours_of(window.map)) > 500, "the atlas on the dark ground"
    window.action("theme-light").trigger()
    qtbot.waitUntil(window.is_settled, timeout=PATIENCE)
    assert min(colours_of(window.map)) > 500, "the atlas on the light ground"
