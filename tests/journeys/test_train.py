"""Train > New model..., watch the map form, stop, resume, close, reopen."""

import shutil
from collections.abc import Callable

import numpy as np
import psutil
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from latentscope.main_window import MainWindow
from latentscope.panels.training.run_form import RunForm
from trainer.config import Config, make_config
from trainer.run import Run, list_runs, runs_folder, status

PATIENCE = 90_000  # ms; a worker imports torch first, on a machine that may be busy


def start(qtbot: QtBot, window: MainWindow, **settings: object) -> None:
    """Choose Train > New model..., set the form, press Start."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    form = window.flow.form
    assert isinstance(form, RunForm)
    form.set_config(make_config({"data": "digits", "hidden": [64], **settings}))
    QTest.mouseClick(form.start, Qt.MouseButton.LeftButton)


def codes_of(window: MainWindow) -> np.ndarray:
    assert window.workspace.codes is not None
    return window.workspace.codes.mean


def wait_for_map(qtbot: QtBot, window: MainWindow) -> None:
    """Until the first snapshot of a run has taken the map over, and its decoder answers."""
    qtbot.waitUntil(
        lambda: (
            window.workspace.model is not None and window.workspace.model.live and window.decoding.codec is not None
        ),
        timeout=PATIENCE,
    )


def run_of(window: MainWindow) -> Run:
    assert window.training.run is not None
    return window.training.run


def test_a_map_forms_while_the_probe_keeps_decoding(window: MainWindow, qtbot: QtBot) -> None:
    start(qtbot, window, seconds=600)
    wait_for_map(qtbot, window)
    assert window.training_panel.isVisible()
    window.workspace.set_probe([0.5, 0.5])
    first, picture = codes_of(window), window.decoded.view.picture
    assert first.shape == (360, 2)
    qtbot.waitUntil(lambda: np.abs(codes_of(window) - first).max() > 0.3, timeout=PATIENCE)
    qtbot.waitUntil(lambda: not np.array_equal(window.decoded.view.picture, picture), timeout=PATIENCE)
    assert np.array_equal(window.workspace.probe, [0.5, 0.5])

    # Stop keeps what has been learnt; the run is listed, and can be resumed.
    window.action("stop").trigger()
    qtbot.waitUntil(lambda: window.training.state == "stopped", timeout=PATIENCE)
    run = run_of(window)
    assert status(run) == "stopped"
    qtbot.waitUntil(lambda: len(window.runs_panel.model.runs) == 1, timeout=PATIENCE)
    assert window.workspace.model is not None
    assert not window.workspace.model.live


def test_pause_and_go_on(window: MainWindow, qtbot: QtBot) -> None:
    start(qtbot, window, seconds=600)
    wait_for_map(qtbot, window)
    window.action("pause").trigger()
    qtbot.waitUntil(lambda: window.training.state == "paused", timeout=PATIENCE)
    assert window.action("pause").text() == "Go On"
    window.action("pause").trigger()
    qtbot.waitUntil(lambda: window.training.state == "running", timeout=PATIENCE)
    window.action("stop").trigger()
    qtbot.waitUntil(lambda: window.training.state == "stopped", timeout=PATIENCE)


def test_a_finished_run_is_the_same_after_a_restart(make_window: Callable[..., MainWindow], qtbot: QtBot) -> None:
    window = make_window()
    start(qtbot, window, epochs=3)
    qtbot.waitUntil(lambda: window.training.state == "finished", timeout=PATIENCE)
    codes, name = codes_of(window), run_of(window).folder.name
    assert "has finished" in window.message_bar.text
    window.close()

    again = make_window()
    qtbot.waitUntil(lambda: len(again.runs_panel.model.runs) == 1, timeout=PATIENCE)
    again.runs_panel.select(again.runs_panel.model.runs[0].run)
    again.runs_panel.open_action.trigger()
    qtbot.waitUntil(lambda: again.windowTitle() == f"{name} – Latentscope", timeout=PATIENCE)
    assert np.array_equal(codes_of(again), codes)


def test_a_run_that_is_gone_is_said(window: MainWindow, qtbot: QtBot) -> None:
    start(qtbot, window, epochs=1)
    qtbot.waitUntil(lambda: window.training.state == "finished", timeout=PATIENCE)
    run, before = run_of(window), window.workspace.model
    shutil.rmtree(run.folder)
    window.flow.open_run(run)
    qtbot.waitUntil(lambda: window.message_bar.kind == "error", timeout=PATIENCE)
    assert run.folder.name in window.message_bar.text
    assert window.workspace.model is before


def test_a_killed_worker_is_said_and_its_run_resumed(make_window: Callable[..., MainWindow], qtbot: QtBot) -> None:
    window = make_window()
    start(qtbot, window, seconds=600)
    wait_for_map(qtbot, window)
    qtbot.waitUntil(lambda: bool(workers()), timeout=PATIENCE)
    for worker in workers():
        worker.kill()
    qtbot.waitUntil(lambda: window.training.state == "interrupted", timeout=PATIENCE)
    assert window.message_bar.kind == "error"
    assert window.workspace.model is not None
    before = codes_of(window)
    run = run_of(window)
    window.close()

    again = make_window()
    qtbot.waitUntil(lambda: len(again.runs_panel.model.runs) == 1, timeout=PATIENCE)
    again.runs_panel.select(run)
    again.runs_panel.resume_action.trigger()
    wait_for_map(qtbot, again)
    assert codes_of(again).shape == before.shape
    again.action("stop").trigger()
    qtbot.waitUntil(lambda: again.training.state == "stopped", timeout=PATIENCE)


def test_closing_while_training_asks_and_leaves_nothing_behind(window: MainWindow, qtbot: QtBot) -> None:
    start(qtbot, window, seconds=600)
    wait_for_map(qtbot, window)
    run = run_of(window)
    window.close()
    box = window.findChild(QMessageBox)
    assert window.isVisible()
    assert "is being trained" in box.text()
    box.reject()
    assert window.isVisible()
    window.close()
    yes = next(b for b in window.findChildren(QMessageBox)[-1].buttons() if b.text() == "Stop and close")
    QTest.mouseClick(yes, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(window.isHidden, timeout=PATIENCE)
    assert workers() == []
    assert status(run) == "stopped"


def test_opening_another_model_leaves_the_training_alone(window: MainWindow, qtbot: QtBot) -> None:
    start(qtbot, window, seconds=600)
    wait_for_map(qtbot, window)
    window.action("open-shipped").trigger()
    qtbot.waitUntil(lambda: len(codes_of(window)) == 10_000, timeout=PATIENCE)
    snapshots: list[object] = []
    window.training.snapshot.connect(lambda *arguments: snapshots.append(arguments))
    qtbot.waitUntil(lambda: len(snapshots) >= 2, timeout=PATIENCE)
    assert len(codes_of(window)) == 10_000
    window.action("follow").trigger()
    assert len(codes_of(window)) == 360
    window.action("stop").trigger()
    qtbot.waitUntil(lambda: window.training.state == "stopped", timeout=PATIENCE)


def test_starting_another_asks_first(window: MainWindow, qtbot: QtBot) -> None:
    start(qtbot, window, seconds=600)
    wait_for_map(qtbot, window)
    first = run_of(window)
    start(qtbot, window, epochs=1, seed=5)
    box = window.findChild(QMessageBox)
    yes = next(b for b in box.buttons() if b.text() == "Stop and start")
    QTest.mouseClick(yes, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: run_of(window) != first and window.training.state == "finished", timeout=PATIENCE)
    assert sorted(summary.status for summary in list_runs(runs_folder())) == ["finished", "stopped"]


def test_another_one_waits_in_the_queue(window: MainWindow, qtbot: QtBot) -> None:
    start(qtbot, window, seconds=600)
    wait_for_map(qtbot, window)
    first = run_of(window)
    start(qtbot, window, epochs=1, seed=5)
    box = window.findChild(QMessageBox)
    assert box.defaultButton().text() == "Queue"
    QTest.keyClick(box, Qt.Key.Key_Return)
    [waiting] = window.queue.runs
    assert run_of(window) == first
    window.action("stop").trigger()
    qtbot.waitUntil(lambda: run_of(window) == waiting and window.training.state == "finished", timeout=PATIENCE)
    assert sorted(summary.status for summary in list_runs(runs_folder())) == ["finished", "stopped"]


def test_an_autoencoder_has_no_kl_and_many_dimensions_have_a_plane(window: MainWindow, qtbot: QtBot) -> None:
    start(qtbot, window, family="autoencoder", latent=8, epochs=2)
    qtbot.waitUntil(lambda: window.training.state == "finished", timeout=PATIENCE)
    assert window.workspace.dimension == 8
    assert "8-D autoencoder" in window.model_line.text()
    assert window.action("plane-codes").isChecked()
    window.action("plane-axes").trigger()
    assert window.workspace.plane.to_map(range(8)).tolist() == [0, 1]
    window.workspace.set_probe(window.workspace.plane.to_latent([0.3, 0.4]))
    assert window.decoded.view.picture is not None
    window.map.grab()


def test_the_form_remembers_what_was_trained(window: MainWindow, qtbot: QtBot) -> None:
    start(qtbot, window, epochs=1, beta=4.0)
    qtbot.waitUntil(lambda: window.training.state == "finished", timeout=PATIENCE)
    window.action("new-model").trigger()
    form = window.flow.form
    assert form is not None
    config = form.config()
    assert isinstance(config, Config)
    assert config.beta == 4.0
    QTest.keyClick(form, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.flow.form is None)


def workers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "trainer" in " ".join(child.cmdline())]
