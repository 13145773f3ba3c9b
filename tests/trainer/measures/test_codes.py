import math

import numpy as np
import pytest
from scipy.stats import entropy, multivariate_normal, norm

from trainer.measures import codes
from trainer.measures.codebook import codebook_figures, usage
from trainer.measures.codes import kl_per_dimension, knn_accuracy, mutual_information, silhouette

RANDOM = np.random.default_rng(3)


def test_kl_is_the_integral_that_it_stands_for() -> None:
    mean, logvar = np.array([[0.7, 0.0]], np.float32), np.array([[-1.2, 0.0]], np.float32)
    z = np.linspace(-8, 8, 20_001)
    q = norm(0.7, math.exp(-0.6)).pdf(z)
    integral = np.trapezoid(q * (np.log(q + 1e-300) - norm.logpdf(z)), z)
    assert kl_per_dimension(mean, logvar) == pytest.approx([integral, 0], abs=1e-5)


def test_mutual_information_of_codes_that_are_all_alike_is_none() -> None:
    alike = np.zeros((300, 3), np.float32)
    assert mutual_information(alike, alike) == pytest.approx(0, abs=1e-9)


def test_mutual_information_of_codes_far_apart_says_which_image_it_is() -> None:
    apart = np.arange(300, dtype=np.float32)[:, None] * [1, 0.5]
    assert mutual_information(apart.astype(np.float32), np.full((300, 2), -8, np.float32)) == pytest.approx(
        math.log(300)
    )


def test_mutual_information_is_its_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "BLOCK", 7)
    mean = RANDOM.standard_normal((40, 2)).astype(np.float32)
    logvar = RANDOM.uniform(-3, 0, (40, 2)).astype(np.float32)
    posteriors = [multivariate_normal(m, np.diag(np.exp(v))) for m, v in zip(mean, logvar, strict=True)]
    draws = np.random.default_rng(9)
    terms = []
    for posterior in posteriors:
        z = posterior.rvs(400, random_state=draws)
        aggregate = np.mean([other.pdf(z) for other in posteriors], axis=0)
        terms.append(np.mean(posterior.logpdf(z) - np.log(aggregate)))
    several = np.mean([mutual_information(mean, logvar, seed=seed) for seed in range(100)])
    assert several == pytest.approx(np.mean(terms), abs=0.03)


def test_mutual_information_is_that_of_the_first_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "MOST_IN_AGGREGATE", 10)
    apart = np.arange(300, dtype=np.float32)[:, None]
    assert mutual_information(apart, np.full((300, 1), -8, np.float32)) == pytest.approx(math.log(10))


def test_the_nearest_training_codes_vote() -> None:
    known, known_labels = RANDOM.standard_normal((60, 2)).astype(np.float32), RANDOM.integers(0, 3, 60)
    test, labels = RANDOM.standard_normal((40, 2)).astype(np.float32), RANDOM.integers(0, 3, 40)
    right = 0
    for code, label in zip(test, labels, strict=True):
        nearest = np.argsort(np.linalg.norm(known - code, axis=1))[: codes.NEIGHBOURS]
        right += np.bincount(known_labels[nearest], minlength=3).argmax() == label
    assert knn_accuracy(known, known_labels, test, labels) == pytest.approx(right / 40)


def test_few_known_codes_are_all_neighbours() -> None:
    known = np.array([[0.0], [5.0], [5.1]], np.float32)
    assert knn_accuracy(known, np.array([0, 1, 1]), known, np.array([1, 1, 1])) == 1


def test_silhouette_is_its_definition() -> None:
    some, labels = RANDOM.standard_normal((50, 2)).astype(np.float32), np.arange(50) % 3
    distance = np.linalg.norm(some[:, None] - some, axis=2)
    values = []
    for i in range(50):
        own = (labels == labels[i]) & (np.arange(50) != i)
        a = distance[i, own].mean()
        b = min(distance[i, labels == other].mean() for other in set(labels) - {labels[i]})
        values.append((b - a) / max(a, b))
    assert silhouette(some, labels) == pytest.approx(np.mean(values), abs=1e-5)


def test_silhouette_of_many_codes_is_that_of_a_sample() -> None:
    labels = np.arange(5000) % 2
    some = (RANDOM.standard_normal((5000, 2)) + 10 * labels[:, None]).astype(np.float32)
    found = silhouette(some, labels)
    assert found is not None
    assert found == silhouette(some, labels)
    assert 0.8 < found < 1


@pytest.mark.parametrize("labels", [np.zeros(4, np.int64), np.arange(4)])
def test_silhouette_needs_classes_of_more_than_one(labels: np.ndarray) -> None:
    assert silhouette(np.eye(4, dtype=np.float32), labels) is None


def test_a_codebook_used_evenly_is_as_varied_as_it_is_large() -> None:
    figures = codebook_figures(np.arange(16, dtype=np.int16).reshape(2, 2, 4), 16)
    assert figures == pytest.approx({"codes": 16, "codes_used": 16, "codes_unused": 0, "perplexity": 16})


def test_dead_codes_are_counted_and_perplexity_is_the_exponential_of_entropy() -> None:
    tokens = RANDOM.choice(5, (30, 2, 2), p=[0.5, 0.3, 0.1, 0.05, 0.05]).astype(np.int16)
    figures = codebook_figures(tokens, 8)
    assert (figures["codes_used"], figures["codes_unused"]) == (5, 3)
    assert figures["perplexity"] == pytest.approx(math.exp(entropy(usage(tokens, 8))))
