import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.support.latent_points import close, moderate
from trainer.errors import ConfigError
from trainer.geometry import (
    Plane,
    atlas_grid,
    axis_plane,
    map_plane,
    moved_through,
    pca_plane,
    plane_through,
    turned_like,
    within_float32,
)

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
