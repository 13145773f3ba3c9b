"""The figures of curves, against closed forms."""

import numpy as np
import pytest
from numpy.typing import NDArray

from trainer.paths.curve import Curve
from trainer.paths.measures import Change, CodeDensity, CodeVotes, class_changes, classes_along, figures
from trainer.paths.rule import NOTHING_AROUND, Surroundings, joined
from trainer.paths.timing import Walk, walked

Array = NDArray[np.float64]


def sphere(z: Array) -> NDArray[np.float32]:
    """Latitude and longitude on the unit sphere."""
    latitude, longitude = z[:, 0], z[:, 1]
    east = np.cos(latitude)[:, None] * np.stack([np.cos(longitude), np.sin(longitude)], axis=1)
    return np.column_stack([east, np.sin(latitude)]).astype(np.float32)


def great_circle(start: Array, end: Array, count: int = 400) -> Curve:
    a, b = sphere(np.stack([start, end])).astype(float)
    angle = np.arccos(a @ b)
    t = np.linspace(0, 1, count)[:, None]
    x = (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)
    points = np.stack([np.arcsin(x[:, 2]), np.arctan2(x[:, 1], x[:, 0])], axis=1)
    return Curve(points, np.array([0, count - 1]))


@pytest.mark.parametrize("dimension", [1, 2, 5])
def test_a_linear_decoder(dimension: int) -> None:
    random = np.random.default_rng(dimension)
    matrix, a, b = random.normal(size=(dimension, 12)), *random.normal(size=(2, dimension))
    around = Surroundings(decode=lambda z: (z @ matrix).astype(np.float32))
    found = figures(joined([a, b], "linear"), around, None)
    assert found.latent == pytest.approx(np.linalg.norm(b - a))
    assert found.image == pytest.approx(np.linalg.norm((b - a) @ matrix), rel=1e-4)
    assert found.energy == pytest.approx(1)
    # A detour by a right angle: the length is the sum of both legs, each passed in half of the time.
    corner = random.normal(size=dimension)
    legs = [np.linalg.norm((corner - a) @ matrix), np.linalg.norm((b - corner) @ matrix)]
    detour = figures(joined([a, corner, b], "linear"), around, None)
    assert detour.image == pytest.approx(sum(legs), rel=1e-4)
    assert detour.energy == pytest.approx(2 * (legs[0] ** 2 + legs[1] ** 2) / found.image**2, rel=1e-3)


def test_a_decoder_that_is_a_sphere() -> None:
    """Along a parallel from longitude 0 to 2: 2 cos φ long; the great circle is shorter, by the law of cosines."""
    around, latitude = Surroundings(decode=sphere), 0.8
    start, end = np.array([latitude, 0.0]), np.array([latitude, 2.0])
    parallel = figures(joined([start, end], "linear"), around, None)
    shortest = figures(great_circle(start, end), around, None)
    angle = np.arccos(np.sin(latitude) ** 2 + np.cos(latitude) ** 2 * np.cos(2))
    assert parallel.image == pytest.approx(2 * np.cos(latitude), rel=1e-4)
    assert shortest.image == pytest.approx(angle, rel=1e-4)
    # Both are passed at constant visual speed, where the energy is the length squared.
    assert shortest.energy == pytest.approx((angle / (2 * np.cos(latitude))) ** 2, rel=1e-3)


def test_what_cannot_be_said_is_none() -> None:
    curve = joined([[0.0, 0.0], [3.0, 4.0]], "linear")
    found = figures(curve, NOTHING_AROUND, None)
    assert (found.latent, found.image, found.energy, found.density) == (5, None, None, None)
    still = figures(joined([[1.0, 1.0], [1.0, 1.0]], "linear"), Surroundings(decode=sphere), None)
    assert (still.latent, still.image, still.energy) == (0, 0, None)
    assert CodeDensity.of(np.full((5, 2), np.nan)) is None
    assert CodeDensity.of(None) is None


@pytest.mark.parametrize("dimension", [1, 2, 6])
def test_the_density_falls_off_the_codes(dimension: int) -> None:
    density = CodeDensity.of(np.random.default_rng(0).normal(size=(40_000, dimension)))
    assert density is not None
    start, far = np.zeros(dimension), np.eye(dimension)[0]
    inside, beyond, empty = (density.lowest(joined([start, x * far], "linear")) for x in (0.5, 3, 30))
    assert inside > 1 > beyond > empty >= 0
    if dimension == 2:
        # Of a Gaussian with σ = 1 the median is half of the density in the middle, of which e^(−1/8) is left at 0.5.
        assert inside == pytest.approx(2 * np.exp(-0.125), rel=0.15)


@pytest.mark.parametrize("dimension", [1, 2, 4])
def test_classes_change_where_the_codes_do(dimension: int) -> None:
    random = np.random.default_rng(1)
    labels = random.integers(0, 3, 600)
    codes = 0.05 * random.normal(size=(600, dimension))
    codes[:, 0] += labels
    labels[:5], codes[5:9] = -1, np.nan
    votes = CodeVotes.of(codes, labels, 4)
    points = walked(joined(np.eye(dimension)[:1] * [[0.0], [2.0]], "linear"), Walk(41))
    shares = votes.shares(points)
    assert shares.shape == (41, 4)
    assert np.allclose(shares.sum(axis=1), 1, atol=1e-5)
    assert (shares[:, 3] == 0).all()
    changes = class_changes(shares)
    assert [(one.old, one.new) for one in changes] == [(0, 1), (1, 2)]
    assert all(abs(one.index - middle) <= 2 for one, middle in zip(changes, (9.5, 29.5), strict=True))


def test_without_labels_nobody_votes() -> None:
    votes = CodeVotes.of(np.zeros((3, 2)), np.full(3, -1), 10)
    assert not votes.shares(np.zeros((2, 2))).any()
    assert class_changes(votes.shares(np.zeros((2, 2)))) == []


def test_where_nobody_has_a_say_the_class_is_the_one_before() -> None:
    none = [0.0, 0.0, 0.0]
    shares = np.array([none, [0, 1, 0], none, [0, 0.6, 0.4], [0, 0.4, 0.6], none], np.float32)
    assert classes_along(shares).tolist() == [1, 1, 1, 1, 2, 2]
    assert class_changes(shares) == [Change(3, 1, 2)]
    assert classes_along(np.zeros((3, 4), np.float32)).tolist() == [-1, -1, -1]
    assert class_changes(np.zeros((3, 4), np.float32)) == []
