"""The scrubber over the film of a run, with real mouse and key events."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from films import filmed_run
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from latentscope.decoding import Decoding, load_codec
from latentscope.panels.training.panel import TrainingPanel
from latentscope.panels.training.scrubber import KNOB, shot_words
from latentscope.runs.film import Film
from latentscope.runs.overlay import Overlay
from latentscope.runs.snapshots import Shot
from latentscope.runs.training import Training
from latentscope.state.open_model import OpenModel
from latentscope.state.workspace import Workspace
from latentscope.theme import DARK, LIGHT
from trainer.files import read_model
from trainer.run import Run

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return filmed_run(tmp_path / "run")


@pytest.fixture
def training(qapp: object, tmp_path: Path) -> Iterator[Training]:
    training = Training(tmp_path / "runs")
    yield training
    training.close(0)


@pytest.fixture
def panel(qtbot: QtBot, training: Training, film: Film) -> Iterator[TrainingPanel]:
    overlay = Overlay(training)
    panel = TrainingPanel(training, overlay, film, DARK)
    qtbot.addWidget(panel)
    panel.resize(360, 420)
    with qtbot.waitExposed(panel):
        panel.show()
    yield panel
    overlay.close()


@pytest.fixture
def opened(
    qtbot: QtBot,
    panel: TrainingPanel,
    film: Film,
    training: Training,
    workspace: Workspace,
    decoding: Decoding,
    run: Run,
) -> TrainingPanel:
    file = read_model(run.model_path)
    workspace.open_model(OpenModel(file, "run", run.model_path))
    decoding.use(load_codec(file))
    training.review(run)
    qtbot.waitUntil(lambda: len(film.shots) == 5 and training.state == "finished")
    panel.grab()  # which lays it out and paints it
    return panel


def spot(panel: TrainingPanel, seconds: float) -> QPoint:
    bar = panel.scrubber.bar
    return QPoint(round(bar.x_of(seconds)), bar.height() // 2)


def test_without_a_film_there_is_no_scrubber(panel: TrainingPanel) -> None:
    assert panel.scrubber.isHidden()
    assert not panel.curves.can_seek


def test_a_drag_shows_each_snapshot_and_what_lies_between(opened: TrainingPanel, film: Film) -> None:
    bar = opened.scrubber.bar
    assert opened.scrubber.isVisible()
    assert not opened.scrubber.newest.isEnabled()
    QTest.mousePress(bar, LEFT, pos=spot(opened, 0.0))
    positions = [film.position]
    for seconds in (1.0, 1.5, 2.0, 3.0):
        QTest.mouseMove(bar, spot(opened, seconds))
        positions.append(film.position)
    assert positions == [0, 1, pytest.approx(1.5, abs=0.05), 2, 3]
    assert opened.scrubber.newest.isEnabled()
    QTest.mouseRelease(bar, LEFT, pos=spot(opened, 3.0))
    assert film.detached
    assert opened.scrubber.words.toolTip().startswith("step 300 · epoch 15.0 · −ELBO 170.0 · 3 s\n")
    assert bar.accessibleDescription() == "step 300 · epoch 15.0 · −ELBO 170.0 · 3 s"


def test_a_drag_to_the_end_returns_to_the_newest(opened: TrainingPanel, film: Film) -> None:
    bar = opened.scrubber.bar
    QTest.mousePress(bar, LEFT, pos=spot(opened, 2.0))
    QTest.mouseMove(bar, spot(opened, 9.0))
    assert film.position == 4
    assert film.detached
    QTest.mouseRelease(bar, LEFT, pos=spot(opened, 9.0))
    assert film.at_newest


def test_the_bar_stands_on_the_axis_of_the_curves(opened: TrainingPanel, film: Film) -> None:
    curves, bar = opened.curves, opened.scrubber.bar
    left, right, seconds = curves.axis
    assert seconds == pytest.approx(4)
    for moment in (0.0, 1.7, 4.0):
        there = curves.mapToGlobal(QPoint(0, 0)).x() + left + moment / seconds * (right - left)
        here = bar.mapToGlobal(QPoint(0, 0)).x() + bar.x_of(moment)
        assert here == pytest.approx(there, abs=0.5)


def test_a_drag_on_the_curves_is_one_on_the_film(opened: TrainingPanel, film: Film) -> None:
    left, right, seconds = opened.curves.axis

    def place(moment: float) -> QPoint:
        return QPoint(round(left + moment / seconds * (right - left)), 40)

    QTest.mouseMove(opened.curves, place(1.0))
    assert not film.detached, "the mouse has only passed by"
    QTest.mousePress(opened.curves, LEFT, pos=place(1.0))
    assert film.position == 1
    QTest.mouseMove(opened.curves, place(2.5))
    assert film.position == pytest.approx(2.5, abs=0.05)
    QTest.mouseMove(opened.curves, place(4.0))
    QTest.mouseRelease(opened.curves, LEFT, pos=place(4.0))
    assert film.at_newest


def test_the_playhead_is_drawn_where_the_film_stands(opened: TrainingPanel, film: Film) -> None:
    def columns() -> set[int]:
        """The columns that are not as they are without a playhead."""
        image = opened.curves.grab().toImage()
        return {x for x in range(image.width()) if image.pixel(x, 100) != before.pixel(x, 100)}

    before = opened.curves.grab().toImage()
    left, right, seconds = opened.curves.axis
    film.seek(1.5)
    there = left + 1.5 / seconds * (right - left)
    assert columns() <= {int(there) - 1, int(there), int(there) + 1}
    assert columns()
    film.newest()
    assert not columns()


def test_keys_go_from_snapshot_to_snapshot(opened: TrainingPanel, film: Film) -> None:
    bar = opened.scrubber.bar
    keys = Qt.Key
    expected = [(keys.Key_Home, 0), (keys.Key_Right, 1), (keys.Key_Up, 2), (keys.Key_Left, 1), (keys.Key_Down, 0)]
    for key, position in expected:
        QTest.keyClick(bar, key)
        assert film.position == position
    QTest.keyClick(bar, keys.Key_Space)
    assert film.playing
    QTest.keyClick(bar, keys.Key_Right)
    assert not film.playing, "who steps has stopped the film"
    QTest.keyClick(bar, keys.Key_End)
    assert film.at_newest


def test_the_buttons(qtbot: QtBot, opened: TrainingPanel, film: Film) -> None:
    scrubber = opened.scrubber
    QTest.mouseClick(scrubber.play, LEFT)
    assert film.playing
    assert scrubber.play.accessibleName() == "Stop the film"
    QTest.mouseClick(scrubber.play, LEFT)
    assert not film.playing
    assert scrubber.newest.text() == "Newest"
    QTest.mouseClick(scrubber.newest, LEFT)
    assert film.at_newest
    assert scrubber.play.accessibleName().startswith("Play")


def test_the_film_of_another_run_than_the_curves_says_so(
    qtbot: QtBot, opened: TrainingPanel, film: Film, workspace: Workspace, tmp_path: Path
) -> None:
    other = filmed_run(tmp_path / "other", count=3)
    workspace.open_model(OpenModel(read_model(other.model_path), "other", other.model_path))
    qtbot.waitUntil(lambda: len(film.shots) == 3)
    assert opened.scrubber.bar.accessibleDescription().startswith("other: step 200")
    assert not opened.curves.can_seek
    assert opened.scrubber.bar.x_of(2.0) == opened.scrubber.bar.width() - 10


def test_it_stays_within_a_narrow_dock_and_takes_another_theme(opened: TrainingPanel, film: Film) -> None:
    opened.resize(300, 420)
    film.seek(1.0)
    dark = opened.scrubber.grab().toImage()
    opened.set_theme(LIGHT)
    assert opened.scrubber.grab().toImage() != dark
    assert opened.minimumSizeHint().width() <= 300
    assert opened.scrubber.bar.x_of(0.0) >= KNOB


def test_words_of_a_shot() -> None:
    shot = Shot(3400, 7.24, 12.2, Path("x"), 131.0, 10.2, 141.2)
    assert shot_words(shot) == "step 3,400 · epoch 7.2 · −ELBO 141.2 · 12 s"
    autoencoder = Shot(3400, 1234.5, 75.0, Path("x"), 20.04, None, None)
    assert shot_words(autoencoder) == f"step 3,400 · epoch {1234.5:,.0f} · reconstruction 20.0 · 1 min 15 s"


def test_a_moment_of_training_has_one_position(opened: TrainingPanel, film: Film) -> None:
    for position in np.linspace(0, 4, 9):
        film.seek(float(position))
        assert film.position_at(film.seconds) == pytest.approx(position, abs=1e-6)
