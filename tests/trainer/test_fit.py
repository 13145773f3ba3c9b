import errno
import math
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from trainer import fit as fit_module
from trainer.config import Config, make_config
from trainer.data import Dataset, load_dataset
from trainer.errors import ConfigError, FitError, ModelFileError, RunError
from trainer.events import Epoch, Event, Failed, Finished, Paused, Resumed, Snapshot, Started, Step, Stopped
from trainer.files import ModelFile, read_model
from trainer.fit import fit
from trainer.learner import Learner
from trainer.models import FAMILIES, NETWORKS
from trainer.models.vae import VAE
from trainer.run import EventReader, Run, create_run, open_run, read_control, send, status


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Models this small gain nothing from more, and other tests may run beside."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load_dataset("digits")


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events, snapshots and checkpoints after nearly every step."""
    for name in ("STEP_EVERY", "CONTROL_EVERY", "SNAPSHOT_EVERY", "SNAPSHOT_GROWTH", "CHECKPOINT_EVERY"):
        monkeypatch.setattr(fit_module, name, 0.0)


def small(**settings: object) -> Config:
    return make_config({"epochs": 4, "hidden": (32, 16), "learning_rate": 5e-3, "batch": 128, **settings})


def train(folder: Path, config: Config, dataset: Dataset) -> tuple[Run, list[Event]]:
    run = create_run(folder, config)
    return run, list(fit(config, dataset, run))


def last(events: list[Event], kind: type) -> Event:
    return [event for event in events if isinstance(event, kind)][-1]


def final(run: Run) -> ModelFile:
    return read_model(run.model_path)


def same(one: ModelFile, other: ModelFile) -> bool:
    return all(np.array_equal(one.weights[name], other.weights[name]) for name in one.weights | other.weights)


# What a run leaves behind.


@pytest.mark.parametrize("network", NETWORKS.names())
@pytest.mark.parametrize("family", FAMILIES.names())
def test_training_learns_and_writes_the_run_folder(tmp_path: Path, digits: Dataset, family: str, network: str) -> None:
    config = small(family=family, network=network, epochs=8)
    run, events = train(tmp_path / "run", config, digits)

    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    assert EventReader(run).poll() == events
    first = next(event for event in events if isinstance(event, Snapshot))
    assert first.step == 0
    assert events[-1].figures["reconstruction"] < first.reconstruction - 5
    assert events[-1].step == 8 * (1437 // 128)
    assert status(run) == "finished"

    file = final(run)
    assert file.config == config
    assert file.image_shape == (8, 8, 1)
    assert file.class_names == digits.class_names
    assert file.figures == events[-1].figures
    assert file.codes is not None
    assert file.codes.mean.shape == (len(digits.test_images), 2)
    assert (file.codes.logvar is None) == (family == "autoencoder")
    assert file.codes.labels is not None
    assert digits.test_labels is not None
    assert np.array_equal(file.codes.labels, digits.test_labels)
    assert file.record["data"] == "digits"
    assert file.record["steps"] == events[-1].step
    assert file.record["images_per_second"] > 0
    assert not run.checkpoint_path.exists()


def test_a_snapshot_is_a_model_file_with_the_figures_that_its_event_tells(
    tmp_path: Path, digits: Dataset, often: None
) -> None:
    run, events = train(tmp_path / "run", small(), digits)
    # The finished model is measured once more, more thoroughly, and takes the last one's place.
    snapshots = {event.step: event for event in events if isinstance(event, Snapshot)}
    assert len(snapshots) > 5
    for event in snapshots.values():
        file = read_model(run.folder / event.file)
        assert file.figures["negative_elbo"] == event.negative_elbo
        assert event.kl is not None
        assert event.negative_elbo == pytest.approx(event.reconstruction + event.kl)
        assert file.record["steps"] == event.step


def test_an_autoencoder_tells_no_kl(tmp_path: Path, digits: Dataset) -> None:
    _, events = train(tmp_path / "run", small(family="autoencoder"), digits)
    assert all(event.kl is None for event in events if isinstance(event, Step | Snapshot))
    finished = last(events, Finished)
    assert isinstance(finished, Finished)
    assert finished.figures.keys() == {"reconstruction", "mse"}


def test_steps_tell_the_truth(tmp_path: Path, digits: Dataset, often: None) -> None:
    config = small(epochs=3, beta=2)
    run = create_run(tmp_path / "run", config)
    events = list(fit(config, digits, run))
    steps = [event for event in events if isinstance(event, Step)]
    per_epoch = 1437 // 128
    assert [event.step for event in steps] == list(range(1, 3 * per_epoch + 1))
    assert [event.epoch for event in events if isinstance(event, Epoch)] == [1, 2, 3]
    for event in steps:
        assert event.kl is not None
        assert event.loss == pytest.approx(event.reconstruction + 2 * event.kl, rel=1e-5)
        assert event.epoch == pytest.approx(event.step / per_epoch)
        assert event.progress == pytest.approx(event.step / (3 * per_epoch))
    assert steps[-1].seconds_left == 0
    # The first step's figures are those of the untrained model on the first batch.
    learner = Learner(config, digits.image_shape)
    order = np.random.default_rng([config.seed, 0]).permutation(1437)[:128]
    x = torch.from_numpy(digits.train_images[order].transpose(0, 3, 1, 2) / np.float32(255))
    assert steps[0].reconstruction == pytest.approx(
        float(learner.step(x, 0.0).reconstruction.detach().mean()), rel=1e-5
    )


def test_step_events_are_few(tmp_path: Path, digits: Dataset) -> None:
    _, events = train(tmp_path / "run", small(seconds=0.5, epochs=None), digits)
    assert len([event for event in events if isinstance(event, Step)]) <= 5 + 3  # and one before each snapshot
    assert len([event for event in events if isinstance(event, Epoch)]) <= 5 + 3


def test_a_budget_in_seconds_is_kept(tmp_path: Path, digits: Dataset) -> None:
    _, events = train(tmp_path / "run", small(seconds=0.3, epochs=None), digits)
    finished = last(events, Finished)
    assert isinstance(finished, Finished)
    assert finished.seconds >= 0.3
    step = last(events, Step)
    assert isinstance(step, Step)
    assert step.progress == 1
    assert step.seconds_left == 0


# The loss does what the config asks.


def test_without_the_reconstruction_every_image_ends_up_at_the_prior(tmp_path: Path, digits: Dataset) -> None:
    run, events = train(tmp_path / "run", small(reconstruction=False, epochs=30), digits)
    finished = last(events, Finished)
    assert isinstance(finished, Finished)
    assert finished.figures["kl"] < 0.01
    assert finished.figures["active_units"] == 0
    assert finished.figures["reconstruction"] > 30
    codes = final(run).codes
    assert codes is not None
    assert np.abs(codes.mean).max() < 0.5


def test_beta_trades_kl_for_reconstruction(tmp_path: Path, digits: Dataset) -> None:
    figures = {}
    for beta in (0, 1, 8):
        run, _ = train(tmp_path / str(beta), small(beta=beta, epochs=30), digits)
        figures[beta] = final(run).figures
    assert figures[0]["kl"] > 3 * figures[1]["kl"] > 3 * figures[8]["kl"]
    assert figures[0]["reconstruction"] < figures[1]["reconstruction"] < figures[8]["reconstruction"]


# Reproducible, and exact after an interruption.


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_seed_means_a_model(tmp_path: Path, digits: Dataset, precision: str) -> None:
    one, same_again, other = (
        final(train(tmp_path / name, small(seed=seed, precision=precision), digits)[0])
        for name, seed in (("one", 3), ("same", 3), ("other", 4))
    )
    assert same(one, same_again)
    assert not same(one, other)
    assert one.record["precision"] == precision


@pytest.mark.parametrize("network", NETWORKS.names())
def test_a_run_that_was_cut_off_at_any_step_ends_as_if_it_had_not_been(
    tmp_path: Path, digits: Dataset, often: None, network: str
) -> None:
    config = small(network=network, epochs=3)
    whole, _ = train(tmp_path / "whole", config, digits)
    run = create_run(tmp_path / "cut", config)
    for stop_after in (5, 13, 14, 25):
        worker = fit(config, digits, run, continue_from_checkpoint=True)
        for event in worker:
            if event.step >= stop_after:
                break
        worker.close()  # as a kill would: nothing is written any more
        assert run.checkpoint_path.exists()
    events = list(fit(config, digits, open_run(run.folder), continue_from_checkpoint=True))
    assert isinstance(events[0], Started)
    assert events[0].continued
    assert events[0].step > 13
    assert same(final(whole), final(run))
    assert final(run).figures == final(whole).figures


KILLED_WORKER = """
import sys, time, torch
torch.set_num_threads(1)
from trainer import fit
from trainer.data import load_dataset
from trainer.run import open_run, read_config
fit.CHECKPOINT_EVERY = 0.0
run = open_run(sys.argv[1])
for event in fit.fit(read_config(run), load_dataset("digits"), run):
    print(event.step, flush=True)
