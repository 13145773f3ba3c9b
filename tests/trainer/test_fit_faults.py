"""Trainings are steered through the control file, and say what goes wrong."""

import errno
import math
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from fitting import final, last, same, small, train

from trainer.data import Dataset
from trainer.errors import ConfigError, FitError, ModelFileError
from trainer.events import Event, Failed, Finished, Paused, Resumed, Snapshot, Started, Step, Stopped
from trainer.files import read_model
from trainer.fit import fit
from trainer.learner import Learner
from trainer.models.vae import VAE
from trainer.run import EventReader, create_run, read_control, send, status

# Steered through the control file.


def test_pause_stands_still_until_resume(tmp_path: Path, digits: Dataset, often: None) -> None:
    config = small(epochs=3)
    run = create_run(tmp_path / "run", config)
    events: list[Event] = []
    for event in fit(config, digits, run):
        events.append(event)
        if isinstance(event, Step) and event.step == 10:
            send(run, "pause")
        if isinstance(event, Paused):
            assert status(run) == "paused"
            assert run.checkpoint_path.exists()
            timer = threading.Timer(0.3, send, (run, "resume"))
            timer.start()
    timer.join()
    paused, resumed = last(events, Paused), last(events, Resumed)
    assert events.index(resumed) == events.index(paused) + 1
    assert paused.step == resumed.step
    assert isinstance(paused, Paused)
    assert isinstance(resumed, Resumed)
    assert resumed.seconds - paused.seconds < 0.2  # of 0.3 that it stood still
    whole, _ = train(tmp_path / "whole", config, digits)
    assert same(final(whole), final(run))


@pytest.mark.parametrize("paused", [False, True])
def test_stop_leaves_a_run_that_can_go_on(tmp_path: Path, digits: Dataset, often: None, paused: bool) -> None:
    config = small(epochs=3)
    run = create_run(tmp_path / "run", config)
    events: list[Event] = []
    for event in fit(config, digits, run):
        events.append(event)
        if isinstance(event, Step) and event.step == 10:
            send(run, "pause" if paused else "stop")
        if isinstance(event, Paused):
            timer = threading.Timer(0.1, send, (run, "stop"))
            timer.start()
            timer.join()
    stopped = events[-1]
    assert isinstance(stopped, Stopped)
    assert stopped.step < 3 * (1437 // 128)
    assert status(run) == "stopped"
    assert isinstance(events[-2], Snapshot)
    assert events[-2].step == stopped.step
    assert read_control(run) is None

    started, *_ = fit(config, digits, run, continue_from_checkpoint=True)
    assert isinstance(started, Started)
    assert started.step == stopped.step
    whole, _ = train(tmp_path / "whole", config, digits)
    assert same(final(whole), final(run))


def test_a_stop_that_comes_before_the_first_step_is_not_lost(tmp_path: Path, digits: Dataset) -> None:
    run = create_run(tmp_path / "run", small())
    send(run, "stop")
    *_, stopped = fit(small(), digits, run)
    assert isinstance(stopped, Stopped)
    assert stopped.step == 0


def test_a_command_from_before_the_worker_is_forgotten(tmp_path: Path, digits: Dataset) -> None:
    run = create_run(tmp_path / "run", small())
    send(run, "stop")
    os.utime(run.control_path, (1e9, 1e9))
    *_, finished = fit(small(), digits, run)
    assert isinstance(finished, Finished)


# What goes wrong.


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_the_last_good_snapshot(
    tmp_path: Path, digits: Dataset, often: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = VAE.loss

    def bad_later(self: VAE, x: torch.Tensor, generator: torch.Generator | None = None) -> object:
        loss = good(self, x, generator)
        return replace(loss, total=loss.total * math.nan) if self.training and learned() else loss

    def learned() -> bool:
        return len(events) > 30

    monkeypatch.setattr(VAE, "loss", bad_later)
    run = create_run(tmp_path / "run", small())
    events: list[Event] = []
    with pytest.raises(FitError, match=r"learning rate below 0\.005"):
        for event in fit(small(), digits, run):
            events.append(event)
    assert isinstance(events[-1], Failed)
    assert "not finite" in events[-1].message
    assert EventReader(run).poll() == events
    assert status(run) == "failed"
    snapshot = last(events, Snapshot)
    assert isinstance(snapshot, Snapshot)
    read_model(run.folder / snapshot.file)  # which refuses weights that are no numbers


def test_weights_that_are_no_numbers_are_never_saved(
    tmp_path: Path, digits: Dataset, often: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step that spoils the weights still has a proper loss of its own."""
    step = Learner.step

    def spoil(self: Learner, x: torch.Tensor, learning_rate: float) -> object:
        loss = step(self, x, learning_rate)
        if self.steps == 12:
            with torch.no_grad():
                next(self.model.parameters())[0, 0] = math.inf
        return loss

    monkeypatch.setattr(Learner, "step", spoil)
    config = small()
    run = create_run(tmp_path / "run", config)
    with pytest.raises(FitError, match="not finite at step 12"):
        list(fit(config, digits, run))
    monkeypatch.undo()
    started, *_, finished = fit(config, digits, run, continue_from_checkpoint=True)
    assert isinstance(started, Started)
    assert started.step == 11
    assert isinstance(finished, Finished)


def test_a_full_disk_ends_the_run_and_leaves_the_files_before_whole(
    tmp_path: Path, digits: Dataset, often: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = create_run(tmp_path / "run", small())
    events: list[Event] = []

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises((FitError, ModelFileError), match="disk is full"):
        for event in fit(small(), digits, run):
            events.append(event)
            if event.step == 10:
                monkeypatch.setattr(os, "fsync", full)
    monkeypatch.undo()
    assert isinstance(events[-1], Failed)
    assert "disk is full" in events[-1].message
    snapshots = list(run.snapshots_folder.iterdir())
    assert snapshots
    for path in snapshots:
        read_model(path)
    started = next(fit(small(), digits, run, continue_from_checkpoint=True))
    assert isinstance(started, Started)
    assert started.step >= 9


def test_too_little_memory_is_said_in_plain_words(
    tmp_path: Path, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def starve(*_: object) -> None:
        raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 PB")

    monkeypatch.setattr(Learner, "step", starve)
    run = create_run(tmp_path / "run", small())
    with pytest.raises(FitError, match="not enough memory"):
        list(fit(small(), digits, run))
    assert status(run) == "failed"


def test_other_faults_are_not_taken_for_lack_of_memory(
    tmp_path: Path, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Learner, "step", break_down)
    with pytest.raises(RuntimeError, match="a bug"):
        list(fit(small(), digits, create_run(tmp_path / "run", small())))


def test_a_device_that_is_not_there_fails_the_run(
    tmp_path: Path, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    config = small(device="cuda")
    run = create_run(tmp_path / "run", config)
    with pytest.raises(ConfigError, match="CUDA"):
        list(fit(config, digits, run))
    assert status(run) == "failed"
