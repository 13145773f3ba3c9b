import numpy as np
import pytest
import torch

from trainer.config import Config, make_config
from trainer.errors import ConfigError
from trainer.evaluate import evaluate
from trainer.measures.codes import ACTIVE
from trainer.models.base import LatentModel
from trainer.models.build import build_model
from trainer.models.vae import kl_per_dimension

IMAGES = np.random.default_rng(0).integers(0, 256, (50, 6, 5, 1), dtype=np.uint8)


def model(**settings: object) -> LatentModel:
    config: Config = make_config({"epochs": 1, "hidden": (16,), "latent": 3, **settings})
    return build_model(config, (6, 5, 1)).eval()


def x() -> torch.Tensor:
    return torch.from_numpy(IMAGES.transpose(0, 3, 1, 2) / np.float32(255))


@torch.no_grad()
def test_the_figures_are_their_definitions() -> None:
    vae = model(beta=4)  # which weighs the loss, not the figures
    evaluation = evaluate(vae, IMAGES, samples=400)
    figures = evaluation.figures
    mean, logvar = vae.encode(x())
    assert logvar is not None
    np.testing.assert_allclose(evaluation.mean, mean, rtol=1e-4, atol=1e-5)
    assert evaluation.logvar is not None
    np.testing.assert_allclose(evaluation.logvar, logvar, rtol=1e-4, atol=1e-5)
    kl = kl_per_dimension(mean, logvar).mean(0)
    assert figures["kl"] == pytest.approx(float(kl.sum()), rel=1e-5)
    assert evaluation.kl_per_dimension == pytest.approx(kl.tolist(), rel=1e-4)
    assert figures["negative_elbo"] == figures["reconstruction"] + figures["kl"]
    assert figures["mse"] == pytest.approx(float((vae.decode(mean) - x()).square().mean()), rel=1e-5)
    assert evaluation.sigma_per_dimension == pytest.approx((0.5 * logvar).exp().mean(0).tolist(), rel=1e-4)
    variance = float(x().var(correction=0))
    assert figures["mse_over_variance"] == pytest.approx(figures["mse"] / variance, rel=1e-5)
    z = mean + (0.5 * logvar).exp() * torch.randn((400, 50, 3), generator=torch.Generator().manual_seed(9))
    p = vae.decode(z.reshape(-1, 3)).reshape(400, 50, 1, 6, 5)
    exact = -(x() * p.log() + (1 - x()) * (1 - p).log()).sum((2, 3, 4)).mean()
    assert figures["reconstruction"] == pytest.approx(float(exact), abs=0.02)


def test_an_autoencoder_has_only_what_means_something() -> None:
    evaluation = evaluate(model(family="autoencoder"), IMAGES)
    assert evaluation.figures.keys() == {"reconstruction", "mse", "mse_over_variance"}
    assert evaluation.kl_per_dimension is None
    assert evaluation.sigma_per_dimension is None
    assert evaluation.logvar is None


def test_active_units_are_those_whose_mean_varies() -> None:
    vae = model()
    with torch.no_grad():
        last = [module for module in vae.modules() if isinstance(module, torch.nn.Linear)][1]
        last.weight[0] *= 100  # the mean of the first dimension
        last.weight[1] *= 0
    mean = evaluate(vae, IMAGES).mean
    active = (mean.var(axis=0) > ACTIVE).sum()
    assert mean.var(axis=0)[0] > ACTIVE
    assert mean.var(axis=0)[1] == pytest.approx(0)
    assert evaluate(vae, IMAGES).figures["active_units"] == active


def test_a_seed_means_figures_and_seeds_agree_closely() -> None:
    vae = model()
    one, again, other = (evaluate(vae, IMAGES, seed=seed).figures["negative_elbo"] for seed in (1, 1, 2))
    assert one == again
    assert one != other
    assert one == pytest.approx(other, abs=0.05)


def test_batches_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    vae = model(family="autoencoder")
    whole = evaluate(vae, IMAGES)
    monkeypatch.setattr("trainer.evaluate.BATCH_VALUES", 7 * 30)
    parts = evaluate(vae, IMAGES)
    assert parts.figures == pytest.approx(whole.figures, rel=1e-5)
    np.testing.assert_allclose(parts.mean, whole.mean, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("images", [IMAGES[:0], IMAGES[:, :5], np.zeros((2, 6, 5, 3), np.uint8)])
def test_images_that_the_model_is_not_for_are_refused(images: np.ndarray) -> None:
    with pytest.raises(ConfigError, match="6×5×1"):
        evaluate(model(), images)
