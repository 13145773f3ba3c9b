"""What the journeys over comparisons share: their models, how one is opened, and what must hold of its pictures."""

from pathlib import Path

import numpy as np
import pytest
from fitting import small, train
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from latentscope.compare.companion import Companion
from latentscope.main_window import MainWindow
from trainer.data import load_dataset
from trainer.run import Run

LEFT = Qt.MouseButton.LeftButton
NONE, SHIFT, ALT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Small models of the digits, each in its run folder."""
    folder = tmp_path_factory.mktemp("models")
    dataset = load_dataset("digits")
    kinds: dict[str, dict[str, object]] = {
        "one": {"seed": 1},
        "two": {"seed": 2, "beta": 0.25},
        "auto": {"seed": 3, "family": "autoencoder"},
        "line": {"latent": 1},
        "deep": {"latent": 5},
        "deeper": {"latent": 5, "seed": 9},
    }
    return {
        name: train(folder / name, small(data="digits", epochs=2, **settings), dataset)[0].model_path
        for name, settings in kinds.items()
    }


@pytest.fixture
def digits(window: MainWindow, models: dict[str, Path], qtbot: QtBot) -> MainWindow:
    """The window with the first of the models open."""
    with qtbot.waitSignal(window.documents.opened):
        window.open_path(models["one"])
    qtbot.waitUntil(window.is_settled)
    return window


def compare(window: MainWindow, qtbot: QtBot, *sources: Path | Run) -> list[Companion]:
    before = len(window.compare.companions)
    for source in sources:
        window.compare.open([source])
    qtbot.waitUntil(lambda: len(window.compare.companions) == before + len(sources))
    qtbot.waitUntil(window.is_settled, timeout=20_000)
    return window.compare.companions


def check_pictures(window: MainWindow, qtbot: QtBot) -> None:
    """What the captions show is what the codecs make of places that correspond."""
    # On a busy machine a decoder may be timed as too slow to answer at once.
    workers = [window.decoder_thread, *(companion.background for companion in window.compare.companions)]
    qtbot.waitUntil(lambda: not any(worker.busy() for worker in workers))
    main = window.workspace.probe
    assert window.decoding.codec is not None
    assert np.array_equal(window.compare.main_caption.picture, window.decoding.codec.decode(main[None])[0])
    for companion, caption in zip(window.compare.companions, window.compare.captions[1:], strict=True):
        z = companion.workspace.probe
        assert companion.decoding.codec is not None
        assert np.array_equal(caption.picture, companion.decoding.codec.decode(z[None])[0])
        there = companion.map.camera.to_pixel(companion.workspace.plane.to_map(z))
        here = window.map.camera.to_pixel(window.workspace.plane.to_map(main))
        assert np.allclose(there, here, atol=1e-6)


def drag(view: object, start: QPoint, end: QPoint, button: Qt.MouseButton = LEFT, keys: object = NONE) -> None:
    QTest.mousePress(view, button, keys, start)
    for i in range(1, 9):
        QTest.mouseMove(view, start + (end - start) * i / 8)
    QTest.mouseRelease(view, button, keys, end)