"""


def test_a_run_that_was_killed_ends_as_if_it_had_not_been(tmp_path: Path, digits: Dataset) -> None:
    config = small(epochs=60)
    run = create_run(tmp_path / "killed", config)
    worker = subprocess.Popen([sys.executable, "-c", KILLED_WORKER, str(run.folder)], stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    for line in worker.stdout:
        if int(line) > 100:
            break
    worker.kill()
    worker.wait()
    worker.stdout.close()
    assert status(run) == "interrupted"

    events = list(fit(config, digits, run, continue_from_checkpoint=True))
    assert isinstance(events[0], Started)
    assert 0 < events[0].step < 60 * (1437 // 128)
    whole, _ = train(tmp_path / "whole", config, digits)
    assert same(final(whole), final(run))


def test_snapshots_of_steps_that_are_done_again_are_removed(tmp_path: Path, digits: Dataset, often: None) -> None:
    config = small()
    run = create_run(tmp_path / "run", config)
    worker = fit(config, digits, run)
    reached = next(event.step for event in worker if event.step >= 20)
    worker.close()
    stray = run.snapshots_folder / f"{reached + 1000:09d}.safetensors"
    stray.write_bytes(b"of an earlier worker")
    next(fit(config, digits, run, continue_from_checkpoint=True))
    assert not stray.exists()


def interrupted(folder: Path, digits: Dataset, config: Config) -> Run:
    """A run with both of its checkpoints."""
    run = create_run(folder, config)
    worker = fit(config, digits, run)
    while not run.previous_checkpoint_path.exists():
        next(worker)
    worker.close()
    return run


def test_a_torn_checkpoint_falls_back_on_the_one_before(tmp_path: Path, digits: Dataset, often: None) -> None:
    config = small()
    run = interrupted(tmp_path / "torn", digits, config)
    data = run.checkpoint_path.read_bytes()
    run.checkpoint_path.write_bytes(data[: len(data) // 2])
    started, *_ = fit(config, digits, run, continue_from_checkpoint=True)
    assert isinstance(started, Started)
    assert started.continued
    whole, _ = train(tmp_path / "whole", config, digits)
    assert same(final(whole), final(run))


@pytest.mark.parametrize("damage", [b"", b"\xff" * 100, b"\x02\0\0\0\0\0\0\0{}"])
def test_a_run_with_damaged_checkpoints_only_says_so(
    tmp_path: Path, digits: Dataset, often: None, damage: bytes
) -> None:
    config = small()
    run = interrupted(tmp_path / "run", digits, config)
    for path in (run.checkpoint_path, run.previous_checkpoint_path):
        path.write_bytes(damage)
    events: list[Event] = []
    with pytest.raises(RunError, match="damaged"):
        events.extend(fit(config, digits, run, continue_from_checkpoint=True))
    assert status(run) == "failed"


def test_a_run_does_not_go_on_with_other_data(tmp_path: Path, digits: Dataset, often: None) -> None:
    config = small()
    run = interrupted(tmp_path / "run", digits, config)
    with pytest.raises(RunError, match="are not the same"):
        list(fit(config, replace(digits, train_images=digits.train_images[::-1]), run, continue_from_checkpoint=True))
    with pytest.raises(RunError, match="1437×8×8×1 and are 1437×8×4×1"):
        narrow = replace(digits, train_images=digits.train_images[:, :, :4], test_images=digits.test_images[:, :, :4])
        list(fit(config, narrow, run, continue_from_checkpoint=True))


def test_to_continue_a_run_without_a_checkpoint_is_to_begin_it(tmp_path: Path, digits: Dataset) -> None:
    config = small(epochs=1)
    run = create_run(tmp_path / "run", config)
    started, *_, finished = fit(config, digits, run, continue_from_checkpoint=True)
    assert isinstance(started, Started)
    assert not started.continued
    assert isinstance(finished, Finished)


def test_a_finished_run_stays_finished(tmp_path: Path, digits: Dataset) -> None:
    config = small(epochs=1)
    run, _ = train(tmp_path / "run", config, digits)
    with pytest.raises(RunError, match="has finished"):
        next(fit(config, digits, run, continue_from_checkpoint=True))
    assert status(run) == "finished"


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


# Data of all sizes.


@pytest.mark.parametrize("count", [1, 3, 100])
def test_a_batch_larger_than_the_data_is_the_data(tmp_path: Path, digits: Dataset, count: int) -> None:
    few = replace(
        digits, train_images=digits.train_images[:count], test_images=digits.test_images[:1], test_labels=None
    )
    run, events = train(tmp_path / "run", small(epochs=5), few)
    assert events[-1].step == 5
    codes = final(run).codes
    assert codes is not None
    assert codes.mean.shape == (1, 2)
    assert codes.labels is None


def test_images_that_torch_cannot_take_as_they_lie(tmp_path: Path, digits: Dataset) -> None:
    images = digits.train_images[:, ::-1]
    frozen = images.copy()
    frozen.setflags(write=False)
    flipped = replace(digits, train_images=images)
    one, _ = train(tmp_path / "flipped", small(), flipped)
    other, _ = train(tmp_path / "frozen", small(), replace(digits, train_images=frozen))
    assert same(final(one), final(other))


def test_codes_of_a_huge_test_split_are_capped(
    tmp_path: Path, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.portrait.MOST_CODES", 10)
    codes = final(train(tmp_path / "run", small(), digits)[0]).codes
    assert codes is not None
    assert codes.logvar is not None
    assert codes.labels is not None
    assert len(codes.mean) == len(codes.logvar) == len(codes.labels) == 10


IMPORTS = """
import sys, tempfile, pathlib
from trainer.config import make_config
from trainer.data import load_dataset
from trainer.fit import fit
from trainer.run import create_run
for network in ("mlp", "conv"):
    config = make_config({"epochs": 1, "network": network, "hidden": (8,)})
    with tempfile.TemporaryDirectory() as folder:
        list(fit(config, load_dataset("digits"), create_run(pathlib.Path(folder) / "run", config)))
print(*sys.modules)
"""


def test_training_does_not_import_torchs_compiler() -> None:
    """It takes more than a second, in which a small model has learnt its first map."""
    done = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True)
    assert not {"torch._dynamo", "torch._inductor", "sympy"} & set(done.stdout.split())
