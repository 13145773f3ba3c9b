"""Small trainings for tests, and how to look at what they leave behind."""

from pathlib import Path

import numpy as np

from trainer.config import Config, make_config
from trainer.data import Dataset
from trainer.events import Event
from trainer.files import ModelFile, read_model
from trainer.fit import fit
from trainer.run import Run, create_run

__all__ = ["final", "last", "same", "small", "train"]


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
