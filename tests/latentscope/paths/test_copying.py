"""A path as text: the script and the command make the very pictures that the window makes."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from latentscope.paths.copying import as_command, as_python
from tests.support.commands import make_model
from trainer.errors import OutputError
from trainer.files import read_model
from trainer.films.film import make_film
from trainer.films.recipe import Recipe
from trainer.paths.timing import Walk

ROOT = Path(__file__).parents[3]
WAYPOINTS = ((-1.0, 0.1 + 0.2), (1 / 3, 1.0), (1.5, -0.7))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("it's a folder") / 'a "model".safetensors')


def run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(WAYPOINTS, "spline", Walk(9, ease="both"), closed=True),
        Recipe(WAYPOINTS[:2], "geodesic", Walk(12, "visual")),
    ],
)
def test_script_and_command_make_the_same_pictures_bit_for_bit(recipe: Recipe, model: Path, tmp_path: Path) -> None:
    film = make_film(read_model(model), recipe)
    run([sys.executable, "-c", as_python(model, recipe)], tmp_path)
    with np.load(tmp_path / "path.npz", allow_pickle=False) as arrays:
        assert (arrays["z"] == film.latent).all()
        assert (arrays["images"] == film.pictures).all()
    words = shlex.split(as_command(model, recipe, "by command.npz"))
    assert words[:4] == ["python", "-m", "trainer", "path"]
    run([sys.executable, *words[1:]], tmp_path)
    with np.load(tmp_path / "by command.npz", allow_pickle=False) as arrays:
        assert (arrays["z"] == film.latent).all()
        assert (arrays["images"] == film.pictures).all()


def test_of_a_conditional_model_the_class_goes_along() -> None:
    recipe = Recipe(WAYPOINTS, condition=(0.0, 0.25, 0.0, 0.75))
    assert "condition=(0.0, 0.25, 0.0, 0.75)" in as_python(Path("m.safetensors"), recipe)
    assert "--label 1:0.25,3:0.75" in as_command(Path("m.safetensors"), recipe)
    assert "--label 2 " in as_command(Path("m.safetensors"), Recipe(WAYPOINTS, condition=(0.0, 0.0, 1.0)))


def test_a_path_too_long_for_a_command_line_is_refused_and_no_script_is() -> None:
    long = Recipe(tuple((0.123456789 * i, -1.0) for i in range(10_000)))
    with pytest.raises(OutputError, match="10,000 waypoints, too many for a command line"):
        as_command(Path("m.safetensors"), long)
    compile(as_python(Path("m.safetensors"), long), "script", "exec")
