import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.analysis.plane_fields import (
    NEIGHBOURS,
    Field,
    Votes,
    density_field,
    grid_nodes,
    kernel_width,
    projected,
    share_level,
)
from trainer.geometry import Plane, axis_plane


def last(position: np.ndarray, covariance: np.ndarray | None, dimension: int = 2) -> Field:
    return list(density_field(position, covariance, dimension))[-1]


def normal(points: np.ndarray, mean: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    offset = points - mean
    power = np.einsum("...i,ij,...j", offset, np.linalg.inv(covariance), offset)
    result: np.ndarray = np.exp(-power / 2) / (2 * np.pi * np.sqrt(np.linalg.det(covariance)))
    return result


def test_one_posterior_is_its_own_density() -> None:
    covariance = np.array([[0.5, 0.2], [0.2, 0.3]])
    field = last(np.array([[1.0, -2.0]]), covariance[None])
    kernel = np.diag(kernel_width(np.array([[1.0, -2.0]]), 2) ** 2)
    asked = np.array([[1, -2], [1.4, -1.7], [0.2, -2.3], [3, 3]])
    expected = normal(asked, np.array([1, -2]), covariance + kernel)
    assert field.at(asked) == pytest.approx(expected, abs=0.01 * expected.max())


def test_the_density_is_the_mean_of_the_widened_posteriors() -> None:
    random = np.random.default_rng(3)
    position = random.normal(0, 1, (400, 2)) * (2, 0.7)
    turn = random.normal(0, 0.4, (400, 2, 2))
    covariance = turn @ turn.swapaxes(1, 2) * 0.02 + np.eye(2) * 0.05
    field = last(position, covariance)
    kernel = np.diag(kernel_width(position, 2) ** 2)
    asked = random.normal(0, 1, (200, 2)) * (2, 0.7)
    by_hand = np.mean([normal(asked, m, s + kernel) for m, s in zip(position, covariance, strict=True)], axis=0)
    assert field.at(asked) == pytest.approx(by_hand, abs=0.03 * by_hand.max())


def test_the_density_of_gaussian_codes_is_theirs_and_sums_to_one() -> None:
    position = np.random.default_rng(0).normal(0, 1, (60_000, 2))
    field = last(position, None)
    step_x, step_y = field.step
    assert field.values.sum() * step_x * step_y == pytest.approx(1, abs=1e-3)
    asked = np.array([[0, 0], [1, 0], [0, -1.5], [-1, 1]])
    assert field.at(asked) == pytest.approx(normal(asked, np.zeros(2), np.eye(2)), rel=0.08)
    # The half of a Gaussian with the highest density ends where exp(−r²/2) is a half of its top.
    level = share_level(field.at(position), 0.5)
    assert level == pytest.approx(0.5 / (2 * np.pi), rel=0.05)


def test_in_one_dimension_the_height_of_a_point_means_nothing() -> None:
    random = np.random.default_rng(0)
    position = np.stack([random.normal(0, 1, 5000), random.uniform(-9, 9, 5000)], axis=1)
    field = last(position, np.tile(np.diag([0.01, 0.0]), (5000, 1, 1)), dimension=1)
    here, there = field.at([0.3, 0.0]), field.at([0.3, 77.0])
    assert here == there == pytest.approx(np.exp(-(0.3**2) / 2) / np.sqrt(2 * np.pi), rel=0.1)


@pytest.mark.parametrize("position", [np.zeros((1, 2)), np.full((50, 2), 3.0)])
def test_codes_that_are_all_at_one_place_have_a_density(position: np.ndarray) -> None:
    field = last(position, None)
    assert np.isfinite(field.values).all()
    assert field.at(position[0]) == field.values.max() > 0


def test_a_code_far_away_costs_no_detail() -> None:
    position = np.concatenate([np.random.default_rng(0).normal(0, 1, (2000, 2)), [[1e6, 0]]])
    field = last(position, None)
    assert field.step[0] < 0.2
    assert field.at([1e6, 0.0]) == 0


def test_a_posterior_is_projected_as_its_samples_are() -> None:
    variance = np.array([[0.5, 2.0, 0.1]])
    u, v = np.array([1, 1, 0]) / 2**0.5, np.array([0, 0, 1.0])
    plane = Plane(np.zeros(3), u, v)
    samples = np.random.default_rng(0).normal(0, 1, (200_000, 3)) * np.sqrt(variance)
    assert projected(variance, plane)[0] == pytest.approx(np.cov(plane.to_map(samples).T), abs=0.02)
    assert projected(variance, axis_plane(3, 2, 0))[0] == pytest.approx(np.diag([0.1, 0.5]))


@given(st.integers(1, 6), st.integers(1, 7), st.floats(-3, 3), st.floats(-3, 3))
def test_a_field_is_linear_between_its_nodes(rows: int, columns: int, a: float, b: float) -> None:
    nodes = grid_nodes(-1, 2, 1, 5, rows + 1, columns + 1)
    field = Field(-1, 2, 1, 5, (a * nodes[..., 0] + b * nodes[..., 1]).astype(np.float32))
    asked = np.array([[-1, 2], [0.3, 4.1], [1, 5]])
    assert field.at(asked) == pytest.approx(asked @ (a, b), abs=1e-5)
    assert field.at([1.01, 3], outside=-7) == -7


def test_the_votes_are_those_of_the_nearest_codes() -> None:
    random = np.random.default_rng(1)
    position, labels = random.normal(0, 1, (300, 2)), random.choice([2, 5, 9], 300)
    asked = random.normal(0, 1.5, (40, 2))
    votes = Votes(position, labels, 2)
    distance = np.linalg.norm(asked[:, None] - position, axis=2)
    near = distance.argsort(axis=1)[:, : NEIGHBOURS + 1]
    near_by = np.take_along_axis(distance, near, axis=1)
    weight = 1 - (near_by / near_by[:, -1:]) ** 2
    by_hand = [
        [w[labels[row] == one].sum() / w.sum() for one in votes.classes] for row, w in zip(near, weight, strict=True)
    ]
    assert votes.classes.tolist() == [2, 5, 9]
    assert votes.shares(asked) == pytest.approx(np.array(by_hand), abs=1e-6)


def test_a_few_codes_and_none_vote_too() -> None:
    assert Votes(np.zeros((1, 2)), np.array([3]), 2).shares(np.ones((2, 2))).tolist() == [[1], [1]]
    assert Votes(np.empty((0, 2)), np.empty(0, np.int64), 2).shares(np.ones((2, 2))).shape == (2, 0)


def test_in_one_dimension_only_the_place_along_the_line_decides_a_vote() -> None:
    position = np.stack([np.linspace(-1, 1, 60), np.tile([5.0, -5.0], 30)], axis=1)
    votes = Votes(position, (position[:, 0] > 0).astype(np.int64), 1)
    assert votes.shares(np.array([[-0.5, 5], [-0.5, -5], [0.7, 0]])).argmax(axis=1).tolist() == [0, 0, 1]
