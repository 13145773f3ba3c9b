from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from trainer.errors import ConfigError
from trainer.geometry import (
    Plane,
    atlas_grid,
    axis_plane,
    lerp,
    map_plane,
    moved_through,
    path_points,
    pca_plane,
    plane_through,
    slerp,
    turned_like,
    within_float32,
)

moderate = st.floats(-10, 10, allow_subnormal=False).map(lambda x: round(x, 6))
dimensions = st.integers(1, 8)
weights = hnp.arrays(float, st.integers(1, 9), elements=st.floats(0, 1))


@st.composite
def pairs(draw: st.DrawFn, least: int = 1) -> tuple[np.ndarray, np.ndarray]:
    dimension = draw(st.integers(least, 8))
    point = hnp.arrays(float, dimension, elements=moderate)
    return draw(point), draw(point)


def close(one: Any, other: Any) -> bool:
    return np.allclose(one, other, rtol=1e-7, atol=1e-7)


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


@st.composite
def waypoints(draw: st.DrawFn) -> np.ndarray:
    shape = (draw(st.integers(2, 5)), draw(dimensions))
    return draw(hnp.arrays(float, shape, elements=moderate))


@given(waypoints(), st.sampled_from(["linear", "slerp"]), st.integers(2, 20))
def test_a_path_has_its_ends_exactly_and_as_many_steps_as_asked(points: np.ndarray, kind: Any, steps: int) -> None:
    path = path_points(points, kind, steps)
    assert path.shape == (steps, points.shape[1])
    assert np.isfinite(path).all()
    if (points != points[0]).any():
        assert (path[0] == points[0]).all()
        assert (path[-1] == points[-1]).all()


@given(pairs(), st.integers(2, 20))
def test_a_straight_path_is_evenly_spaced(ends: tuple[np.ndarray, np.ndarray], steps: int) -> None:
    gaps = np.linalg.norm(np.diff(path_points(np.stack(ends), "linear", steps), axis=0), axis=1)
    assert np.allclose(gaps, np.linalg.norm(ends[1] - ends[0]) / (steps - 1), atol=1e-9)


def test_a_bent_path_is_evenly_spaced_over_all_its_legs() -> None:
    path = path_points([[0, 0], [1, 0], [1, 0], [1, 3]], "linear", 9)
    assert np.allclose(path, [[0, 0], [0.5, 0], [1, 0], [1, 0.5], [1, 1], [1, 1.5], [1, 2], [1, 2.5], [1, 3]])


def test_a_round_path_goes_round_each_leg() -> None:
    path = path_points([[1, 0], [0, 1], [-1, 0]], "slerp", 5)
    assert np.allclose(np.linalg.norm(path, axis=1), 1)
    assert np.allclose(np.arctan2(path[:, 1], path[:, 0]), np.linspace(0, np.pi, 5))


def test_a_path_that_goes_nowhere_stays_there() -> None:
    assert (path_points([[1, 2], [1, 2]], "slerp", 4) == [1, 2]).all()
    waits = path_points(np.array([[1, 2], [1, 2], [3, 2], [3, 2]]), "linear", 3)
    assert (waits == [[1, 2], [2, 2], [3, 2]]).all()


def test_impossible_paths() -> None:
    with pytest.raises(ConfigError, match="no path kind 'curly'; choose one of linear, slerp"):
        path_points([[0], [1]], "curly", 3)  # type: ignore[arg-type]
    for points, steps in ([[0.0], [1.0]], 1), ([[0.0]], 5):
        with pytest.raises(ConfigError, match="at least two waypoints and two steps"):
            path_points(points, "linear", steps)


# --- planes -------------------------------------------------------------------------------------------------------


@st.composite
def clouds(draw: st.DrawFn) -> np.ndarray:
    shape = (draw(st.integers(1, 20)), draw(st.integers(2, 8)))
    return draw(hnp.arrays(np.float32, shape, elements=st.floats(-10, 10, width=32, allow_subnormal=False)))


@given(clouds(), hnp.arrays(float, (4, 2), elements=moderate))
def test_a_point_on_the_plane_comes_back(cloud: np.ndarray, points: np.ndarray) -> None:
    for plane in (pca_plane(cloud), axis_plane(cloud.shape[1])):
        assert plane.dimension == cloud.shape[1]
        latent = plane.to_latent(points)
        assert latent.shape == (4, cloud.shape[1])
        assert close(plane.to_map(latent), points)


@given(clouds())
def test_a_projection_leaves_only_what_is_at_right_angles(cloud: np.ndarray) -> None:
    plane = pca_plane(cloud)
    rest = cloud - plane.to_latent(plane.to_map(cloud))
    assert np.allclose(rest @ plane.u, 0, atol=1e-5)
    assert np.allclose(rest @ plane.v, 0, atol=1e-5)
    assert np.isclose(plane.u @ plane.u, 1)
    assert np.isclose(plane.v @ plane.v, 1)
    assert np.isclose(plane.u @ plane.v, 0)


@given(st.integers(2, 6), st.floats(-4, 4), st.booleans(), st.integers(0, 2**32 - 1))
def test_a_plane_is_turned_to_look_like_another(dimension: int, angle: float, mirrored: bool, seed: int) -> None:
    basis = np.linalg.qr(np.random.default_rng(seed).normal(size=(dimension, dimension)))[0]
    plane = Plane(np.zeros(dimension), basis[:, 0], basis[:, 1])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.diag(
        [1, -1 if mirrored else 1]
    )
    u, v = (basis[:, :2] @ turn).T
    turned = turned_like(Plane(np.ones(dimension), u, v), plane)
    assert np.allclose(turned.u, plane.u)
    assert np.allclose(turned.v, plane.v)
    assert np.array_equal(turned.origin, np.ones(dimension))


