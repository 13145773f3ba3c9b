"""What the window has open: a model, and perhaps a moment of the film of its run. Pure data."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.config import VARIATIONAL
from trainer.files import Codes, ModelFile

__all__ = ["Condition", "Moment", "OpenModel", "has_prior"]

Condition = tuple[float, ...]  # a weight for each class, which sum to 1


@dataclass(frozen=True, eq=False)
class OpenModel:
    """What the window explores: a model file's content, where it came from and what to call it.

    ``live`` is true for a snapshot of a run that goes on: the next snapshot of it replaces this one.
    """

    file: ModelFile
    title: str
    path: Path | None = None
    live: bool = False


def has_prior(model: OpenModel | None) -> bool:
    """Whether anything holds a model's codes to a prior; an autoencoder and a codebook know none."""
    return model is None or model.file.config.family in VARIATIONAL


@dataclass(frozen=True, eq=False)
class Moment:
    """A moment of the film of a run: the snapshot ``model``, whose decoder answers, and where the points were.

    ``codes`` are in the latent coordinates of ``model``, and may lie between two snapshots. ``z @ turn``, with turn
    (D, D) a rotation or reflection, aligns these coordinates with those that the map shows.
    """

    model: OpenModel
    codes: Codes | None
    turn: NDArray[np.float64]
