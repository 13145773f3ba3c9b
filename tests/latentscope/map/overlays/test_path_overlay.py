from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint

from latentscope.map.camera import Camera
from latentscope.map.overlays.path import (
    HANDLE_REACH,
    LINE_REACH,
    Grip,
    PathOverlay,
    grip_at,
    route_pixels,
)
from latentscope.map.overlays.path_line import line_distances
from latentscope.map.scene import Scene
from latentscope.paths.routes import route_at_once
from latentscope.state.paths import LatentPath, Paths
from trainer.geometry import axis_plane

PLANE = axis_plane(2)
CAMERA = Camera(scale=100, width=400, height=300)
PATH = LatentPath(((-1.0, 0.0), (0.0, 1.0), (1.0, 0.0)))
PATHS = Paths((PATH,), 0)
# In pixels: (100, 150), (200, 50), (300, 150).


def gripped(path: LatentPath | None, pixel: tuple[float, float]) -> Grip | None:
    return grip_at(path, None if path is None else route_at_once(path), PLANE, CAMERA, pixel)


def test_a_linear_path_is_drawn_straight_through_its_waypoints() -> None:
    assert route_pixels(route_at_once(PATH), PLANE, CAMERA).tolist() == [[100, 150], [200, 50], [300, 150]]


def test_a_slerp_path_is_drawn_as_the_arcs_it_is() -> None:
    line = route_pixels(route_at_once(replace(PATH, kind="slerp")), PLANE, CAMERA)
    assert np.hypot(*(line - (200, 150)).T) == pytest.approx(np.full(len(line), 100))


def test_handles_are_gripped_within_reach_and_come_before_the_line() -> None:
    assert HANDLE_REACH >= 10
    assert gripped(PATH, (100 + HANDLE_REACH - 1, 150)) == Grip(0)
    assert gripped(PATH, (205, 55)) == Grip(1)
    assert gripped(PATH, (150, 100)) == Grip(0, on_line=True)
    assert gripped(PATH, (250, 100 - LINE_REACH)) == Grip(1, on_line=True)
    assert gripped(PATH, (200, 150)) is None
    assert gripped(None, (200, 150)) is None
    closed = replace(PATH, closed=True)
    assert gripped(closed, (200, 150)) == Grip(2, on_line=True)


def test_of_two_handles_on_one_spot_the_later_is_gripped() -> None:
    assert gripped(LatentPath(((0.0, 0.0), (0.0, 0.0))), (200, 150)) == Grip(1)


def test_the_distance_to_a_line_ends_at_its_ends() -> None:
    line = np.array([[0.0, 0], [10, 0], [10, 0]])
    assert line_distances(line, (5, 3)).min() == pytest.approx(3)
    assert line_distances(line, (14, 3)).min() == pytest.approx(5)


def test_the_region_holds_the_whole_path_and_is_empty_without_one(make_scene: Callable[..., Scene]) -> None:
    overlay = PathOverlay()
    region = overlay.region(make_scene(paths=PATHS))
    for x, y in [(100, 150), (200, 50), (300, 150), (150, 100), (90, 158), (200, 42)]:
        assert region.contains(QPoint(x, y))
    assert overlay.region(make_scene()).isEmpty()
