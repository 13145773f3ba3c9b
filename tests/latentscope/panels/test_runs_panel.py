"""The Runs dock: what is listed, and what can be done with it."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from latentscope.panels.run_delegate import run_words
from latentscope.panels.runs import RunsPanel
from latentscope.runs.training import Training
from latentscope.theme import DARK, LIGHT
from trainer.config import make_config
from trainer.events import Event, Failed, Finished, Snapshot, Started, Step, Stopped, this_process
from trainer.run import EventLog, Run, create_run

STEP = Step(10, 1.0, 61.0, 131.2, 7.0, 138.2, 1e-3, 31_000.0, 0.5, 30.0)
SNAPSHOT = Snapshot(10, 61.0, "x", 132.0, 7.1, 139.1)
Write = Callable[..., Run]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def write(root: Path) -> Write:
    """Makes a run of a worker that is gone (``alive``: of this process), with these events."""

    def make(name: str, settings: dict[str, object], *events: Event, ago: float = 60.0, alive: bool = False) -> Run:
        run = create_run(root / name, make_config(settings))
        log, (pid, created, host) = EventLog(run), this_process()
        log.append(Started(time.time() - ago, pid, created if alive else 1.0, host, "cpu", "float32", 60_000, 10_000))
        for event in events:
            log.append(event)
        return run

    return make


@pytest.fixture
def training(qapp: object, root: Path) -> Iterator[Training]:
    training = Training(root)
    yield training
    training.close(0)


@pytest.fixture
def open_panel(qtbot: QtBot, training: Training, root: Path) -> Iterator[Callable[[], RunsPanel]]:
    panels: list[RunsPanel] = []

    def make() -> RunsPanel:
        panel = RunsPanel(training, DARK, root)
        qtbot.addWidget(panel)
        panel.resize(360, 400)
        panel.show()
        panels.append(panel)
        qtbot.waitUntil(lambda: not panel.busy())
        return panel

    yield make
    for panel in panels:
        panel.stop()


def lines(panel: RunsPanel) -> list[str]:
    return [run_words(summary).line for summary in panel.model.runs]


def click(qtbot: QtBot, panel: RunsPanel, text: str) -> None:
    button = next(button for button in panel.findChildren(QPushButton) if button.text() == text)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_nothing_yet(qtbot: QtBot, open_panel: Callable[[], RunsPanel]) -> None:
    panel = open_panel()
    assert not panel.view.isVisible()
    with qtbot.waitSignal(panel.new_requested):
        click(qtbot, panel, "New model…")


def test_runs_are_listed_the_newest_first(qtbot: QtBot, open_panel: Callable[[], RunsPanel], write: Write) -> None:
    write(
        "a",
        {"data": "mnist", "seconds": 60},
        STEP,
        SNAPSHOT,
        Finished(20, 60.0, "model.safetensors", {"negative_elbo": 136.84}),
    )
    write(
        "b",
        {"data": "digits", "seconds": 60, "family": "autoencoder"},
        STEP,
        Snapshot(10, 61.0, "x", 20.5, None, None),
        ago=10,
    )
    write("c", {"data": "digits", "seconds": 60, "latent": 8}, alive=True, ago=5)
    panel = open_panel()
    words = [run_words(summary) for summary in panel.model.runs]
    assert [one.title for one in words] == [
        "8-D VAE on Digits 8×8",
        "2-D autoencoder on Digits 8×8",
        "2-D VAE on MNIST",
    ]
    assert [one.figure for one in words] == ["", "20.5", "136.8"]
    assert [one.unit for one in words] == ["", "reconstruction", "−ELBO"]
    assert [line.split(" · ")[0] for line in lines(panel)] == ["training now", "interrupted", "finished"]
    assert words[1].line.endswith(" · 1 min 1 s")
    assert "2-D VAE on MNIST, finished" in panel.model.index(2).data()
    before = panel.view.grab().toImage()
    panel.set_theme(LIGHT)
    assert panel.view.grab().toImage() != before


def test_opening_with_a_double_click(qtbot: QtBot, open_panel: Callable[[], RunsPanel], write: Write) -> None:
    write("a", {"seconds": 60}, STEP, ago=60)
    second = write("b", {"seconds": 60}, STEP, ago=120)
    panel = open_panel()
    place = panel.view.visualRect(panel.model.index(1)).center()
    opened: list[Run] = []
    panel.open_requested.connect(opened.append)
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened == [second]
    click(qtbot, panel, "Open")
    assert opened == [second, second]


def test_only_what_can_be_done_is_offered(qtbot: QtBot, open_panel: Callable[[], RunsPanel], write: Write) -> None:
    interrupted = write("interrupted", {"seconds": 60}, STEP, ago=1)
    finished = write("finished", {"seconds": 60}, STEP, Finished(10, 60.0, "model.safetensors", {}), ago=2)
    failed = write("failed", {"seconds": 60}, STEP, Failed(10, 60.0, "The disk is full."), ago=3)
    running = write("running", {"seconds": 60}, STEP, ago=4, alive=True)
    panel = open_panel()
    actions = (panel.open_action, panel.resume_action, panel.delete_action)
    assert [action.isEnabled() for action in actions] == [False, False, False]
    for run, resume, delete in (
        (interrupted, True, True),
        (finished, False, True),
        (failed, False, True),
        (running, False, False),
    ):
        panel.select(run)
        assert [action.isEnabled() for action in actions] == [True, resume, delete], run.folder.name
    assert "The disk is full." in panel.model.index(2).data(Qt.ItemDataRole.ToolTipRole)
    panel.select(interrupted)
    with qtbot.waitSignal(panel.resume_requested) as requested:
        click(qtbot, panel, "Resume")
    assert requested.args == [interrupted]


def answer(qtbot: QtBot, panel: RunsPanel, text: str) -> None:
    box = panel.findChild(QMessageBox)
    assert box is not None
    button = next(button for button in box.buttons() if button.text().replace("&", "") == text)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_deleting_asks_first(qtbot: QtBot, open_panel: Callable[[], RunsPanel], write: Write) -> None:
    run = write("a", {"data": "/tmp/<b>odd.npz", "seconds": 60}, STEP, Stopped(10, 60.0))
    panel = open_panel()
    panel.select(run)
    panel.delete_action.trigger()
    box = panel.findChild(QMessageBox)
    assert box is not None
    assert "&lt;b&gt;odd" in box.text()
    answer(qtbot, panel, "Cancel")
    assert run.folder.exists()
    panel.delete_action.trigger()
    answer(qtbot, panel, "Delete")
    qtbot.waitUntil(lambda: not panel.model.runs)
    assert not run.folder.exists()
    assert not panel.view.isVisible()


def test_a_deletion_that_fails_is_said(qtbot: QtBot, open_panel: Callable[[], RunsPanel], write: Write) -> None:
    run = write("a", {"seconds": 60}, STEP, Stopped(10, 60.0))
    panel = open_panel()
    panel.select(run)
    panel.delete_action.trigger()
    shutil.rmtree(run.folder)
    with qtbot.waitSignal(panel.failed) as failed:
        answer(qtbot, panel, "Delete")
    assert "no run folder" in failed.args[0]


def test_new_runs_appear_by_themselves(qtbot: QtBot, open_panel: Callable[[], RunsPanel], write: Write) -> None:
    first = write("a", {"seconds": 60}, STEP, ago=60)
    panel = open_panel()
    panel.select(first)
    write("b", {"seconds": 60}, STEP, ago=30)
    qtbot.waitUntil(lambda: len(panel.model.runs) == 2)
    chosen = panel.selected()
    assert chosen is not None
    assert chosen.run == first, "the selection stays with the run"


def test_the_context_menu(qtbot: QtBot, open_panel: Callable[[], RunsPanel], write: Write) -> None:
    write("a", {"seconds": 60}, STEP)
    panel = open_panel()
    place = panel.view.visualRect(panel.model.index(0)).center()
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    panel.view.customContextMenuRequested.emit(place)
    menu = panel.findChild(QMenu)
    assert menu is not None
    assert [action.text() for action in menu.actions() if action.text()] == [
        "Open",
        "Resume",
        "Show in folder",
        "Delete…",
    ]
    menu.close()
    panel.view.customContextMenuRequested.emit(QPoint(10, 390))
    QApplication.processEvents()
    assert not [menu for menu in panel.findChildren(QMenu) if menu.isVisible()]


def test_folders_that_are_no_runs_do_no_harm(
    qtbot: QtBot, open_panel: Callable[[], RunsPanel], write: Write, root: Path
) -> None:
    write("a", {"seconds": 60}, STEP)
    (root / "empty").mkdir()
    (root / "damaged").mkdir()
    (root / "damaged" / "config.json").write_text("{")
    panel = open_panel()
    assert [summary.run.folder.name for summary in panel.model.runs] == ["a"]
