import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latentscope.map.camera import MAX_SCALE, MIN_SCALE, Bounds, Camera, Insets

cameras = st.builds(
    Camera,
    x=st.floats(-50, 50),
    y=st.floats(-50, 50),
    scale=st.floats(1, 1e4),
    width=st.integers(1, 4000),
    height=st.integers(1, 4000),
    ratio=st.sampled_from([1.0, 1.25, 1.5, 2.0]),
)
pixels = st.tuples(st.floats(0, 4000), st.floats(0, 4000))


def test_the_centre_is_in_the_middle_and_y_goes_up() -> None:
    camera = Camera(x=1, y=2, scale=100, width=400, height=300)
    assert camera.to_pixel((1, 2)).tolist() == [200, 150]
    assert camera.to_pixel((2, 3)).tolist() == [300, 50]
    assert camera.to_map((200, 150)).tolist() == [1, 2]


@given(cameras, pixels)
def test_pixels_and_map_points_are_each_other_s_inverse(camera: Camera, pixel: tuple[float, float]) -> None:
    assert camera.to_pixel(camera.to_map(pixel)) == pytest.approx(pixel, abs=1e-6)


@given(cameras, pixels, st.floats(0.1, 10))
def test_zooming_keeps_what_is_under_the_mouse(camera: Camera, pixel: tuple[float, float], factor: float) -> None:
    zoomed = camera.zoomed(factor, pixel)
    assert zoomed.to_map(pixel) == pytest.approx(camera.to_map(pixel), abs=1e-6)
    assert zoomed.scale == pytest.approx(camera.scale * factor)


def test_zoom_has_ends() -> None:
    assert Camera().zoomed(1e30, (0, 0)).scale == MAX_SCALE
    assert Camera().zoomed(1e-30, (0, 0)).scale == MIN_SCALE


@given(cameras, st.floats(-500, 500), st.floats(-500, 500))
def test_panning_moves_the_map_with_the_hand(camera: Camera, dx: float, dy: float) -> None:
    point = camera.to_map((10, 20))
    assert camera.panned(dx, dy).to_pixel(point) == pytest.approx((10 + dx, 20 + dy), abs=1e-6)


def test_fitting_shows_the_whole_rectangle_between_the_insets() -> None:
    camera = Camera(width=1000, height=500).fitted(Bounds(-3, -1, 5, 2), Insets(left=100, top=20, right=40, bottom=60))
    left, top = camera.to_pixel((-3, 2))
    right, bottom = camera.to_pixel((5, -1))
    assert left >= 100 - 1e-9
    assert right <= 960 + 1e-9
    assert top >= 20 - 1e-9
    assert bottom <= 440 + 1e-9
    assert (right - left == pytest.approx(860)) or (bottom - top == pytest.approx(420))
    assert (left + right) / 2 == pytest.approx((100 + 960) / 2)
    assert (top + bottom) / 2 == pytest.approx((20 + 440) / 2)


def test_fitting_a_point_or_into_no_room_stays_finite() -> None:
    assert np.isfinite(Camera(width=100, height=100).fitted(Bounds(1, 1, 1, 1)).scale)
    assert Camera(width=10, height=10).fitted(Bounds(0, 0, 1, 1), Insets(50, 50, 50, 50)).scale >= MIN_SCALE


def test_resizing_keeps_centre_and_scale() -> None:
    camera = Camera(x=1, y=2, scale=50, width=100, height=100).resized(301, 200, 1.5)
    assert (camera.x, camera.y, camera.scale) == (1, 2, 50)
    assert camera.device_size == (452, 300)
    assert camera.visible().width == pytest.approx(301 / 50)


def test_the_way_to_another_camera_starts_here_and_ends_there() -> None:
    here, there = Camera(x=0, scale=10), Camera(x=4, y=1, scale=1000)
    assert here.towards(there, 0) == here
    end, half = here.towards(there, 1), here.towards(there, 0.5)
    assert (end.x, end.y, end.scale) == pytest.approx((4, 1, 1000))
    assert half.scale == pytest.approx(100)


def test_bounds_unite_pad_and_hold() -> None:
    a, b = Bounds(0, 0, 1, 1), Bounds(-1, 0.5, 0.5, 3)
    assert a.united(b) == Bounds(-1, 0, 1, 3)
    assert a.padded(1) == Bounds(-1, -1, 2, 2)
    assert a.united(b).holds(a)
    assert not a.holds(b)
    assert a.united(b).centre == (0, 1.5)
