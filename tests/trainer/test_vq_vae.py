from dataclasses import replace

import numpy as np
import pytest
import torch
from fitting import final, small, train

from trainer.codec import Codec
from trainer.config import Config, make_config
from trainer.data import Dataset
from trainer.errors import ConfigError, ModelFileError
from trainer.files import Codes, ModelFile, read_model, write_model
from trainer.geometry import map_plane
from trainer.grids import NearestImages
from trainer.models.base import Batch
from trainer.models.build import build_model
from trainer.models.vq_vae import VQVAE

SHAPES = [((32, 32, 3), (8, 8)), ((28, 28, 1), (7, 7)), ((8, 8, 1), (2, 2)), ((7, 5, 3), (2, 2)), ((1, 1, 1), (1, 1))]


def config(**settings: object) -> Config:
    return make_config({"epochs": 1, "family": "vq-vae", "codes": 16, "latent": 4, "hidden": (8, 8), **settings})


def vq(shape: tuple[int, int, int] = (8, 8, 1), **settings: object) -> VQVAE:
    model = build_model(config(**settings), shape)
    assert isinstance(model, VQVAE)
    return model


def images(shape: tuple[int, int, int], count: int = 6) -> torch.Tensor:
    height, width, channels = shape
    return torch.rand((count, channels, height, width), generator=torch.Generator().manual_seed(1))


def model_file(images: np.ndarray, shape: tuple[int, int, int] = (8, 8, 1)) -> ModelFile:
    model = vq(shape).eval()
    codec = Codec(model)
    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    codes = Codes(codec.encode(images)[0], tokens=codec.tokens(images))
    return ModelFile(config(), shape, (), weights, codes, {}, {})


def pictures(count: int = 20, shape: tuple[int, int, int] = (8, 8, 1)) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, *shape), dtype=np.uint8)


def test_what_nobody_asks_for_is_as_the_family_likes_it() -> None:
    plain = make_config({"epochs": 1, "family": "vq-vae"})
    assert (plain.network, plain.latent, plain.likelihood) == ("residual", 64, "gaussian")
    chosen = make_config({"epochs": 1, "family": "vq-vae", "network": "conv", "latent": 8})
    assert (chosen.network, chosen.latent, chosen.likelihood) == ("conv", 8, "gaussian")
    assert make_config({"epochs": 1}).network == "mlp"
    assert make_config(chosen.model_dump()) == chosen


@pytest.mark.parametrize(("shape", "grid"), SHAPES)
@pytest.mark.parametrize("network", ["residual", "mlp"])
def test_an_image_is_a_grid_of_codes_of_a_quarter_of_its_size(
    shape: tuple[int, int, int], grid: tuple[int, int], network: str
) -> None:
    model, x = vq(shape, network=network), images(shape)
    assert model.grid == grid
    tokens = model.tokens(x)
    assert tokens.shape == (6, *grid)
    assert tokens.dtype == torch.int64
    assert model.codebook.shape == (16, 4)
    assert 0 <= int(tokens.min()) <= int(tokens.max()) < 16
    assert model.decode_tokens(tokens).shape == x.shape
    torch.testing.assert_close(model.reconstruct(x), model.decode_tokens(tokens))
    torch.testing.assert_close(model.encode(x)[0], model.codebook[tokens].mean((1, 2)))


def test_a_latent_point_without_images_is_a_grid_of_its_nearest_code() -> None:
    model = vq().eval()
    uniform = torch.arange(16)[:, None, None].expand(-1, *model.grid)
    torch.testing.assert_close(model.decode(model.codebook + 1e-4), model.decode_tokens(uniform))


@pytest.mark.parametrize("quantizer", ["vq", "fsq"])
def test_the_loss_is_told_in_nats_and_trained_by_the_value(quantizer: str) -> None:
    settings = {"quantizer": quantizer, "commitment": 2.0} | ({"latent": 2} if quantizer == "fsq" else {})
    model, x = vq(**settings).eval(), images((8, 8, 1))
    loss = model.loss(Batch(x))
    reconstruction = model.likelihood.negative_log(model.raw_of(model.codebook[model.tokens(x)]), x)
    torch.testing.assert_close(loss.reconstruction, reconstruction)
    assert loss.kl is None
    assert loss.tokens is not None
    assert torch.equal(loss.tokens, model.tokens(x))
    torch.testing.assert_close(loss.mean, model.encode(x)[0])
    commitment = float((model.vectors(x).detach() - model.codebook[loss.tokens.flatten()]).square().mean())
    expected = float(reconstruction.detach().mean()) / 64 + (2 * commitment if quantizer == "vq" else 0)
    assert float(loss.total.detach()) == pytest.approx(expected, rel=1e-4)


def test_the_encoder_learns_through_the_codes() -> None:
    model = vq()
    model.loss(Batch(images((8, 8, 1)))).reconstruction.sum().backward()
    first = next(model.encoder.parameters())
    assert first.grad is not None
    assert bool(first.grad.any())


