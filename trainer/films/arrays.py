"""A film as arrays for NumPy."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from trainer.films.film import Film
from trainer.films.style import Style
from trainer.outputs import check_suffix, write_output

__all__ = ["steps"]


def steps(path: Path, film: Film, style: Style) -> Iterator[float]:
    """An .npz file with z (steps, D), images (steps, H, W, C) uint8, waypoints (W, D) and the rule's name, kind; of a
    conditional model also condition. It holds no objects. See ``trainer.films``. Raises OutputError.
    """
    check_suffix(path, ".npz", "Arrays")
    recipe = film.recipe
    arrays: dict[str, Any] = {
        "z": film.latent,
        "images": film.pictures,
        "waypoints": np.array(recipe.waypoints, float),
        "kind": np.array(recipe.kind),
    }
    if recipe.condition is not None:
        arrays["condition"] = np.array(recipe.condition, np.float32)
    yield 0.2
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    yield 0.8
    write_output(path, buffer.getvalue())
    yield 1.0
