"""Paths in pixels: what of them is seen, and what has a handle."""

import numpy as np
import pytest

from latentscope.map.camera import Camera
from latentscope.map.overlays.path_line import MARGIN, Grip, PathLine, clipped, line_of
from latentscope.paths.routes import route_at_once
from latentscope.state.paths import LatentPath
from trainer.geometry import axis_plane

CAMERA = Camera(scale=100, width=400, height=300)


def seen(path: LatentPath) -> PathLine:
    return line_of(path, route_at_once(path), axis_plane(2), CAMERA)


def test_a_line_is_cut_exactly_where_it_leaves_the_rectangle() -> None:
    line = np.array([[-100.0, 50], [300, 50], [300, -1000], [50, -1000], [50, 80]])
    first, second = clipped(line, 0.0, np.array([200.0, 100.0]))
    assert first.tolist() == [[0, 50], [200, 50]]
    assert second.tolist() == [[50, 0], [50, 80]]


def test_what_is_inside_stays_one_piece_and_what_is_outside_is_none() -> None:
    inside = np.array([[10.0, 10], [50, 90], [50, 90], [90, 10]])
    (piece,) = clipped(inside, 0.0, np.array([100.0, 100.0]))
    assert piece.tolist() == inside.tolist()
    assert clipped(inside + 200, 0.0, np.array([100.0, 100.0])) == []
    assert clipped(np.array([[-50.0, 40], [60, -60]]), 0.0, np.array([100.0, 100.0])) == []


def test_from_however_far_it_comes_its_slope_stays() -> None:
    (piece,) = clipped(np.array([[-1e9, -1e9], [1e9, 1e9]]), 0.0, np.array([400.0, 300.0]))
    assert piece == pytest.approx(np.array([[0, 0], [300, 300]]), abs=1e-6)


def test_a_path_that_is_not_seen_has_neither_line_nor_handles() -> None:
    line = seen(LatentPath(((50.0, 50.0), (60.0, 50.0))))
    assert not line.pieces
    assert not len(line.handles)
    assert line.box.isEmpty()
    assert line.grip((200, 150)) is None
    assert not line.is_at((200, 150))


def test_only_handles_that_are_seen_can_be_taken() -> None:
    line = seen(LatentPath(((0.0, 0.0), (1.0, 0.0), (50.0, 0.0))))
    assert line.handles.tolist() == [0, 1]
    assert line.grip((300, 150)) == Grip(1)
    assert line.box.right() <= 400 + MARGIN + 2


def test_a_path_on_one_spot_can_be_taken() -> None:
    line = seen(LatentPath(((0.5, 0.5),) * 3, "spline"))
    assert line.grip((250, 100)) == Grip(2)
    assert line.points >= 2


def test_of_very_many_waypoints_the_ends_keep_their_handles() -> None:
    places = np.random.default_rng(0).uniform((-1.9, -1.4), (1.9, 1.4), (5000, 2))
    line = seen(LatentPath(tuple(map(tuple, places.tolist()))))
    assert {0, 4999} <= set(line.handles.tolist())
    assert len(line.handles) <= 250
    assert line.grip(tuple(line.waypoints[4999])) == Grip(4999)
