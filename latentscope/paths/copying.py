"""A path as text that makes its pictures again: a Python script, or a command for a terminal. Pure, no Qt."""

import os
import re
import shlex
from pathlib import Path

from trainer.conditions import Weights, class_weights
from trainer.errors import OutputError
from trainer.films.recipe import Recipe

__all__ = ["as_command", "as_python"]

MOST_IN_A_COMMAND = 100_000  # characters: some systems take no longer line


def as_python(model: Path, recipe: Recipe) -> str:
    """A script that makes the film of a recipe with the public functions of ``trainer``, bit for bit.

    Numbers are written so that reading them gives the same ones.
    """
    walk = recipe.walk
    waypoints = ",\n".join(f"        {tuple(map(float, point))!r}" for point in recipe.waypoints)
    settings = [f"    waypoints=(\n{waypoints},\n    )", f"    kind={recipe.kind!r}"]
    settings.append(f"    walk=Walk(steps={walk.steps}, pace={walk.pace!r}, ease={walk.ease!r})")
    if recipe.closed:
        settings.append("    closed=True")
    if recipe.condition is not None:
        settings.append(f"    condition={tuple(recipe.condition)!r}")
    if recipe.ends != (None, None):
        settings.append(f"    ends={recipe.ends!r}")
        settings.append(f"    data={recipe.data!r}")
    told = ",\n".join(settings)
    return (
        "import numpy as np\n\n"
        "from trainer.files import read_model\n"
        "from trainer.films.film import make_film\n"
        "from trainer.films.recipe import Recipe\n"
        "from trainer.paths.timing import Walk\n\n"
        f"recipe = Recipe(\n{told},\n)\n"
        f"film = make_film(read_model({str(model)!r}), recipe)\n"
        f"# film.latent: {walk.steps} latent points; film.pictures: {walk.steps} images, uint8\n"
        'np.savez_compressed("path.npz", z=film.latent, images=film.pictures)\n'
    )


def as_command(model: Path, recipe: Recipe, out: str = "path.png", *, windows: bool = os.name == "nt") -> str:
    """The command that writes the same film. Raises OutputError for a path too long for a command line."""
    places = [",".join(map(repr, map(float, point))) for point in recipe.waypoints]
    first, last = recipe.ends
    if first is not None:
        places[0] = f"#{first}"
    if last is not None and not recipe.closed:
        places[-1] = f"#{last}"
    words = ["python", "-m", "trainer", "path", str(model), f"--through={';'.join(places)}", "--kind", recipe.kind]
    words += ["--steps", str(recipe.walk.steps)]
    if recipe.walk.pace != "latent":
        words += ["--timing", recipe.walk.pace]
    if recipe.walk.ease != "none":
        words += ["--ease", recipe.walk.ease]
    if recipe.closed:
        words.append("--closed")
    if recipe.condition is not None:
        words += ["--label", label_text(class_weights(recipe.condition, len(recipe.condition)))]
    if recipe.ends != (None, None):
        words += ["--real-ends", "--data", recipe.data]
    text = joined([*words, "--device", "cpu", "--out", out], windows)
    if len(text) > MOST_IN_A_COMMAND:
        raise OutputError(
            f"The path has {len(recipe.waypoints):,} waypoints, too many for a command line; copy it as Python."
        )
    return text


def joined(words: list[str], windows: bool) -> str:
    """Words as a shell takes them: that of POSIX, or those of Windows, where double quotes are the only ones that both
    know, and no file's name has any."""
    if not windows:
        return shlex.join(words)
    return " ".join(word if re.fullmatch(r"[\w.:\\=-]+", word) else f'"{word}"' for word in words)


def label_text(condition: Weights) -> str:
    """A condition (K,) as ``--label`` takes it, by the classes' numbers: "7", or "3:0.5,8:0.5"."""
    used = [(label, weight) for label, weight in enumerate(condition.tolist()) if weight]
    return str(used[0][0]) if len(used) == 1 else ",".join(f"{label}:{weight!r}" for label, weight in used)
