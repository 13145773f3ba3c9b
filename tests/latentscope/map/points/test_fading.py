"""How points fade with their distance from the plane."""

import numpy as np
import pytest

from latentscope.map.points.cloud import cloud_of
from latentscope.map.points.fading import STRENGTHS, Depth, depth_of, faded
from latentscope.map.points.look import look_of
from latentscope.theme import DARK
from trainer.files import Codes
from trainer.geometry import axis_plane, pca_plane


def codes_of(count: int, dimension: int) -> Codes:
    return Codes(np.random.default_rng(0).normal(size=(count, dimension)).astype(np.float32))


def test_distances_are_those_of_the_plane(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("latentscope.map.points.fading.BLOCK", 7)
    codes = codes_of(50, 6)
    codes.mean[3] = np.nan
    plane = pca_plane(np.delete(codes.mean, 3, axis=0))
    cloud = cloud_of(codes, plane)
    depth = depth_of(codes, cloud, plane, 0.5)
    assert np.allclose(depth.distance, plane.distance(codes.mean[cloud.index]), atol=1e-4)
    assert (depth.distance <= depth.half).mean() == pytest.approx(0.5, abs=0.03)


def test_strength_halves_at_half() -> None:
    depth = Depth(np.linspace(0, 8, 200, dtype=np.float32), 2.0)
    assert depth.strength([0.0, 2.0, 1e30]).tolist() == [STRENGTHS[0], 0.5, STRENGTHS[-1]]
    assert (np.diff(depth.strength(depth.distance)) <= 0).all()


def test_points_on_the_plane_stay_strong_and_hidden_ones_hidden() -> None:
    codes = codes_of(40, 3)
    codes.mean[:, 2] = 0
    plane = axis_plane(3)
    cloud = cloud_of(Codes(codes.mean, None, np.arange(40) % 2), plane)
    look = faded(look_of(cloud, DARK, 2, hidden=frozenset([1])), depth_of(codes, cloud, plane, 0.5))
    assert look.strength.tolist() == [255, 0] * 20
    codes.mean[0, 2] = 5
    look = faded(look_of(cloud, DARK, 2), depth_of(codes, cloud, plane, 0.5))
    assert 0 < look.strength[0] < 60
