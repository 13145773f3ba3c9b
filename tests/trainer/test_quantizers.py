import math

import numpy as np
import pytest
import torch

from trainer.config import make_config
from trainer.errors import ConfigError
from trainer.models.fsq import FiniteScalarQuantizer
from trainer.models.levels import FEWEST, MOST, levels_of, nearest_codes
from trainer.models.vq import DEAD, VectorQuantizer, k_means, nearest


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def clusters(count: int, each: int, spread: float = 0.01) -> torch.Tensor:
    """Vectors around the corners of a cube, far from each other."""
    centres = torch.tensor([[float(i >> bit & 1) for bit in range(4)] for i in range(count)])
    return (centres[:, None] + spread * torch.randn(count, each, 4, generator=generator())).flatten(0, 1)


# The learnt codebook.


def test_the_nearest_code_is_the_nearest_by_hand() -> None:
    vectors, codes = torch.randn(50, 3, generator=generator()), torch.randn(7, 3, generator=generator(1))
    by_hand = [min(range(7), key=lambda k: float((vector - codes[k]).square().sum())) for vector in vectors]
    assert nearest(vectors, codes).tolist() == by_hand


def test_k_means_finds_every_cluster() -> None:
    vectors = clusters(16, 40)
    centres = k_means(vectors, 16, generator())
    assert float((vectors - centres[nearest(vectors, centres)]).square().sum(1).max()) < 0.05


@pytest.mark.parametrize("count", [1, 3])
def test_k_means_of_fewer_vectors_than_codes_takes_them_all(count: int) -> None:
    centres = k_means(clusters(count, 1), 8, generator())
    assert centres.shape == (8, 4)
    assert len(centres.unique(dim=0)) == count


def test_a_step_is_the_papers_moving_average() -> None:
    quantizer = VectorQuantizer(4, 2, decay=0.9).train()
    first, second = torch.randn(200, 2, generator=generator()), torch.randn(200, 2, generator=generator(1))
    quantizer.steps.fill_(1e6)  # long after the beginning, where the average is shorter
    quantizer.codes.copy_(first[:4])
    quantizer.counts.fill_(50)
    quantizer.sums.copy_(50 * quantizer.codes)
    counts, sums, codes = quantizer.counts.clone(), quantizer.sums.clone(), quantizer.codes.clone()
    quantizer(second, 1.0, generator())
    for k in range(4):
        mine = second[nearest(second, codes) == k]
        n = 0.9 * float(counts[k]) + 0.1 * len(mine)
        m = 0.9 * sums[k] + 0.1 * mine.sum(0)
        torch.testing.assert_close(quantizer.codes[k], m / n, rtol=1e-3, atol=1e-4)


def test_the_gradient_goes_straight_through_and_the_commitment_pulls_at_the_vectors_only() -> None:
    quantizer = VectorQuantizer(8, 3, decay=0.99).eval()
    vectors = torch.randn(5, 3, generator=generator()).requires_grad_()
    found = quantizer(vectors)
    assert torch.allclose(found.vectors, quantizer.codebook[found.tokens], atol=1e-6)
    weights = torch.randn(5, 3, generator=generator(2))
    (found.vectors * weights).sum().backward()
    torch.testing.assert_close(vectors.grad, weights)
    vectors.grad = None
    quantizer(vectors).commitment.backward()
    torch.testing.assert_close(vectors.grad, 2 * (vectors - quantizer.codebook[found.tokens]).detach() / 15)


def test_a_code_that_nobody_uses_starts_again_among_the_vectors_but_not_at_the_end() -> None:
    vectors = clusters(8, 50)

    def forsaken(progress: float) -> VectorQuantizer:
        quantizer = VectorQuantizer(8, 4, decay=0.9).train()
        quantizer(vectors, 0.0, generator())
        quantizer.codes[3], quantizer.sums[3], quantizer.counts[3] = 1e3, 1e3, 0.0
        quantizer(vectors, progress, generator())
        return quantizer

    assert float((vectors - forsaken(0.5).codes[3]).square().sum(1).min()) == 0
    assert float((vectors - forsaken(0.99).codes[3]).square().sum(1).min()) > 1


def test_restarts_bring_a_whole_codebook_into_use() -> None:
    """All codes begin at one place, and the vectors lie elsewhere."""
    quantizer = VectorQuantizer(16, 4, decay=0.99).train()
    vectors = clusters(16, 60)
    quantizer.steps.fill_(1)
    quantizer.codes.fill_(5.0)
    quantizer.counts.fill_(60)
    quantizer.sums.copy_(60 * quantizer.codes)
    for step in range(300):
        found = quantizer(vectors[torch.randperm(len(vectors), generator=generator(step))], 0.0, generator(step))
    assert len(found.tokens.unique()) == 16
    assert float(quantizer.counts.min()) >= DEAD * float(quantizer.counts.mean())


def test_only_training_changes_a_codebook() -> None:
    quantizer = VectorQuantizer(8, 3, decay=0.9).eval()
    before = {name: tensor.clone() for name, tensor in quantizer.state_dict().items()}
    quantizer(torch.randn(20, 3))
    assert all(torch.equal(before[name], tensor) for name, tensor in quantizer.state_dict().items())
    quantizer.train()(torch.randn(20, 3), 0.0, generator())
    assert not torch.equal(before["codes"], quantizer.codes)


