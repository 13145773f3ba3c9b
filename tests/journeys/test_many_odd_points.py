"""Models with very many points that are not what a map expects: what holds for a hundred holds for a crowd."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import map_mouse as mouse
import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from latentscope.assets import shipped_model
from latentscope.main_window import MainWindow
from latentscope.map.points.cloud import MANY
from trainer.config import make_config
from trainer.files import Codes, ModelFile, read_model, write_model
from trainer.models.build import build_model

COUNT = MANY + 60_000
BAD = 3_000
PATIENCE = 120_000
LABELS = np.arange(COUNT) % 10


def heap(latent: int = 2) -> NDArray[np.float32]:
    return np.random.default_rng(0).normal(size=(COUNT, latent)).astype(np.float32)


def with_faults() -> NDArray[np.float32]:
    """Every kind of what is no number, all over the codes."""
    mean = heap()
    rows = np.random.default_rng(1).choice(COUNT, BAD, replace=False)
    for part, fault in zip(np.array_split(rows, 3), (np.nan, np.inf, -np.inf), strict=True):
        mean[part, 1] = fault
    return mean


def with_outlier() -> NDArray[np.float32]:
    mean = heap()
    mean[7] = 3e38, -3e38
    return mean


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    def write(codes: Codes, classes: int = 10) -> Path:
        latent = codes.mean.shape[1]
        path, shipped = tmp_path / "odd.safetensors", shipped_model()
        names = tuple(f"no. {i}" for i in range(classes))
        if latent == 2 and shipped is not None:
            write_model(path, replace(read_model(shipped), codes=codes, class_names=names))
        else:
            config = make_config({"data": "digits", "hidden": [16], "epochs": 1, "latent": latent})
            model = build_model(config, (8, 8, 1))
            weights = {name: value.numpy() for name, value in model.state_dict().items()}
            write_model(path, ModelFile(config, (8, 8, 1), names, weights, codes))
        return path

    return write


def work_with(window: MainWindow, qtbot: QtBot, path: Path) -> int:
    """Open it, look at it from far and near, hide and show a class, draw a rectangle round all. How many it takes."""

    def settle() -> None:
        qtbot.waitUntil(window.is_settled, timeout=PATIENCE)

    with qtbot.waitSignal(window.documents.opened, timeout=PATIENCE):
        window.open_path(path)
    layers = window.workspace.layers.with_shown("atlas", False)
    for name in ("density", "boundaries", "sparse", "ellipses"):
        layers = layers.with_shown(name, True)
    window.workspace.set_layers(layers)
    settle()
    view = window.map
    middle = QPoint(view.width() // 2, view.height() // 2)
    for notches in (4, 4, 4, -14):
        mouse.turn(view, notches, middle)
        settle()
        camera = view.camera
        assert np.isfinite([camera.x, camera.y, camera.scale]).all()
        assert not view.points.rough
    if window.legend.buttons:
        for _ in range(2):
            QTest.mouseClick(window.legend.buttons[0], Qt.MouseButton.LeftButton)
            settle()
    window.action("tool-rectangle").trigger()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(2, 2))
    corner = QPoint(view.width() - 2, view.height() - 2)
    QTest.mouseMove(view, middle)
    QTest.mouseMove(view, corner)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, corner)
    window.show_panel(window.inspection.panel)
    window.workspace.set_layers(replace(window.workspace.layers, colour_by="density"))
    settle()
    assert window.decoded.view.picture is not None
    said = window.message_bar.text
    assert said == "" or "are not those that this model's map was made from" in said or "test images" in said
    return len(window.workspace.selecting.selection)


@pytest.mark.parametrize(
    ("mean", "left_out"),
    [(with_faults, BAD), (lambda: np.full((COUNT, 2), 0.7, np.float32), 0), (with_outlier, 0)],
    ids=["not numbers", "all equal", "one far away"],
)
def test_odd_places(
    window: MainWindow,
    qtbot: QtBot,
    save: Callable[..., Path],
    mean: Callable[[], NDArray[np.float32]],
    left_out: int,
) -> None:
    taken = work_with(window, qtbot, save(Codes(mean(), None, LABELS)))
    assert len(window.map.cloud.index) == COUNT - left_out
    assert COUNT - left_out - 1 <= taken <= COUNT - left_out  # all but the one far away
    said = f"{left_out:,} of {COUNT:,} codes are not numbers and are left out"
    assert (said in window.model_line.text()) == (left_out > 0)
    assert len(window.inspection.inspecting.index) == taken
    window.action("select-all").trigger()
    assert len(window.workspace.selecting.selection) == COUNT - left_out


def test_nothing_but_what_is_no_number(window: MainWindow, qtbot: QtBot, save: Callable[..., Path]) -> None:
    assert work_with(window, qtbot, save(Codes(np.full((COUNT, 2), np.nan, np.float32), None, LABELS))) == 0
    assert f"none of the {COUNT:,} codes is a number" in window.model_line.text()
    assert not len(window.map.cloud.index)


def test_two_hundred_classes_of_which_some_have_no_points(
    window: MainWindow, qtbot: QtBot, save: Callable[..., Path]
) -> None:
    labels = np.arange(COUNT) % 190
    assert work_with(window, qtbot, save(Codes(heap(), None, labels), 200)) == COUNT
    counts = window.inspection.inspecting.summarising.summary.counts
    assert counts is not None
    assert (counts == np.bincount(labels)).all()
    assert "no. 195: 0 test points" in window.legend.buttons[195].toolTip()


def test_no_labels(window: MainWindow, qtbot: QtBot, save: Callable[..., Path]) -> None:
    assert work_with(window, qtbot, save(Codes(heap(), None, None))) == COUNT
    assert not window.legend.buttons


def test_one_latent_dimension(window: MainWindow, qtbot: QtBot, save: Callable[..., Path]) -> None:
    mean = heap(1)
    mean[:BAD] = np.nan
    work_with(window, qtbot, save(Codes(mean, None, LABELS)))
    assert len(window.map.cloud.index) == COUNT - BAD
    assert f"{BAD:,} of {COUNT:,} codes" in window.model_line.text()
