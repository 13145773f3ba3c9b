"""What the KL term costs: its schedules, free bits, capacity and total correlation, against closed forms."""

import itertools
import math

import pytest
import torch
from torch import Tensor
from torch.distributions import Normal

from trainer.config import Config, make_config
from trainer.errors import ConfigError
from trainer.models.base import Batch, Loss
from trainer.models.build import build_model
from trainer.models.objective import capacity, free_bits, kl_term, log_aggregate, total_correlation, warm_up
from trainer.models.vae import kl_per_dimension


def config(**settings: object) -> Config:
    return make_config({"epochs": 1, "hidden": (16,), "latent": 4, **settings})


def codes(count: int, latent: int = 4) -> tuple[Tensor, Tensor, Tensor]:
    """Samples, means and log-variances (count, latent) of some posteriors."""
    generator = torch.Generator().manual_seed(0)
    mean, logvar, noise = (torch.randn(count, latent, generator=generator, dtype=torch.float64) for _ in range(3))
    return mean + (0.5 * logvar).exp() * noise, mean, logvar


def cost(progress: float = 1.0, population: int = 0, **settings: object) -> float:
    z, mean, logvar = codes(32)
    return float(kl_term(config(**settings), progress, population, z, mean, logvar, kl_per_dimension(mean, logvar)))


def loss(batch: Batch, train: bool = True, **settings: object) -> Loss:
    model = build_model(config(**settings), (6, 6, 1)).train(train)
    return model.loss(batch, torch.Generator().manual_seed(0))


def images(count: int = 16) -> Tensor:
    return torch.rand(count, 1, 6, 6, generator=torch.Generator().manual_seed(1))


# --- schedules --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "progress", "weight"),
    [(0, 0, 1), (0, 1, 1), (1, 0, 0), (1, 0.5, 0.5), (1, 1, 1), (0.5, 0.25, 0.5), (0.5, 0.5, 1), (0.5, 1, 1)],
)
def test_the_weight_rises_over_its_share_of_the_training(share: float, progress: float, weight: float) -> None:
    assert warm_up(progress, share) == weight
    assert cost(progress, kl_warm_up=share, beta=3) == pytest.approx(weight * cost(beta=3))


def test_the_capacity_rises_over_the_first_half() -> None:
    assert [capacity(progress, 10) for progress in (0, 0.25, 0.5, 1)] == [0, 5, 10, 10]
    kl = cost()
    for progress, target in ((0, 0), (0.25, 25), (1, 50)):
        assert cost(progress, capacity=50, beta=4) == pytest.approx(4 * abs(kl - target))


def test_the_plain_objective_is_the_weighted_kl_at_any_time() -> None:
    z, mean, logvar = codes(32)
    kl = kl_per_dimension(mean, logvar)
    for progress in (0.0, 0.3, 1.0):
        term = kl_term(config(beta=2), progress, 1000, z, mean, logvar, kl)
        assert torch.equal(term, 2 * kl.sum(1).mean())
        one = kl_term(config(beta=2, total_correlation=1), progress, 1000, z, mean, logvar, kl)
        assert torch.equal(one, term), "not merely close: nothing is estimated"


# --- free bits --------------------------------------------------------------------------------------------------------


def test_free_bits_cost_their_floor_and_have_no_gradient_below_it() -> None:
    mean = torch.tensor([[0.1, 2.0], [-0.1, -3.0]], requires_grad=True)
    kl = kl_per_dimension(mean, torch.zeros(2, 2))  # means over the batch: 0.005 and 3.25
    free = free_bits(kl, 0.5)
    assert float(free.detach()) == pytest.approx(0.5 + 3.25)
    free.backward()
    assert mean.grad is not None
    assert mean.grad[:, 0].tolist() == [0, 0]
    torch.testing.assert_close(mean.grad[:, 1], mean.detach()[:, 1] / 2)


def test_free_bits_are_of_the_batch_not_of_an_image() -> None:
    kl = torch.tensor([[0.0], [2.0]])
    assert float(free_bits(kl, 0.5)) == 1.0, "an image below the floor, but the mean above it"


# --- total correlation ------------------------------------------------------------------------------------------------


