import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import pearsonr, spearmanr

from trainer.analysis.correlation import interval, relate
from trainer.geometry import axis_plane, pca_plane

RANDOM = np.random.default_rng(5)


def test_correlations_and_their_intervals_are_those_of_scipy() -> None:
    codes = RANDOM.normal(size=(300, 3)) @ RANDOM.normal(size=(3, 3))
    factor = codes[:, 0] - 0.3 * codes[:, 2] + RANDOM.normal(size=300)
    for dimension, ours in enumerate(relate(factor, codes).with_dimensions()):
        theirs = pearsonr(codes[:, dimension], factor)
        low, high = theirs.confidence_interval(0.95)
        assert (ours.value, ours.low, ours.high) == pytest.approx((theirs.statistic, low, high), abs=1e-9)


@pytest.mark.parametrize("strength", [0.0, 0.4, 0.9])
def test_the_interval_is_that_of_the_bootstrap(strength: float) -> None:
    z = RANDOM.normal(size=(2000, 2))
    factor = strength * z[:, 0] + math.sqrt(1 - strength**2) * RANDOM.normal(size=2000)
    ours = relate(factor, z).with_dimensions()[0]
    rows = RANDOM.integers(2000, size=(1000, 2000))
    again = [np.corrcoef(factor[row], z[row, 0])[0, 1] for row in rows]
    assert (ours.low, ours.high) == pytest.approx(tuple(np.percentile(again, [2.5, 97.5])), abs=0.012)


def test_the_interval_of_the_best_direction_is_that_of_the_bootstrap() -> None:
    z = RANDOM.normal(size=(2000, 3))
    factor = z @ [0.5, -0.3, 0.0] + RANDOM.normal(size=2000)
    ours = relate(factor, z).best().strength
    rows = RANDOM.integers(2000, size=(400, 2000))
    again = [relate(factor[row], z[row]).best().strength.value for row in rows]
    assert (ours.low, ours.high) == pytest.approx(tuple(np.percentile(again, [2.5, 97.5])), abs=0.015)


def test_the_best_direction_is_that_of_least_squares() -> None:
    codes = RANDOM.normal(size=(400, 4)) @ RANDOM.normal(size=(4, 4)) + 7
    factor = codes @ [1, 2, -1, 0.5] + RANDOM.normal(size=400)
    slope, *_ = np.linalg.lstsq(np.column_stack([codes, np.ones(400)]), factor, rcond=None)
    best = relate(factor, codes).best()
    assert best.unit == pytest.approx(slope[:4] / np.linalg.norm(slope[:4]), abs=1e-6)
    along = abs(pearsonr(codes @ best.unit, factor).statistic)
    assert best.strength.value == pytest.approx(along, abs=0.01) and best.strength.value <= along


def test_along_a_direction_it_is_the_correlation_with_the_places_there() -> None:
    codes = RANDOM.normal(size=(400, 3)) @ RANDOM.normal(size=(3, 3)) + 2
    factor = codes @ [1, -1, 0.2] + RANDOM.normal(size=400)
    relation, way = relate(factor, codes), np.array([0.6, 0.0, -0.8])
    assert relation.along(way).value == pytest.approx(pearsonr(codes @ way, factor).statistic)
    assert relation.along(np.eye(3)[1]) == relation.with_dimensions()[1]
    assert not relation.along(np.zeros(3)).is_defined, "what does not vary goes with nothing"


def test_a_direction_on_the_map_is_the_one_seen_there() -> None:
    codes = RANDOM.normal(size=(500, 6)) * [5, 4, 1, 1, 1, 1]
    plane = pca_plane(codes)
    seen = plane.to_map(codes)
    factor = seen @ [0.6, -0.8] + 0.5 * codes[:, 4] + 0.1 * RANDOM.normal(size=500)
    ours, theirs = relate(factor, codes).on_map(plane), relate(factor, seen).best()
    assert ours.unit == pytest.approx(theirs.unit, abs=1e-9)
    assert ours.strength.value == pytest.approx(theirs.strength.value)
    assert ours.unit == pytest.approx([0.6, -0.8], abs=0.05)


def test_one_dimension_has_one_direction() -> None:
    codes = RANDOM.normal(size=(100, 1))
    direction = relate(-2 * codes[:, 0], codes).on_map(axis_plane(1))
    assert direction.unit == pytest.approx([-1, 0]) and direction.strength.value == pytest.approx(1)


