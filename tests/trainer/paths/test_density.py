"""The density of codes in any dimension: right where it is known, and with a slope that is its own."""

import numpy as np
import pytest

from trainer.paths.density import density_of, some_of


@pytest.mark.parametrize("dimension", [1, 2, 3, 10])
def test_it_falls_on_and_on_away_from_the_codes(dimension: int) -> None:
    codes = np.random.default_rng(0).standard_normal((3000, dimension))
    density = density_of(codes)
    away = np.outer([0.0, 2.0, 4.0, 8.0, 30.0, 300.0], np.eye(dimension)[0])
    assert (np.diff(density.log(away)) < 0).all()
    assert density.log(away[0]) > density.usual
    # Others of their kind, which are no codes: in many dimensions a code is dense by itself.
    others = density.log(np.random.default_rng(1).standard_normal((3000, dimension)))
    assert (others >= density.usual).mean() == pytest.approx(0.95, abs=0.03)
    assert (others >= density.median).mean() == pytest.approx(0.5, abs=0.08)


@pytest.mark.parametrize("dimension", [1, 2])
def test_it_is_that_of_a_normal_distribution(dimension: int) -> None:
    codes = np.random.default_rng(0).standard_normal((50_000, dimension))
    points = np.random.default_rng(1).standard_normal((50, dimension)) * 0.7
    exact = -0.5 * (points**2).sum(1) - 0.5 * dimension * np.log(2 * np.pi)
    assert np.abs(density_of(codes).log(points) - exact).max() < 0.25


@pytest.mark.parametrize("dimension", [1, 2, 6])
def test_its_slope_is_that_of_the_logarithm(dimension: int) -> None:
    density = density_of(np.random.default_rng(0).standard_normal((4000, dimension)))
    points = np.random.default_rng(1).standard_normal((40, dimension))
    step, slope = 0.02, density.with_slope(points)[1]
    assert slope.shape == points.shape
    for axis, unit in enumerate(np.eye(dimension)):
        measured = (density.log(points + step * unit) - density.log(points - step * unit)) / (2 * step)
        assert np.abs(measured - slope[:, axis]).max() < 0.5
        assert np.corrcoef(measured, slope[:, axis])[0, 1] > 0.99
    far = np.full((1, dimension), 40.0)
    assert (density.with_slope(far)[1] < 0).all()


def test_one_code_and_codes_that_are_no_numbers() -> None:
    codes = np.array([[0.0, 0.0], [np.nan, 1.0], [np.inf, 0.0]])
    density = density_of(codes)
    assert np.isfinite(density.log([[0.0, 0.0], [5.0, 5.0]])).all()
    assert len(some_of(codes, 10)) == 1
    assert np.array_equal(some_of(np.arange(1000.0)[:, None], 10), some_of(np.arange(1000.0)[:, None], 10))
