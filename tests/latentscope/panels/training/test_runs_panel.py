"""The Runs dock: what is listed, and what can be done with it."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot
from table_mouse import click_row

from latentscope.panels.training.run_delegate import run_words
from latentscope.panels.training.runs import RunsPanel
from latentscope.runs.queue import RunQueue
from latentscope.runs.training import Training
from latentscope.theme import DARK, LIGHT
from trainer.config import make_config
from trainer.events import Event, Failed, Finished, Snapshot, Started, Step, Stopped, this_process
from trainer.run import EventLog, Group, Run, create_run

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
def queue(training: Training) -> RunQueue:
    return RunQueue(training)


@pytest.fixture
def open_panel(qtbot: QtBot, training: Training, queue: RunQueue) -> Iterator[Callable[[], RunsPanel]]:
    panels: list[RunsPanel] = []

    def make() -> RunsPanel:
        panel = RunsPanel(training, queue, DARK)
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
    return [run_words(row).line for row in panel.model.rows]


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
    words = [run_words(row) for row in panel.model.rows]
    assert [one.title for one in words] == [
        "8-D VAE on Digits 8×8",
        "2-D autoencoder on Digits 8×8",
        "2-D VAE on MNIST",
    ]
    assert [one.figure for one in words] == ["", "20.5", "136.8"]
    assert [one.unit for one in words] == ["", "reconstruction", "−ELBO"]
    assert [line.split(" · ")[0] for line in lines(panel)] == ["training now", "interrupted", "finished"]
    assert words[1].line.endswith(" · 1 min 1 s")
    assert "2-D VAE on MNIST, finished" in panel.model.index(2, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    before = panel.view.grab().toImage()
    panel.set_theme(LIGHT)
    assert panel.view.grab().toImage() != before


def test_opening_with_a_double_click(qtbot: QtBot, open_panel: Callable[[], RunsPanel], write: Write) -> None:
    write("a", {"seconds": 60}, STEP, ago=60)
    second = write("b", {"seconds": 60}, STEP, ago=120)
    panel = open_panel()
    place = panel.view.visualRect(panel.model.index(1, 0)).center()
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
    assert [one.run for one in panel.model.runs] == [running, interrupted, finished, failed], "what goes on is first"
    assert "The disk is full." in panel.model.index(3, 0).data(Qt.ItemDataRole.ToolTipRole)
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
    place = panel.view.visualRect(panel.model.index(0, 0)).center()
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    panel.view.customContextMenuRequested.emit(place)
    menu = panel.findChild(QMenu)
    assert menu is not None
    assert [action.text() for action in menu.actions() if action.text()] == [
        "Open",
        "Resume",
        "Add to the queue",
        "Overlay curves",
        "Compare",
        "Copy as CSV",
        "Export table as CSV…",
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


# --- the queue --------------------------------------------------------------------------------------------------------


@pytest.fixture
def three(root: Path) -> list[Run]:
    """Three queued runs, left behind by an earlier window."""
    runs = [create_run(root / f"q{number}", make_config({"seconds": 60, "seed": number})) for number in range(3)]
    (root / "queue.json").write_text(json.dumps({"runs": [run.folder.name for run in runs]}))
    return runs


def order(panel: RunsPanel) -> list[str]:
    return [one.run.folder.name for one in panel.model.runs]


def test_the_queue_is_listed_in_its_order_and_changed(
    qtbot: QtBot, three: list[Run], open_panel: Callable[[], RunsPanel], queue: RunQueue, write: Write
) -> None:
    write("old", {"seconds": 60}, STEP, ago=60)
    panel = open_panel()
    assert panel.queue_bar.isVisible()
    assert panel.queue_bar.text.text() == "3 runs queued, on hold"
    assert panel.queue_bar.go.text() == "Go on"
    assert order(panel) == ["q0", "q1", "q2", "old"]
    assert lines(panel)[0] == "queued, on hold"
    panel.select(three[2])
    assert panel.queue_bar.later.isVisible()
    assert not panel.queue_bar.later.isEnabled()
    qtbot.mouseClick(panel.queue_bar.earlier, Qt.MouseButton.LeftButton)
    assert order(panel) == ["q0", "q2", "q1", "old"]
    panel.view.setFocus()
    qtbot.waitUntil(panel.view.hasFocus)
    QTest.keyClick(panel.view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert order(panel) == ["q2", "q0", "q1", "old"]
    QTest.keyClick(panel.view, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert order(panel) == ["q0", "q2", "q1", "old"]
    assert panel.selected() is not None
    click(qtbot, panel, "Take out")
    assert queue.runs == [three[0], three[1]]
    assert lines(panel)[order(panel).index("q2")] == "not begun"
    assert not panel.queue_bar.earlier.isVisible()


def test_a_queued_run_is_begun_now_or_deleted(
    qtbot: QtBot, three: list[Run], open_panel: Callable[[], RunsPanel], queue: RunQueue
) -> None:
    panel = open_panel()
    panel.select(three[1])
    with qtbot.waitSignal(panel.resume_requested) as requested:
        click(qtbot, panel, "Start now")
    assert requested.args == [three[1]]
    panel.delete_action.trigger()
    answer(qtbot, panel, "Delete")
    qtbot.waitUntil(lambda: order(panel) == ["q0", "q2"])
    assert queue.runs == [three[0], three[2]]
    shutil.rmtree(three[0].folder)
    qtbot.waitUntil(lambda: order(panel) == ["q2"])
    assert queue.runs == [three[2]], "whoever removed its folder took it out of the queue"


def test_a_stopped_run_is_queued_from_the_menu(
    qtbot: QtBot, three: list[Run], open_panel: Callable[[], RunsPanel], queue: RunQueue, write: Write
) -> None:
    run = write("a", {"seconds": 60}, STEP)
    panel = open_panel()
    panel.select(run)
    queue.remove(three[0])
    shutil.rmtree(run.folder)
    with qtbot.waitSignal(panel.failed):
        panel.queue_action.trigger()
    assert queue.runs == three[1:]


# --- several at once --------------------------------------------------------------------------------------------------


def test_several_are_selected_overlaid_copied_and_deleted(
    qtbot: QtBot, open_panel: Callable[[], RunsPanel], write: Write, root: Path
) -> None:
    runs = [write(name, {"seconds": 60}, STEP, SNAPSHOT, Stopped(10, 60.0), ago=ago) for ago, name in enumerate("abc")]
    panel = open_panel()
    assert not panel.overlay_action.isEnabled()
    click_row(panel.view, 0)
    click_row(panel.view, 1, Qt.KeyboardModifier.ControlModifier)
    with qtbot.waitSignal(panel.overlay_requested) as requested:
        click(qtbot, panel, "Overlay curves")
    assert requested.args == [runs[:2]]
    with qtbot.waitSignal(panel.compare_requested) as requested:
        click(qtbot, panel, "Compare")
    assert requested.args == [runs[:2]]
    assert panel.selected() is None, "not one"
    assert not panel.open_action.isVisible()
    panel.copy_action.trigger()
    copied = QGuiApplication.clipboard().text().splitlines()
    assert [line.split(",")[0] for line in copied] == ["name", "a", "b"]
    panel.delete_action.trigger()
    box = panel.findChild(QMessageBox)
    assert box is not None
    assert "these 2 runs" in box.text()
    answer(qtbot, panel, "Delete")
    qtbot.waitUntil(lambda: order(panel) == ["c"])


def test_the_runs_of_a_comparison_are_selected_together(
    qtbot: QtBot, open_panel: Callable[[], RunsPanel], root: Path, write: Write
) -> None:
    group = Group("one", "β = 1 / 4")
    for name in ("one", "two"):
        create_run(root / name, make_config({"seconds": 60}), group)
    write("alone", {"seconds": 60}, STEP)
    panel = open_panel()
    panel.select(Run(root / "one"))
    panel.group_action.trigger()
    assert {run.folder.name for run in panel.view.selected()} == {"one", "two"}
    assert "β = 1 / 4" in lines(panel)[0]
    panel.select(Run(root / "alone"))
    assert not panel.group_action.isEnabled()


def test_the_filter_box(qtbot: QtBot, open_panel: Callable[[], RunsPanel], write: Write) -> None:
    write("a", {"seconds": 60, "data": "mnist"}, STEP)
    b = write("b", {"seconds": 60}, STEP)
    panel = open_panel()
    panel.select(b)
    QTest.keyClicks(panel.filter, "digits")
    assert order(panel) == ["b"]
    assert panel.view.selected() == [b]
    QTest.keyClicks(panel.filter, " nothing like it")
    assert order(panel) == []
    assert panel.none_match.isVisible()
    assert panel.view.isVisible(), "there are runs, only none that match"
    panel.filter.clear()
    assert not panel.none_match.isVisible()
    assert sorted(order(panel)) == ["a", "b"]


def test_the_table_is_saved(
    qtbot: QtBot, open_panel: Callable[[], RunsPanel], write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("a", {"seconds": 60}, STEP)
    panel = open_panel()
    asked = iter([str(tmp_path / "runs"), "", str(tmp_path / "no" / "folder.csv")])
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (next(asked), ""))
    panel.export_action.trigger()
    assert (tmp_path / "runs.csv").read_text(encoding="utf-8-sig").splitlines()[1].startswith("a,interrupted")
    panel.export_action.trigger()
    with qtbot.waitSignal(panel.failed) as failed:
        panel.export_action.trigger()
    assert "no such file or folder" in failed.args[0]
