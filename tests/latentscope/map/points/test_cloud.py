import numpy as np
import pytest

from latentscope.map.points.cloud import BAND_HEIGHT, cloud_of, percentiles
from trainer.files import Codes
from trainer.geometry import Plane, axis_plane


def codes(mean: list[list[float]], labels: list[int] | None = None) -> Codes:
    return Codes(np.array(mean, np.float32), None, None if labels is None else np.array(labels))


def test_codes_that_are_not_finite_are_left_out_and_the_rest_keep_their_index() -> None:
    cloud = cloud_of(codes([[0, 1], [np.nan, 0], [2, 3], [np.inf, 1]], [5, 6, 7, 8]), axis_plane(2))
    assert cloud.index.tolist() == [0, 2]
    assert cloud.label.tolist() == [5, 7]
    assert cloud.position.tolist() == [[0, 1], [2, 3]]


def test_no_codes_and_no_labels() -> None:
    empty = cloud_of(None, axis_plane(2))
    assert empty.bounds() is None
    assert empty.nearest(np.zeros(2), 1e9, frozenset()) == -1
    assert len(cloud_of(codes([[np.nan, 0]]), axis_plane(2)).index) == 0
    assert cloud_of(codes([[0, 0]]), axis_plane(2)).label.tolist() == [-1]


def test_codes_are_projected_on_the_plane() -> None:
    plane = Plane(np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), np.array([0, 0, 1.0]))
    assert cloud_of(codes([[9, 2, 3]]), plane).position.tolist() == [[2, 3]]


def test_one_dimension_is_a_band_that_is_the_same_each_time() -> None:
    mean = [[float(i)] for i in range(100)]
    one, other = (cloud_of(codes(mean), axis_plane(1)).position for _ in range(2))
    assert (one == other).all()
    assert one[:, 0].tolist() == list(range(100))
    assert np.abs(one[:, 1]).max() <= BAND_HEIGHT / 2
    assert np.ptp(one[:, 1]) > 0.9 * BAND_HEIGHT


def test_the_nearest_point_is_shown_and_within_reach() -> None:
    cloud = cloud_of(codes([[0, 0], [1, 0], [np.nan, 0], [3, 0]], [0, 1, 1, 2]), axis_plane(2))
    assert cloud.nearest(np.array([0.9, 0.1]), 0.5, frozenset()) == 1
    assert cloud.nearest(np.array([0.9, 0.1]), 0.5, frozenset({1})) == -1
    assert cloud.nearest(np.array([0.9, 0.1]), 5, frozenset({1})) == 0
    assert cloud.nearest(np.array([1.9, 0]), 0.5, frozenset()) == -1
    assert cloud.index[cloud.nearest(np.array([3, 0]), 0.5, frozenset())] == 3


def test_bounds_leave_the_outermost_points_out() -> None:
    mean = np.random.default_rng(0).normal(size=(1000, 2))
    mean[0] = (1e6, -1e6)
    cloud = cloud_of(codes(mean.tolist()), axis_plane(2))
    whole, most = cloud.bounds(), cloud.bounds(0.5)
    assert whole is not None
    assert most is not None
    assert whole.right == 1e6
    assert most.right < 4
    assert cloud.spread == pytest.approx(1, abs=0.1)


def test_equal_points_have_a_spread_that_can_be_divided_by() -> None:
    assert cloud_of(codes([[2, 2]] * 5), axis_plane(2)).spread > 0


@pytest.mark.parametrize("count", [1, 2, 7, 1000])
def test_percentiles_are_those_of_numpy(count: int) -> None:
    points = np.random.default_rng(count).normal(size=(count, 2)).astype(np.float32)
    shares = (0, 0.5, 16, 50, 84, 99.5, 100)
    for ours, share in zip(percentiles(points, *shares), shares, strict=True):
        assert ours == pytest.approx(np.percentile(points.astype(float), share, axis=0), abs=1e-9)
