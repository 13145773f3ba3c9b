"""The form that asks what to train: made from the config, checked as one types, with the data set's preview."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

import trainer.data
from latentscope.background import Background
from latentscope.downloads import Downloads
from latentscope.panels import data_preview
from latentscope.panels.form_fields import BudgetEdit, ChoiceEdit, DurationEdit, NumberEdit, WholeEdit, WidthsEdit
from latentscope.panels.run_form import RunForm
from latentscope.run_memory import remember_speed
from latentscope.settings import Settings
from latentscope.theme import DARK, LIGHT
from trainer.config import Config, make_config
from trainer.errors import Cancelled

DIGITS = make_config({"data": "digits", "seconds": 20})
Make = Callable[..., RunForm]


@pytest.fixture
def downloads(qapp: object) -> Iterator[Downloads]:
    downloads = Downloads()
    yield downloads
    downloads.close()


@pytest.fixture
def make(
    qtbot: QtBot, background: Background, downloads: Downloads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Make:
    """Opens a form, on a computer that has the digits and nothing else."""
    for module in ("panels.data_preview", "run_memory"):
        at_hand = lambda name: name == "digits" or Path(name).is_file()  # noqa: E731
        monkeypatch.setattr(f"latentscope.{module}.is_at_hand", at_hand)
    settings = Settings(tmp_path / "settings.ini")

    def open_form(defaults: Config | None = None) -> RunForm:
        form = RunForm(background, downloads, settings, DARK, defaults)
        qtbot.addWidget(form)
        form.show()
        return form

    return open_form


def settled(qtbot: QtBot, background: Background) -> None:
    qtbot.waitUntil(lambda: not background.busy(), timeout=30_000)


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
    monkeypatch.setattr("latentscope.run_memory.is_at_hand", lambda name: True)
    config = make().config()
    assert config is not None
    assert (config.data, config.seconds) == ("mnist", 60)


def test_what_means_nothing_to_a_family_is_switched_off(make: Make) -> None:
    form = make(make_config({"data": "digits", "seconds": 20, "beta": 4}))
    assert form.editors["beta"].isEnabled()
    form.editors["family"].set_value("autoencoder")
    assert not form.editors["beta"].isEnabled()
    assert not form.editors["reconstruction"].isEnabled()
    config = form.config()
    assert config is not None
    assert (config.family, config.beta) == ("autoencoder", 1)
    form.editors["family"].set_value("vae")
    assert form.config() == make_config({"data": "digits", "seconds": 20, "beta": 4})


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


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("5 min", 300), ("1h 30 min", 5400), ("2.5 s", 2.5)])
def test_a_time_is_typed_as_people_write_it(qtbot: QtBot, text: str, seconds: float) -> None:
    field = DurationEdit(86400)
    qtbot.addWidget(field)
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == seconds


def test_a_time_is_stepped_through_round_ones(qtbot: QtBot) -> None:
    field = DurationEdit(86400)
    qtbot.addWidget(field)
    field.set_value(47)
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert field.text() == "60 s"
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert field.text() == "2 min"
    field.stepBy(-3)
    assert field.text() == "20 s"


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


# --- the preview ------------------------------------------------------------------------------------------------------


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
