"""Models whose codes are not what a map expects: each is opened, explained, explored, and none stops the next."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hand import Hand
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from latentscope.assets import shipped_model
from latentscope.main_window import MainWindow
from latentscope.panels.layers.colour_by import change_colour_by
from latentscope.state.layers import LAYERS
from latentscope.state.open_model import OpenModel
from latentscope.theme import class_colours
from trainer.config import make_config
from trainer.files import Codes, ModelFile, read_model, write_model


def spread(count: int, latent: int = 2) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, latent)).astype(np.float32)


def spoilt(mean: np.ndarray) -> np.ndarray:
    mean[3, 1], mean[10], mean[11, 0] = np.nan, np.inf, -np.inf
    return mean


LABELS = np.arange(100) % 10
CODES: dict[str, Codes | None] = {
    "not numbers": Codes(spoilt(spread(100)), None, LABELS),
    "nothing but NaN": Codes(np.full((100, 2), np.nan, np.float32), None, LABELS),
    "one point": Codes(spread(1), np.zeros((1, 2), np.float32), np.zeros(1, np.int64)),
    "all equal": Codes(np.full((100, 2), 0.7, np.float32), np.zeros((100, 2), np.float32), LABELS),
    "a class with no points": Codes(spread(100), None, LABELS % 9),
    "no labels": Codes(spread(100), np.zeros((100, 2), np.float32)),
    "huge": Codes(spread(100) * np.float32(1e30), None, LABELS),
    "one far away": Codes(np.concatenate([spread(99), np.full((1, 2), 3e38, np.float32)]), None, LABELS),
    "no codes": None,
}


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Path]:
    """Writes the shipped model with other codes, as a file of its own."""
    path = shipped_model()
    assert path is not None
    shipped = read_model(path)

    def save(name: str, codes: Codes | None, **changes: object) -> Path:
        target = tmp_path / f"{name}.safetensors"
        write_model(target, replace(shipped, codes=codes, **changes))
        return target

    return save


def explore(window: MainWindow, qtbot: QtBot, path: Path) -> None:
    """Open it with every layer on, drag over it, zoom in and out, hide a class."""
    with qtbot.waitSignal(window.documents.opened, timeout=30_000):
        window.open_path(path)
    window.workspace.set_layers(replace(window.workspace.layers, shown=frozenset(layer.name for layer in LAYERS)))
    qtbot.waitUntil(window.is_settled, timeout=30_000)
    camera = window.map.camera
    assert np.isfinite([camera.x, camera.y, camera.scale]).all()
    hand, view = Hand(window), window.map
    middle = view.camera.to_map((view.width() / 2, view.height() / 2))
    off = view.camera.to_map((view.width() / 3, view.height() / 3))
    to_latent = window.workspace.plane.to_latent
    hand.drag(tuple(to_latent(middle)), tuple(to_latent(off)))
    window.map.setFocus()
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_Plus, Qt.Key.Key_Minus):
        QTest.keyClick(window.map, key)
    if window.legend.buttons:
        QTest.mouseClick(window.legend.buttons[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(window.is_settled, timeout=30_000)
    assert not window.map.grab().isNull()
    assert window.decoded.view.picture is not None
    # Other codes than the images of the data set have: that is said, and nothing else.
    assert (
        window.message_bar.text == "" or "are not those that this model's map was made from" in window.message_bar.text
    )


@pytest.mark.parametrize("kind", CODES)
def test_odd_codes_are_shown_as_far_as_they_go(
    window: MainWindow, qtbot: QtBot, saved: Callable[..., Path], kind: str
) -> None:
    explore(window, qtbot, saved(kind, CODES[kind]))
    said = {
        "not numbers": "3 of 100 codes are not numbers and are left out",
        "nothing but NaN": "none of the 100 codes is a number, so that there are no points",
    }.get(kind)
    line, note = window.model_line.text(), window.legend.left_out
    if said is None:
        assert "code" not in line
        assert note.isHidden()
    else:
        assert said in line
        assert note.text() == said[:1].upper() + said[1:] + "."
    shown = {"not numbers": 97, "nothing but NaN": 0, "one point": 1, "no codes": 0}.get(kind, 100)
    assert len(window.map.cloud.index) == shown
    if kind == "not numbers":
        change_colour_by(window.workspace, "density")
        qtbot.waitUntil(lambda: window.colours.colouring() is not None, timeout=30_000)
        assert window.colours.panel.note.isHidden(), "what is left out is not on the map, and so not grey there"
    # What comes next is shown as if nothing had been.
    path = shipped_model()
    assert path is not None
    explore(window, qtbot, path)
    assert len(window.map.cloud.index) == 10_000


def test_two_hundred_classes(window: MainWindow, qtbot: QtBot, saved: Callable[..., Path]) -> None:
    names = tuple(f"a kind of thing no. {i}" for i in range(200))
    explore(window, qtbot, saved("many", Codes(spread(400), None, np.arange(400) % 200), class_names=names))
    assert len(window.legend.buttons) == 200
    assert "no. 7: 2 test points" in window.legend.buttons[7].toolTip()
    window.show_panel(window.legend)
    QTest.keyClicks(window.legend.search, "no. 199")
    assert len(window.legend.buttons) == 1
    # As many colours as there are classes, or nearly.
    assert len(np.unique(class_colours(200, window.theme), axis=0)) > 190


def test_one_latent_dimension(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    explore(window, qtbot, one_dimensional(tmp_path, spread(50, 1)))
    assert window.workspace.dimension == 1
    explore(window, qtbot, one_dimensional(tmp_path, np.full((50, 1), np.nan, np.float32)))
    assert "none of the 50 codes is a number" in window.model_line.text()


def one_dimensional(folder: Path, mean: np.ndarray) -> Path:
    import torch

    from trainer.models.build import build_model

    torch.manual_seed(0)
    config = make_config({"data": "digits", "hidden": [16], "epochs": 1, "latent": 1})
    weights = {name: value.numpy() for name, value in build_model(config, (8, 8, 1)).state_dict().items()}
    path = folder / "one.safetensors"
    write_model(path, ModelFile(config, (8, 8, 1), ("a", "b"), weights, Codes(mean, None, np.arange(len(mean)) % 2)))
    return path


def test_a_snapshot_whose_codes_are_not_numbers(window: MainWindow, qtbot: QtBot) -> None:
    """As when a training goes astray: the points that are left are shown, and all are back with the next snapshot."""
    model = window.workspace.model
    assert model is not None
    assert model.file.codes is not None
    good = model.file.codes
    mean = good.mean.copy()
    mean[:12] = np.nan
    bad = replace(model.file, codes=Codes(mean, good.logvar, good.labels))
    window.workspace.set_snapshot(OpenModel(bad, model.title, live=True))
    qtbot.waitUntil(window.is_settled, timeout=30_000)
    assert "12 of 10,000 codes are not numbers and are left out" in window.model_line.text()
    assert len(window.map.cloud.index) == 9_988
    window.workspace.set_snapshot(OpenModel(model.file, model.title, live=True))
    qtbot.waitUntil(window.is_settled, timeout=30_000)
    assert "not numbers" not in window.model_line.text()
    assert window.legend.left_out.isHidden()
    assert len(window.map.cloud.index) == 10_000
