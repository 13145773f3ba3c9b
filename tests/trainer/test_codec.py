import numpy as np
import pytest
import torch

from trainer.codec import Codec
from trainer.config import make_config
from trainer.errors import ConfigError
from trainer.files import ModelFile
from trainer.models.build import build_model


@pytest.fixture
def codec() -> Codec:
    return Codec(build_model(make_config({"epochs": 1, "latent": 3, "hidden": (16,)}), (5, 4, 3)))


def pictures(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 5, 4, 3), dtype=np.uint8)


def test_codes_and_images_have_the_models_shapes(codec: Codec) -> None:
    mean, logvar = codec.encode(pictures(7))
    assert logvar is not None
    assert mean.shape == logvar.shape == (7, 3)
    assert mean.dtype == logvar.dtype == np.float32
    decoded = codec.decode(mean)
    assert decoded.shape == (7, *codec.image_shape)
    assert decoded.dtype == np.uint8
    assert codec.latent == 3


def test_nothing_in_is_nothing_out(codec: Codec) -> None:
    mean, _ = codec.encode(pictures(0))
    assert mean.shape == (0, 3)
    assert codec.decode(mean).shape == (0, 5, 4, 3)


def test_an_autoencoder_gives_no_log_variance() -> None:
    model = build_model(make_config({"epochs": 1, "family": "autoencoder"}), (5, 4, 3))
    assert Codec(model).encode(pictures(2))[1] is None


def test_it_is_the_model_that_encodes_and_decodes() -> None:
    model = build_model(make_config({"epochs": 1, "latent": 3}), (5, 4, 3)).eval()
    codec, images = Codec(model), pictures(3)
    with torch.no_grad():
        mean, _ = model.encode(torch.from_numpy(images.transpose(0, 3, 1, 2) / np.float32(255)))
        expected = model.decode(mean).numpy().transpose(0, 2, 3, 1)
    ours, _ = codec.encode(images)
    np.testing.assert_allclose(ours, mean.numpy(), rtol=1e-4, atol=1e-5)
    # Rounded, so at most half a step (and a little for the arithmetic) from the exact value.
    assert np.abs(codec.decode(ours) / 255 - expected).max() <= 0.501 / 255


def test_many_are_done_in_batches_to_the_same_result(codec: Codec, monkeypatch: pytest.MonkeyPatch) -> None:
    mean, logvar = codec.encode(pictures(10))
    decoded = codec.decode(mean)
    monkeypatch.setattr(codec, "_batch", 3)
    again, logvar_again = codec.encode(pictures(10))
    np.testing.assert_allclose(again, mean, rtol=1e-4, atol=1e-5)
    assert logvar is not None
    assert logvar_again is not None
    np.testing.assert_allclose(logvar_again, logvar, rtol=1e-4, atol=1e-5)
    assert np.abs(codec.decode(mean).astype(int) - decoded).max() <= 1


def test_means_are_the_images_before_they_are_rounded(codec: Codec, monkeypatch: pytest.MonkeyPatch) -> None:
    z = np.random.default_rng(0).standard_normal((7, 3))
    means = codec.means(z)
    assert means.dtype == np.float32
    assert means.shape == (7, 5 * 4 * 3)
    assert np.abs(means.reshape(7, 5, 4, 3) * 255 - codec.decode(z)).max() <= 0.501
    monkeypatch.setattr(codec, "_batch", 3)
    np.testing.assert_allclose(codec.means(z), means, atol=1e-5)
    assert codec.means(np.empty((0, 3))).shape == (0, 60)


def test_read_only_and_flipped_arrays_are_taken(codec: Codec) -> None:
    images = pictures(2)
    images.setflags(write=False)
    codec.encode(images[::-1, :, ::-1])
    z = np.zeros((2, 3), np.float32)
    z.setflags(write=False)
    codec.decode(z)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e39])
def test_a_point_that_is_no_number_is_refused(codec: Codec, bad: float) -> None:
    with pytest.raises(ConfigError, match="finite"):
        codec.decode([[0.0, bad, 0.0]])


@pytest.mark.parametrize("z", [[[0.0, 1.0]], [0.0, 1.0, 2.0]])
def test_a_point_of_another_dimension_is_refused(codec: Codec, z: list) -> None:
    with pytest.raises(ConfigError, match="3 coordinates"):
        codec.decode(z)


@pytest.mark.parametrize("images", [np.zeros((2, 4, 5, 3), np.uint8), np.zeros((2, 5, 4, 3), np.float32)])
def test_images_of_another_shape_or_type_are_refused(codec: Codec, images: np.ndarray) -> None:
    with pytest.raises(ConfigError, match="5×4×3"):
        codec.encode(images)


def test_far_points_still_give_images(codec: Codec) -> None:
    assert codec.decode([[1e30, -1e30, 0.0]]).shape == (1, 5, 4, 3)


def test_from_file() -> None:
    config = make_config({"epochs": 1})
    weights = {name: tensor.numpy() for name, tensor in build_model(config, (5, 4, 3)).state_dict().items()}
    codec = Codec.from_file(ModelFile(config, (5, 4, 3), (), weights, None, {}, {}))
    assert codec.decode([[0, 0]]).shape == (1, 5, 4, 3)
