"""Strokes of the hand, smoothed to few waypoints."""

import numpy as np
import pytest

from latentscope.paths.stroke import SPACING, TOLERANCE, smoothed, waypoints_along
from trainer.paths.rule import NOTHING_AROUND
from trainer.paths.spline import join


def test_a_straight_stroke_is_its_ends() -> None:
    stroke = np.stack([np.linspace(0, 300, 50), np.linspace(0, 100, 50)], axis=1)
    assert waypoints_along(stroke) == pytest.approx(np.array([[0, 0], [300, 100]]))


def test_tremor_goes_and_the_ends_stay_exactly() -> None:
    x = np.linspace(0, 400, 200)
    clean = np.stack([x, 60 * np.sin(x / 60)], axis=1)
    stroke = clean + np.random.default_rng(0).normal(0, 1.5, clean.shape)
    line = smoothed(stroke)
    assert np.array_equal(line[[0, -1]], stroke[[0, -1]])
    assert np.abs(np.diff(line, 2, axis=0)).max() < 1
    found = waypoints_along(stroke)
    assert len(found) <= 12
    assert np.array_equal(found[[0, -1]], stroke[[0, -1]])


def test_the_spline_through_the_waypoints_runs_along_the_stroke() -> None:
    t = np.linspace(0, 4 * np.pi, 400)
    stroke = np.stack([20 * t * np.cos(t), 20 * t * np.sin(t)], axis=1)
    run = join(waypoints_along(stroke), False, NOTHING_AROUND).points
    line = smoothed(stroke)
    away = np.sqrt(((line[:, None] - run[None]) ** 2).sum(axis=2).min(axis=1))
    assert away.max() <= TOLERANCE + SPACING


def test_a_closed_stroke_has_no_waypoint_twice() -> None:
    t = np.linspace(0, 2 * np.pi, 100)
    found = waypoints_along(np.stack([80 * np.cos(t), 80 * np.sin(t)], axis=1), closed=True)
    assert 4 <= len(found) <= 12
    assert np.linalg.norm(found - np.roll(found, 1, axis=0), axis=1).min() > 10


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("count", [2, 3, 5])
def test_the_least_of_strokes(count: int, closed: bool) -> None:
    spot = np.zeros((count, 2))
    assert np.isfinite(waypoints_along(spot, closed)).all()
    short = np.stack([np.arange(count), np.zeros(count)], axis=1)
    found = waypoints_along(short, closed)
    assert len(found) >= 2
    assert np.isfinite(found).all()


def test_an_endless_scribble_is_bounded() -> None:
    scribble = np.random.default_rng(0).uniform(0, 800, (20_000, 2))
    assert len(waypoints_along(scribble)) <= 257
