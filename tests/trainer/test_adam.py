import pytest
import torch
from torch import nn

from trainer.adam import BETA1, BETA2, CLIP, EPSILON, UNCLIPPED_STEPS, Adam, Average


def problem() -> tuple[nn.Linear, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    return nn.Linear(3, 2), torch.randn(20, 3), torch.randn(20, 2)


def test_the_steps_are_adams() -> None:
    ours, x, y = problem()
    theirs, _, _ = problem()
    mine = Adam(ours.named_parameters())
    reference = torch.optim.Adam(theirs.parameters(), betas=(BETA1, BETA2), eps=EPSILON)
    for step in range(30):
        rate = 0.1 / (step + 1)
        (ours(x) - y).square().mean().backward()
        mine.step(rate)
        reference.zero_grad()
        (theirs(x) - y).square().mean().backward()
        for group in reference.param_groups:
            group["lr"] = rate
        reference.step()
    torch.testing.assert_close(ours.weight, theirs.weight)
    assert ours.weight.grad is None


def test_it_is_the_same_where_there_is_no_fused_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    results = []
    for fused in (True, False):
        model, x, y = problem()
        adam = Adam(model.named_parameters())
        monkeypatch.setattr(adam, "_fused", fused)
        for _ in range(30):
            (model(x) - y).square().mean().backward()
            adam.step(0.05)
        results.append(model.weight.detach())
    torch.testing.assert_close(*results)


@pytest.mark.parametrize("fused", [True, False])
def test_a_gradient_that_is_suddenly_huge_counts_as_one_of_twice_the_usual_size(
    monkeypatch: pytest.MonkeyPatch, fused: bool
) -> None:
    def after(factors: list[float]) -> torch.Tensor:
        """The weights after steps along one gradient, times each factor."""
        weight = nn.Parameter(torch.zeros(4))
        adam = Adam([("weight", weight)])
        monkeypatch.setattr(adam, "_fused", fused)
        for factor in factors:
            weight.grad = factor * torch.tensor([1.0, -2.0, 0.5, 4.0])
            adam.step(0.01)
        return weight.detach()

    usual = [1.0] * UNCLIPPED_STEPS
    calm = [1.0] * 10
    torch.testing.assert_close(after([*usual, 1e6, *calm]), after([*usual, CLIP, *calm]))
    assert not torch.allclose(after([*usual, 1.9, *calm]), after([*usual, 1.0, *calm]))
    # In the beginning nobody knows yet what is usual.
    assert not torch.allclose(after([1.0, 1e6]), after([1.0, CLIP]))


def test_no_gradient_at_all_is_no_trouble() -> None:
    weight = nn.Parameter(torch.ones(3))
    adam = Adam([("weight", weight)])
    for _ in range(UNCLIPPED_STEPS + 5):
        weight.grad = torch.zeros(3)
        adam.step(0.01)
    assert torch.equal(weight, torch.ones(3))
    weight.grad = torch.ones(3)
    adam.step(0.01)
    assert (weight < 1).all(), "and what then comes is learnt from"


def test_weights_without_a_gradient_are_left_alone() -> None:
    model, x, _ = problem()
    before = model.weight.detach().clone()
    model(x).sum().backward()
    model.weight.grad = None
    Adam(model.named_parameters()).step(0.1)
    torch.testing.assert_close(model.weight, before)


def test_its_state_is_all_that_it_remembers() -> None:
    model, x, y = problem()
    adam = Adam(model.named_parameters())

    def step(which: Adam) -> None:
        (model(x) - y).square().mean().backward()
        which.step(0.05)

    step(adam)
    state = {name: tensor.clone() for name, tensor in adam.state().items()}
    weights = [weight.detach().clone() for weight in model.parameters()]
    step(adam)
    expected = model.weight.detach().clone()
    fresh = Adam(model.named_parameters())
    with torch.no_grad():
        for weight, old in zip(model.parameters(), weights, strict=True):
            weight.copy_(old)
        for name, tensor in fresh.state().items():
            tensor.copy_(state[name])
    step(fresh)
    assert torch.equal(model.weight, expected)


def test_the_average_of_a_straight_walk_lags_by_its_window() -> None:
    model, copy = nn.Linear(1, 1), nn.Linear(1, 1)
    average = Average(model, copy)
    with torch.no_grad():
        for step in range(1, 2001):
            model.weight.fill_(float(step))
            average.update(step)
    # The mean of t under weights t^γ up to T is T·(γ + 1)/(γ + 2).
    expected = 2000 * (Average.GAMMA + 1) / (Average.GAMMA + 2)
    assert float(copy.weight.detach()) == pytest.approx(expected, rel=0.01)


def test_the_average_begins_with_the_first_step() -> None:
    model, copy = nn.Linear(2, 2), nn.Linear(2, 2)
    Average(model, copy).update(1)
    assert torch.equal(model.weight, copy.weight)
