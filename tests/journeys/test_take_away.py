"""Taking a path away: by the dialog and the menus of the real window."""

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from empty_places import empty_places
from hand import Hand
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from latentscope.main_window import MainWindow
from latentscope.state.paths import LatentPath
from latentscope.window.film_dialog import FilmDialog
from trainer.films.film import make_film
from trainer.films.recipe import Recipe

SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL_ALT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier

Save = Callable[[str, Path], None]


@pytest.fixture
def save(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Save:
    """Saves the path in a format as a person does: by the key, the list of formats, Save As… and a name."""

    def do(name: str, path: Path) -> None:
        dialog = opened(window, qtbot)
        dialog.format.setFocus()
        for _ in range(dialog.format.count()):
            if dialog.format.currentData() == name:
                break
            QTest.keyClick(dialog.format, Qt.Key.Key_Down)
        assert dialog.format.currentData() == name
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
        QTest.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)

    return do


def opened(window: MainWindow, qtbot: QtBot) -> FilmDialog:
    QTest.keyClick(window, Qt.Key.Key_E, CONTROL_ALT)
    qtbot.waitUntil(lambda: window.film_exports.dialog is not None and window.film_exports.dialog.isVisible())
    dialog = window.film_exports.dialog
    assert dialog is not None
    return dialog


@pytest.mark.parametrize("name", ["png", "gif", "mp4", "webm", "npz"])
def test_a_path_is_saved_in_each_format(
    name: str, save: Save, window: MainWindow, hand: Hand, qtbot: QtBot, tmp_path: Path
) -> None:
    hand.drag(*empty_places(window, 2), SHIFT)  # no real images at its ends
    path = tmp_path / f"mine.{name}"
    save(name, path)
    qtbot.waitUntil(lambda: window.message_bar.text == f"Saved as mine.{name}.", timeout=60_000)
    assert path.stat().st_size > 500
    if name == "gif":
        with Image.open(path) as image:
            assert image.n_frames >= 60
    if name == "npz":
        drawn, model = window.workspace.pathing.current, window.workspace.model
        assert drawn is not None
        assert model is not None
        film = make_film(model.file, Recipe(drawn.waypoints, drawn.kind, drawn.walk))
        with np.load(path, allow_pickle=False) as arrays:
            assert (arrays["images"] == film.pictures).all()
            assert (arrays["z"] == film.latent).all()


def test_a_film_that_is_cancelled_leaves_no_file(
    save: Save, window: MainWindow, hand: Hand, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand.drag((-1, 0), (1, 1), SHIFT)
    dialog = opened(window, qtbot)
    dialog.format.setCurrentIndex(dialog.format.findData("webm"))
    dialog.frames.setValue(5000)
    path = tmp_path / "long.webm"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    QTest.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Saving long.webm" in window.message_bar.text)
    window.film_exports.saving.stop()
    assert window.message_bar.text == "Nothing was saved."
    qtbot.waitUntil(lambda: not window.files_thread.busy(), timeout=30_000)
    assert list(tmp_path.iterdir()) == []


def test_a_film_is_cancelled_while_its_way_is_being_found(
    save: Save, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    turns = np.linspace(0, 40, 400)
    points = tuple((float(np.cos(t)), float(np.sin(t))) for t in turns)
    window.workspace.pathing.set_current(LatentPath(points, "geodesic"))
    save("png", tmp_path / "long.png")
    qtbot.waitUntil(lambda: "Saving long.png… 1 %" in window.message_bar.text, timeout=60_000)
    window.film_exports.saving.stop()
    qtbot.waitUntil(lambda: not window.files_thread.busy(), timeout=10_000)
    assert list(tmp_path.iterdir()) == []


def test_a_window_that_is_closed_meanwhile_leaves_no_file(
    window: MainWindow, hand: Hand, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand.drag((-1, 0), (1, 1), SHIFT)
    dialog = opened(window, qtbot)
    dialog.format.setCurrentIndex(dialog.format.findData("mp4"))
    dialog.frames.setValue(5000)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "long.mp4"), ""))
    QTest.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Saving long.mp4" in window.message_bar.text)
    window.close()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said(
    save: Save, window: MainWindow, hand: Hand, qtbot: QtBot, tmp_path: Path
) -> None:
    hand.drag((-1, 0), (1, 1), SHIFT)
    save("gif", tmp_path / "nowhere" / "x.gif")
    qtbot.waitUntil(lambda: "x.gif was not saved in" in window.message_bar.text, timeout=60_000)
    assert window.message_bar.kind == "error"


