"""What a path looks like until its way is found: the curve of the one before, bent at one waypoint."""

import numpy as np
import pytest

from latentscope.paths.shapes import curve_of, legs_of, like
from latentscope.state.paths import LatentPath
from trainer.paths.curve import Array, Curve

WAYPOINTS = ((0.0, 0.0), (1.0, 2.0), (3.0, 1.0), (4.0, 4.0))


def wavy(path: LatentPath, points: int = 5) -> Curve:
    t = np.linspace(0, 1, points)[:, None]
    wave = 0.3 * np.sin(np.pi * t)
    wave[[0, -1]] = 0
    legs: list[Array] = [np.array(start) * (1 - t) + np.array(end) * t + wave for _, start, end in legs_of(path)]
    return curve_of(path, legs)


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("waypoint", range(4))
def test_only_the_legs_at_a_waypoint_that_is_moved_are_bent(waypoint: int, closed: bool) -> None:
    path = LatentPath(WAYPOINTS, "geodesic", closed=closed)
    before, moved = wavy(path), path.with_waypoint(waypoint, (9.0, -9.0))
    curve = like(moved, [(path, before)], {})
    assert curve is not None
    assert curve.legs == before.legs
    for number, (_, start, end) in enumerate(legs_of(moved)):
        leg = curve.leg(number)
        assert (tuple(leg[0]), tuple(leg[-1])) == (start, end)
        assert np.array_equal(leg, before.leg(number)) == ((9.0, -9.0) not in (start, end))


@pytest.mark.parametrize("closed", [False, True])
def test_a_waypoint_that_is_added_cuts_its_leg_in_two(closed: bool) -> None:
    path = LatentPath(WAYPOINTS, "geodesic", closed=closed)
    for leg in range(4 if closed else 3):
        more = path.with_inserted(leg + 1, (2.0, 2.0))
        curve = like(more, [(path, wavy(path))], {})
        assert curve is not None
        assert curve.points[curve.corners].tolist() == [list(z) for z in more.waypoints]
        assert curve.legs == len(legs_of(more))


def test_a_leg_that_is_known_is_taken_as_it_is_however_many_points_it_has() -> None:
    path = LatentPath(WAYPOINTS, "geodesic")
    moved = path.with_waypoint(1, (1.0, 1.0))
    legs = {leg: wavy(moved, points=9).leg(number) for number, leg in enumerate(legs_of(moved))}
    curve = like(moved, [(path, wavy(path))], legs)
    assert curve is not None
    assert [len(curve.leg(number)) for number in range(3)] == [9, 9, 5]
    assert np.array_equal(curve.leg(1), legs[legs_of(moved)[1]])
    assert curve.points[curve.corners].tolist() == [list(z) for z in moved.waypoints]


def test_another_rule_or_two_waypoints_elsewhere_is_not_like_it() -> None:
    path = LatentPath(WAYPOINTS, "geodesic")
    known = [(path, wavy(path))]
    assert like(LatentPath(WAYPOINTS, "data"), known, {}) is None
    assert like(path.with_waypoint(0, (7.0, 7.0)).with_waypoint(2, (8.0, 8.0)), known, {}) is None
    assert like(path.with_inserted(4, (7.0, 7.0)), known, {}) is None
