"""The command ``path``: every rule, every format, and what it says to what cannot be."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.commands import call, make_model, refused
from trainer.codec import Codec
from trainer.data import load_dataset
from trainer.files import read_model
from trainer.films.film import make_film
from trainer.films.recipe import Recipe
from trainer.paths import RULES
from trainer.paths.timing import Walk


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("models") / "digits.safetensors")


def film(out: Path, model: Path, *arguments: object) -> tuple[np.ndarray, np.ndarray]:
    result = call("path", model, *arguments, "--out", out)
    assert result.exit_code == 0, result.output
    with np.load(out, allow_pickle=False) as arrays:
        return arrays["z"], arrays["images"]


def test_a_strip_goes_from_end_to_end(model: Path, tmp_path: Path) -> None:
    strips = {}
    for kind in ("linear", "slerp", "geodesic", "data"):
        out = tmp_path / f"{kind}.png"
        arguments = ("--from=-1,0", "--to=2,1", "--kind", kind, "--steps", 4, "--scale", 1, "--out", out)
        assert call("path", model, *arguments).exit_code == 0
        with Image.open(out) as picture:
            strips[kind] = np.asarray(picture)
    ends = Codec.from_file(read_model(model)).decode([[-1, 0], [2, 1]])[..., 0]
    for pixels in strips.values():
        assert pixels.shape == (8, 4 * 8 + 3)
        assert np.abs(pixels[:, :8].astype(int) - ends[0]).max() <= 1
        assert np.abs(pixels[:, -8:].astype(int) - ends[1]).max() <= 1
    assert (strips["linear"] != strips["slerp"]).any()


@pytest.mark.parametrize("kind", RULES.names())
def test_each_rule_goes_through_all_waypoints(kind: str, model: Path, tmp_path: Path) -> None:
    latent, images = film(tmp_path / "p.npz", model, "--through=-1,0;0,1;1,0", "--kind", kind, "--steps", 33)
    assert latent.shape == (33, 2)
    assert images.shape == (33, 8, 8, 1)
    assert latent[0].tolist() == [-1, 0]
    assert latent[-1].tolist() == [1, 0]


def test_the_same_command_gives_the_same_file(model: Path, tmp_path: Path) -> None:
    for name in ("one.npz", "other.npz"):
        film(tmp_path / name, model, "--from=-1,0", "--to=1,1", "--kind", "spline", "--ease", "both")
    with np.load(tmp_path / "one.npz") as one, np.load(tmp_path / "other.npz") as other:
        assert all((one[name] == other[name]).all() for name in ("z", "images"))


def test_the_command_makes_what_the_function_makes(model: Path, tmp_path: Path) -> None:
    recipe = Recipe(((-1.0, 0.5), (1.0, 0.0), (0.0, -1.0)), "slerp", Walk(70, ease="in"), closed=True)
    made = make_film(read_model(model), recipe)
    arguments = ("--through=-1,0.5;1,0;0,-1", "--kind", "slerp", "--steps", 70, "--ease", "in", "--closed")
    latent, images = film(tmp_path / "p.npz", model, *arguments, "--device", "cpu")
    assert (latent == made.latent).all()
    assert (images == made.pictures).all()
    assert latent[0].tolist() == latent[-1].tolist() == [-1, 0.5]


def test_a_picture_of_a_film_is_decoded_whatever_stands_beside_it(model: Path) -> None:
    file = read_model(model)
    few = make_film(file, Recipe(((-1.0, 0.0), (1.0, 1.0)), walk=Walk(3)))
    many = make_film(file, Recipe(((-1.0, 0.0), (1.0, 1.0)), walk=Walk(129)))
    assert (few.pictures == many.pictures[::64]).all()


def test_a_test_image_is_named_by_its_number_and_may_be_shown_itself(model: Path, tmp_path: Path) -> None:
    codes, digits = read_model(model).codes, load_dataset("digits").test_images
    assert codes is not None
    arguments = ("--through=#3;0,0.5;#7", "--steps", 5, "--data", "digits")
    latent, decoded = film(tmp_path / "decoded.npz", model, *arguments)
    assert (latent[[0, -1]] == codes.mean[[3, 7]]).all()
    latent, real = film(tmp_path / "real.npz", model, *arguments, "--real-ends")
    assert (real[[0, -1]] == digits[[3, 7]]).all()
    assert (real[1:-1] == decoded[1:-1]).all()
    loop = film(tmp_path / "loop.npz", model, *arguments[:-2], "--data", "digits", "--real-ends", "--closed")[1]
    assert (loop[[0, -1]] == digits[[3, 3]]).all()


@pytest.mark.parametrize("name", ["f.gif", "f.mp4", "f.webm"])
def test_a_film_is_written(name: str, model: Path, tmp_path: Path) -> None:
    out = tmp_path / name
    arguments = ("--from=-1,0", "--to=2,1", "--steps", 5, "--rate", 25, "--bounce", "--scale", 2, "--out", out)
    result = call("path", model, *arguments)
    assert result.exit_code == 0, result.output
    assert "The film is" in result.output
    assert out.stat().st_size > 100


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--from=0,0", "--to=1", "--out", "x.png"), "--to takes 2 numbers"),
        (("--from=0,0", "--out", "x.png"), "by --from and --to, or all waypoints, by --through"),
        (("--from=0,0", "--through=0,0;1,1", "--out", "x.png"), "either --from and --to, or all waypoints"),
        (("--through=0,0", "--out", "x.png"), "from 2 to 10,000 latent points"),
        (("--through=0,0;nan,1", "--out", "x.png"), "--through takes 2 numbers"),
        (("--through=" + ";".join(["0,0"] * 10_001), "--out", "x.png"), "has 10,001"),
        (("--from=0,0", "--to=1,1", "--kind", "curly", "--out", "x.png"), "no path kind 'curly'"),
        (("--from=0,0", "--to=1,1", "--timing", "lunar", "--out", "x.png"), "no timing 'lunar'"),
        (("--from=0,0", "--to=1,1", "--ease", "hard", "--out", "x.png"), "ease 'hard'"),
        (("--from=0,0", "--to=1,1", "--out", "x.avi"), "ends with one of .png"),
        (("--from=0,0", "--to=1,1", "--out", "x"), "ends with one of .png"),
        (("--from=0,0", "--to=1,1", "--rate", "0", "--out", "x.gif"), "frames a second"),
        (("--from=#9999", "--to=1,1", "--out", "x.png"), "from #0 to #359, and is '#9999'"),
        (("--from=#x", "--to=1,1", "--out", "x.png"), "--from takes the number of a test image"),
        (("--from=0,0", "--to=1,1", "--real-ends", "--out", "x.png"), "--real-ends needs an end"),
        (("--from=#1", "--to=1,1", "--real-ends", "--data", "no", "--out", "x.png"), "no data set 'no'"),
        (("--from=0,0", "--to=1,1", "--out", "missing/x.gif"), "no such file or folder"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence_and_writes_nothing(
    arguments: tuple[str, ...], words: str, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert words in refused("path", model, *arguments)
    assert not any(tmp_path.iterdir())
