"""The Training dock, following a run whose worker is the test itself: it writes the events and reads the commands."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from latentscope.panels.training.panel import TrainingPanel
from latentscope.runs.film import Film
from latentscope.runs.overlay import Overlay
from latentscope.runs.training import Training
from latentscope.theme import DARK, LIGHT
from trainer.config import make_config
from trainer.events import Event, Failed, Finished, Paused, Resumed, Snapshot, Started, Step, Stopped, this_process
from trainer.run import EventLog, Run, create_run, read_control

VAE = {"data": "mnist", "seconds": 60}
AUTOENCODER = {"data": "digits", "seconds": 20, "family": "autoencoder"}
Write = Callable[..., Run]


@pytest.fixture
def training(qapp: object, tmp_path: Path) -> Iterator[Training]:
    training = Training(tmp_path / "runs")
    yield training
    training.close(0)


@pytest.fixture
def overlay(training: Training) -> Iterator[Overlay]:
    overlay = Overlay(training)
    yield overlay
    overlay.close()


@pytest.fixture
def panel(qtbot: QtBot, training: Training, overlay: Overlay, film: Film) -> TrainingPanel:
    panel = TrainingPanel(training, overlay, film, DARK)
    qtbot.addWidget(panel)
    panel.resize(360, 380)
    panel.show()
    return panel


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Makes a run that this very process works on, with these events."""

    def make(settings: dict[str, object], *events: Event) -> Run:
        run = create_run(tmp_path / "runs" / f"run {time.monotonic_ns()}", make_config(settings))
        pid, created, host = this_process()
        log = EventLog(run)
        for event in (Started(time.time(), pid, created, host, "cpu", "float32", 60_000, 10_000), *events):
            log.append(event)
        return run

    return make


def step(number: int, kl: float | None = 7.0) -> Step:
    return Step(number, number / 234, number / 100, 131.2, kl, 138.2, 1e-3, 31_000.0, number / 6000, 60 - number / 100)


def follow(qtbot: QtBot, training: Training, run: Run) -> None:
    training.attach(run)
    qtbot.waitUntil(lambda: training.history.step is not None)


def test_before_the_first_training(qtbot: QtBot, panel: TrainingPanel) -> None:
    assert panel.new.isVisible()
    assert not panel.curves.isVisible()
    with qtbot.waitSignal(panel.new_requested):
        qtbot.mouseClick(panel.new, Qt.MouseButton.LeftButton)


def test_while_it_trains(qtbot: QtBot, training: Training, panel: TrainingPanel, write: Write) -> None:
    follow(qtbot, training, write(VAE, step(1000), Snapshot(1000, 10.0, "x", 132.0, 7.1, 139.1), step(3700)))
    assert panel.name.text() == "2-D VAE on MNIST"
    assert panel.chip.text() == "training"
    assert panel.pace.text() == "epoch 16 · 31,000 images/s"
    assert panel.left.text() == "23 s left"
    assert panel.line.text() == "−ELBO 138.2 = reconstruction 131.2 + KL 7.0"
    assert panel.bar.value() == 617
    assert panel.curves.accessibleDescription() == "train 138.2, test 139.1 nats per image"
    assert panel.pause.isVisible()
    assert panel.stop.isVisible()
    assert not panel.longer.isVisible()
    qtbot.mouseClick(panel.parts["kl"], Qt.MouseButton.LeftButton)
    assert panel.curves.accessibleDescription() == "train 7.0, test 7.1 nats per image"
    before = panel.grab().toImage()
    panel.set_theme(LIGHT)
    assert panel.grab().toImage() != before


def test_pause_and_resume_reach_the_worker(
    qtbot: QtBot, training: Training, panel: TrainingPanel, write: Write
) -> None:
    run = write(VAE, step(10))
    follow(qtbot, training, run)
    qtbot.mouseClick(panel.pause, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: read_control(run) == "pause")
    EventLog(run).append(Paused(10, 0.1))
    qtbot.waitUntil(lambda: panel.chip.text() == "paused")
    assert panel.pause.text() == "Resume"
    qtbot.mouseClick(panel.pause, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: read_control(run) == "resume")
    EventLog(run).append(Resumed(10, 0.1))
    qtbot.waitUntil(lambda: panel.pause.text() == "Pause")


def test_stop_and_then_resume(qtbot: QtBot, training: Training, panel: TrainingPanel, write: Write) -> None:
    run = write(VAE, step(10))
    follow(qtbot, training, run)
    for _ in range(5):
        qtbot.mouseClick(panel.stop, Qt.MouseButton.LeftButton)
    assert panel.chip.text() == "stopping"
    assert not panel.stop.isEnabled()
    assert not panel.pause.isEnabled()
    qtbot.waitUntil(lambda: read_control(run) == "stop")
    EventLog(run).append(Stopped(10, 0.1))
    qtbot.waitUntil(lambda: panel.chip.text() == "stopped")
    assert not panel.stop.isVisible()
    assert panel.left.text() == "trained for 0 s"
    with qtbot.waitSignal(panel.resume_requested) as requested:
        qtbot.mouseClick(panel.resume, Qt.MouseButton.LeftButton)
    assert requested.args == [run]


