from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.support.latent_points import dimensions, moderate, pairs
from trainer.errors import ConfigError
from trainer.paths import RULES
from trainer.paths.rule import joined
from trainer.paths.timing import Walk, step_shares, walked

RULES_BY_THEMSELVES = [rule.name for rule in RULES.choices.values() if not rule.traits]


def points_along(waypoints: Any, kind: str, steps: int) -> np.ndarray:
    return walked(joined(waypoints, kind), Walk(steps))


@st.composite
def waypoints(draw: st.DrawFn) -> np.ndarray:
    shape = (draw(st.integers(2, 5)), draw(dimensions))
    return draw(hnp.arrays(float, shape, elements=moderate))


@given(waypoints(), st.sampled_from(["linear", "slerp"]), st.integers(2, 20))
def test_a_path_has_its_ends_exactly_and_as_many_steps_as_asked(points: np.ndarray, kind: Any, steps: int) -> None:
    path = points_along(points, kind, steps)
    assert path.shape == (steps, points.shape[1])
    assert np.isfinite(path).all()
    if (points != points[0]).any():
        assert (path[0] == points[0]).all()
        assert (path[-1] == points[-1]).all()


@given(pairs(), st.integers(2, 20))
def test_a_straight_path_is_evenly_spaced(ends: tuple[np.ndarray, np.ndarray], steps: int) -> None:
    gaps = np.linalg.norm(np.diff(points_along(np.stack(ends), "linear", steps), axis=0), axis=1)
    assert np.allclose(gaps, np.linalg.norm(ends[1] - ends[0]) / (steps - 1), atol=1e-9)


def test_a_bent_path_is_evenly_spaced_over_all_its_legs() -> None:
    path = points_along([[0, 0], [1, 0], [1, 0], [1, 3]], "linear", 9)
    assert np.allclose(path, [[0, 0], [0.5, 0], [1, 0], [1, 0.5], [1, 1], [1, 1.5], [1, 2], [1, 2.5], [1, 3]])


def test_a_round_path_goes_round_each_leg() -> None:
    path = points_along([[1, 0], [0, 1], [-1, 0]], "slerp", 5)
    assert np.allclose(np.linalg.norm(path, axis=1), 1)
    assert np.allclose(np.arctan2(path[:, 1], path[:, 0]), np.linspace(0, np.pi, 5))


def test_a_path_that_goes_nowhere_stays_there() -> None:
    assert (points_along([[1, 2], [1, 2]], "slerp", 4) == [1, 2]).all()
    waits = points_along(np.array([[1, 2], [1, 2], [3, 2], [3, 2]]), "linear", 3)
    assert (waits == [[1, 2], [2, 2], [3, 2]]).all()


def test_impossible_paths() -> None:
    with pytest.raises(ConfigError, match="no path kind 'curly'; choose one of linear, slerp"):
        joined([[0], [1]], "curly")
    with pytest.raises(ConfigError, match="at least two waypoints"):
        joined([[0.0]], "linear")
    with pytest.raises(ConfigError, match="at least two steps"):
        walked(joined([[0.0], [1.0]], "linear"), Walk(1))
    with pytest.raises(ConfigError, match="not a finite number"):
        joined([[0.0], [np.nan]], "slerp")


@given(waypoints(), st.sampled_from(RULES_BY_THEMSELVES), st.booleans())
def test_a_curve_goes_through_its_waypoints_in_their_order(points: np.ndarray, kind: str, closed: bool) -> None:
    curve = joined(points, kind, closed=closed)
    assert (curve.points[curve.corners] == points).all()
    assert (np.diff(curve.corners) >= 0).all()
    assert (curve.points[0] == points[0]).all()
    assert (curve.points[-1] == points[0 if closed else -1]).all()
    assert curve.legs == len(points) - (not closed)


def test_a_spline_is_smooth_where_straight_lines_are_not() -> None:
    corner = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]
    directions = np.diff(joined(corner, "spline").points, axis=0)
    turns = np.abs(np.diff(np.unwrap(np.arctan2(directions[:, 1], directions[:, 0]))))
    assert turns.max() < 0.1


@pytest.mark.parametrize("ease", ["none", "in", "out", "both"])
def test_steps_begin_and_end_with_the_path_and_never_turn_back(ease: Any) -> None:
    shares = step_shares(joined([[0.0], [2.0]], "linear"), Walk(33, ease=ease))
    assert shares[0] == 0
    assert shares[-1] == 1
    assert (np.diff(shares) > 0).all()
    steps = np.diff(shares)
    assert (steps[0] < 0.2 / 32) == (ease in ("in", "both"))
    assert (steps[-1] < 0.2 / 32) == (ease in ("out", "both"))
