"""A film as arrays for NumPy."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from trainer.films.film import Film
from trainer.films.style import Style
from trainer.outputs import write_output

__all__ = ["check", "steps"]


def check(count: int, shape: tuple[int, int, int], style: Style) -> None:
    """See ``trainer.films``: arrays take everything."""


def steps(path: Path, film: Film, style: Style) -> Iterator[float]:
    """An .npz file with z (steps, D), images (steps, H, W, C) uint8, waypoints (W, D) and the rule's name, kind; of a
    conditional model also condition, and where it ends in test images their rows, ends (2,), −1 for none. It holds no
    objects. See ``trainer.films``. Raises OutputError.
    """
    recipe = film.recipe
    arrays: dict[str, Any] = {
        "z": film.latent,
        "images": film.pictures,
        "waypoints": np.array(recipe.waypoints, float),
        "kind": np.array(recipe.kind),
    }
    if recipe.condition is not None:
        arrays["condition"] = np.array(recipe.condition, np.float32)
    if recipe.ends != (None, None):
        arrays["ends"] = np.array([-1 if row is None else row for row in recipe.ends])
    yield 0.2
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    yield 0.8
    write_output(path, buffer.getvalue())
    yield 1.0