def test_escape_saves_nothing_and_the_dialog_can_be_opened_again(window: MainWindow, hand: Hand, qtbot: QtBot) -> None:
    hand.drag((-1, 0), (1, 1), SHIFT)
    QTest.keyClick(opened(window, qtbot), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.film_exports.dialog is None)
    opened(window, qtbot).reject()


def test_the_dialog_says_what_will_come_of_it(window: MainWindow, hand: Hand, qtbot: QtBot) -> None:
    hand.drag(*empty_places(window, 2), SHIFT)  # no real images at its ends
    dialog = opened(window, qtbot)
    assert dialog.summary.text() == "16 × 1 frames of 112 × 112 pixels"
    dialog.columns.setValue(4)
    assert dialog.summary.text() == "4 × 4 frames of 112 × 112 pixels"
    dialog.format.setCurrentIndex(dialog.format.findData("mp4"))
    # As it plays in the window: 2.4 s, there and back.
    assert dialog.frames.value() == 72
    assert dialog.summary.text() == "4.7 s of 448 × 448 pixels"
    assert not dialog.columns.isVisible()
    dialog.bounce.setChecked(False)
    assert dialog.summary.text() == "2.4 s of 448 × 448 pixels"
    assert not dialog.real_ends.isVisible()
    dialog.format.setCurrentIndex(dialog.format.findData("png"))
    dialog.frames.setValue(10_000)
    dialog.scale.setValue(64)
    assert "too large" in dialog.summary.text()
    assert not dialog.save_button.isEnabled()
    dialog.reject()


def test_a_film_ends_in_the_images_in_which_the_film_strip_ends(
    window: MainWindow, hand: Hand, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = window.workspace.codes
    assert codes is not None
    images = np.random.default_rng(1).integers(0, 256, (len(codes.mean), 28, 28, 1), np.uint8)
    monkeypatch.setattr(window.originals, "_images", images)
    path = LatentPath((tuple(codes.mean[3].tolist()), (0.0, 0.0)), anchors=(3, None))
    window.workspace.pathing.set_current(path)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "x.npz"), ""))
    dialog = opened(window, qtbot)
    dialog.format.setCurrentIndex(dialog.format.findData("npz"))
    assert dialog.real_ends.isVisible()
    QTest.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.message_bar.text == "Saved as x.npz.", timeout=60_000)
    with np.load(tmp_path / "x.npz", allow_pickle=False) as arrays:
        assert (arrays["images"][0] == images[3]).all()
        assert arrays["ends"].tolist() == [3, -1]
    window.action("copy-command").trigger()
    assert "--through=#3;0.0,0.0" in QGuiApplication.clipboard().text()
    assert "--real-ends --data mnist" in QGuiApplication.clipboard().text()


def test_script_and_command_are_copied(window: MainWindow, hand: Hand) -> None:
    for name in ("copy-python", "copy-command", "export-strip"):
        assert not window.action(name).isEnabled()
    hand.drag((-1, 0), (1, 1), SHIFT)
    window.action("copy-python").trigger()
    assert "make_film(read_model(" in QGuiApplication.clipboard().text()
    assert "in the clipboard" in window.message_bar.text
    window.action("copy-command").trigger()
    assert QGuiApplication.clipboard().text().startswith("python -m trainer path ")


def test_the_map_is_saved_as_shapes(
    window: MainWindow, hand: Hand, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand.drag((-1, 0), (1, 1), SHIFT)
    path = tmp_path / "map.svg"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    window.action("export-svg").trigger()
    assert window.message_bar.text == "Saved as map.svg."
    shapes = [element.tag.rpartition("}")[2] for element in ElementTree.parse(path).iter()]
    assert "image" in shapes  # the points
    assert shapes.count("text") > 5  # the axes
    assert "polyline" in shapes  # the path
    assert QSvgRenderer(str(path)).isValid()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "nowhere" / "x.svg"), ""))
    window.action("export-svg").trigger()
    assert "x.svg was not saved in" in window.message_bar.text
