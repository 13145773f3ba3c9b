import numpy as np
import pytest

from latentscope.analysis.colouring import colouring_of
from latentscope.analysis.ramp import STEPS, ramp
from latentscope.map.points.cloud import Cloud, cloud_of
from latentscope.map.points.look import DIM, FAINT, look_of
from latentscope.state.selection import Selection
from latentscope.theme import DARK, class_colours
from trainer.files import Codes
from trainer.geometry import axis_plane


@pytest.fixture
def cloud() -> Cloud:
    """Five codes, of which the second is not a number, of classes 0, 1, 2, 0 and 7."""
    mean = np.arange(10, dtype=np.float32).reshape(5, 2)
    mean[1] = np.nan
    return cloud_of(Codes(mean, None, np.array([0, 1, 2, 0, 7])), axis_plane(2))


def test_points_have_the_colours_of_their_classes(cloud: Cloud) -> None:
    look = look_of(cloud, DARK, 3)
    colours = class_colours(3, DARK)
    assert [tuple(colour) for colour in look.table[look.colour[:3]]] == [colours[0], colours[2], colours[0]]
    assert tuple(look.table[look.colour[3]]) not in colours  # a class beyond those that there are
    assert (look.strength == 255).all()


def test_what_is_not_selected_is_dim_and_what_is_hidden_is_not_there(cloud: Cloud) -> None:
    look = look_of(cloud, DARK, 3, frozenset({2}), frozenset({0}), Selection.of([3, 2, 1]))
    assert look.strength.tolist() == [min(FAINT, DIM), 0, FAINT, DIM]


def test_nothing_is_dim_while_nothing_is_selected(cloud: Cloud) -> None:
    assert (look_of(cloud, DARK, 3, selection=Selection.of(())).strength == 255).all()


def test_points_that_are_coloured_by_a_number_have_its_colour(cloud: Cloud) -> None:
    look = look_of(cloud, DARK, 3, selection=Selection.of([0]), colouring=colouring_of(np.array([0, 1, 2, 3, np.nan])))
    assert look.colour[[0, 2]].tolist() == [0, STEPS - 1]
    assert (look.colours[0] == ramp(DARK)[0]).all() and (look.colours[2] == ramp(DARK)[-1]).all()
    assert f"#{bytes(look.colours[3]).hex()}" == DARK.muted
    assert look.strength.tolist() == [255, DIM, DIM, DIM]


def test_numbers_of_fewer_codes_are_those_of_another_model(cloud: Cloud) -> None:
    look = look_of(cloud, DARK, 3, colouring=colouring_of(np.arange(3.0)))
    assert tuple(look.colours[0]) == class_colours(3, DARK)[0]
