"""The ways into a comparison and out of it: dropped files, runs, snapshots; what it is exported as."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from comparing import ALT, LEFT, NONE, check_pictures, compare, digits, drag, models
from fitting import small
from hand import Hand
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from latentscope.decoding import load_codec
from latentscope.main_window import MainWindow
from latentscope.runs.words import model_title
from latentscope.state.open_model import Moment
from trainer.data import load_dataset
from trainer.files import read_model, write_model
from trainer.fit import fit
from trainer.run import Run, create_run, read_config

__all__ = ["digits", "models"]  # fixtures


def test_files_dropped_with_alt_or_together_are_compared(
    digits: MainWindow, models: dict[str, Path], qtbot: QtBot
) -> None:
    def drop(keys: Qt.KeyboardModifier, *paths: Path) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        digits.dropEvent(QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, LEFT, keys))

    drop(ALT, models["two"])
    qtbot.waitUntil(lambda: len(digits.compare.companions) == 1)
    drop(NONE, models["deep"], models["line"])
    qtbot.waitUntil(lambda: digits.workspace.dimension == 5)
    qtbot.waitUntil(lambda: [one.workspace.dimension for one in digits.compare.companions] == [1])


def test_a_comparison_is_exported_with_its_captions(
    digits: MainWindow, models: dict[str, Path], qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare(digits, qtbot, models["two"])
    sizes, wanted, seen = [], [], []
    for wipe in (False, True):
        digits.compare.set_wipe(wipe)
        qtbot.waitUntil(digits.is_settled)
        path = tmp_path / f"{wipe}.png"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, path=path: (str(path), ""))
        digits.message_bar.hide()  # no picture has it, and it takes room from the maps
        QApplication.processEvents()
        wanted.append((2 * digits.stage.width(), 2 * digits.stage.height()))
        digits.action("export-map").trigger()
        qtbot.waitUntil(digits.is_settled)
        with Image.open(path) as image:
            sizes.append(image.size)
            seen.append(np.asarray(image.convert("RGB")))
    assert sizes == wanted
    assert seen[0].shape[1] == seen[1].shape[1]
    assert not np.array_equal(seen[0][-800:], seen[1][-800:])
    # The captions have pictures and letters on their plain ground.
    caption = digits.compare.main_caption
    assert all(len(np.unique(one[: 2 * caption.height(), : 2 * caption.width()])) > 50 for one in seen)


def test_runs_that_have_not_begun_form_their_maps_as_they_are_trained(
    window: MainWindow, models: dict[str, Path], qtbot: QtBot, tmp_path: Path
) -> None:
    configs = {name: small(data="digits", epochs=1, seed=number, beta=1 + number) for number, name in enumerate("abc")}
    runs = [create_run(tmp_path / name, config) for name, config in configs.items()]
    window.compare.open(runs)
    assert len(window.compare.companions) == 2
    assert all(window.compare.shows(run) for run in runs)
    qtbot.waitUntil(lambda: "waiting" in window.compare.captions[2].text.note)
    source = read_model(models["one"])
    dataset = load_dataset("digits")
    for run in runs:
        list(fit(read_config(run), dataset, run))
    qtbot.waitUntil(
        lambda: window.workspace.model is not None and window.workspace.model.path == runs[0].model_path, timeout=20_000
    )
    qtbot.waitUntil(lambda: all(one.model is not None for one in window.compare.companions), timeout=20_000)
    assert [caption.text.title for caption in window.compare.captions] == [
        model_title(config) for config in configs.values()
    ]
    assert window.compare.captions[1].text.note == "aligned"
    check_pictures(window, qtbot)
    newer = replace(source, figures={"negative_elbo": 11.1})
    runs[1].model_path.unlink()
    newest = sorted(runs[1].snapshots_folder.iterdir())[-1]
    write_model(newest, newer)
    qtbot.waitUntil(lambda: "11.1" in window.compare.captions[1].text.facts, timeout=20_000)


def test_an_earlier_snapshot_of_the_open_run(digits: MainWindow, qtbot: QtBot) -> None:
    menu = digits.menus["View/Compare With a Snapshot"]
    menu.aboutToShow.emit()
    entries = [action for action in menu.actions() if action.text().startswith("Step")]
    assert len(entries) >= 2
    entries[0].trigger()
    qtbot.waitUntil(lambda: len(digits.compare.companions) == 1)
    assert digits.compare.captions[1].text.note == "aligned"


def test_dark_and_light_and_the_card(digits: MainWindow, models: dict[str, Path], qtbot: QtBot) -> None:
    (companion,) = compare(digits, qtbot, models["two"])
    digits.action("theme-light").trigger()
    qtbot.waitUntil(digits.is_settled)
    light = digits.grab().toImage()
    corner = companion.map.mapTo(digits, QPoint(companion.map.width() - 4, 4))
    assert light.pixelColor(corner).lightness() > 180
    x, y = companion.map.camera.to_pixel(companion.map.cloud.position[5])
    with qtbot.waitSignal(companion.map.hovered):
        QTest.mouseMove(companion.map, QPoint(round(x), round(y)))


def test_closing_the_window_in_the_midst_leaves_nothing_behind(
    make_window: Callable[..., MainWindow], models: dict[str, Path]
) -> None:
    window = make_window()
    window.compare.open([models["two"]])
    window.compare.follow(Run(models["deep"].parent))
    window.close()  # the fixture for what is left behind looks for threads and timers


def test_while_the_film_of_the_open_run_is_shown_the_other_map_stays_as_it_lies(
    digits: MainWindow, models: dict[str, Path], qtbot: QtBot
) -> None:
    (companion,) = compare(digits, qtbot, models["two"])
    places, plane = companion.map.cloud.position.copy(), companion.workspace.plane
    Hand(digits).drag((0.0, 0.0), (1.0, -0.5))
    workspace, model = digits.workspace, digits.workspace.model
    assert model is not None
    mirror = np.array([[0.0, 1.0], [1.0, 0.0]])
    first = read_model(sorted((models["one"].parent / "snapshots").iterdir())[0])
    workspace.set_moment(Moment(replace(model, file=first), first.codes, mirror))
    digits.decoding.use(load_codec(first))
    qtbot.waitUntil(digits.is_settled)
    assert np.array_equal(companion.map.cloud.position, places)
    assert companion.workspace.plane is plane
    check_pictures(digits, qtbot)
    middle = companion.map.rect().center()
    drag(companion.map, middle, middle + QPoint(40, 40))
    check_pictures(digits, qtbot)
