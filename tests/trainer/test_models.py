import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import save_file
from torch.distributions import Bernoulli as TorchBernoulli
from torch.distributions import Normal, kl_divergence

from trainer.batches import one_hot
from trainer.config import VARIATIONAL, Config, make_config
from trainer.errors import ConfigError, ModelFileError
from trainer.files import ModelFile, read_model, write_model
from trainer.models import FAMILIES, LIKELIHOODS, NETWORKS
from trainer.models.base import Batch, LatentModel
from trainer.models.bernoulli import Bernoulli
from trainer.models.build import build_model, load_model
from trainer.models.gaussian import SIGMA, Gaussian
from trainer.models.vae import bend, kl_per_dimension

SHAPES = [(8, 8, 1), (28, 28, 1), (32, 32, 3), (7, 5, 1), (1, 1, 1), (3, 17, 3)]


def config(**settings: object) -> Config:
    return make_config({"epochs": 1, **settings})


def images(shape: tuple[int, int, int], count: int = 4) -> torch.Tensor:
    height, width, channels = shape
    return torch.rand((count, channels, height, width), generator=torch.Generator().manual_seed(1))


def told(model: LatentModel, count: int) -> torch.Tensor | None:
    """The classes 0, 1, 2, 0, … for a model that wants to know."""
    return one_hot(torch.arange(count) % model.classes, model.classes) if model.classes else None


def model_file(family: str = "vae", **settings: object) -> ModelFile:
    made = config(family=family, hidden=(16, 8), **settings)
    weights = {name: tensor.numpy().copy() for name, tensor in build_model(made, (8, 8, 1)).state_dict().items()}
    return ModelFile(made, (8, 8, 1), (), weights, None, {}, {})


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("network", NETWORKS.names())
@pytest.mark.parametrize("family", FAMILIES.names())
@pytest.mark.parametrize("likelihood", LIKELIHOODS.names())
def test_every_model_takes_every_image_shape(
    family: str, network: str, likelihood: str, shape: tuple[int, int, int]
) -> None:
    model = build_model(config(family=family, network=network, likelihood=likelihood, latent=3), shape, classes=3)
    x = images(shape)
    mean, logvar = model.encode(x, told(model, 4))
    assert mean.shape == (4, 3)
    assert (logvar is None) == (family not in VARIATIONAL)
    decoded = model.decode(mean, told(model, 4))
    assert decoded.shape == x.shape
    assert 0 <= float(decoded.detach().min()) <= float(decoded.detach().max()) <= 1
    loss = model.loss(Batch(x, told(model, 4)))
    assert loss.total.ndim == 0
    assert loss.reconstruction.shape == (4,)
    assert model.reconstruct(x, told(model, 4)).shape == x.shape
    loss.total.backward()
    assert all(weight.grad is not None and bool(weight.grad.isfinite().all()) for weight in model.parameters())


@pytest.mark.parametrize("latent", [1, 2, 64])
def test_any_latent_dimension(latent: int) -> None:
    mean, _ = build_model(config(latent=latent), (8, 8, 1)).encode(images((8, 8, 1)))
    assert mean.shape == (4, latent)


@pytest.mark.parametrize("network", NETWORKS.names())
def test_layer_widths_are_the_configs(network: str) -> None:
    narrow, wide = (build_model(config(network=network, hidden=widths), (8, 8, 1)) for widths in ((4,), (64, 64, 64)))
    assert sum(w.numel() for w in narrow.parameters()) < sum(w.numel() for w in wide.parameters())


def test_kl_is_the_closed_form() -> None:
    mean, logvar = torch.tensor([[0.5, -2.0], [0.0, 1.0]]), torch.tensor([[-1.0, 0.3], [0.0, 2.0]])
    ours = kl_per_dimension(mean, logvar)
    torch.testing.assert_close(ours, kl_divergence(Normal(mean, (0.5 * logvar).exp()), Normal(0.0, 1.0)))
    by_hand = 0.5 * (0.5**2 + math.exp(-1.0) - 1 + 1.0)
    assert float(ours[0, 0]) == pytest.approx(by_hand)
    assert float(kl_per_dimension(torch.zeros(1, 1), torch.zeros(1, 1))) == 0


def test_bernoulli_is_the_true_probability_of_binary_images() -> None:
    raw, x = torch.randn(5, 1, 4, 4), torch.randint(0, 2, (5, 1, 4, 4)).float()
    expected = -TorchBernoulli(logits=raw).log_prob(x).flatten(1).sum(1)
    torch.testing.assert_close(Bernoulli().negative_log(raw, x), expected)
    torch.testing.assert_close(Bernoulli().image(raw), TorchBernoulli(logits=raw).mean)


