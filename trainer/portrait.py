"""A training's model as a model file: its averaged weights, the codes of the test split, and how it came about."""

import platform
from datetime import UTC, datetime
from typing import Any

import numpy as np
import torch

from trainer import __version__
from trainer.config import Config
from trainer.data.dataset import Dataset
from trainer.evaluate import Bound, Evaluation
from trainer.files import Codes, ModelFile
from trainer.learner import Learner

__all__ = ["MOST_CODES", "portrait", "recipe"]

MOST_CODES = 50_000  # test points whose codes a model file carries: the first so many of the test split


def portrait(
    config: Config,
    dataset: Dataset,
    learner: Learner,
    measured: Bound | Evaluation,
    *,
    batch: int,
    seconds: float,
) -> ModelFile:
    """The file of the learner's average, after ``seconds`` of training in batches of ``batch`` images."""
    logvar, labels, tokens = measured.logvar, dataset.test_labels, measured.tokens
    images = learner.steps * batch
    record: dict[str, Any] = {
        "data": dataset.name,
        "recipe": recipe(config, batch),
        "images": len(dataset.train_images),
        "test_images": len(dataset.test_images),
        "steps": learner.steps,
        "epochs": images / len(dataset.train_images),
        "seconds": seconds,
        "images_per_second": images / seconds if seconds else 0.0,
        "device": str(learner.device),
        "precision": learner.precision,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {
            "latentscope": __version__,
            "torch": torch.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
    }
    return ModelFile(
        config=config,
        image_shape=dataset.image_shape,
        class_names=dataset.class_names,
        weights={name: weight.cpu().numpy() for name, weight in learner.average.state_dict().items()},
        codes=Codes(
            measured.mean[:MOST_CODES],
            None if logvar is None else logvar[:MOST_CODES],
            None if labels is None else labels[:MOST_CODES],
            None if tokens is None else tokens[:MOST_CODES],
        ),
        record=record,
        figures=measured.figures,
    )


def recipe(config: Config, batch: int) -> str:
    """How a model is trained in batches of so many images, in words."""
    widths = "-".join(map(str, config.hidden)) if config.hidden else "of the default widths"
    if config.decoder_hidden:
        widths += f", decoder {'-'.join(map(str, config.decoder_hidden))}"
    budget = f"{config.seconds:g} s" if config.seconds is not None else f"{config.epochs} epochs"
    return (
        f"{config.family}, {config.network} {widths}, latent dimension {config.latent}, "
        f"{config.likelihood} likelihood, β = {config.beta:g}{'' if config.reconstruction else ', no reconstruction'}; "
        f"{budget} of Adam in batches of {batch}, learning rate up to {config.learning_rate:g} with warm-up and "
        f"cosine, averaged weights, seed {config.seed}"
    )
