"""The likelihoods: proper densities, against quadrature and torch's own distributions, and safe at every logit."""

import copy
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from fitting import final, same, small, train
from torch import Tensor
from torch.distributions import ContinuousBernoulli as Reference
from torch.distributions import Normal

from trainer.codec import Codec
from trainer.config import make_config
from trainer.data import Dataset
from trainer.fit import fit
from trainer.models import LIKELIHOODS
from trainer.models.base import Batch
from trainer.models.build import build_model, load_model, make_likelihood
from trainer.models.continuous_bernoulli import SMALL, log_normaliser, mean
from trainer.models.gaussian import Gaussian
from trainer.models.optimal_gaussian import BEFORE, LEAST, OptimalGaussian
from trainer.run import create_run

LOGITS = [-60.0, -5.0, -SMALL, -0.499, -1e-3, 0.0, 1e-6, 0.3, SMALL, 2.0, 20.0]


def pixels(values: Tensor) -> Tensor:
    """As images of one pixel: (N, 1, 1, 1)."""
    return values.reshape(-1, 1, 1, 1)


def grid(low: float, high: float, cells: int = 200_000) -> tuple[Tensor, float]:
    width = (high - low) / cells
    return low + width * (torch.arange(cells, dtype=torch.float64) + 0.5), width


# --- all of them ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LIKELIHOODS.names())
@pytest.mark.parametrize("training", [True, False])
def test_extreme_outputs_have_finite_losses_and_gradients(name: str, training: bool) -> None:
    likelihood = make_likelihood(make_config({"epochs": 1, "likelihood": name})).train(training)
    raw = torch.tensor([-1e4, -100.0, -0.5, 0.0, 0.5, 1e-20, 100.0, 1e4]).repeat(2, 1).reshape(2, 1, 2, 4)
    raw.requires_grad_(True)
    x = torch.zeros(2, 1, 2, 4)
    x[1] = 1
    loss = likelihood.negative_log(raw, x)
    loss.sum().backward()
    assert loss.shape == (2,) and loss.isfinite().all()
    assert raw.grad is not None and raw.grad.isfinite().all()
    image = likelihood.image(raw)
    assert image.min() >= 0 and image.max() <= 1


@pytest.mark.parametrize("name", LIKELIHOODS.names())
def test_half_precision_is_computed_in_float32(name: str) -> None:
    likelihood = make_likelihood(make_config({"epochs": 1, "likelihood": name}))
    raw, x = torch.randn(3, 1, 4, 4).bfloat16(), torch.rand(3, 1, 4, 4)
    other = copy.deepcopy(likelihood)
    assert torch.equal(likelihood.negative_log(raw, x), other.negative_log(raw.float(), x))
    assert likelihood.negative_log(raw, x).dtype == likelihood.image(raw).dtype == torch.float32
    with torch.autocast("cpu", torch.bfloat16):
        assert likelihood.negative_log(raw, x).dtype == torch.float32


# --- continuous Bernoulli ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("logit", LOGITS)
def test_the_continuous_bernoulli_integrates_to_one_and_has_this_mean(logit: float) -> None:
    x, width = grid(0, 1)
    at = torch.tensor(logit, dtype=torch.float64)
    density = (x * at - torch.nn.functional.softplus(at) + log_normaliser(at)).exp()
    assert float(density.sum() * width) == pytest.approx(1, abs=1e-6)
    assert float((x * density).sum() * width) == pytest.approx(float(mean(at)), abs=1e-6)


def test_the_continuous_bernoulli_is_that_of_torch() -> None:
    likelihood = make_likelihood(make_config({"epochs": 1, "likelihood": "continuous-bernoulli"}))
    generator = torch.Generator().manual_seed(0)
    raw, x = torch.randn(5, 3, 4, 4, generator=generator) * 3, torch.rand(5, 3, 4, 4, generator=generator)
    reference = Reference(logits=raw)
    expected = -reference.log_prob(x).flatten(1).sum(1)
    torch.testing.assert_close(likelihood.negative_log(raw, x), expected, atol=1e-3, rtol=1e-5)
    torch.testing.assert_close(likelihood.image(raw), reference.mean, atol=1e-4, rtol=0)


