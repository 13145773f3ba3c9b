"""Several trainings one after the other, a table of them, and their curves in one picture."""

import shutil
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot
from table_mouse import click_heading, click_row

from latentscope.main_window import MainWindow
from latentscope.panels.training.run_form import RunForm
from latentscope.runs.columns import COLUMNS
from trainer.config import Config, make_config
from trainer.run import Run, status

PATIENCE = 90_000  # ms; a worker imports torch first, on a machine that may be busy
ELBO = [column.name for column in COLUMNS].index("negative_elbo")


def config(**settings: object) -> Config:
    return make_config({"data": "digits", "hidden": [32], "epochs": 2, **settings})


def start(qtbot: QtBot, window: MainWindow, asked: Config) -> None:
    """Train > New model..., set the form, press Start; and if another is being trained, Queue."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.action("new-model").trigger()
    form = window.flow.form
    assert isinstance(form, RunForm)
    form.set_config(asked)
    busy = window.training.busy()
    QTest.mouseClick(form.start, Qt.MouseButton.LeftButton)
    if busy:
        box = window.findChildren(QMessageBox)[-1]
        press(box, "Queue")


def press(within: object, text: str) -> None:
    buttons = within.findChildren(QPushButton)
    button = next(one for one in buttons if one.text().replace("&", "") == text and one.isVisible())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def listed(window: MainWindow) -> list[Run]:
    return [one.run for one in window.runs_panel.model.runs]


def test_trainings_run_one_after_the_other(window: MainWindow, qtbot: QtBot) -> None:
    start(qtbot, window, config(epochs=100_000))
    qtbot.waitUntil(lambda: window.training.state == "running", timeout=PATIENCE)
    for beta in (1, 4, 9):
        start(qtbot, window, config(beta=beta))
    first, (one, four, nine) = window.training.run, window.queue.runs
    assert first is not None
    panel = window.runs_panel
    window.show_panel(panel)
    qtbot.waitUntil(lambda: listed(window) == [first, one, four, nine], timeout=PATIENCE)
    assert [row.queued for row in panel.model.rows] == ["", "queued, next", "queued, 2nd", "queued, 3rd"]

    # The last comes first; the one before it is not wanted after all.
    click_row(panel.view, 3)
    for _ in range(2):
        QTest.mouseClick(panel.queue_bar.earlier, Qt.MouseButton.LeftButton)
    assert window.queue.runs == [nine, one, four]
    click_row(panel.view, 2)
    press(panel, "Take out")
    assert window.queue.runs == [nine, four]

    begun: list[Run] = []
    window.training.started.connect(begun.append)
    window.action("stop").trigger()
    qtbot.waitUntil(lambda: status(four) == "finished" and not window.training.busy(), timeout=PATIENCE)
    assert begun == [nine, four]
    assert [status(run) for run in (first, one, nine)] == ["stopped", "new", "finished"]
    assert panel.isVisible(), "a run whose turn has come does not take the panel away that is looked at"
    assert "has finished" in window.message_bar.text

    # The wide table, sorted by −ELBO.
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: panel.view.wide)
    qtbot.waitUntil(lambda: not panel.busy())
    click_heading(panel.view, ELBO)
    bounds = [one.negative_elbo for one in panel.model.runs]
    known = [bound for bound in bounds if bound is not None]
    assert len(known) >= 2
    assert bounds == sorted(known) + [None] * (len(bounds) - len(known))
    assert listed(window)[-1] == one, "nothing is known of it"

    # Two curves in one picture.
    rows = listed(window)
    click_row(panel.view, rows.index(nine))
    click_row(panel.view, rows.index(four), Qt.KeyboardModifier.ControlModifier)
    press(panel, "Overlay curves")
    curves = window.training_panel.overlaid
    qtbot.waitUntil(lambda: sorted(name for name, _ in curves.read_out()) == ["β = 4", "β = 9"], timeout=PATIENCE)
    assert curves.isVisible()
    window.toggle_runs_table()
    assert not window.docks[panel.title].isFloating()


def test_closing_in_the_middle_keeps_the_queue(make_window: Callable[..., MainWindow], qtbot: QtBot) -> None:
    window = make_window()
    start(qtbot, window, config(epochs=100_000))
    qtbot.waitUntil(lambda: window.training.state == "running", timeout=PATIENCE)
    for seed in (1, 2):
        start(qtbot, window, config(seed=seed))
    waiting, gone = window.queue.runs
    window.close()
    box = window.findChildren(QMessageBox)[-1]
    assert "queued is kept" in box.informativeText()
    press(box, "Stop and close")
    qtbot.waitUntil(window.isHidden, timeout=PATIENCE)
    shutil.rmtree(gone.folder)

    again = make_window()
    assert again.message_bar.text == "A queued training has not begun yet."
    assert not again.training.busy()
    qtbot.waitUntil(lambda: len(listed(again)) == 2, timeout=PATIENCE)
    assert [row.queued for row in again.runs_panel.model.rows] == ["queued, on hold", ""]
    again.flow.open_run(waiting)
    assert "has not begun yet" in again.message_bar.text
    again.show_panel(again.runs_panel)
    press(again.runs_panel.queue_bar, "Go on")
    qtbot.waitUntil(lambda: status(waiting) == "finished" and not again.training.busy(), timeout=PATIENCE)
    again.close()
    assert make_window().queue.runs == []


def test_a_run_whose_turn_has_come_leaves_the_map_to_what_was_opened(window: MainWindow, qtbot: QtBot) -> None:
    runs = window.flow.train_in_turn([config(epochs=100_000), config()], "two")
    qtbot.waitUntil(lambda: window.workspace.model is not None and window.workspace.model.live, timeout=PATIENCE)
    window.action("open-shipped").trigger()
    qtbot.waitUntil(lambda: len(window.workspace.codes.mean) == 10_000, timeout=PATIENCE)
    window.action("stop").trigger()
    qtbot.waitUntil(lambda: status(runs[1]) == "finished" and not window.training.busy(), timeout=PATIENCE)
    assert len(window.workspace.codes.mean) == 10_000