def test_after_the_end(qtbot: QtBot, training: Training, panel: TrainingPanel, write: Write) -> None:
    figures = {"negative_elbo": 136.84, "reconstruction": 130.0, "kl": 6.84}
    run = write(VAE, step(10), Finished(6000, 60.0, "model.safetensors", figures))
    training.review(run)
    qtbot.waitUntil(lambda: panel.chip.text() == "finished")
    assert panel.line.text() == "Test −ELBO 136.8 = reconstruction 130.0 + KL 6.8"
    assert panel.bar.value() == panel.bar.maximum()
    assert not panel.resume.isVisible()
    assert panel.folder.isVisible()
    with qtbot.waitSignal(panel.longer_requested) as requested:
        qtbot.mouseClick(panel.longer, Qt.MouseButton.LeftButton)
    assert requested.args == [run]


def test_a_failure_is_told_in_place(qtbot: QtBot, training: Training, panel: TrainingPanel, write: Write) -> None:
    run = write(VAE, step(10), Failed(10, 0.1, "The loss is no longer a number; try a smaller learning rate."))
    training.attach(run)
    qtbot.waitUntil(lambda: panel.chip.text() == "failed")
    assert panel.line.text() == "The loss is no longer a number; try a smaller learning rate."
    assert panel.line.property("role") == "danger"
    assert not panel.resume.isVisible(), "there is no checkpoint to go on from"


def test_an_autoencoder_has_a_reconstruction_only(
    qtbot: QtBot, training: Training, panel: TrainingPanel, write: Write
) -> None:
    follow(qtbot, training, write(VAE, step(10)))
    assert panel.part == "negative_elbo"
    training.attach(write(AUTOENCODER, step(10, None), Snapshot(10, 0.1, "x", 20.5, None, None)), replace=True)
    qtbot.waitUntil(lambda: panel.name.text() == "2-D autoencoder on Digits 8×8" and training.history.step is not None)
    assert [button.isVisible() for button in panel.parts.values()] == [False, True, False]
    assert panel.part == "reconstruction"
    assert panel.line.text() == "Reconstruction 131.2 nats"
    assert panel.curves.accessibleDescription() == "train 131.2, test 20.5 nats per image"


def test_a_panel_made_late_shows_what_goes_on(qtbot: QtBot, training: Training, film: Film, write: Write) -> None:
    follow(qtbot, training, write(VAE, step(3700)))
    late = TrainingPanel(training, Overlay(training), film, LIGHT)
    qtbot.addWidget(late)
    assert late.left.text() == "23 s left"
    assert late.chip.text() == "training"


def test_a_long_name_does_not_widen_the_dock(
    qtbot: QtBot, training: Training, panel: TrainingPanel, write: Write
) -> None:
    assert panel.minimumSizeHint().width() <= 300
    follow(qtbot, training, write({"data": f"/tmp/{'long name ' * 20}.npz", "seconds": 60}, step(10)))
    assert panel.minimumSizeHint().width() <= 300
    assert "long name long name" in panel.name.toolTip()


def test_the_curves_of_other_runs_are_laid_over(
    qtbot: QtBot, training: Training, overlay: Overlay, panel: TrainingPanel, write: Write
) -> None:
    snapshot = Snapshot(10, 0.1, "x", 132.0, 7.1, 139.1)
    first, other, density = (
        write({**VAE, **settings}, step(10), snapshot, Stopped(10, 0.2))
        for settings in ({}, {"beta": 4}, {"data": "cifar10", "likelihood": "gaussian"})
    )
    follow(qtbot, training, write({**VAE, "beta": 9}, step(10), snapshot))
    assert not panel.overlaid.isVisible()
    assert not panel.epochs.isVisible()
    overlay.set_runs([first, other])
    qtbot.waitUntil(lambda: len(panel.overlaid.read_out()) == 3)
    assert panel.overlaid.isVisible()
    assert not panel.curves.isVisible()
    assert panel.overlaid.read_out() == [("β = 1", "139.1"), ("β = 4", "139.1"), ("β = 9", "139.1")]
    assert not panel.left_out.isVisible()
    over_time = panel.overlaid.grab().toImage()
    qtbot.mouseClick(panel.epochs, Qt.MouseButton.LeftButton)
    assert panel.overlaid.grab().toImage() != over_time
    overlay.set_runs([first, density])
    qtbot.waitUntil(panel.left_out.isVisible)
    assert "densities and probabilities" in panel.left_out.text()
    qtbot.mouseClick(panel.parts["kl"], Qt.MouseButton.LeftButton)
    assert not panel.left_out.isVisible()
    qtbot.mouseClick(panel.no_overlay, Qt.MouseButton.LeftButton)
    assert panel.curves.isVisible()
    assert not panel.overlaid.isVisible()
    assert overlay.runs == []


def test_an_overlay_shows_what_an_autoencoder_does_not_have(
    qtbot: QtBot, training: Training, overlay: Overlay, panel: TrainingPanel, write: Write
) -> None:
    other = write(VAE, step(10), Snapshot(10, 0.1, "x", 132.0, 7.1, 139.1), Stopped(10, 0.2))
    follow(qtbot, training, write(AUTOENCODER, step(10, None), Snapshot(10, 0.1, "x", 20.5, None, None)))
    assert not panel.parts["kl"].isVisible()
    overlay.set_runs([other])
    qtbot.waitUntil(panel.parts["kl"].isVisible)
    qtbot.mouseClick(panel.parts["kl"], Qt.MouseButton.LeftButton)
    assert len(panel.overlaid.read_out()) == 1
    assert panel.left_out.text() == "Without 1 run, because a model without a KL term has none."