def test_training_brings_the_codes_into_use(tmp_path, digits: Dataset) -> None:
    made = small(family="vq-vae", codes=32, latent=8, epochs=12, hidden=(16, 32))
    run, _ = train(tmp_path / "run", made, digits)
    file = final(run)
    assert file.codes is not None
    assert file.codes.tokens is not None
    assert file.codes.tokens.shape == (len(digits.test_images), 2, 2)
    assert file.figures["codes_used"] >= 30
    assert file.figures["perplexity"] > 15
    codec = Codec.from_file(file)
    assert np.array_equal(codec.tokens(digits.test_images), file.codes.tokens)
    np.testing.assert_allclose(codec.encode(digits.test_images)[0], file.codes.mean, atol=1e-5)
    error = (codec.decode_tokens(file.codes.tokens) / 255 - digits.test_images / 255.0) ** 2
    assert file.figures["mse"] == pytest.approx(error.mean(), abs=1e-4)
    assert error.mean() < 0.5 * (digits.test_images / 255.0).var()


# Grids and the images that they are.


def test_a_point_of_the_map_is_the_image_that_lies_nearest_on_the_map() -> None:
    rng = np.random.default_rng(1)
    mean = (rng.standard_normal((200, 12)) * np.linspace(3, 0.5, 12)).astype(np.float32)
    plane, images = map_plane(12, mean), NearestImages(mean)
    on_map = plane.to_map(mean)
    points = rng.uniform(on_map.min(0), on_map.max(0), (50, 2))
    by_hand = np.linalg.norm(points[:, None] - on_map, axis=2).argsort(axis=1)[:, :3]
    assert np.array_equal(images.find(plane.to_latent(points), 3), by_hand)


def test_the_place_of_an_image_is_that_image() -> None:
    mean = np.random.default_rng(1).standard_normal((50, 12)).astype(np.float32)
    assert NearestImages(mean).find(mean)[:, 0].tolist() == list(range(50))
    assert NearestImages(mean[:1]).find(mean[:3] * 0, 4).tolist() == [[0], [0], [0]]


def test_a_codec_with_the_images_codes_decodes_a_point_as_the_nearest_image() -> None:
    seen = pictures()
    file = model_file(seen)
    codec = Codec.from_file(file)
    assert file.codes is not None
    assert file.codes.tokens is not None
    # Which of two images with the same pooled code is meant cannot be told.
    found = codec.nearest_images(file.codes.mean)
    assert found is not None
    np.testing.assert_allclose(file.codes.mean[found], file.codes.mean, atol=1e-5)
    assert np.array_equal(codec.decode(file.codes.mean), codec.decode_tokens(file.codes.tokens[found]))
    assert Codec(vq()).nearest_images(file.codes.mean) is None


def test_tokens_survive_a_file(tmp_path) -> None:
    seen = pictures()
    write_model(tmp_path / "m.safetensors", model_file(seen))
    codec = Codec.from_file(read_model(tmp_path / "m.safetensors"))
    assert codec.grid == (2, 2)
    assert codec.codebook is not None
    assert codec.codebook.shape == (16, 4)
    assert codec.tokens(seen).shape == (20, 2, 2)
    assert codec.tokens(seen[:0]).shape == (0, 2, 2)
    assert codec.decode_tokens(np.zeros((0, 2, 2), int)).shape == (0, 8, 8, 1)


@pytest.mark.parametrize(
    ("tokens", "words"),
    [
        (np.zeros((1, 3, 2), int), "grids of 2×2 codes"),
        (np.zeros((2, 2), int), "grids of 2×2 codes"),
        (np.zeros((1, 2, 2)), "grids of 2×2 codes"),
        (np.full((1, 2, 2), 16), "from 0 to 15"),
        (np.full((1, 2, 2), -1), "from 0 to 15"),
    ],
)
def test_grids_that_are_none(tokens: np.ndarray, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Codec(vq()).decode_tokens(tokens)


def test_a_file_whose_grids_are_of_another_model_is_refused() -> None:
    file = model_file(pictures())
    assert file.codes is not None
    wrong = Codes(file.codes.mean, tokens=np.zeros((20, 3, 2), np.int16))
    with pytest.raises(ModelFileError, match="grids of 3×2 codes, expected 2×2"):
        Codec.from_file(replace(file, codes=wrong))


def test_a_model_without_a_codebook_says_so() -> None:
    codec = Codec(build_model(make_config({"epochs": 1, "hidden": (8,)}), (8, 8, 1)))
    assert codec.codebook is None
    assert codec.grid is None
    with pytest.raises(ConfigError, match="no codebook"):
        codec.decode_tokens(np.zeros((1, 2, 2), int))
    with pytest.raises(ConfigError, match="no codebook"):
        codec.tokens(pictures())
