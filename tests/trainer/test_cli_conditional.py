"""The class that is asked for on the command line."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from trainer.codec import Codec
from trainer.config import make_config
from trainer.console import app
from trainer.data import Dataset
from trainer.files import ModelFile, read_model, write_model
from trainer.models.build import build_model

NAMES = ("nought", *"12345678", "Nine")


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def done(*arguments: object) -> None:
    result = call(*arguments)
    assert result.exit_code == 0, result.output


def refused(*arguments: object) -> str:
    result = call(*arguments)
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    [sentence] = result.stderr.splitlines()
    return sentence


def untrained(path: Path, family: str) -> Path:
    config = make_config({"epochs": 1, "hidden": [16], "family": family})
    weights = {name: w.numpy() for name, w in build_model(config, (8, 8, 1), classes=10).state_dict().items()}
    write_model(path, ModelFile(config, (8, 8, 1), NAMES, weights))
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return untrained(tmp_path_factory.mktemp("models") / "conditional.safetensors", "conditional-vae")


@pytest.fixture(scope="module")
def codec(model: Path) -> Codec:
    return Codec.from_file(read_model(model))


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture)


@pytest.mark.parametrize("label", ["9", "Nine", "nine"])
def test_decode_draws_the_class(model: Path, codec: Codec, tmp_path: Path, label: str) -> None:
    out = tmp_path / "x.png"
    done("decode", model, "--at=0.3,-1", "--label", label, "--scale", 1, "--out", out)
    assert np.array_equal(pixels(out), codec.decode([[0.3, -1]], np.eye(10)[9])[0, ..., 0])
    with Image.open(out) as picture:
        assert json.loads(picture.text["Description"])["label"] == label  # type: ignore[attr-defined]


def test_atlas_and_mixtures(model: Path, codec: Codec, tmp_path: Path) -> None:
    out = tmp_path / "x.png"
    done("atlas", model, "--size", 3, "--label", "3:0.5,8:0.5", "--scale", 1, "--out", out)
    mixture = (np.eye(10)[3] + np.eye(10)[8]) / 2
    assert np.array_equal(pixels(out)[8:16, 8:16], codec.decode([[0, 0]], mixture)[0, ..., 0])


def test_a_path_goes_from_class_to_class(model: Path, codec: Codec, tmp_path: Path) -> None:
    out = tmp_path / "x.png"
    ends = ("--from=1,0", "--to=1,0", "--steps", 3)
    done("path", model, *ends, "--label", 3, "--to-label", 8, "--scale", 1, "--out", out)
    strip = pixels(out)
    half = (np.eye(10)[3] + np.eye(10)[8]) / 2
    for step, condition in enumerate((np.eye(10)[3], half, np.eye(10)[8])):
        left = step * 9  # one pixel between the frames
        assert np.array_equal(strip[:, left : left + 8], codec.decode([[1, 0]], condition)[0, ..., 0])


def test_samples_are_of_all_classes_in_turn(model: Path, codec: Codec, tmp_path: Path) -> None:
    out = tmp_path / "x.png"
    done("sample", model, "--count", 20, "--seed", 5, "--scale", 1, "--out", out)
    sheet = pixels(out)
    assert sheet.shape == (17, 89)  # a column a class
    z = np.random.default_rng(5).standard_normal((20, 2))
    assert np.array_equal(sheet[9:17, 27:35], codec.decode(z[13:14], np.eye(10)[3])[0, ..., 0])
    done("sample", model, "--count", 4, "--seed", 5, "--label", 7, "--scale", 1, "--out", out)
    assert np.array_equal(pixels(out)[:8, :8], codec.decode(z[:1], np.eye(10)[7])[0, ..., 0])


def test_codes_are_of_each_images_own_class(model: Path, codec: Codec, tmp_path: Path, digits: Dataset) -> None:
    out = tmp_path / "codes.npz"
    done("encode", model, "--data", "digits", "--out", out)
    with np.load(out, allow_pickle=False) as codes:
        condition = np.eye(10)[digits.test_labels]
        assert np.array_equal(codes["condition"], condition)
        assert np.array_equal(codes["mean"], codec.encode(digits.test_images, condition)[0])
    done("encode", model, "--data", "digits", "--label", "Nine", "--out", out)
    with np.load(out, allow_pickle=False) as codes:
        assert np.array_equal(codes["mean"], codec.encode(digits.test_images, np.eye(10)[9])[0])


def test_images_without_labels_are_encoded_as_what_explains_them(
    model: Path, codec: Codec, tmp_path: Path, digits: Dataset
) -> None:
    np.save(tmp_path / "bare.npy", digits.test_images[:50])
    done("encode", model, "--data", tmp_path / "bare.npy", "--split", "train", "--out", tmp_path / "codes.npz")
    with np.load(tmp_path / "codes.npz", allow_pickle=False) as codes:
        assert (codes["condition"].sum(1) == 1).all()
        assert "labels" not in codes
        assert len(codes["mean"]) == 45


def test_evaluate_uses_the_labels(model: Path) -> None:
    result = call("evaluate", model, "--data", "digits", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["negative_elbo"] > 0


def test_what_cannot_be_asked_is_one_sentence(model: Path, tmp_path: Path, digits: Dataset) -> None:
    out, plain = tmp_path / "x.png", untrained(tmp_path / "plain.safetensors", "vae")
    assert refused("decode", model, "--at=0,0", "--out", out) == (
        "This model is conditional; say which class with --label=Nine."
    )
    assert refused("decode", plain, "--at=0,0", "--label", 7, "--out", out) == (
        "This model is a vae, of which no class can be asked; leave --label out."
    )
    assert "has no class '10'" in refused("atlas", model, "--label", 10, "--out", out)
    assert "not all 0" in refused("sample", model, "--label", "3:0", "--out", out)
    assert "leave --label out" in refused("sample", plain, "--label", 7, "--out", out)
    ends = ("--from=0,0", "--to=1,1")
    assert "leave --to-label out" in refused("path", plain, *ends, "--to-label", 7, "--out", out)
    assert "say which class with --label" in refused("path", model, *ends, "--to-label", 7, "--out", out)
    assert not out.exists()
    np.save(tmp_path / "bare.npy", digits.test_images)
    assert "no labels" in refused("evaluate", model, "--data", tmp_path / "bare.npy")


def test_nothing_is_begun_without_labels(tmp_path: Path, digits: Dataset) -> None:
    np.save(tmp_path / "bare.npy", digits.test_images)
    run = tmp_path / "run"
    arguments = ("--data", tmp_path / "bare.npy", "--family", "conditional-vae", "--epochs", 1, "--out", run)
    assert "learns from labels" in refused("fit", *arguments)
    assert not run.exists()
