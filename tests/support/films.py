"""A run with snapshots, as a worker would leave it behind, whose codes turn and grow as if they were trained."""

from pathlib import Path

import numpy as np
from runs import here, write

from trainer.config import make_config
from trainer.events import Finished, Snapshot, Step
from trainer.files import Codes, ModelFile, write_model
from trainer.run import Run, create_run

__all__ = ["ANGLE", "filmed_run", "snapshot_file", "tell_snapshot"]

ANGLE = 0.5  # by which the codes turn from one snapshot to the next
EPOCH = 20  # steps


def snapshot_file(number: int, latent: int = 2, points: int = 30) -> ModelFile:
    """The number-th snapshot: an untrained model of its own, and codes turned by number · ANGLE."""
    import torch

    from trainer.models.build import build_model

    torch.manual_seed(number)
    config = make_config({"data": "digits", "hidden": [16], "epochs": 1, "latent": latent})
    weights = {name: value.numpy() for name, value in build_model(config, (8, 8, 1)).state_dict().items()}
    codes = np.random.default_rng(7).normal(size=(points, latent)) * np.linspace(1, 0.3, latent) * (1 + 0.2 * number)
    turn = np.eye(latent)
    if latent > 1:
        c, s = np.cos(number * ANGLE), np.sin(number * ANGLE)
        turn[:2, :2] = [[c, -s], [s, c]]
    mean = (codes @ turn).astype(np.float32)
    labels = np.arange(points) % 3
    return ModelFile(config, (8, 8, 1), ("a", "b", "c"), weights, Codes(mean, np.zeros_like(mean), labels))


def tell_snapshot(run: Run, number: int, latent: int = 2) -> None:
    """Write the number-th snapshot, and a word of it into the log."""
    name = f"snapshots/{100 * number:09d}.safetensors"
    write_model(run.folder / name, snapshot_file(number, latent))
    bound = 200.0 - 10 * number
    write(run, Step(100 * number, 100 * number / EPOCH, number, 99.0, 1.0, 100.0, 1e-3, 20_000.0, 0.1 * number, 3.0))
    write(run, Snapshot(100 * number, float(number), name, bound - 5, 5.0, bound))


def filmed_run(folder: Path, count: int = 5, latent: int = 2, finished: bool = True) -> Run:
    """A run of so many snapshots, a second apart, and at its end the finished model."""
    run = create_run(folder, make_config({"data": "digits", "hidden": [16], "epochs": 1, "latent": latent}))
    write(run, here())
    for number in range(count):
        tell_snapshot(run, number, latent)
    if finished:
        write_model(run.model_path, snapshot_file(count - 1, latent))
        write(run, Finished(100 * (count - 1), count - 1.0, run.model_path.name))
    return run