def test_the_series_meet_the_closed_forms() -> None:
    near = torch.linspace(-0.6, 0.6, 2001)
    for function in (log_normaliser, mean):
        torch.testing.assert_close(function(near), function(near.double()).float(), atol=1e-6, rtol=0)
    exact = torch.tensor([SMALL - 1e-9, SMALL + 1e-9], dtype=torch.float64)
    assert float(log_normaliser(exact).diff().abs()) < 1e-6
    assert float(mean(exact).diff().abs()) < 1e-6
    assert float(log_normaliser(torch.tensor(0.0))) == pytest.approx(math.log(2))
    assert float(mean(torch.tensor(0.0))) == 0.5


def test_the_mean_is_the_slope_of_the_normaliser() -> None:
    """d/dl of −log p is E[x] − x in any exponential family, so the gradient checks both."""
    logit = torch.tensor(LOGITS, requires_grad=True)
    likelihood = make_likelihood(make_config({"epochs": 1, "likelihood": "continuous-bernoulli"}))
    likelihood.negative_log(pixels(logit), torch.full((len(LOGITS), 1, 1, 1), 0.3)).sum().backward()
    assert logit.grad is not None
    torch.testing.assert_close(logit.grad, mean(logit.detach()) - 0.3, atol=1e-6, rtol=0)


# --- the Gaussian with the best variance ------------------------------------------------------------------------------


def test_the_optimal_gaussian_integrates_to_one() -> None:
    likelihood = OptimalGaussian().eval()
    likelihood.variance.fill_(0.01)
    x, width = grid(-1, 2)
    density = (-likelihood.negative_log(torch.zeros(len(x), 1, 1, 1), pixels(x))).exp()
    assert float(density.sum() * width) == pytest.approx(1, abs=1e-5)


def test_in_training_the_variance_is_the_batchs_own_and_the_best() -> None:
    raw, x = torch.randn(6, 1, 3, 3), torch.rand(6, 1, 3, 3)
    likelihood = OptimalGaussian()
    found = likelihood.negative_log(raw, x)
    square = (raw.sigmoid() - x).square()
    expected = -Normal(raw.sigmoid(), square.mean().sqrt()).log_prob(x).flatten(1).sum(1)
    torch.testing.assert_close(found, expected)
    for factor in (0.9, 1.1):
        other = -Normal(raw.sigmoid(), factor * square.mean().sqrt()).log_prob(x).flatten(1).sum(1)
        assert other.mean() > found.mean()
    # D/2 (log 2π σ² + 1): the form in which the loss is a logarithm of the error.
    assert float(found.mean()) == pytest.approx(4.5 * (math.log(2 * math.pi * float(square.mean())) + 1), rel=1e-5)


def test_its_gradient_is_that_of_the_logarithm_of_the_error() -> None:
    raw, x = torch.randn(6, 1, 3, 3, requires_grad=True), torch.rand(6, 1, 3, 3)
    (whole,) = torch.autograd.grad(4.5 * (raw.sigmoid() - x).square().mean().log(), raw)
    (ours,) = torch.autograd.grad(OptimalGaussian().negative_log(raw, x).mean(), raw)
    torch.testing.assert_close(ours, whole)


def test_outside_training_the_kept_variance_is_used_and_stays() -> None:
    likelihood = OptimalGaussian()
    assert float(likelihood.variance) == pytest.approx(BEFORE)
    x = torch.rand(50, 1, 3, 3)
    errors = []
    for _ in range(3):
        raw = torch.randn(50, 1, 3, 3)
        likelihood.negative_log(raw, x)
        errors.append((raw.sigmoid() - x).square().mean())
    kept = torch.stack(errors).mean()
    torch.testing.assert_close(likelihood.variance, kept)  # the plain mean of the first steps
    likelihood.eval()
    raw = torch.randn(50, 1, 3, 3)
    expected = -Normal(raw.sigmoid(), kept.sqrt()).log_prob(x).flatten(1).sum(1)
    torch.testing.assert_close(likelihood.negative_log(raw, x), expected)
    torch.testing.assert_close(likelihood.variance, kept)


