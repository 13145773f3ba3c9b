"""A film: the pictures along a path, and the recipe from which they can be made again, bit for bit."""

import time
from collections.abc import Callable, Generator, Iterator
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
from trainer.paths import RULES
from trainer.paths.around import surroundings
from trainer.paths.curve import Array, Curve
from trainer.paths.rule import joining
from trainer.paths.timing import walked

__all__ = ["Film", "decoded", "film_steps", "finished", "make_film", "real_images"]

Pictures = NDArray[np.uint8]

# Decoders may round another way in batches of another size, so a film is always decoded in batches of this one.
BATCH = 64
# The share of a film's making that it counts for to find a way that takes long; seconds between two looks at whether it
# is still wanted.
WAY, AT_ONCE = 0.7, 0.05


@dataclass(frozen=True, eq=False)
class Film:
    """Latent points (steps, D) float64 and what they are decoded as, (steps, H, W, C) uint8."""

    recipe: Recipe
    latent: Array
    pictures: Pictures


def make_film(model: ModelFile, recipe: Recipe, device: str = "cpu") -> Film:
    """The film that a recipe makes of a model: the same one every time, on the same machine.

    Raises ConfigError for a recipe that does not go with the model, ModelFileError for weights that do not go with its
    config, and DataError for test images that cannot be had.
    """
    from trainer.device import choose_device

    codec = Codec.from_file(model, choose_device(device))
    return finished(film_steps(codec, model.codes, recipe, real_images(recipe, model.config.data)))


def real_images(recipe: Recipe, data: str) -> Pictures | None:
    """The test images (N, H, W, C) in which a film ends, by default those of ``data``; None where it ends in none.

    Raises DataError.
    """
    if recipe.ends == (None, None):
        return None
    from trainer.data import load_dataset

    return load_dataset(recipe.data or data).test_images


def finished(steps: Generator[float, None, Film], tell: Callable[[float], object] = bool) -> Film:
    """The film, when all of its steps are done; ``tell`` gets the share after each."""
    try:
        while True:
            tell(next(steps))
    except StopIteration as end:
        film: Film = end.value
        return film


def film_steps(
    codec: Codec, codes: Codes | None, recipe: Recipe, originals: Pictures | None = None
) -> Generator[float, None, Film]:
    """The same as ``make_film`` in pieces: yields the share that is done after each, and returns the film.

    ``originals`` (N, H, W, C) are the test images of which the recipe's ``ends`` are some.
    """
    points = np.asarray(recipe.waypoints, float)
    if points.ndim != 2 or points.shape[1] != codec.latent:
        raise ConfigError(f"A waypoint of this model has {codec.latent} coordinates.")
    condition = None if recipe.condition is None else class_weights(recipe.condition, codec.classes)
    # One way for all steps: of those from class to class that of the class in which they begin.
    around = surroundings(codec, codes, condition if condition is None or condition.ndim == 1 else condition[0])
    yield 0.0
    way = WAY if RULES[recipe.kind].traits else 0.0  # which share of the work it is to find it
    curve = yield from on_one_thread(joining(points, recipe.kind, around, closed=recipe.closed), way)
    with one_thread():
        latent = walked(curve, recipe.walk, around)
    parts = []
    for begin in range(0, len(latent), BATCH):
        weights = condition if condition is None or condition.ndim == 1 else condition[begin : begin + BATCH]
        with one_thread():
            parts.append(decoded(codec, latent[begin : begin + BATCH], weights))
        yield way + (1 - way) * min(begin + BATCH, len(latent)) / (len(latent) + 1)
    pictures = np.concatenate(parts)
    for frame, row in zip((0, -1), recipe.ends, strict=True):
        if row is not None:
            pictures[frame] = real_image(originals, row, pictures.shape[1:])
    return Film(recipe, latent, pictures)


def real_image(originals: Pictures | None, row: int, shape: tuple[int, ...]) -> Pictures:
    """The test image in this row. Raises ConfigError where there is none of this shape."""
    if originals is None or not 0 <= row < len(originals):
        count = 0 if originals is None else len(originals)
        raise ConfigError(f"There is no test image {row:,} to end in; the data set has {count:,}, counted from 0.")
    if originals.shape[1:] != shape:
        ours, theirs = ("×".join(map(str, sides)) for sides in (shape, originals.shape[1:]))
        raise ConfigError(f"The test images are {theirs}, but this model's are {ours}; name its own data set.")
    return originals[row]


def on_one_thread(steps: Generator[float, None, Curve], part: float) -> Generator[float, None, Curve]:
    """The same steps on one thread, as many at once as take ``AT_ONCE`` seconds; they are so large a part of all."""
    while True:
        begun = time.monotonic()
        with one_thread():
            try:
                share = next(steps)
                while time.monotonic() - begun < AT_ONCE:
                    share = next(steps)
            except StopIteration as end:
                curve: Curve = end.value
                return curve
        yield part * share


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