@given(st.integers(2, 6), st.integers(0, 2**32 - 1))
def test_a_turned_plane_is_the_same_plane(dimension: int, seed: int) -> None:
    first, second = (pca_plane(np.random.default_rng(seed + i).normal(size=(20, dimension))) for i in range(2))
    turned = turned_like(first, second)
    basis, before = np.stack([turned.u, turned.v]), np.stack([first.u, first.v])
    assert np.allclose(basis @ basis.T, np.eye(2))
    assert np.allclose(basis.T @ basis, before.T @ before), "they span the same"
    nearer = np.trace(basis @ np.stack([second.u, second.v]).T)
    assert nearer >= np.trace(before @ np.stack([second.u, second.v]).T) - 1e-9


def test_the_pca_plane_shows_the_largest_variances_and_never_flips() -> None:
    codes = np.random.default_rng(0).normal(size=(2000, 4)) * [0.1, 3.0, 0.2, 1.0] + [5.0, 0.0, 0.0, -2.0]
    plane = pca_plane(codes)
    assert np.allclose(plane.origin, codes.mean(axis=0))
    assert np.allclose(plane.u, [0, 1, 0, 0], atol=0.05)
    assert np.allclose(plane.v, [0, 0, 0, 1], atol=0.05)
    mirrored = pca_plane(2 * plane.origin - codes)
    assert np.allclose(mirrored.u, plane.u)
    assert np.allclose(mirrored.v, plane.v)
    explained = np.linalg.svd(codes - codes.mean(axis=0), compute_uv=False)
    assert np.isclose((plane.to_map(codes) ** 2).sum(), (explained[:2] ** 2).sum())


def test_axis_planes() -> None:
    plane = axis_plane(4, 2, 0)
    assert (plane.to_map([1, 2, 3, 4]) == [3, 1]).all()
    assert (plane.to_latent([3, 1]) == [1, 0, 3, 0]).all()
    line = axis_plane(1)
    assert (line.to_map([[2.0]]) == [[2, 0]]).all()
    assert (line.to_latent([2.0, 7.0]) == [2.0]).all()


@given(hnp.arrays(float, (3, 4, 2), elements=moderate))
def test_planes_take_any_leading_shape(points: np.ndarray) -> None:
    plane = Plane(np.array([1.0, 2.0, 3.0]), np.array([0.6, 0.8, 0.0]), np.array([0.0, 0.0, 1.0]))
    assert plane.to_latent(points).shape == (3, 4, 3)
    assert close(plane.to_map(plane.to_latent(points)), points)


def test_an_atlas_is_read_like_a_page() -> None:
    grid = atlas_grid(3, 2.0)
    assert grid.shape == (3, 3, 2)
    assert grid[0].tolist() == [[-2, 2], [0, 2], [2, 2]]
    assert grid[-1].tolist() == [[-2, -2], [0, -2], [2, -2]]
    assert (atlas_grid(1) == 0).all()
    assert (atlas_grid(30).max(), atlas_grid(30).min()) == (3, -3)


@given(st.integers(2, 8), st.integers(0, 1000))
def test_a_plane_goes_through_three_points(dimension: int, seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(3, dimension))
    plane = plane_through(*points)
    assert np.allclose(plane.distance(points), 0, atol=1e-9)
    basis = np.stack([plane.u, plane.v])
    assert np.allclose(basis @ basis.T, np.eye(2))
    assert np.allclose(basis @ plane.origin, 0), "its origin is the point nearest to the prior's centre"
    on_map = plane.to_map(points)
    assert on_map[1, 0] > on_map[0, 0]
    assert on_map[1, 1] == pytest.approx(on_map[0, 1])
    assert on_map[2, 1] > on_map[0, 1]


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_three_points_on_a_line_determine_no_plane(scale: float) -> None:
    a, step = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.5, -1.0, 2.0, 0.3])
    for third in (a, a + step, a - 7 * step):
        with pytest.raises(ConfigError, match="on one line"):
            plane_through(scale * a, scale * (a + step), scale * third)
    with pytest.raises(ConfigError, match="on one line"):
        plane_through(a, a, a + step)


def test_a_plane_is_moved_at_right_angles() -> None:
    random = np.random.default_rng(0)
    plane, points = pca_plane(random.normal(size=(30, 5))), random.normal(size=(10, 5))
    moved = moved_through(plane, points[0])
    assert moved.distance(points[0]) == pytest.approx(0, abs=1e-12)
    assert np.allclose(moved.to_map(points), plane.to_map(points))
    # Pythagoras: what the map does not show of an offset.
    offset = points - plane.origin
    assert np.allclose(plane.distance(points) ** 2, (offset**2).sum(1) - (plane.to_map(points) ** 2).sum(1))


def test_codes_that_are_no_numbers_do_not_make_a_plane() -> None:
    codes = np.random.default_rng(0).normal(size=(20, 4))
    with_nan = np.concatenate([codes, np.full((2, 4), np.nan)])
    assert np.allclose(map_plane(4, with_nan).u, pca_plane(codes).u)
    assert np.array_equal(map_plane(4, np.full((9, 4), np.inf)).u, axis_plane(4).u)


def test_points_too_large_for_float32_are_at_its_limit() -> None:
    most = np.finfo(np.float32).max
    found = within_float32([[1.5, -1e300], [np.inf, 1e38]])
    assert found.dtype == np.float32
    assert found.tolist() == [[1.5, -most], [most, np.float32(1e38)]]
