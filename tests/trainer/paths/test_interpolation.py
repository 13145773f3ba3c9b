from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.latent_points import close, pairs, weights
from trainer.paths.linear import lerp
from trainer.paths.spherical import slerp


@given(pairs(), st.sampled_from([lerp, slerp]))
def test_an_interpolation_begins_and_ends_at_its_ends(ends: tuple[np.ndarray, np.ndarray], join: Any) -> None:
    between = join(*ends, [0.0, 1.0])
    assert between.shape == (2, len(ends[0]))
    assert close(between, np.stack(ends))


@given(pairs(), weights, st.sampled_from([lerp, slerp]))
def test_an_interpolation_is_the_same_from_either_end(
    ends: tuple[np.ndarray, np.ndarray], t: np.ndarray, join: Any
) -> None:
    start, end = ends
    assert close(join(start, end, t), join(end, start, 1 - t))


@given(pairs(), weights)
def test_lerp_stays_between_its_ends(ends: tuple[np.ndarray, np.ndarray], t: np.ndarray) -> None:
    points = lerp(*ends, t)
    assert points.shape == (len(t), len(ends[0]))
    assert (points >= np.minimum(*ends) - 1e-9).all()
    assert (points <= np.maximum(*ends) + 1e-9).all()
    assert close(lerp(ends[0], ends[0], t), np.broadcast_to(ends[0], points.shape))


def apart(one: np.ndarray, other: np.ndarray) -> None:
    """Assume that two points have directions that are neither the same nor opposite."""
    lengths = np.linalg.norm(one) * np.linalg.norm(other)
    assume(lengths > 1e-3)
    assume(abs(one @ other) < (1 - 1e-6) * lengths)


@given(pairs(least=2), weights)
def test_slerp_goes_round_at_a_constant_rate(ends: tuple[np.ndarray, np.ndarray], t: np.ndarray) -> None:
    start, end = ends
    apart(start, end)
    length_a, length_b = np.linalg.norm(start), np.linalg.norm(end)
    points = slerp(start, end, t)
    lengths = np.linalg.norm(points, axis=1)
    assert np.allclose(lengths, (1 - t) * length_a + t * length_b)  # an arc, where both are as long
    whole = np.arccos(np.clip(start @ end / length_a / length_b, -1, 1))
    turned = np.arccos(np.clip(points @ start / lengths / length_a, -1, 1))
    assert np.allclose(turned, t * whole, atol=1e-5)


def rotation(start: np.ndarray, end: np.ndarray, t: float) -> np.ndarray:
    """Another way to the same: turn the start, in the plane of both, by t of the angle between them."""
    e1 = start / np.linalg.norm(start)
    e2 = end - (end @ e1) * e1
    e2 /= np.linalg.norm(e2)
    angle = t * np.arctan2(end @ e2, end @ e1)
    return (np.cos(angle) * e1 + np.sin(angle) * e2) * ((1 - t) * np.linalg.norm(start) + t * np.linalg.norm(end))


@given(pairs(least=2), st.floats(0, 1))
def test_slerp_agrees_with_a_rotation(ends: tuple[np.ndarray, np.ndarray], t: float) -> None:
    apart(*ends)
    assert np.allclose(slerp(*ends, [t])[0], rotation(*ends, t), atol=1e-6)


def test_slerp_by_hand() -> None:
    assert np.allclose(slerp([1, 0], [0, 1], [0.5]), [[np.sqrt(0.5), np.sqrt(0.5)]])
    assert np.allclose(slerp([2, 0], [0, 2], 1 / 3), [np.sqrt(3), 1])
    assert np.allclose(slerp([1, 0], [0, 3], [0.5]), [[np.sqrt(2), np.sqrt(2)]])


@pytest.mark.parametrize("end", [[-2.0, 0.0], [0.0, 0.0], [1.0, 0.0], [3.0, 0.0], [1.0, 1e-9], [-1.0, 1e-9]])
def test_slerp_without_a_plane_or_a_direction_is_the_straight_line(end: list[float]) -> None:
    t = np.linspace(0, 1, 7)
    assert np.allclose(slerp([1, 0], end, t), lerp([1, 0], end, t), atol=1e-8)


@given(st.floats(1e-5, np.pi - 1e-5))
def test_slerp_is_precise_near_both_ends_of_its_range(angle: float) -> None:
    middle = slerp([1, 0], [np.cos(angle), np.sin(angle)], [0.5])[0]
    assert np.allclose(middle, [np.cos(angle / 2), np.sin(angle / 2)], atol=1e-9)
