import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from trainer.analysis.directions import LEAST_POINTS, direction, uncertainty


def two_groups(
    seed: int, counts: tuple[int, int], apart: list[float], spread: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    a, b = (random.normal(0, spread, (count, len(apart))) for count in counts)
    return a + np.array(apart), b


def test_the_direction_is_the_difference_of_the_means() -> None:
    a, b = two_groups(0, (40, 60), [1.0, 2.0])
    found = direction(np.concatenate([a, [[np.nan, 0]]]), b)
    assert found is not None
    assert found.counts == (40, 60)
    assert np.allclose(found.vector, a.mean(axis=0) - b.mean(axis=0))
    assert np.allclose(found.mean_b + found.vector, found.mean_a)


@pytest.mark.parametrize("dimension", [1, 2, 20])
@pytest.mark.parametrize("counts", [(200, 300), (8000, 6000)])
def test_the_bar_of_the_length_is_that_of_the_normal_distribution(dimension: int, counts: tuple[int, int]) -> None:
    """The length along the direction is normal, with variance uᵀ (S_A / N + S_B / M) u."""
    a, b = two_groups(1, counts, [1.5] + [0.0] * (dimension - 1))
    found = uncertainty(a, b, resamples=6000)
    assert found is not None
    vector = a.mean(axis=0) - b.mean(axis=0)
    length = np.linalg.norm(vector)
    unit = vector / length
    covariance = np.atleast_2d(np.cov(a.T)) / len(a) + np.atleast_2d(np.cov(b.T)) / len(b)
    half = stats.norm.ppf(0.975) * np.sqrt(unit @ covariance @ unit)
    assert found.low == pytest.approx(length - half, abs=0.1 * half)
    assert found.high == pytest.approx(length + half, abs=0.1 * half)
    assert found.distinct


@pytest.mark.parametrize("dimension", [2, 20])
@pytest.mark.parametrize("count", [400, 9000])
def test_the_angle_is_that_of_the_normal_distribution(dimension: int, count: int) -> None:
    """Across a long difference of isotropic groups the error is χ with D − 1 degrees of freedom, times σ √(2 / N)."""
    a, b = two_groups(2, (count, count), [4.0] + [0.0] * (dimension - 1))
    found = uncertainty(a, b, resamples=6000)
    assert found is not None
    across = stats.chi(dimension - 1).ppf(0.95) * np.sqrt(2 / count)
    assert found.angle == pytest.approx(np.degrees(np.arctan(across / 4.0)), rel=0.12)
    assert found.cosine == pytest.approx(np.cos(np.radians(found.angle)))


def test_two_groups_of_one_kind_are_mostly_not_told_apart() -> None:
    """At the 5 % level chance passes for a difference once in twenty times: here in some of 100, but never in many."""
    found = [uncertainty(*two_groups(seed, (30, 40), [0.0] * 3), resamples=300) for seed in range(100)]
    distinct = sum(one.distinct for one in found if one is not None)
    assert 1 <= distinct <= stats.binom(100, 0.05).ppf(0.9999)
    assert max(one.angle for one in found if one is not None) > 60


def test_p_is_that_of_the_normal_distribution_in_one_dimension() -> None:
    a, b = two_groups(5, (300, 300), [0.15])
    found = uncertainty(a, b, resamples=20_000)
    assert found is not None
    error = np.sqrt(a.var(ddof=1) / 300 + b.var(ddof=1) / 300)
    expected = 2 * stats.norm.sf(abs(a.mean() - b.mean()) / error)
    assert found.p == pytest.approx(expected, abs=0.02)


@settings(max_examples=20)
@given(st.integers(LEAST_POINTS, 40), st.integers(1, 6), st.floats(0.1, 50), st.integers(0, 100))
def test_what_is_measured_in_other_units_is_as_sure(count: int, dimension: int, unit: float, seed: int) -> None:
    a, b = two_groups(seed, (count, count + 3), [0.7] * dimension)
    one, other = uncertainty(a, b, resamples=50), uncertainty(unit * a + 3, unit * b + 3, resamples=50)
    assert one is not None and other is not None
    assert other.angle == pytest.approx(one.angle, abs=1e-3)
    assert (other.low, other.high) == pytest.approx((unit * one.low, unit * one.high), rel=1e-6, abs=1e-9 * unit)
    assert other.p == one.p


def test_the_same_seed_gives_the_same_answer() -> None:
    groups = two_groups(3, (20, 30), [0.5, 0.5])
    assert uncertainty(*groups, seed=4, resamples=100) == uncertainty(*groups, seed=4, resamples=100)
    assert uncertainty(*groups, seed=4, resamples=100) != uncertainty(*groups, seed=5, resamples=100)


def test_too_few_points_nothing_and_no_difference() -> None:
    few, many = np.zeros((LEAST_POINTS - 1, 2)), np.zeros((50, 2))
    assert uncertainty(few, many) is None
    assert direction(few, many) is not None
    assert direction(np.empty((0, 2)), many) is None
    assert direction(np.full((9, 2), np.nan), many) is None
    same = uncertainty(many, many, resamples=20)
    assert same is not None
    assert not same.distinct
    assert same.angle == 180


def test_points_that_are_all_in_one_place_are_certain() -> None:
    for count in (10, 6000):
        found = uncertainty(np.ones((count, 3)), np.zeros((count, 3)), resamples=200)
        assert found is not None
        assert found.low == pytest.approx(found.high) == pytest.approx(np.sqrt(3))
        assert found.angle == pytest.approx(0, abs=1e-3)
        assert found.distinct


def test_it_ends_when_it_is_told_to() -> None:
    a, b = two_groups(0, (100, 100), [1.0, 0.0])
    asked: list[int] = []

    def stopped() -> bool:
        asked.append(1)
        return len(asked) > 5

    assert uncertainty(a, b, resamples=1000, stopped=stopped) is None
    assert len(asked) < 20