def aggregate(covariance: Tensor, sigma: float, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """Posteriors of equal width, whose mixture is N(0, covariance)."""
    generator = torch.Generator().manual_seed(2)
    left = covariance - sigma**2 * torch.eye(len(covariance), dtype=torch.float64)
    normal = torch.randn(2, count, len(covariance), generator=generator, dtype=torch.float64)
    mean = normal[0] @ torch.linalg.cholesky(left).T
    return mean + sigma * normal[1], mean, torch.full_like(mean, 2 * math.log(sigma))


@pytest.mark.parametrize("correlation", [0.0, 0.6, -0.85])
def test_the_total_correlation_of_a_gaussian_is_that_of_its_determinant(correlation: float) -> None:
    covariance = torch.tensor([[1.0, 2 * correlation], [2 * correlation, 4.0]], dtype=torch.float64)
    exact = -0.5 * math.log(1 - correlation**2)
    assert float(total_correlation(*aggregate(covariance, 0.35, 2500), 0)) == pytest.approx(exact, abs=0.04)


def test_more_dimensions_have_the_total_correlation_of_the_log_determinant() -> None:
    covariance = torch.tensor([[1.0, 0.5, 0.3], [0.5, 1.0, 0.4], [0.3, 0.4, 1.0]], dtype=torch.float64)
    exact = -0.5 * float(torch.logdet(covariance))
    assert float(total_correlation(*aggregate(covariance, 0.5, 2500), 0)) == pytest.approx(exact, abs=0.05)


def test_a_single_image_and_a_single_dimension_have_none() -> None:
    z, mean, logvar = codes(1)
    assert float(total_correlation(z, mean, logvar, 100)) == pytest.approx(0)
    z, mean, logvar = codes(20, latent=1)
    assert float(total_correlation(z, mean, logvar, 100)) == pytest.approx(0)


def test_the_aggregate_is_right_on_average_over_all_batches() -> None:
    z, mean, logvar = codes(6, latent=2)
    log_q = Normal(mean, (0.5 * logvar).exp()).log_prob(z[:, None]).sum(2)
    exact = log_q.exp().mean(1)
    batches = list(itertools.combinations(range(6), 3))
    for i in range(6):
        estimates = [log_aggregate(log_q[b][:, b], 6)[b.index(i)].exp() for b in map(list, batches) if i in b]
        assert float(torch.stack(estimates).mean()) == pytest.approx(float(exact[i]))


def test_the_whole_population_in_a_batch_is_exact() -> None:
    z, mean, logvar = codes(6)
    log_q = Normal(mean, (0.5 * logvar).exp()).log_prob(z[:, None])
    torch.testing.assert_close(log_aggregate(log_q, 6), log_q.exp().mean(1).log())
    torch.testing.assert_close(log_aggregate(log_q, 0), log_q.exp().mean(1).log())


def test_the_total_correlation_weighs_beta_times_its_own_weight() -> None:
    z, mean, logvar = codes(32)
    tc = float(total_correlation(z, mean, logvar, 500))
    assert cost(population=500, beta=2, total_correlation=6) == pytest.approx(2 * (cost() + 5 * tc))
    assert cost(population=500, beta=2, total_correlation=0) == pytest.approx(2 * (cost() - tc))
    assert cost(0.5, 500, total_correlation=6, kl_warm_up=1) == pytest.approx(0.5 * (cost() + 5 * tc))


@pytest.mark.parametrize(
    "settings", [{}, {"free_bits": 1}, {"capacity": 3}, {"total_correlation": 4}, {"kl_warm_up": 0.8}]
)
def test_the_order_of_a_batch_does_not_count(settings: dict[str, object]) -> None:
    z, mean, logvar = codes(32)
    order = torch.randperm(32, generator=torch.Generator().manual_seed(3))

    def term(rows: Tensor) -> float:
        parts = (z[rows], mean[rows], logvar[rows])
        return float(kl_term(config(**settings), 0.4, 900, *parts, kl_per_dimension(*parts[1:])))

    assert term(order) == pytest.approx(term(torch.arange(32)), rel=1e-12)


def test_far_codes_stay_finite() -> None:
    mean = torch.tensor([[1e4, -1e4], [0.0, 0.0], [-1e4, 3.0]], requires_grad=True)
    logvar = torch.full((3, 2), -19.0, requires_grad=True)
    tc = total_correlation(mean + 1e-4, mean, logvar, 60_000)
    tc.backward()
    assert tc.isfinite() and mean.grad is not None and logvar.grad is not None
    assert mean.grad.isfinite().all() and logvar.grad.isfinite().all()


# --- in the model -----------------------------------------------------------------------------------------------------

OBJECTIVES: list[dict[str, object]] = [
    {"free_bits": 2.0},
    {"capacity": 20.0},
    {"total_correlation": 6.0},
    {"kl_warm_up": 1.0},
]


@pytest.mark.parametrize("settings", OBJECTIVES)
def test_an_objective_changes_the_total_and_nothing_that_is_reported(settings: dict[str, object]) -> None:
    batch = Batch(images(), None, 0.5, 1000)
    plain, other = loss(batch), loss(batch, **settings)
    assert torch.equal(plain.reconstruction, other.reconstruction)
    assert plain.kl is not None and other.kl is not None and torch.equal(plain.kl, other.kl)
    assert not torch.equal(plain.total, other.total)
    other.total.backward()


@pytest.mark.parametrize("settings", [*OBJECTIVES, {"beta": 4.0}, {"reconstruction": False}])
def test_outside_training_the_total_is_the_bound(settings: dict[str, object]) -> None:
    measured = loss(Batch(images(), None, 0.5, 1000), train=False, **settings)
    assert measured.kl is not None
    torch.testing.assert_close(measured.total, (measured.reconstruction + measured.kl).mean())


# --- what goes together -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"free_bits": 1, "capacity": 5}, "Free bits and a capacity each change what the KL term is"),
        ({"free_bits": 1, "total_correlation": 5}, "Free bits and a total correlation other than 1 each"),
        ({"capacity": 5, "total_correlation": 5}, "A capacity and a total correlation other than 1 each"),
        ({"capacity": 5, "kl_warm_up": 0.5}, "A capacity rises over the training by itself"),
    ],
)
def test_objectives_that_do_not_go_together(settings: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        config(**settings)
    config(family="autoencoder", **settings)  # to which they mean nothing
    for name, value in settings.items():
        config(**{name: value})


def test_warm_up_goes_with_the_others() -> None:
    for settings in ({"free_bits": 1}, {"total_correlation": 4}, {"beta": 4}):
        config(kl_warm_up=0.3, **settings)
