"""The form that asks what to train: made from the config, checked as one types, with the data set's preview."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from latentscope.background import Background
from latentscope.panels.training.budget_field import BudgetEdit, WholeEdit
from latentscope.panels.training.form_fields import NumberEdit, WidthsEdit
from latentscope.panels.training.run_form import RunForm
from latentscope.runs.memory import remember_speed
from latentscope.settings import Settings
from trainer.config import Config, make_config
from trainer.presets import PRESETS

DIGITS = make_config({"data": "digits", "seconds": 20})
Make = Callable[..., RunForm]


# --- made from the config ---------------------------------------------------------------------------------------------


def test_every_setting_has_an_editor_and_a_help(make: Make) -> None:
    form = make()
    assert set(form.editors) == set(Config.model_fields) - {"seconds", "epochs"} | {"budget"}
    assert all(editor.toolTip() and editor.accessibleName() for editor in form.editors.values())
    assert form.editors["latent"].accessibleName() == "Latent dimension"
    assert isinstance(form.editors["latent"], WholeEdit)
    assert (form.editors["latent"].minimum(), form.editors["latent"].maximum()) == (1, 512)


@pytest.mark.parametrize(
    "settings",
    [
        {"data": "digits", "seconds": 7.5, "seed": 3},
        {"data": "digits", "epochs": 1234, "family": "autoencoder", "network": "conv", "latent": 16},
        {"data": "digits", "seconds": 5400, "beta": 0.25, "likelihood": "gaussian", "hidden": (300, 200)},
        {"data": "digits", "seconds": 3725.0, "learning_rate": 3e-5, "batch": 64, "precision": "float32"},
        {"data": "digits", "epochs": 1, "reconstruction": False, "device": "cuda:1"},
        {"data": "digits", "epochs": 1, "family": "vq-vae", "network": "mlp", "latent": 2, "batch": 512},
        {"data": "digits", "epochs": 1, "family": "vq-vae", "quantizer": "fsq", "codes": 64},
    ],
)
def test_a_config_goes_in_and_comes_out(make: Make, settings: dict[str, object]) -> None:
    config = make_config(settings)
    assert make(config).config() == config


def test_without_mnist_it_begins_with_the_digits(make: Make) -> None:
    form = make()
    assert form.config() == DIGITS
    assert form.summary.text() == "2-D VAE on Digits 8×8, 20 s"


def test_with_mnist_it_begins_with_mnist(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("latentscope.runs.memory.is_at_hand", lambda name: True)
    config = make().config()
    assert config is not None
    assert (config.data, config.seconds) == ("mnist", 60)


def test_what_means_nothing_to_a_family_is_not_there(make: Make, qtbot: QtBot) -> None:
    form = make(make_config({"data": "digits", "seconds": 20, "beta": 4}))
    form.more.setChecked(True)
    headings = {label.text(): label for label in form.findChildren(QLabel) if label.property("role") == "heading"}
    assert form.editors["beta"].isVisible()
    assert form.editors["free_bits"].isVisible()
    assert not form.editors["codes"].isVisible() and not headings["Codebook"].isVisible()
    inner = form.editors["family"].parentWidget()
    assert inner is not None
    height = inner.sizeHint().height()
    form.editors["family"].set_value("autoencoder")
    for name in ("beta", "reconstruction", "kl_warm_up", "free_bits", "capacity", "total_correlation"):
        assert not form.editors[name].isVisible(), name
    assert form.editors["likelihood"].isVisible() and form.editors["binarize"].isVisible()
    qtbot.waitUntil(lambda: inner.sizeHint().height() < height - 100)  # no gaps are left
    config = form.config()
    assert config is not None
    assert (config.family, config.beta) == ("autoencoder", 1)
    form.editors["family"].set_value("vae")
    assert form.config() == make_config({"data": "digits", "seconds": 20, "beta": 4})


def test_another_family_brings_the_defaults_that_it_likes_and_leaves_what_was_chosen(make: Make) -> None:
    form = make(make_config({"data": "digits", "seconds": 20, "latent": 7}))
    form.editors["family"].set_value("vq-vae")
    config = form.config()
    assert config is not None
    liked = make_config({"data": "digits", "seconds": 20, "family": "vq-vae", "latent": 7})
    assert config == liked
    assert not form.more.isChecked()
    form.editors["family"].set_value("vae")
    assert form.config() == make_config({"data": "digits", "seconds": 20, "latent": 7})


def test_fsq_takes_no_latent_dimension_and_says_which_numbers_of_codes_there_are(make: Make) -> None:
    form = make(make_config({"data": "digits", "seconds": 20, "family": "vq-vae"}))
    assert form.editors["latent"].isVisible()
    form.editors["quantizer"].set_value("fsq")
    assert not form.editors["latent"].isVisible()
    assert not form.editors["decay"].isVisible()
    config = form.config()
    assert config is not None
    assert config.latent == 3
    form.editors["codes"].set_value(509)
    assert "choose 504 or 512" in form.fault.text()
    form.editors["family"].set_value("vae")
    assert form.editors["latent"].isVisible()
    assert not form.fault.text()


def test_the_advanced_settings_are_folded_until_one_is_used(make: Make) -> None:
    form = make(DIGITS)
    assert not form.editors["learning_rate"].isVisible()
    form.more.click()
    assert form.editors["learning_rate"].isVisible()
    assert make(make_config({"data": "digits", "seconds": 20, "batch": 32})).editors["batch"].isVisible()


def test_boxes_have_arrows(make: Make) -> None:
    form = make(DIGITS)
    for name in ("data", "latent"):
        editor = form.editors[name]
        image = editor.grab().toImage()
        inside = {image.pixel(x, y) for x in range(image.width() - 18, image.width() - 8) for y in range(8, 20)}
        assert len(inside) > 2, name


# --- checking ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("beta", "much", "β must be a valid number"),
        ("beta", "-1", "β must be greater than or equal to 0"),
        ("beta", "", "β"),
        ("hidden", "512, many", "Layer widths"),
        ("hidden", "0", "every layer width must lie between 1 and 8192"),
        ("learning_rate", "2", "Learning rate must be less than or equal to 1"),
    ],
)
def test_a_setting_that_is_not_in_order(make: Make, qtbot: QtBot, name: str, text: str, words: str) -> None:
    form = make(DIGITS)
    editor = form.editors[name]
    assert isinstance(editor, NumberEdit | WidthsEdit)
    started: list[object] = []
    form.start_requested.connect(started.append)
    editor.setText(text)
    assert words.lower() in form.fault.text().lower()
    assert not form.start.isEnabled()
    assert form.config() is None
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert not started
    assert form.isVisible()
    editor.set_value(Config.model_fields[name].default)
    assert form.fault.text() == ""
    assert form.start.isEnabled()


def test_no_reconstruction_and_no_kl_is_refused(make: Make) -> None:
    form = make(DIGITS)
    form.editors["beta"].set_value(0)
    form.editors["reconstruction"].set_value(False)
    assert "there must be a KL term" in form.fault.text()


def test_a_budget_is_a_time_or_epochs(make: Make) -> None:
    form = make(DIGITS)
    budget = form.editors["budget"]
    assert isinstance(budget, BudgetEdit)
    budget.by_epochs.click()
    budget.epochs.setValue(7)
    config = form.config()
    assert config is not None
    assert (config.seconds, config.epochs) == (None, 7)
    assert form.summary.text() == "2-D VAE on Digits 8×8, 7 epochs"
    budget.by_time.click()
    config = form.config()
    assert config is not None
    assert (config.seconds, config.epochs) == (20, None)


def test_the_help_follows_the_focus_and_the_choice(make: Make, qtbot: QtBot) -> None:
    form = make(DIGITS)
    form.activateWindow()
    form.editors["beta"].setFocus()
    qtbot.waitUntil(lambda: "weight of the KL term" in form.help.text())
    form.editors["family"].setFocus()
    qtbot.waitUntil(lambda: "Encodes an image as a Gaussian" in form.help.text())
    form.editors["family"].set_value("autoencoder")
    assert "Encodes an image as one point" in form.help.text()


def test_the_wheel_scrolls_and_changes_nothing(make: Make) -> None:
    form = make(DIGITS)
    editor = form.editors["latent"]
    form.editors["data"].setFocus()
    middle = QPointF(editor.rect().center())
    turn = QWheelEvent(
        middle, editor.mapToGlobal(middle), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(editor, turn)
    assert editor.value() == 2


# --- keys, memory -----------------------------------------------------------------------------------------------------


def test_enter_starts_and_the_settings_are_remembered(make: Make, qtbot: QtBot) -> None:
    form = make(DIGITS)
    form.editors["latent"].set_value(5)
    with qtbot.waitSignal(form.start_requested) as started:
        qtbot.keyClick(form.editors["latent"], Qt.Key.Key_Return)
    assert not form.isVisible()
    wanted = make_config({"data": "digits", "seconds": 20, "latent": 5})
    assert started.args == [wanted]
    assert make().config() == wanted


def test_escape_closes_and_starts_nothing(make: Make, qtbot: QtBot) -> None:
    form = make(DIGITS)
    form.editors["latent"].set_value(5)
    with qtbot.assertNotEmitted(form.start_requested):
        qtbot.keyClick(form, Qt.Key.Key_Escape)
    assert not form.isVisible()
    assert make().config() == DIGITS


def test_reset_goes_back_to_the_defaults(make: Make, qtbot: QtBot) -> None:
    form = make(make_config({"data": "digits", "epochs": 9, "latent": 32, "beta": 3, "seed": 8}))
    qtbot.mouseClick(form.reset, Qt.MouseButton.LeftButton)
    assert form.config() == DIGITS


def test_damaged_memory_is_forgotten(make: Make, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.ini")
    for text in ("{", "[]", '{"data": "nowhere"}', '{"data": "/gone/images.npz", "epochs": 3}'):
        settings.set_text("training/config", text)
        settings.save()
        assert make().config() == DIGITS


def test_the_estimate_comes_from_the_last_training(
    make: Make, qtbot: QtBot, background: Background, tmp_path: Path
) -> None:
    settings = Settings(tmp_path / "settings.ini")
    remember_speed(settings, DIGITS, 14_370)
    settings.save()
    form = make(DIGITS)
    qtbot.waitUntil(lambda: "about 200 epochs" in form.summary.text(), timeout=30_000)
    form.editors["budget"].set_value({"epochs": 500})
    assert form.summary.text().endswith("500 epochs, about 50 s")


def test_a_recipe_that_does_not_fit_the_data_is_a_fault_once_the_data_is_known(
    make: Make, qtbot: QtBot, background: Background, tmp_path: Path
) -> None:
    path = tmp_path / "colour.npz"
    np.savez(path, images=np.random.default_rng(0).integers(0, 256, (20, 8, 8, 3), np.uint8))
    form = make(make_config({"data": "digits", "seconds": 20, "binarize": True}))
    qtbot.waitUntil(lambda: not background.busy(), timeout=30_000)
    assert form.start.isEnabled()
    form.choose_data(str(path))
    qtbot.waitUntil(lambda: "these images are in colour" in form.fault.text(), timeout=30_000)
    assert not form.start.isEnabled() and form.config() is None
    form.editors["binarize"].set_value(False)
    assert form.start.isEnabled() and form.fault.text() == ""


def test_tab_goes_from_one_setting_that_is_there_to_the_next(make: Make, qtbot: QtBot) -> None:
    form = make(make_config({"data": "digits", "seconds": 20, "family": "autoencoder"}))
    form.activateWindow()
    visited = []
    form.editors["family"].setFocus()
    for _ in range(5):
        focus = form.focusWidget()
        visited.append(next(n for n, e in form.editors.items() if focus is e or e.isAncestorOf(focus)))
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
    order = [name for name in form.editors if form.editors[name].isVisible()]
    assert visited[:4] == order[1:5] == ["family", "network", "latent", "likelihood"]


def test_a_preset_is_a_time_and_says_what_to_expect(make: Make, qtbot: QtBot) -> None:
    form = make(make_config({"data": "digits", "seconds": 7}))
    form.activateWindow()
    budget = form.editors["budget"]
    assert isinstance(budget, BudgetEdit)
    assert not any(button.isChecked() for button in budget.presets.values())
    QTest.mouseClick(budget.presets["best"], Qt.MouseButton.LeftButton)
    QTest.mouseClick(budget.presets["best"], Qt.MouseButton.LeftButton)  # it stays chosen
    made = form.config()
    assert made is not None
    assert made.seconds == 600
    assert [name for name, button in budget.presets.items() if button.isChecked()] == ["best"]
    qtbot.waitUntil(lambda: PRESETS["best"].expect in form.help.text())
    budget.seconds.setValue(61)
    assert not any(button.isChecked() for button in budget.presets.values())
    budget.seconds.setValue(20)
    assert budget.presets["quick"].isChecked()
    QTest.mouseClick(budget.by_epochs, Qt.MouseButton.LeftButton)
    assert not budget.presets["quick"].isChecked()
