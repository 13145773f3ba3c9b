"""The commands that use a model, and how the command line speaks. Training is in test_cli_training.py."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from commands import call, make_model, refused
from PIL import Image

from trainer import data
from trainer.codec import Codec
from trainer.config import Config, make_config
from trainer.data import load_dataset
from trainer.errors import Cancelled, DataError
from trainer.files import ModelFile, read_model, write_model
from trainer.run import create_run


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("models") / "digits.safetensors")


def size(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size


# --- results ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("split", ["test", "train"])
def test_encode_saves_what_the_codec_says(model: Path, tmp_path: Path, split: str) -> None:
    out = tmp_path / "codes.npz"
    assert call("encode", model, "--data", "digits", "--split", split, "--out", out).exit_code == 0
    dataset = load_dataset("digits")
    images = dataset.train_images if split == "train" else dataset.test_images
    mean, logvar = Codec.from_file(read_model(model)).encode(images)
    with np.load(out, allow_pickle=False) as saved:
        assert np.allclose(saved["mean"], mean, atol=1e-6)
        assert logvar is not None
        assert np.allclose(saved["logvar"], logvar, atol=1e-6)
        assert (saved["labels"] == (dataset.train_labels if split == "train" else dataset.test_labels)).all()
        assert tuple(saved["class_names"]) == dataset.class_names


def test_encode_without_labels_or_log_variances(tmp_path: Path) -> None:
    path = make_model(tmp_path / "a.safetensors", family="autoencoder")
    np.save(tmp_path / "mine.npy", np.random.default_rng(0).integers(0, 255, (40, 8, 8), dtype=np.uint8))
    assert call("encode", path, "--data", tmp_path / "mine.npy", "--out", tmp_path / "codes.npz").exit_code == 0
    with np.load(tmp_path / "codes.npz", allow_pickle=False) as saved:
        assert saved.files == ["mean"]


@pytest.mark.parametrize("at", [["--at=-0.3,1.2"], ["--at", "-0.3,1.2"], ["--at", " -0.3 , 1.2 "]])
def test_decode_draws_what_the_codec_decodes(model: Path, tmp_path: Path, at: list[str]) -> None:
    out = tmp_path / "x.png"
    assert call("decode", model, *at, "--out", out, "--scale", 1).exit_code == 0
    with Image.open(out) as picture:
        assert (np.asarray(picture) == Codec.from_file(read_model(model)).decode([[-0.3, 1.2]])[0, :, :, 0]).all()
        assert json.loads(picture.info["Description"])["command"] == "decode"
    assert call("decode", model, *at, "--out", out).exit_code == 0
    assert size(out) == (280, 280)


def test_atlas_has_the_prior_in_its_middle(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "atlas.png"
    assert call("atlas", model, "--size", 5, "--extent", 2, "--out", out, "--scale", 1).exit_code == 0
    codec = Codec.from_file(read_model(model))
    with Image.open(out) as picture:
        pixels = np.asarray(picture)
    assert pixels.shape == (40, 40)
    assert np.abs(pixels[16:24, 16:24].astype(int) - codec.decode([[0, 0]])[0, :, :, 0]).max() <= 1
    assert np.abs(pixels[:8, :8].astype(int) - codec.decode([[-2, 2]])[0, :, :, 0]).max() <= 1
    assert call("atlas", model, "--out", out).exit_code == 0
    assert size(out) == (30 * 24, 30 * 24)


@pytest.mark.parametrize(("latent", "expected"), [(1, (32, 8)), (5, (32, 32))])
def test_atlas_of_other_dimensions(tmp_path: Path, latent: int, expected: tuple[int, int]) -> None:
    path = make_model(tmp_path / "a.safetensors", latent=latent)
    assert call("atlas", path, "--size", 4, "--out", tmp_path / "a.png", "--scale", 1).exit_code == 0
    assert size(tmp_path / "a.png") == expected


def test_samples_follow_the_seed(model: Path, tmp_path: Path) -> None:
    contents = []
    for seed in (1, 1, 2):
        assert (
            call("sample", model, "--count", 10, "--seed", seed, "--scale", 1, "--out", tmp_path / "s.png").exit_code
            == 0
        )
        with Image.open(tmp_path / "s.png") as picture:
            contents.append(np.asarray(picture).tobytes())
            assert picture.size == (4 * 8 + 3, 3 * 8 + 2)
    assert contents[0] == contents[1] != contents[2]


def test_a_run_folder_is_a_model(model: Path, tmp_path: Path) -> None:
    run = create_run(tmp_path / "run", make_config({"epochs": 1}))
    assert "The run run has no model yet" in refused("decode", run.folder, "--at=0,0", "--out", tmp_path / "x.png")
    run.model_path.write_bytes(model.read_bytes())
    assert call("decode", run.folder, "--at=0,0", "--out", tmp_path / "x.png").exit_code == 0


# --- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("decode", "--at=0", "--out", "x.png"),
            "--at takes 2 numbers for this model, such as --at=0.3,-1.2, and is '0'",
        ),
        (("decode", "--at=0,nan", "--out", "x.png"), "--at takes 2 numbers"),
        (("decode", "--at=a,b", "--out", "x.png"), "--at takes 2 numbers"),
        (("decode", "--at=1e300,0", "--out", "x.png"), "not a finite number"),
        (("decode", "--at=0,0", "--out", "x.jpg"), "give a name that ends with .png instead of 'x.jpg'"),
        (("decode", "--at=0,0", "--out", "x.png", "--device", "abacus"), "There is no device 'abacus'"),
        (("atlas", "--size", "200", "--scale", "64", "--out", "x.png"), "pixels is too large"),
        (
            ("sample", "--out", "missing/x.png"),
            "x.png was not saved in missing, because there is no such file or folder",
        ),
        (("encode", "--out", "codes.csv"), "ends with .npz instead of 'codes.csv'"),
        (("encode", "--split", "all", "--out", "c.npz"), "There is no split 'all'"),
        (("encode", "--out", "missing/c.npz"), "c.npz was not saved in missing"),
        (("encode", "--data", "cats", "--out", "c.npz"), "There is no data set 'cats'"),
        (("evaluate", "--data", "gone.npz"), "gone.npz"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert words in refused(arguments[0], model, *arguments[1:])
    assert not any(tmp_path.iterdir())


BROKEN: dict[str, tuple[Callable[[ModelFile], ModelFile], str]] = {
    "missing": (lambda m: replace(m, weights=dict(list(m.weights.items())[1:])), r"^m\.safetensors: .*missing"),
    "misshapen": (lambda m: replace(m, image_shape=(9, 8, 1)), r"^m\.safetensors: .*shape"),
    "huge": (
        lambda m: replace(m, config=make_config({"epochs": 1, "hidden": [8192] * 8}), image_shape=(2048, 2048, 3)),
        r"^m\.safetensors: .*parameters",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize("command", [("evaluate",), ("atlas", "--size", "1", "--scale", "1", "--out", "x.png")])
def test_a_model_that_does_not_fit_its_settings(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    change, words = BROKEN[fault]
    write_model("m.safetensors", change(read_model(model)))
    assert re.search(words, refused(command[0], "m.safetensors", *command[1:]))


def test_images_of_another_shape(model: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "mine.npy", np.random.default_rng(0).integers(0, 255, (40, 9, 7, 3), dtype=np.uint8))
    for command in (("evaluate",), ("encode", "--out", tmp_path / "c.npz")):
        sentence = refused(command[0], model, *command[1:], "--data", tmp_path / "mine.npy")
        assert "8×8×1" in sentence
        assert "9×7×3" in sentence


def test_files_that_are_no_models(tmp_path: Path) -> None:
    (tmp_path / "evil.safetensors").write_bytes(b"\x80\x04\x95\x10" + b"\0" * 20)
    assert "evil.safetensors is a Python pickle" in refused("evaluate", tmp_path / "evil.safetensors")
    assert "There is no file" in refused("evaluate", tmp_path / "gone.safetensors")
    assert "is not a run" in refused("evaluate", tmp_path)


# --- downloads ----------------------------------------------------------------------------------------------------


def test_what_is_at_hand_is_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "download", lambda *_: pytest.fail("there is nothing to fetch"))
    result = call("download", "digits")
    assert (result.exit_code, result.stderr) == (0, "The data set digits is on this computer already.\n")


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (None, 0, "The data set mnist is on this computer now."),
        (DataError("No mirror answers."), 1, "No mirror answers."),
        (Cancelled("Cancelled."), 1, "Cancelled."),
        (KeyboardInterrupt(), 130, "Interrupted."),
    ],
)
def test_download(monkeypatch: pytest.MonkeyPatch, error: BaseException | None, code: int, words: str) -> None:
    asked = []

    def fetch(name: str, progress: Callable[[int, int], None]) -> None:
        asked.append(name)
        progress(3, 10)
        if error is not None:
            raise error

    monkeypatch.setattr(data, "is_at_hand", lambda name: False)
    monkeypatch.setattr(data, "download", fetch)
    result = call("download", "mnist")
    assert (asked, result.exit_code) == (["mnist"], code)
    assert result.stderr.strip().splitlines()[-1] == words


def test_a_data_set_that_nobody_offers() -> None:
    assert "'cats' cannot be downloaded" in refused("download", "cats")


# --- help ---------------------------------------------------------------------------------------------------------


def test_help_lists_every_command_and_every_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    text = call("--help").stdout
    for command in ["fit", "resume", "download", "evaluate", "encode", "decode", "atlas", "path", "sample"]:
        assert re.search(rf"\b{command}\b", text)
        assert call(command, "--help").exit_code == 0
    options = call("fit", "--help").stdout
    for name in Config.model_fields:
        assert f"--{name.replace('_', '-')}" in options
    for words in (
        "--no-reconstruction",
        "One of vae, conditional-vae, autoencoder, vq-vae.",
        "From 1 to 512.",
        "Default: 0.003.",
    ):
        assert words in options


def test_help_comes_without_torch() -> None:
    code = """
import sys
sys.argv = ["trainer", "--help"]
from trainer.__main__ import main
try:
    main()
except SystemExit as end:
    heavy = {"torch", "sklearn", "PIL"} & sys.modules.keys()
    sys.exit(f"{end.code} {sorted(heavy)}")
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8")
    assert result.stderr.strip() == "0 []"
    assert "evaluate" in result.stdout
