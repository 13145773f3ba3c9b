"""A path as text: the script and the command make the very pictures that the window makes."""

import os
import shlex
import subprocess
import sys
from dataclasses import replace
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


def test_on_windows_all_that_a_shell_could_mistake_is_in_double_quotes() -> None:
    recipe = Recipe(WAYPOINTS[:2], ends=(4, None), data="C:\\my data\\a.npz")
    text = as_command(Path("C:/it's/a model.safetensors"), recipe, windows=True)
    assert '"C:/it\'s/a model.safetensors"' in text
    assert '"--through=#4;0.3333333333333333,1.0"' in text
    assert text.endswith('--real-ends --data "C:\\my data\\a.npz" --device cpu --out path.png')


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
        Recipe(WAYPOINTS, "data", Walk(5), ends=(3, 5), data="digits"),
    ],
)
def test_script_and_command_make_the_same_pictures_bit_for_bit(recipe: Recipe, model: Path, tmp_path: Path) -> None:
    file = read_model(model)
    if recipe.ends != (None, None):
        assert file.codes is not None
        first, last = (tuple(map(float, file.codes.mean[row])) for row in recipe.ends)
        recipe = replace(recipe, waypoints=(first, *recipe.waypoints[1:-1], last))
    film = make_film(file, recipe)
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
