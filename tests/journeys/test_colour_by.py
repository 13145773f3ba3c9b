"""The points take the colours of numbers: from the panel, from the menu, for every model, and back."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from digits_model import digits_model
from hand import Hand
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from latentscope.analysis.ramp import ramp
from latentscope.main_window import MainWindow
from trainer.config import make_config
from trainer.files import write_model

PATIENCE = 60_000  # ms


@pytest.fixture
def open_digits(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> Callable[..., None]:
    """Opens an untrained model of the digits, of that family, dimension and so on."""

    def open_it(family: str = "vae", **how: int) -> None:
        path = tmp_path / f"{family}.safetensors"
        write_model(path, digits_model(family, **how))
        window.open_path(path)
        assert window.workspace.model is not None
        qtbot.waitUntil(lambda: window.workspace.model.path == path, timeout=PATIENCE)  # type: ignore[union-attr]
        qtbot.waitUntil(window.is_settled, timeout=PATIENCE)

    return open_it


def choose(window: MainWindow, name: str) -> None:
    """Pick an entry of the combo box with the keyboard, as one does after a click on it."""
    choice = window.colours.panel.choice
    choice.setFocus()
    while choice.itemData(choice.currentIndex()) != name:
        before = choice.currentIndex()
        QTest.keyClick(choice, Qt.Key.Key_Down)
        assert choice.currentIndex() > before, f"{name} is not offered"


def point_colours(window: MainWindow) -> set[tuple[int, ...]]:
    return {tuple(row) for row in window.map._scene.look.colours.tolist()}


def test_points_are_coloured_by_what_the_model_makes_of_them_and_the_card_says_it(
    window: MainWindow, hand: Hand, qtbot: QtBot
) -> None:
    panel, classes = window.colours.panel, point_colours(window)
    assert not panel.bar.isVisible() and "class" in panel.words.text()
    window.action("layer-atlas").trigger()
    window.action("colour-kl").trigger()
    qtbot.waitUntil(window.is_settled, timeout=PATIENCE)
    assert panel.choice.currentText() == "KL" and panel.bar.isVisible() and "prior" in panel.words.text()
    colours = {tuple(row) for row in ramp(window.theme).tolist()}
    assert point_colours(window) <= colours and len(point_colours(window)) > 30

    codes = window.workspace.codes
    assert codes is not None
    lonely = int(np.argmax(np.linalg.norm(codes.mean, axis=1) * (np.abs(codes.mean) < 3).all(axis=1)))
    QTest.mouseMove(window.map, hand.pixel(*(float(part) for part in codes.mean[lonely])))
    qtbot.waitUntil(window.card.isVisible, timeout=PATIENCE)
    said = next(label.text() for label in window.card.findChildren(QLabel) if "Test image" in label.text())
    assert said.splitlines()[-1].startswith("KL ") and said.endswith(" nats")

    window.action("undo").trigger()
    assert point_colours(window) == classes and not panel.bar.isVisible()
    assert window.action("colour-class").isChecked()
    window.action("redo").trigger()
    assert point_colours(window) <= colours, "it was kept"


class Polished(QObject):
    """How often a widget is given another style."""

    times = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.times += event.type() == QEvent.Type.StyleChange
        return False


def test_factors_of_the_test_images_colour_the_points(
    window: MainWindow, qtbot: QtBot, open_digits: Callable[..., None]
) -> None:
    open_digits()
    for name in ("error", "slant", "mass"):
        choose(window, name)
        qtbot.waitUntil(window.is_settled, timeout=PATIENCE)
        assert window.workspace.layers.colour_by == name
        assert len(point_colours(window)) > 20 and window.colours.panel.bar.isVisible(), name
    polished = Polished()
    window.film_strip.installEventFilter(polished)  # which lies in several others
    window.set_theme_choice("light")
    assert 1 <= polished.times <= 2, "and not once for each widget around it"
    assert point_colours(window) <= {tuple(row) for row in ramp(window.theme).tolist()}


def test_what_a_family_does_not_have_is_not_offered_and_said(
    window: MainWindow, qtbot: QtBot, open_digits: Callable[..., None]
) -> None:
    window.action("colour-kl").trigger()
    open_digits("autoencoder")
    assert "no posterior" in window.colours.panel.words.text() and not window.colours.panel.bar.isVisible()
    assert not window.action("colour-kl").isEnabled() and "no posterior" in window.action("colour-kl").toolTip()
    assert window.action("colour-density").isEnabled()
    for family in ("vq-vae", "conditional-vae"):
        open_digits(family)
        window.action("colour-error").trigger()
        qtbot.waitUntil(window.is_settled, timeout=PATIENCE)
        assert window.colours.panel.bar.isVisible(), family
        assert window.action("colour-kl").isEnabled() == (family == "conditional-vae")


def test_images_that_are_missing_are_offered(
    make_window: Callable[..., MainWindow], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("LATENTSCOPE_DATA", raising=False)
    monkeypatch.setattr("latentscope.files.originals.is_at_hand", lambda name: False)
    monkeypatch.setattr("latentscope.window.training_flow.is_at_hand", lambda name: False)
    window = make_window()
    asked: list[bool] = []
    monkeypatch.setattr(window.fetching, "begin", lambda: asked.append(True))
    window.action("colour-slant").trigger()
    qtbot.waitUntil(window.is_settled, timeout=PATIENCE)
    panel = window.colours.panel
    assert "not at hand" in panel.words.text() and panel.get.isVisible() and panel.get.text().startswith("Get MNIST")
    QTest.mouseClick(panel.get, Qt.MouseButton.LeftButton)
    assert asked
    window.action("colour-density").trigger()
    qtbot.waitUntil(window.is_settled, timeout=PATIENCE)
    assert panel.bar.isVisible() and not panel.get.isVisible(), "that needs no images"


def test_ten_hasty_choices_end_at_the_last_and_a_window_may_close_midway(
    window: MainWindow, qtbot: QtBot, open_digits: Callable[..., None]
) -> None:
    open_digits(latent=20)
    for name in ("density", "kl", "slant", "error", "sigma") * 2:
        window.action(f"colour-{name}").trigger()
    qtbot.waitUntil(window.is_settled, timeout=PATIENCE)
    assert window.colours.panel.choice.currentText() == "Posterior σ" and window.colours.colouring() is not None
    window.action("colour-density").trigger()
    window.close()
    QTest.mouseMove(window, QPoint(5, 5))


def test_the_colours_follow_a_training_and_its_film(window: MainWindow, qtbot: QtBot) -> None:
    for name in ("colour-error", "layer-factors"):
        window.action(name).trigger()
    window.flow.start(make_config({"data": "digits", "hidden": [64], "seconds": 3}))
    qtbot.waitUntil(lambda: window.training.state == "finished", timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.film.at_newest and window.is_settled(), timeout=PATIENCE)

    def error() -> float:
        colouring = window.colours.colouring()
        assert colouring is not None and window.workspace.codes is not None
        assert len(colouring) == len(window.workspace.codes.mean)
        return float(np.nanmean(colouring.values()))

    newest = error()
    assert len(point_colours(window)) > 20 and window.map._scene.arrows
    window.film.seek(0)
    qtbot.waitUntil(window.is_settled, timeout=PATIENCE)
    assert error() > newest, "at the first snapshot it was worse"
    window.action("newest").trigger()
    qtbot.waitUntil(window.is_settled, timeout=PATIENCE)
    assert error() == pytest.approx(newest, rel=0.01)
