import numpy as np
import pytest

from latentscope.analysis.factor_words import (
    dimension_words,
    direction_words,
    interval_text,
    rank_text,
    towards,
    value_text,
)
from trainer.analysis.correlation import interval, relate
from trainer.analysis.factors import factor_named
from trainer.geometry import axis_plane

RANDOM = np.random.default_rng(0)
CODES = RANDOM.normal(size=(400, 2))
SLANT, WIDTH = factor_named("slant"), factor_named("width")


def with_noise(share: float) -> np.ndarray:
    return CODES[:, 0] * share + np.sqrt(1 - share**2) * RANDOM.normal(size=400)


@pytest.mark.parametrize(
    ("share", "answer"),
    [(0.9, "Largely: the larger z₀, the further the strokes lean"), (-0.55, "Partly: the smaller z₀, the further")],
)
def test_the_question_is_answered_with_its_measurement(share: float, answer: str) -> None:
    words = dimension_words(SLANT, 0, relate(with_noise(share), CODES))
    assert words.startswith(f"Does z₀ control slant? {answer}")
    assert "95 % interval" in words and "400 images" in words and "of its variance" in words


def test_chance_is_called_chance() -> None:
    relation = relate(np.random.default_rng(7).normal(size=400), CODES)
    assert "No: what there is may be chance" in dimension_words(WIDTH, 1, relation)
    assert "In no direction" in direction_words(WIDTH, relation.on_map(axis_plane(2)), relation, True)


def test_what_never_varies_is_said() -> None:
    constant = relate(np.full(400, 2.0), CODES)
    assert "Slant is the same on all images" in dimension_words(SLANT, 0, constant)
    assert "Slant is the same on all images" in direction_words(SLANT, constant.best(), constant, False)
    still = relate(CODES[:, 0], np.column_stack([CODES[:, 0], np.zeros(400)]))
    assert "z₁ is the same for all images" in dimension_words(SLANT, 1, still)
    few = relate(CODES[:2, 0], CODES[:2])
    assert "Only 2 of the images have" in dimension_words(SLANT, 0, few)
    assert "Only 1 of the images has a slant" in dimension_words(SLANT, 0, relate(CODES[:1, 0], CODES[:1]))
    together = relate(CODES[:, 0], np.zeros((400, 2)))
    assert "All codes lie in one place" in direction_words(SLANT, together.on_map(axis_plane(2)), together, True)


def test_the_map_has_a_direction_and_the_space_a_share() -> None:
    relation = relate(CODES @ [-1, 1], CODES)
    assert "Towards the upper left (R = 1.00" in direction_words(SLANT, relation.on_map(axis_plane(2)), relation, True)
    words = direction_words(SLANT, relation.best(), relation, False)
    assert (
        words.startswith("Do all dimensions together tell slant? Largely, along") and "100 % of its variance" in words
    )


@pytest.mark.parametrize(
    ("x", "y", "side"), [(1, 0, "right"), (0, -1, "bottom"), (-1, 0.1, "left"), (1, 1, "upper right")]
)
def test_directions_have_names(x: float, y: float, side: str) -> None:
    assert towards(x, y) == side


def test_numbers_have_true_signs() -> None:
    assert value_text(-0.834) == "−0.83" and value_text(0.5) == "+0.50" and value_text(0.5, False) == "0.50"
    assert value_text(float("nan")) == "–"
    assert interval_text(interval(-0.5, 100)) == "−0.63 to −0.34"


def test_what_is_bent_is_said_to_be() -> None:
    bent = relate(np.exp(3 * CODES[:, 0]), CODES)
    words = dimension_words(SLANT, 0, bent)
    assert "By rank more: it goes one way, but not in a straight line (ρ = +1.00" in words
    assert "By rank" not in dimension_words(SLANT, 0, relate(with_noise(0.9), CODES))
    assert "By rank" not in dimension_words(SLANT, 1, relate(with_noise(0.9), CODES))
    assert rank_text(0, bent).startswith("ρ = +1.00, 95 % interval +1.00 to")
    assert rank_text(0, relate(np.ones(400), CODES)) == ""
