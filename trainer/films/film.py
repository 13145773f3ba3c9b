"""A film: the pictures along a path, and the recipe from which they can be made again, bit for bit."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from trainer.codec import Codec
from trainer.conditions import class_weights
from trainer.errors import ConfigError
from trainer.files import Codes, ModelFile
from trainer.films.recipe import Recipe
from trainer.paths.around import surroundings
from trainer.paths.curve import Array
from trainer.paths.rule import joined
from trainer.paths.timing import walked

__all__ = ["Film", "decoded", "film_steps", "finished", "make_film"]

# Decoders may round another way in batches of another size, so a film is always decoded in batches of this one.
BATCH = 64


@dataclass(frozen=True, eq=False)
class Film:
    """Latent points (steps, D) float64 and what they are decoded as, (steps, H, W, C) uint8."""

    recipe: Recipe
    latent: Array
    pictures: NDArray[np.uint8]


def make_film(model: ModelFile, recipe: Recipe, device: str = "cpu") -> Film:
    """The film that a recipe makes of a model: the same one every time, on the same machine.

    Raises ConfigError for a recipe that does not go with the model, and ModelFileError for weights that do not go with
    its config.
    """
    from trainer.device import choose_device

    return finished(film_steps(Codec.from_file(model, choose_device(device)), model.codes, recipe))


def finished(steps: Generator[float, None, Film]) -> Film:
    """The film, when all of its steps are done."""
    try:
        while True:
            next(steps)
    except StopIteration as end:
        film: Film = end.value
        return film


def film_steps(codec: Codec, codes: Codes | None, recipe: Recipe) -> Generator[float, None, Film]:
    """The same as ``make_film`` in pieces: yields the share that is done after each, and returns the film."""
    points = np.asarray(recipe.waypoints, float)
    if points.ndim != 2 or points.shape[1] != codec.latent:
        raise ConfigError(f"A waypoint of this model has {codec.latent} coordinates.")
    condition = None if recipe.condition is None else class_weights(recipe.condition, codec.classes)
    # One way for all steps: of those from class to class that of the class in which they begin.
    around = surroundings(codec, codes, condition if condition is None or condition.ndim == 1 else condition[0])
    yield 0.0
    with one_thread():
        latent = walked(joined(points, recipe.kind, around, closed=recipe.closed), recipe.walk, around)
    parts = []
    for begin in range(0, len(latent), BATCH):
        weights = condition if condition is None or condition.ndim == 1 else condition[begin : begin + BATCH]
        with one_thread():
            parts.append(decoded(codec, latent[begin : begin + BATCH], weights))
        yield min(begin + BATCH, len(latent)) / (len(latent) + 1)
    return Film(recipe, latent, np.concatenate(parts))


@contextmanager
def one_thread() -> Iterator[None]:
    """Sums in the same order whatever the machine is: several threads would share them out in another way."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def decoded(codec: Codec, latent: Array, condition: ArrayLike | None) -> NDArray[np.uint8]:
    """The pictures (N, H, W, C) of at most ``BATCH`` latent points, decoded among as many as make a whole batch."""
    missing = BATCH - len(latent)
    points = np.concatenate([latent, np.repeat(latent[-1:], missing, axis=0)])
    weights: Any = condition
    if condition is not None and np.ndim(condition) == 2:
        rows = np.asarray(condition)
        weights = np.concatenate([rows, np.repeat(rows[-1:], missing, axis=0)])
    return codec.decode(points, weights)[: len(latent)]
