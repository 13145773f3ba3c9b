import numpy as np
import pytest
from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

from latentscope.map.camera import Bounds, Camera
from latentscope.map.framing import CameraMotion, calls_for_refit, home_bounds, home_camera
from latentscope.map.grid import AXIS_HEIGHT, AXIS_WIDTH
from latentscope.map.points.cloud import Cloud, cloud_of
from trainer.files import Codes
from trainer.geometry import Plane, axis_plane

PLANE = axis_plane(2)


def cloud(scale: float = 1.0) -> Cloud:
    mean = np.random.default_rng(0).uniform(-scale, scale, (500, 2)).astype(np.float32)
    return cloud_of(Codes(mean), PLANE)


def bounds(scale: float) -> Bounds:
    return home_bounds(cloud(scale), PLANE)


def test_home_shows_the_prior_and_the_codes_clear_of_the_axes() -> None:
    camera = home_camera(Camera(width=900, height=600), bounds(8))
    left, bottom = camera.to_pixel((-7.8, -7.8))
    right, top = camera.to_pixel((7.8, 7.8))
    assert left > AXIS_WIDTH
    assert right < 900
    assert top > 0
    assert bottom < 600 - AXIS_HEIGHT
    assert home_bounds(cloud(0.1), PLANE) == Bounds(-3, -3, 3, 3)
    assert home_bounds(cloud_of(None, PLANE), PLANE) == Bounds(-3, -3, 3, 3)


def test_home_is_about_the_prior_s_projection() -> None:
    plane = Plane(np.array([1.0, 2, 0]), np.eye(3)[0], np.eye(3)[1])
    assert home_bounds(cloud_of(None, plane), plane).centre == (-1, -2)


def test_in_one_dimension_only_the_width_counts() -> None:
    codes = Codes(np.linspace(-4, 4, 50, dtype=np.float32)[:, None])
    plane = axis_plane(1)
    camera = home_camera(Camera(width=900, height=200), home_bounds(cloud_of(codes, plane), plane))
    assert camera.scale == pytest.approx((900 - AXIS_WIDTH - 18) / 8, rel=0.02)


def test_a_refit_is_called_for_when_codes_leave_or_shrink() -> None:
    home = home_camera(Camera(width=900, height=600), bounds(4))
    assert not calls_for_refit(home, bounds(4))
    assert not calls_for_refit(home, bounds(3.5))
    assert calls_for_refit(home, bounds(12))
    assert calls_for_refit(home_camera(home, bounds(12)), bounds(4))


def test_the_motion_ends_at_its_goal_and_then_rests(qtbot: QtBot, qapp: object) -> None:
    motion = CameraMotion()
    spy = QSignalSpy(motion.moved)
    goal = Camera(x=3, y=1, scale=400)
    motion.start(Camera(), goal)
    qtbot.waitUntil(lambda: not motion.is_running())
    last = spy.at(spy.count() - 1)[0]
    assert (last.x, last.y, last.scale) == pytest.approx((3, 1, 400))
    assert spy.count() > 2


def test_a_motion_that_is_stopped_stops(qtbot: QtBot, qapp: object) -> None:
    motion = CameraMotion()
    motion.start(Camera(), Camera(x=3))
    motion.stop()
    assert not motion.is_running()


def test_without_a_prior_home_is_where_the_codes_are() -> None:
    for scale, least, most in ((0.01, 0.499, 0.501), (1.0, 2.1, 2.5), (50, 105, 120)):
        seen = home_bounds(cloud(scale), PLANE, prior=False)
        assert least < seen.width < most and seen.holds(cloud(scale).bounds(1))  # type: ignore[arg-type]
    one = cloud_of(Codes(np.zeros((5, 2), np.float32)), PLANE)
    for nothing_to_fit in (cloud_of(None, PLANE), one):
        assert home_bounds(nothing_to_fit, PLANE, prior=False) == Bounds(-3, -3, 3, 3)