def test_a_factor_or_a_dimension_that_never_varies_has_no_correlation() -> None:
    codes = np.column_stack([RANDOM.normal(size=50), np.full(50, 3.0)])
    assert relate(np.full(50, 0.1), codes).is_constant
    assert not relate(np.full(50, 0.1), codes).best().strength.is_defined
    assert not relate(np.full(50, 0.1), codes).with_dimensions()[0].is_defined
    first, second = relate(codes[:, 0], codes).with_dimensions()
    assert first.value == pytest.approx(1) and not second.is_defined
    assert relate(codes[:, 0], codes).best().unit == pytest.approx([1, 0])


def test_what_is_not_a_number_is_left_out() -> None:
    codes = RANDOM.normal(size=(60, 2))
    factor = codes[:, 0] + RANDOM.normal(size=60)
    holed, other = factor.copy(), codes.copy()
    holed[3], other[10, 1] = np.nan, np.inf
    good = np.setdiff1d(np.arange(60), [3, 10])
    relation = relate(holed, other)
    assert relation.count == 58
    assert relation.with_dimensions() == relate(factor[good], codes[good]).with_dimensions()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_too_few_images_have_no_correlation(count: int) -> None:
    relation = relate(RANDOM.normal(size=count), RANDOM.normal(size=(count, 2)))
    assert not any(one.is_defined for one in relation.with_dimensions())
    assert not relation.best().strength.is_defined


def test_as_many_dimensions_as_images_explain_nothing() -> None:
    relation = relate(RANDOM.normal(size=20), RANDOM.normal(size=(20, 20)))
    assert not relation.best().strength.is_defined
    chance = relate(RANDOM.normal(size=40), RANDOM.normal(size=(40, 20))).best().strength
    assert chance.low == pytest.approx(0, abs=0.3)


@given(st.floats(-1, 1), st.integers(4, 10**6))
def test_an_interval_holds_its_correlation(value: float, count: int) -> None:
    found = interval(value, count)
    assert -1 <= found.low <= found.value + 1e-12 and found.value - 1e-12 <= found.high <= 1
    assert found.excludes_zero == (found.low > 0 or found.high < 0)


def test_ranks_are_those_of_scipy_also_where_many_are_equal() -> None:
    codes = np.round(RANDOM.normal(size=(500, 3)), 1)
    factor = np.exp(2 * codes[:, 0]) - codes[:, 1] + np.round(RANDOM.normal(size=500))
    codes[3, 1] = math.nan  # left out
    good = np.isfinite(codes).all(axis=1)
    for dimension, ours in enumerate(relate(factor, codes).ranked):
        assert ours.value == pytest.approx(spearmanr(codes[good, dimension], factor[good]).statistic, abs=1e-12)


@pytest.mark.parametrize("strength", [0.0, 0.5, 0.9])
def test_the_interval_by_rank_is_that_of_the_bootstrap(strength: float) -> None:
    z = RANDOM.normal(size=2000)
    factor = strength * z + math.sqrt(1 - strength**2) * RANDOM.normal(size=2000)
    ours = relate(factor, z[:, None]).ranked[0]
    rows = RANDOM.integers(2000, size=(400, 2000))
    again = [spearmanr(factor[row], z[row]).statistic for row in rows]
    assert (ours.low, ours.high) == pytest.approx(tuple(np.percentile(again, [2.5, 97.5])), abs=0.015)


def test_what_only_grows_is_one_by_rank_however_bent() -> None:
    z = RANDOM.normal(size=(300, 1))
    relation = relate(np.exp(4 * z[:, 0]), z)
    assert relation.ranked[0].value == 1 and relation.with_dimensions()[0].value < 0.8
    assert not relate(np.ones(300), z).ranked[0].is_defined
    assert not relate(z[:, 0], np.zeros((300, 1))).ranked[0].is_defined
    assert [one.is_defined for one in relate([], np.zeros((0, 2))).ranked] == [False, False]


def test_of_very_many_images_some_are_ranked() -> None:
    z = np.random.default_rng(2).normal(size=(250_000, 1))
    ranked = relate(z[:, 0] + np.random.default_rng(3).normal(size=250_000), z).ranked[0]
    assert ranked.value == pytest.approx(6 / math.pi * math.asin(math.sqrt(0.5) / 2), abs=0.01)  # of normal numbers
    assert 0.005 < ranked.high - ranked.low < 0.01