def test_the_variance_has_a_least_value() -> None:
    x = torch.full((2, 1, 2, 2), 0.5)
    likelihood = OptimalGaussian()
    loss = likelihood.negative_log(torch.zeros_like(x), x)
    assert float(loss[0]) == pytest.approx(2 * math.log(2 * math.pi * LEAST))


def test_with_the_same_variance_it_is_the_gaussian() -> None:
    raw, x = torch.randn(4, 3, 5, 5), torch.rand(4, 3, 5, 5)
    likelihood = OptimalGaussian().eval()
    likelihood.variance.fill_(0.01)
    torch.testing.assert_close(likelihood.negative_log(raw, x), Gaussian().negative_log(raw, x))


# --- in a training ----------------------------------------------------------------------------------------------------


def test_the_kept_variance_is_that_of_the_model_and_is_in_its_file(tmp_path: Path, digits: Dataset) -> None:
    run, _ = train(tmp_path / "run", small(likelihood="optimal-gaussian", epochs=30), digits)
    file = final(run)
    kept = float(file.weights["likelihood.variance"])
    model = load_model(file)
    assert float(model.get_buffer("likelihood.variance")) == kept
    # One sample of the posterior costs a little more than the mean of it does.
    assert file.figures["mse"] < kept < 1.5 * file.figures["mse"]
    measured = model.loss(Batch(torch.rand(3, 1, 8, 8)))
    assert measured.total.isfinite() and float(model.get_buffer("likelihood.variance")) == kept
    assert Codec.from_file(file).decode(np.zeros((1, 2), np.float32)).shape == (1, 8, 8, 1)


def test_an_interruption_does_not_change_the_kept_variance(tmp_path: Path, digits: Dataset, often: None) -> None:
    config = small(likelihood="optimal-gaussian", total_correlation=3, kl_warm_up=0.5, epochs=3)
    whole, _ = train(tmp_path / "whole", config, digits)
    run = create_run(tmp_path / "cut", config)
    worker = fit(config, digits, run, continue_from_checkpoint=True)
    for event in worker:
        if event.step >= 13:
            break
    worker.close()
    list(fit(config, digits, run, continue_from_checkpoint=True))
    assert final(run).weights["likelihood.steps"] == 3 * (len(digits.train_images) // 128)
    assert same(final(whole), final(run))
    assert final(whole).figures == final(run).figures


@pytest.mark.parametrize("binarize", [True, False])
def test_binarised_images_are_drawn_anew_at_each_step(
    tmp_path: Path, digits: Dataset, binarize: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trainer.models.vae import VAE

    seen: list[Tensor] = []
    original = VAE.loss

    def watched(self: VAE, batch: Batch, generator: torch.Generator | None = None) -> object:
        if self.training:
            seen.append(batch.x.clone())
        return original(self, batch, generator)

    monkeypatch.setattr(VAE, "loss", watched)
    config = small(binarize=binarize, epochs=2, batch=len(digits.train_images))
    train(tmp_path / "run", config, digits)
    first, second = (x.flatten(1).sum(1).sort().values for x in seen[:2])  # an epoch each, in another order
    assert all(set(x.unique().tolist()) == {0.0, 1.0} for x in seen) == binarize
    assert torch.equal(first, second) != binarize, "the same images, but not the same pixels"
    grey = torch.from_numpy(digits.train_images).float().mean() / 255
    assert float(seen[0].mean()) == pytest.approx(float(grey), abs=0.01)


def test_a_binarised_training_is_measured_on_the_grey_images(tmp_path: Path, digits: Dataset) -> None:
    run, _ = train(tmp_path / "run", small(binarize=True, epochs=3), digits)
    from trainer.evaluate import evaluate

    measured = evaluate(load_model(final(run)), digits.test_images)
    assert final(run).figures["negative_elbo"] == pytest.approx(measured.figures["negative_elbo"])


def test_a_default_model_has_no_more_weights_than_before() -> None:
    assert not list(build_model(make_config({"epochs": 1}), (8, 8, 1)).buffers())