def test_bernoulli_of_grey_pixels_is_the_mean_over_their_binarisations() -> None:
    raw, x = torch.randn(1, 1, 2, 2), torch.tensor([[[[0.25, 0.5], [1.0, 0.0]]]])
    expected = 0.0
    for code in range(16):
        binary = torch.tensor([code >> i & 1 for i in range(4)]).float().reshape(1, 1, 2, 2)
        weight = float(torch.where(binary == 1, x, 1 - x).prod())
        expected += weight * float(Bernoulli().negative_log(raw, binary))
    assert float(Bernoulli().negative_log(raw, x)) == pytest.approx(expected, rel=1e-5)


def test_gaussian_is_the_true_density() -> None:
    raw, x = torch.randn(5, 3, 4, 4), torch.rand(5, 3, 4, 4)
    expected = -Normal(raw.sigmoid(), SIGMA).log_prob(x).flatten(1).sum(1)
    torch.testing.assert_close(Gaussian().negative_log(raw, x), expected)


def test_the_bound_is_below_the_exact_likelihood_and_tight_for_the_exact_posterior() -> None:
    """A linear-Gaussian toy with a known answer, put through the same KL and likelihood as a trained model."""
    # x = w·z + s·ε, z ~ N(0, 1), so x ~ N(0, w² + s²) and z|x ~ N(w·x / (w² + s²), s² / (w² + s²)).
    w, s, x = 0.8, SIGMA, 0.6
    variance = w**2 + s**2
    exact = -float(Normal(0.0, math.sqrt(variance)).log_prob(torch.tensor(x)))

    def bound(mean: float, sigma: float) -> float:
        noise = torch.randn(200_000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
        reconstruction = -Normal(w * (mean + sigma * noise), s).log_prob(torch.tensor(x)).mean()
        kl = kl_per_dimension(torch.tensor([[mean]]), torch.tensor([[2 * math.log(sigma)]])).sum()
        return float(reconstruction + kl)

    assert bound(w * x / variance, s / math.sqrt(variance)) == pytest.approx(exact, abs=0.01)
    assert bound(w * x / variance + 0.1, s / math.sqrt(variance)) > exact + 0.1


@torch.no_grad()
def test_the_total_weighs_the_parts_as_the_config_asks() -> None:
    x = images((8, 8, 1))

    def parts(**settings: object) -> tuple[float, float, float]:
        loss = build_model(config(**settings), (8, 8, 1)).loss(Batch(x), torch.Generator().manual_seed(0))
        assert loss.kl is not None
        return float(loss.total), float(loss.reconstruction.mean()), float(loss.kl.mean())

    total, reconstruction, kl = parts()
    assert kl > 0
    assert total == pytest.approx(reconstruction + kl)
    assert parts(beta=4) == pytest.approx((reconstruction + 4 * kl, reconstruction, kl))
    assert parts(beta=0) == pytest.approx((reconstruction, reconstruction, kl))
    assert parts(reconstruction=False) == pytest.approx((kl, reconstruction, kl))


def test_an_autoencoder_has_no_noise_and_no_kl() -> None:
    model = build_model(config(family="autoencoder"), (8, 8, 1))
    first, second = model.loss(Batch(images((8, 8, 1)))), model.loss(Batch(images((8, 8, 1))))
    assert first.kl is None
    assert torch.equal(first.total, second.total)
    assert torch.equal(first.total, first.reconstruction.mean())


def test_the_noise_is_the_generators() -> None:
    model, x = build_model(config(), (8, 8, 1)), images((8, 8, 1))
    once, again, other = (
        model.loss(Batch(x), torch.Generator().manual_seed(seed)).reconstruction for seed in (1, 1, 2)
    )
    assert torch.equal(once, again)
    assert not torch.equal(once, other)


def test_gradients_are_the_slopes_of_the_loss() -> None:
    model, x = build_model(config(hidden=(8,)), (4, 4, 1)), images((4, 4, 1))
    weight = next(model.encoder.parameters())

    def total() -> torch.Tensor:
        return model.loss(Batch(x), torch.Generator().manual_seed(0)).total

    total().backward()
    assert weight.grad is not None
    with torch.no_grad():
        step = 0.05
        weight[0, 0] += step
        above = float(total())
        weight[0, 0] -= 2 * step
        below = float(total())
    assert float(weight.grad[0, 0]) == pytest.approx((above - below) / (2 * step), rel=0.02)


def test_extreme_log_variances_stay_finite_and_usual_ones_are_left_alone() -> None:
    extreme = torch.tensor([-1e30, -1e4, 1e4, 1e30], requires_grad=True)
    bent = bend(extreme)
    assert bent.exp().isfinite().all()
    assert (-bent).exp().isfinite().all()
    usual = torch.linspace(-12, 2, 15)
    torch.testing.assert_close(bend(usual), usual, atol=1e-3, rtol=0)


def test_a_seed_means_a_model_and_leaves_the_global_state_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    one, same, other = (build_model(config(seed=seed), (8, 8, 1)).state_dict() for seed in (3, 3, 4))
    assert torch.equal(torch.rand(1), expected)
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert any(not torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("family", FAMILIES.names())
@pytest.mark.parametrize("network", NETWORKS.names())
def test_a_loaded_model_computes_what_the_saved_one_did(family: str, network: str) -> None:
    made = config(family=family, network=network, latent=3)
    model, x = build_model(made, (7, 5, 1), classes=3).eval(), images((7, 5, 1))
    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    loaded = load_model(ModelFile(made, (7, 5, 1), ("a", "b", "c"), weights, None, {}, {}))
    assert not loaded.training
    torch.testing.assert_close(loaded.encode(x, told(model, 4))[0], model.encode(x, told(model, 4))[0])
    z, condition = torch.ones(1, 3), told(model, 1)
    torch.testing.assert_close(loaded.decode(z, condition), model.decode(z, condition))


def test_a_loaded_model_does_not_share_the_files_memory() -> None:
    file = model_file()
    for array in file.weights.values():
        array.setflags(write=False)
    model = load_model(file)
    with torch.no_grad():
        next(model.parameters()).zero_()
    assert np.any(next(iter(file.weights.values())))


def test_a_missing_tensor_is_named() -> None:
    file = model_file()
    name = next(iter(file.weights))
    del file.weights[name]
    with pytest.raises(ModelFileError, match=f"{name}.*missing"):
        load_model(file)


def test_a_misshapen_tensor_is_named() -> None:
    file = model_file()
    name = next(iter(file.weights))
    file.weights[name] = file.weights[name][:, :-1]
    with pytest.raises(ModelFileError, match=f"{name}.*shape"):
        load_model(file)


def test_a_surplus_tensor_is_named() -> None:
    file = model_file()
    file.weights["stranger"] = np.zeros(1, np.float32)
    with pytest.raises(ModelFileError, match="stranger"):
        load_model(file)


@pytest.mark.parametrize(("widths", "shape"), [((8192,) * 8, (2000, 2000, 3)), ((8,), (2**31, 2**31, 3))])
def test_a_model_too_large_is_refused_before_memory_is_taken(
    widths: tuple[int, ...], shape: tuple[int, int, int]
) -> None:
    with pytest.raises(ConfigError, match="500,000,000 parameters"):
        build_model(config(hidden=widths), shape)
    with pytest.raises(ModelFileError, match="500,000,000 parameters"):
        load_model(ModelFile(config(hidden=widths), shape, (), {}, None, {}, {}))


@pytest.mark.parametrize("network", NETWORKS.names())
def test_a_decoder_begins_at_the_mean_image(network: str) -> None:
    mean = torch.zeros(3, 8, 8)
    mean[0], mean[1, 2:5] = 0.8, 0.5
    model = build_model(config(network=network, latent=5), (8, 8, 3)).eval()
    with torch.no_grad():
        before = (model.decode(torch.zeros(1, 5))[0].mean((1, 2)) - mean.mean((1, 2))).abs()
        model.start_at(mean)
        after = (model.decode(torch.zeros(1, 5))[0].mean((1, 2)) - mean.mean((1, 2))).abs()
    assert (after < 0.1).all()
    assert after.sum() < before.sum() / 2


def test_a_decoder_may_have_widths_of_its_own() -> None:
    model = build_model(config(latent=3, hidden=(16, 8), decoder_hidden=(12, 24)), (8, 8, 1))
    layers = [tuple(part.weight.shape) for part in model.decoder.modules() if isinstance(part, torch.nn.Linear)]
    assert [outputs for outputs, _ in layers] == [12, 24, 64]


@pytest.mark.parametrize(("latent", "widths"), [(2, (512, 256, 128)), (20, (512, 512))])
def test_many_dimensions_get_a_wide_encoder(latent: int, widths: tuple[int, ...]) -> None:
    model = build_model(config(latent=latent), (8, 8, 1))
    layers = [part.out_features for part in model.encoder.modules() if isinstance(part, torch.nn.Linear)]
    assert layers == [*widths, 2 * latent]


def test_a_file_of_format_1_keeps_the_widths_that_it_was_made_with(tmp_path: Path) -> None:
    """Then an MLP of many dimensions had by default what one of few still has."""
    made = config(latent=20, hidden=(512, 256, 128), decoder_hidden=(512, 512))
    weights = {name: tensor.numpy() for name, tensor in build_model(made, (8, 8, 1)).state_dict().items()}
    path = tmp_path / "model.safetensors"
    write_model(path, ModelFile(made, (8, 8, 1), (), weights))
    with safe_open(path, "np") as file:
        header = json.loads(file.metadata()["latentscope"])
    header["format"] = 1
    header["config"] |= {"hidden": None}
    del header["config"]["decoder_hidden"]
    save_file({f"weights.{name}": array for name, array in weights.items()}, path, {"latentscope": json.dumps(header)})
    loaded = load_model(read_model(path))
    assert torch.equal(loaded.state_dict()["encoder.2.0.weight"], torch.from_numpy(weights["encoder.2.0.weight"]))
