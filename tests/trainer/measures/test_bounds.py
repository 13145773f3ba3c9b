"""The importance-weighted bound and the quadrature, against closed forms and against each other."""

import math

import numpy as np
import pytest
import torch
from linear_gaussian import LinearGaussian, grey_images, resident

from trainer.config import make_config
from trainer.measures import importance, quadrature
from trainer.measures.importance import importance_weighted
from trainer.measures.quadrature import exact_likelihood
from trainer.models import LIKELIHOODS
from trainer.models.base import LatentModel, Likelihood
from trainer.models.build import build_model

LABELS = np.arange(20) % 3


def bernoulli_model(latent: int = 2) -> LatentModel:
    """A small VAE whose decoder is far from flat."""
    model = build_model(make_config({"epochs": 1, "hidden": [16], "latent": latent}), (3, 4, 1)).eval()
    with torch.no_grad():
        for weight in model.decoder.parameters():
            weight *= 3
    return model


@pytest.mark.parametrize("latent", [1, 2])
@pytest.mark.parametrize("sigma", [0.2, 0.01])  # the narrow one leaves posteriors of about 0.01
def test_the_quadrature_is_the_closed_form_of_probabilistic_pca(latent: int, sigma: float) -> None:
    model, images = LinearGaussian(latent, sigma), grey_images()
    exact = exact_likelihood(model, resident(images))
    assert exact.nll == pytest.approx(model.exact_nll(images), abs=2e-3, rel=1e-5)
    assert exact.error < 0.02


def test_it_does_not_need_the_encoder() -> None:
    """Where the encoder points is looked at first, but mass elsewhere is found, too."""
    model, images = LinearGaussian(2, 0.2), grey_images()
    expected = model.exact_nll(images)
    model.encode = lambda x, condition=None: (torch.full((len(x), 2), 9.0), torch.full((len(x), 2), -6.0))
    assert exact_likelihood(model, resident(images)).nll == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("latent", [1, 2])
@torch.no_grad()
def test_the_quadrature_is_the_sum_over_one_fine_grid(latent: int) -> None:
    model, images = bernoulli_model(latent), grey_images(6)
    axis = torch.arange(-7, 7, 0.04) + 0.02
    grid = torch.cartesian_prod(*[axis] * latent).view(-1, latent)
    x = torch.from_numpy(images).permute(0, 3, 1, 2) / 255
    p = model.decode(grid).flatten(1).double()
    log_x = x.flatten(1).double() @ p.log().T + (1 - x.flatten(1).double()) @ (1 - p).log().T
    log_z = (-0.5 * grid.double().square() - 0.5 * math.log(2 * math.pi) + math.log(0.04)).sum(1)
    brute = -float((log_x + log_z).logsumexp(1).mean())
    assert exact_likelihood(model, resident(images)).nll == pytest.approx(brute, abs=2e-3)


def test_a_true_posterior_needs_a_single_sample() -> None:
    model, images = LinearGaussian(5, 0.2), grey_images()
    assert importance_weighted(model, resident(images), 1) == pytest.approx(model.exact_nll(images), abs=1e-3)


def test_the_bound_falls_to_the_closed_form() -> None:
    model, images = LinearGaussian(5, 0.2, wider=1.5), grey_images()
    one, ten, many = (importance_weighted(model, resident(images), samples) for samples in (1, 10, 20_000))
    assert one > ten > many
    assert many == pytest.approx(model.exact_nll(images), abs=0.02)


def test_the_exact_likelihood_is_below_the_bound() -> None:
    model, data = bernoulli_model(), resident(grey_images())
    exact = exact_likelihood(model, data).nll
    assert exact <= importance_weighted(model, data, 50) + 0.02
    assert importance_weighted(model, data, 20_000) == pytest.approx(exact, abs=0.02)


def test_a_conditional_model_is_measured_given_the_class() -> None:
    model, images = LinearGaussian(2, 0.2, classes=3), grey_images()
    expected = model.exact_nll(images, LABELS)
    assert abs(expected - model.exact_nll(images, LABELS[::-1])) > 0.05
    assert exact_likelihood(model, resident(images, LABELS)).nll == pytest.approx(expected, abs=2e-3)
    assert importance_weighted(model, resident(images, LABELS), 3) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("values", [12, 12 * 7, 12 * 64])
def test_parts_make_no_difference(monkeypatch: pytest.MonkeyPatch, values: int) -> None:
    model, data = LinearGaussian(2, 0.2, wider=1.2), resident(grey_images(5))
    whole, expected = importance_weighted(model, data, 60), exact_likelihood(model, data).nll
    monkeypatch.setattr(importance, "BATCH_VALUES", values)
    monkeypatch.setattr(quadrature, "BATCH_VALUES", values)
    monkeypatch.setattr(quadrature, "BLOCK_VALUES", values)
    assert importance_weighted(model, data, 60) == pytest.approx(whole, abs=0.1)
    assert exact_likelihood(model, data).nll == pytest.approx(expected, abs=1e-4)


def test_progress_grows_to_the_end() -> None:
    model, data, told = bernoulli_model(), resident(grey_images()), [0.0]
    exact_likelihood(model, data, tell=told.append)
    assert told == sorted(told)
    assert 0.4 < told[-1] <= 1
    told[:] = [0.0]
    importance_weighted(model, resident(grey_images(200)), 2_000, tell=told.append)
    assert told == sorted(told)
    assert 0.5 < told[-1] <= 1


@pytest.mark.parametrize("name", LIKELIHOODS.names())
def test_pairs_are_the_likelihood_of_each_pair(name: str) -> None:
    likelihood: Likelihood = LIKELIHOODS[name].load().likelihood().eval()
    generator = torch.Generator().manual_seed(0)
    raw, x = (3 * torch.randn((count, 1, 6, 5), generator=generator) for count in (4, 3))
    x = x.sigmoid()
    expected = torch.stack([likelihood.negative_log(raw, image.expand_as(raw)) for image in x])
    torch.testing.assert_close(likelihood.negative_log_pairs(raw, x), expected, rtol=1e-5, atol=1e-4)
