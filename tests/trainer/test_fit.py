"""What a training learns, and what it leaves behind."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from fitting import final, last, same, small, train

from trainer.config import VARIATIONAL
from trainer.data import Dataset
from trainer.events import Epoch, Finished, Snapshot, Started, Step
from trainer.files import read_model
from trainer.fit import fit
from trainer.learner import Learner
from trainer.models import FAMILIES, NETWORKS
from trainer.models.base import Batch
from trainer.run import EventReader, create_run, status

# What a run leaves behind.


@pytest.mark.parametrize("network", NETWORKS.names())
@pytest.mark.parametrize("family", FAMILIES.names())
def test_training_learns_and_writes_the_run_folder(tmp_path: Path, digits: Dataset, family: str, network: str) -> None:
    config = small(family=family, network=network, epochs=30)
    run, events = train(tmp_path / "run", config, digits)

    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    assert EventReader(run).poll() == events
    first = next(event for event in events if isinstance(event, Snapshot))
    assert first.step == 0
    assert events[-1].figures["reconstruction"] < first.reconstruction - 2
    assert events[-1].step == 30 * (1437 // 128)
    assert status(run) == "finished"

    file = final(run)
    assert file.config == config
    assert file.image_shape == (8, 8, 1)
    assert file.class_names == digits.class_names
    assert file.figures == events[-1].figures
    assert file.codes is not None
    assert file.codes.mean.shape == (len(digits.test_images), config.latent)
    assert (file.codes.logvar is None) == (family not in VARIATIONAL)
    assert (file.codes.tokens is None) == (family != "vq-vae")
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
    assert finished.figures.keys() == {"reconstruction", "mse", "mse_over_variance"}


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
    learner.start_at(digits.train_images.mean(0, dtype=np.float32) / 255)
    order = np.random.default_rng([config.seed, 0]).permutation(1437)[:128]
    x = torch.from_numpy(digits.train_images[order].transpose(0, 3, 1, 2) / np.float32(255))
    assert steps[0].reconstruction == pytest.approx(
        float(learner.step(Batch(x), 0.0).reconstruction.detach().mean()), rel=1e-5
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
