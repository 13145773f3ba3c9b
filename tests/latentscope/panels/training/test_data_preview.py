"""The data set's preview in the run form: samples, faults and downloads."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

import trainer.data
from latentscope.background import Background
from latentscope.panels.training import data_preview
from latentscope.panels.training.form_fields import ChoiceEdit
from latentscope.panels.training.run_form import RunForm
from latentscope.runs.downloads import Downloads
from latentscope.theme import LIGHT
from trainer.config import make_config
from trainer.errors import Cancelled

DIGITS = make_config({"data": "digits", "seconds": 20})
Make = Callable[..., RunForm]


def settled(qtbot: QtBot, background: Background) -> None:
    qtbot.waitUntil(lambda: not background.busy(), timeout=30_000)


def test_the_preview_shows_the_data_set(make: Make, qtbot: QtBot, background: Background) -> None:
    form = make(DIGITS)
    assert form.start.isEnabled(), "nobody has to wait for a preview"
    settled(qtbot, background)
    assert form.preview.title.text() == "Digits 8×8"
    assert form.preview.facts.text() == "1,437 images to train on, 360 to test\n8 × 8, grey · 10 classes"
    samples = form.preview.samples
    assert samples is not None
    assert [name for name, _ in samples.rows] == list("0123456789")
    picture = form.preview.view.grab().toImage()
    form.preview.set_theme(LIGHT)
    assert len({picture.pixel(x, picture.height() // 2) for x in range(picture.width())}) > 20


def test_a_file_without_labels(make: Make, qtbot: QtBot, background: Background, tmp_path: Path) -> None:
    path = tmp_path / "own images.npz"
    np.savez(path, images=np.random.default_rng(0).integers(0, 256, (50, 6, 9, 3), np.uint8))
    form = make(DIGITS)
    form.choose_data(str(path))
    settled(qtbot, background)
    assert form.preview.title.text() == "own images.npz"
    assert "6 × 9, colour · no labels" in form.preview.facts.text()
    assert form.preview.view.grab().height() > 0
    config = form.config()
    assert config is not None
    assert config.data == str(path)


def test_a_file_that_is_damaged(make: Make, qtbot: QtBot, background: Background, tmp_path: Path) -> None:
    path = tmp_path / "broken.npz"
    path.write_bytes(b"not a zip at all")
    form = make(DIGITS)
    form.choose_data(str(path))
    settled(qtbot, background)
    assert "broken.npz" in form.preview.message.text()
    assert not form.start.isEnabled()
    assert form.fault.text() == "broken.npz cannot be used."
    form.choose_data("digits")
    assert form.start.isEnabled()


def test_choosing_a_file(make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    form = make(DIGITS)
    data = form.editors["data"]
    assert isinstance(data, ChoiceEdit)
    choose = next(i for i in range(data.count()) if data.itemText(i) == "Choose a file…")
    path = tmp_path / "mine.npy"
    np.save(path, np.zeros((20, 4, 4), np.uint8) + np.arange(20, dtype=np.uint8)[:, None, None])
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: ("", ""))
    data.setCurrentIndex(choose)
    assert data.value() == "digits", "cancelled: what was chosen before stays"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (str(path), ""))
    data.setCurrentIndex(choose)
    assert data.value() == str(path)
    assert data.currentText() == "mine.npy"


def test_another_data_set_brings_its_own_time(make: Make) -> None:
    form = make(DIGITS)
    form.choose_data("mnist")
    budget = form.editors["budget"]
    assert budget.value() == {"seconds": 60, "epochs": None}
    budget.set_value({"seconds": 45})
    form.choose_data("digits")
    assert budget.value() == {"seconds": 45, "epochs": None}, "a time of the user's own stays"


def test_a_data_set_is_downloaded_from_here(
    make: Make, qtbot: QtBot, background: Background, downloads: Downloads, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    here = {"digits"}

    def download(name: str, progress: Callable[[int, int], None], cancelled: Callable[[], bool]) -> None:
        progress(3_000_000, 11_600_000)
        begun.set()
        while not go_on.wait(0.01):
            if cancelled():
                raise Cancelled("The download was cancelled.")
        here.add(name)

    monkeypatch.setattr(trainer.data, "download", download)
    monkeypatch.setattr(data_preview, "is_at_hand", here.__contains__)
    monkeypatch.setattr(data_preview, "load_dataset", lambda name: trainer.data.load_dataset("digits"))
    form = make(DIGITS)
    form.choose_data("mnist")
    preview = form.preview
    assert preview.message.text() == "MNIST is not on this computer yet."
    assert preview.download.text() == "Download (12 MB)"
    assert not form.start.isEnabled()
    assert "download it first" in form.fault.text()

    qtbot.mouseClick(preview.download, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "3.0 of 11.6 MB" in preview.message.text())
    assert preview.bar.isVisible()
    with qtbot.waitSignal(downloads.cancelled):
        qtbot.mouseClick(preview.cancel, Qt.MouseButton.LeftButton)
    assert preview.download.isVisible()

    go_on.set()
    with qtbot.waitSignal(downloads.finished):
        qtbot.mouseClick(preview.download, Qt.MouseButton.LeftButton)
    settled(qtbot, background)
    assert preview.samples is not None
    assert form.start.isEnabled()


def test_a_download_that_fails_says_why(
    make: Make, qtbot: QtBot, downloads: Downloads, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(*args: object) -> None:
        raise trainer.data.DataError("No mirror of MNIST answers; look at the network and try again.")

    monkeypatch.setattr(trainer.data, "download", download)
    form = make(DIGITS)
    form.choose_data("mnist")
    with qtbot.waitSignal(downloads.failed):
        qtbot.mouseClick(form.preview.download, Qt.MouseButton.LeftButton)
    assert form.preview.message.text() == "No mirror of MNIST answers; look at the network and try again."
    assert form.preview.download.text().startswith("Try again")


def test_closing_ends_only_its_own_download(
    make: Make, qtbot: QtBot, downloads: Downloads, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(name: str, progress: object, cancelled: Callable[[], bool]) -> None:
        while not cancelled():
            threading.Event().wait(0.01)
        raise Cancelled("The download was cancelled.")

    monkeypatch.setattr(trainer.data, "download", download)
    downloads.start("fashion-mnist")
    form = make(DIGITS)
    form.close()
    qtbot.wait(120)
    assert downloads.name == "fashion-mnist", "the window's own goes on"
    with qtbot.waitSignal(downloads.cancelled):
        downloads.cancel()

    form = make(DIGITS)
    form.choose_data("mnist")
    qtbot.mouseClick(form.preview.download, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(downloads.cancelled):
        form.close()


def test_closed_while_the_preview_loads(
    make: Make, qtbot: QtBot, background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def load(name: str) -> object:
        go_on.wait(30)
        return trainer.data.load_dataset("digits")

    monkeypatch.setattr(data_preview, "load_dataset", load)
    form = make(DIGITS)
    form.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    with qtbot.waitSignal(form.destroyed):
        form.close()
    go_on.set()
    settled(qtbot, background)