def test_a_codebook_learns_the_same_from_the_same_generator() -> None:
    one, same, other = (VectorQuantizer(32, 3, decay=0.9).train() for _ in range(3))
    vectors = torch.randn(64, 3, generator=generator(5))
    for quantizer, seed in ((one, 1), (same, 1), (other, 2)):
        for _ in range(3):
            quantizer(vectors, 0.0, generator(seed))
    assert torch.equal(one.codes, same.codes)
    assert not torch.equal(one.codes, other.codes)


# Finite scalars.


@pytest.mark.parametrize(
    ("codes", "levels"),
    [(512, (8, 8, 8)), (1000, (8, 5, 5, 5)), (240, (8, 6, 5)), (64, (8, 8)), (3, (3,)), (4096, (8, 8, 8, 8))],
)
def test_the_levels_of_a_number_of_codes(codes: int, levels: tuple[int, ...]) -> None:
    assert levels_of(codes) == levels


def test_levels_are_found_for_exactly_the_numbers_that_are_products() -> None:
    products = {1}
    for _ in range(5):
        products |= {n * level for n in products for level in range(FEWEST, MOST + 1) if n * level <= 243}
    for codes in range(2, 244):
        levels = levels_of(codes)
        assert (levels is not None) == (codes in products)
        assert levels is None or math.prod(levels) == codes
    assert nearest_codes(11) == (9, 12)
    assert nearest_codes(2) == (3,)
    assert nearest_codes(12) == (12,)


@pytest.mark.parametrize("levels", [(8, 8, 8), (8, 5, 5, 5), (3,), (4, 3)])
def test_every_code_of_fsq_is_reached_and_numbered_as_in_the_codebook(levels: tuple[int, ...]) -> None:
    quantizer = FiniteScalarQuantizer(levels).eval()
    assert quantizer.codebook.shape == (math.prod(levels), len(levels))
    assert len(quantizer.codebook.unique(dim=0)) == math.prod(levels)
    assert -1 <= float(quantizer.codebook.min()) <= float(quantizer.codebook.max()) <= 1
    vectors = (1.999 * torch.rand(80_000, len(levels), generator=generator()) - 0.9995).atanh()
    found = quantizer(vectors)
    assert set(found.tokens.tolist()) == set(range(math.prod(levels)))
    torch.testing.assert_close(found.vectors, quantizer.codebook[found.tokens])
    assert torch.equal(found.tokens, quantizer.tokens(vectors))


def test_the_gradient_of_fsq_is_that_of_the_bound_alone() -> None:
    quantizer = FiniteScalarQuantizer((5, 5)).eval()
    vectors = torch.zeros(1, 2, requires_grad=True)
    quantizer(vectors).vectors.sum().backward()
    # tanh has the slope 1 at zero, where it is stretched to ±2 (and a little) and then scaled by a half.
    torch.testing.assert_close(vectors.grad, torch.full((1, 2), 1.001), rtol=1e-3, atol=0)


def test_the_first_batch_is_spread_over_the_levels_however_small_its_numbers_are() -> None:
    quantizer = FiniteScalarQuantizer((8, 5)).train()
    vectors = 3 + 1e-3 * torch.randn(4000, 2, generator=generator())
    tokens = quantizer(vectors).tokens
    assert len(tokens.unique()) == 40
    state = {name: tensor.clone() for name, tensor in quantizer.state_dict().items()}
    quantizer(100 * vectors)  # only the first
    assert all(torch.equal(state[name], tensor) for name, tensor in quantizer.state_dict().items())
    assert torch.equal(quantizer.eval().tokens(vectors), tokens)


# In a config.


def test_fsq_sets_the_latent_dimension() -> None:
    assert make_config({"seconds": 1, "family": "vq-vae", "quantizer": "fsq"}).latent == 3
    assert make_config({"seconds": 1, "family": "vq-vae", "quantizer": "fsq", "codes": "1000"}).latent == 4


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"codes": 509}, "509 is none; choose 504 or 512"),
        ({"codes": 2}, "2 is none; choose 3"),
        ({"codes": 512, "latent": 64}, "512 codes are made of 3 numbers"),
        ({"codes": "many"}, "Codes must be a valid integer"),
    ],
)
def test_what_fsq_cannot_be(settings: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        make_config({"seconds": 1, "family": "vq-vae", "quantizer": "fsq", **settings})


def test_the_codebook_of_a_family_without_one_is_not_looked_at() -> None:
    assert make_config({"seconds": 1, "quantizer": "fsq", "codes": 509, "latent": 7}).latent == 7


def test_counts_are_what_numpy_counts() -> None:
    quantizer = VectorQuantizer(4, 1, decay=0.0).train()
    vectors = torch.tensor([[0.0], [0.0], [1.0], [2.0], [3.0], [3.0], [3.0]])
    quantizer.steps.fill_(1e9)
    quantizer.codes.copy_(torch.arange(4.0)[:, None])
    tokens = quantizer(vectors, 1.0, generator()).tokens
    assert quantizer.counts.tolist() == np.bincount(tokens.numpy()).tolist() == [2, 1, 1, 3]
