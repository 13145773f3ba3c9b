"""Geodesics: against surfaces whose shortest ways are known, and off the places where there are no codes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trainer.errors import ConfigError
from trainer.paths.curve import Curve
from trainer.paths.density import density_of
from trainer.paths.descent import descended
from trainer.paths.energy import Energy, Floor
from trainer.paths.newton import refined
from trainer.paths.rule import Surroundings, joined


def sphere(z: np.ndarray) -> np.ndarray:
    """The unit sphere around D dimensions, (N, D + 1), by stereographic projection: its geodesics are great circles."""
    square = (z**2).sum(1, keepdims=True)
    return (np.concatenate([2 * z, square - 1], axis=1) / (square + 1)).astype(np.float32)


CONE = 0.5  # the sine of its half angle


def cone(z: np.ndarray) -> np.ndarray:
    """A cone by distance from its tip, 2 + z₀, and angle z₁ (N, 2): cut open and laid flat, they are straight."""
    r = 2 + z[:, :1]
    across = r * CONE * np.concatenate([np.cos(z[:, 1:]), np.sin(z[:, 1:])], axis=1)
    return np.concatenate([across, r * np.sqrt(1 - CONE**2)], axis=1).astype(np.float32)


def laid_flat(z: np.ndarray) -> np.ndarray:
    r, angle = 2 + z[:, 0], CONE * z[:, 1]
    return np.stack([r * np.cos(angle), r * np.sin(angle)], axis=1)


def image_length(curve: Curve, decode: Any) -> float:
    return float(np.linalg.norm(np.diff(decode(curve.points).astype(float), axis=0), axis=1).sum())


@settings(max_examples=12)
@given(st.sampled_from([1, 2, 3, 20]).flatmap(lambda d: arrays(float, (2, d), elements=st.floats(-1, 1, width=16))))
def test_on_a_sphere_it_is_a_great_circle(ends: np.ndarray) -> None:
    a, b = sphere(ends).astype(float)
    angle = float(np.arccos(np.clip(a @ b, -1, 1)))
    if not 0.05 < angle < 2.6:
        return
    curve = joined(ends, "geodesic", Surroundings(sphere))
    assert image_length(curve, sphere) == pytest.approx(angle, rel=3e-3)
    # Every point of it lies in the plane of both ends and the centre.
    basis = np.linalg.qr(np.stack([a, b], axis=1))[0]
    images = sphere(curve.points).astype(float)
    assert np.abs(images - images @ basis @ basis.T).max() < 0.03


def test_a_great_circle_in_so_many_dimensions_that_each_round_looks_into_some() -> None:
    ends = np.random.default_rng(3).normal(0, 0.1, (2, 128))
    curve = joined(ends, "geodesic", Surroundings(sphere))
    a, b = sphere(ends).astype(float)
    assert image_length(curve, sphere) == pytest.approx(np.arccos(a @ b), rel=3e-3)


@settings(max_examples=12)
@given(arrays(float, (2, 2), elements=st.floats(-1, 1, width=16)))
def test_on_a_cone_it_is_straight_when_the_cone_is_laid_flat(ends: np.ndarray) -> None:
    flat = laid_flat(ends)
    straight = np.linalg.norm(flat[1] - flat[0])
    if straight < 0.05:
        return
    curve = joined(ends, "geodesic", Surroundings(cone))
    assert image_length(curve, cone) == pytest.approx(straight, rel=3e-3)
    across = (laid_flat(curve.points) - flat[0]) @ np.array([[0, -1], [1, 0]]) @ (flat[1] - flat[0]) / straight
    assert np.abs(across).max() < 0.01 * straight + 1e-3


@pytest.mark.parametrize("lower", [refined, descended])
def test_the_energy_never_grows_and_each_curve_keeps_its_ends(lower: Any) -> None:
    def ripples(z: np.ndarray) -> np.ndarray:
        return np.concatenate([z, np.sin(5 * z), np.cos(7 * z.sum(1, keepdims=True))], axis=1).astype(np.float32)

    line = np.linspace([-1.0, 0.2, 0.0], [1.0, 0.0, 0.3], 25)
    shapes = list(lower(Energy(ripples), line, 40, 1e-6))
    energies = [seen.energy for _, seen in shapes]
    assert len(energies) > 3
    assert (np.diff(energies) < 0).all()
    assert energies[-1] < 0.9 * energies[0]
    assert all((z[0] == line[0]).all() and (z[-1] == line[-1]).all() for z, _ in shapes)


def test_its_gradient_is_that_of_the_energy_with_the_density_in_it() -> None:
    random = np.random.default_rng(0)
    density = density_of(random.standard_normal((500, 5)))
    energy = Energy(sphere, None, density, (Floor(density.usual + 2, 100.0), Floor(density.usual + 5, 10.0)))
    z = random.normal(0, 0.8, (9, 5))
    _, gradient, _ = energy.with_gradient(z)
    for _ in range(8):
        way = np.zeros(z.shape)
        way[1:-1] = 1e-3 * random.standard_normal(gradient.shape)
        grown = energy.of(z + way).energy - energy.of(z - way).energy
        assert grown == pytest.approx(2 * float((way[1:-1] * gradient).sum()), rel=0.05, abs=0.02 * abs(gradient).max())


def test_in_ten_dimensions_laid_flat_among_many_more_it_is_the_line() -> None:
    """A decoder that is linear has no curvature anywhere, whatever it does to lengths: its geodesics are straight."""
    matrix = np.random.default_rng(5).standard_normal((10, 60)) * np.geomspace(1, 0.05, 10)[:, None]
    ends = np.random.default_rng(6).standard_normal((2, 10))
    traced = Surroundings(
        lambda z: (z @ matrix).astype(np.float32),
        trace=lambda z: ((z @ matrix).astype(np.float32), lambda gradient: gradient @ matrix.T),
    )
    for around in (traced, Surroundings(traced.decode)):
        curve = joined(ends, "geodesic", around)
        line = ends[0] + np.linspace(0, 1, len(curve.points))[:, None] * (ends[1] - ends[0])
        assert np.abs(curve.points - line).max() < 0.01


def test_no_geodesic_passes_sparser_places_than_the_straight_line() -> None:
    random = np.random.default_rng(7)
    codes = np.concatenate([random.normal(at, 0.35, (400, 2)) for at in ((-1, 0), (0, 1), (1, 0), (0.2, -0.8))])

    def folded(z: np.ndarray) -> np.ndarray:
        """Steep in the middle, where the codes are dense."""
        return np.concatenate([np.tanh(4 * z), np.sin(3 * z)], axis=1).astype(np.float32)

    density, around = density_of(codes), Surroundings(folded, codes)
    for ends in codes[random.integers(len(codes), size=(30, 2))]:
        curve, line = joined(ends, "geodesic", around), joined(ends, "linear")
        share = np.linspace(0, 1, 300)
        assert density.log(curve.at(share)).min() >= density.log(line.at(share)).min() - 2e-3


def two_moons_gap() -> np.ndarray:
    """Codes on half a circle: between its ends there is nothing."""
    angle = np.linspace(0, np.pi, 800)
    noise = np.random.default_rng(1).normal(0, 0.05, (800, 2))
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) + noise


@pytest.mark.parametrize("dimension", [2, 5])
@pytest.mark.parametrize("kind", ["geodesic", "data"])
def test_it_goes_round_where_there_are_no_codes(kind: str, dimension: int) -> None:
    codes = np.zeros((800, dimension))
    codes[:, :2] = two_moons_gap()
    codes[:, 2:] = np.random.default_rng(2).normal(0, 0.05, (800, dimension - 2))
    ends = np.zeros((2, dimension))
    ends[:, 0] = 1, -1
    curve = joined(ends, kind, Surroundings(lambda z: z.astype(np.float32), codes))
    radius = np.linalg.norm(curve.at(np.linspace(0, 1, 200))[:, :2], axis=1)
    assert radius.min() > 0.8
    assert 2.7 < curve.length < 5


def test_legs_ends_on_one_spot_and_closed_curves() -> None:
    points = np.array([[0.0, 0.0], [0.0, 0.0], [0.5, 0.5], [1.0, 0.0]])
    seen: list[Curve] = []
    curve = joined(points, "geodesic", Surroundings(sphere, improving=seen.append), closed=True)
    assert (curve.points[curve.corners] == points).all()
    assert (curve.points[-1] == points[0]).all()
    assert curve.legs == 4
    assert len(seen) >= 6
    assert all((one.points[one.corners] == points).all() for one in seen)
    alone = joined(points[1:3], "geodesic", Surroundings(sphere))
    assert np.array_equal(curve.leg(1), alone.points)
    again = joined(points, "geodesic", Surroundings(sphere), closed=True)
    assert np.array_equal(curve.points, again.points)


def test_a_decoder_that_has_collapsed_leaves_it_straight() -> None:
    curve = joined([[0.0, 1.0], [1.0, 0.0]], "geodesic", Surroundings(lambda z: np.zeros((len(z), 4), np.float32)))
    assert (curve.points == [[0, 1], [1, 0]]).all()


def test_codes_that_are_not_numbers_are_left_out() -> None:
    codes = np.concatenate([two_moons_gap(), np.full((5, 2), np.nan)])
    for kind in ("geodesic", "data"):
        curve = joined([[1.0, 0.0], [-1.0, 0.0]], kind, Surroundings(lambda z: z.astype(np.float32), codes))
        assert np.isfinite(curve.points).all()
    for kind in ("geodesic", "data"):
        few = Surroundings(lambda z: z.astype(np.float32), np.array([[np.nan, 0.0], [0.3, 0.3], [0.4, 0.1]]))
        assert np.isfinite(joined([[1.0, 0.0], [-1.0, 0.0]], kind, few).points).all()


def test_what_a_rule_needs_and_is_not_there() -> None:
    with pytest.raises(ConfigError, match="needs a decoder"):
        joined([[0.0], [1.0]], "geodesic")
    with pytest.raises(ConfigError, match="needs encoded points"):
        joined([[0.0], [1.0]], "data")
