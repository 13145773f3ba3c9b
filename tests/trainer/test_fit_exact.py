"""Trainings are reproducible, and exact after an interruption."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from fitting import final, same, small, train

from trainer.config import Config
from trainer.data import Dataset
from trainer.errors import RunError
from trainer.events import Event, Finished, Started
from trainer.fit import fit
from trainer.models import NETWORKS
from trainer.run import Run, create_run, open_run, status


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_seed_means_a_model(tmp_path: Path, digits: Dataset, precision: str) -> None:
    one, same_again, other = (
        final(train(tmp_path / name, small(seed=seed, precision=precision), digits)[0])
        for name, seed in (("one", 3), ("same", 3), ("other", 4))
    )
    assert same(one, same_again)
    assert not same(one, other)
    assert one.record["precision"] == precision


@pytest.mark.parametrize(
    ("family", "network"), [*(("vae", network) for network in NETWORKS.names()), ("vq-vae", "residual")]
)
def test_a_run_that_was_cut_off_at_any_step_ends_as_if_it_had_not_been(
    tmp_path: Path, digits: Dataset, often: None, family: str, network: str
) -> None:
    config = small(family=family, network=network, epochs=3, codes=64)
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
