import numpy as np

from latentscope.map.marks import DEAD, LARGEST, SMALLEST, CodeMarks, marks_of
from trainer.geometry import pca_plane


def marks() -> CodeMarks:
    return CodeMarks(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0], [5.0, 5.0]]), np.array([100, 25, 1, 0]))


def test_the_area_of_a_mark_grows_with_the_use() -> None:
    radius = marks().radius()
    assert radius[0] == LARGEST
    assert radius[1] == LARGEST / 2
    assert radius[2] == SMALLEST
    assert radius[3] == DEAD


def test_a_mark_is_found_where_it_is_drawn() -> None:
    scale = 50.0  # pixels to a map unit
    assert marks().at(np.array([0.1, 0.0]), scale) == (0, 5.0)
    assert marks().at(np.array([1.0, 0.2]), scale)[0] == -1  # ten pixels away from a mark of four and a half
    assert marks().at(np.array([5.0, 5.05]), scale)[0] == 3


def test_a_codebook_that_is_not_used_at_all_is_dead_everywhere() -> None:
    dead = CodeMarks(np.zeros((3, 2)), np.zeros(3, np.int64))
    assert (dead.radius() == DEAD).all()


def test_nothing_without_a_model() -> None:
    assert marks_of(None, pca_plane(np.eye(3))) is None
