import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from latentscope.map.overlays.enclosing import Lasso, Rectangle

coordinate = st.integers(-6, 6)
corners = st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=12)


def winding_by_angles(points: NDArray[np.float64], polygon: NDArray[np.float64]) -> NDArray[np.float64]:
    """How often a closed line winds around points that are not on it: the sum of the angles that its corners pass."""
    towards = polygon[None] - points[:, None]
    directions = np.arctan2(towards[..., 1], towards[..., 0])
    turns = np.diff(np.concatenate([directions, directions[:, :1]], axis=1), axis=1)
    turned = (turns + np.pi) % (2 * np.pi) - np.pi
    result: NDArray[np.float64] = np.round(turned.sum(axis=1) / (2 * np.pi))
    return result


@given(corners)
def test_a_lasso_takes_what_it_winds_around(places: list[tuple[int, int]]) -> None:
    """The corners lie on whole numbers; no line between two of them passes through one of these points."""
    x, y = np.meshgrid(np.arange(-7, 7) + 0.5 + 1e-4, np.arange(-7, 7) + 0.5 + 0.0173)
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    lasso = Lasso(points, places[0])
    for place in places[1:]:
        lasso.extend(place)
    expected = winding_by_angles(points, np.array(places, float)) != 0
    assert np.array_equal(lasso.inside, expected)


def test_a_lasso_over_itself_has_no_hole() -> None:
    twice = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0), (4, 0), (4, 4), (0, 4)]
    lasso = Lasso(np.array([[2.0, 2.0], [5.0, 2.0]]), twice[0])
    for place in twice[1:]:
        lasso.extend(place)
    assert lasso.inside.tolist() == [True, False]


def test_a_point_between_two_lassos_belongs_to_one() -> None:
    """Two lassos with an edge in common share out the points on it."""
    on_edge = np.stack([np.full(9, 1.0), np.linspace(0.1, 0.9, 9)], axis=1)
    taken = np.zeros(9, int)
    for square in ([(0, 0), (1, 0), (1, 1), (0, 1)], [(1, 0), (2, 0), (2, 1), (1, 1)]):
        lasso = Lasso(on_edge, square[0])
        for place in square[1:]:
            lasso.extend(place)
        taken += lasso.inside
    assert (taken == 1).all()


def test_a_rectangle_may_be_drawn_from_any_corner() -> None:
    points = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, -1.0]])
    for start, end in (((-1, -1), (1.5, 1.5)), ((1.5, 1.5), (-1, -1)), ((-1, 1.5), (1.5, -1))):
        rectangle = Rectangle(points, start)
        assert not rectangle.inside.any()
        rectangle.extend(end)
        assert rectangle.inside.tolist() == [True, True, False]


def test_of_no_points_none_are_inside() -> None:
    for shape in (Lasso, Rectangle):
        empty = shape(np.empty((0, 2)), (0, 0))
        empty.extend((1, 1))
        assert empty.inside.shape == (0,)
