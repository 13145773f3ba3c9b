import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latentscope.analysis.colouring import NO_VALUE, colouring_of, number_text, ticks
from latentscope.analysis.ramp import STEPS

numbers = st.floats(-1e6, 1e6)


def test_colours_go_from_the_first_to_the_last_of_a_hundred() -> None:
    values = np.arange(1001.0)
    found = colouring_of(values)
    row = found.rows()
    assert (found.low, found.high) == (10, 990)
    assert row[0] == row[10] == 0 and row[1000] == row[990] == STEPS - 1
    assert row[500] == STEPS // 2 and (np.diff(row.astype(int)) >= 0).all()


def test_an_extreme_does_not_take_all_colours() -> None:
    values = np.append(np.linspace(0, 1, 999), 1e9)
    assert colouring_of(values).high < 1.1


def test_what_is_no_number_has_no_colour() -> None:
    found = colouring_of(np.array([0.0, np.nan, 1.0, np.inf]))
    assert found.rows().tolist() == [0, NO_VALUE, STEPS - 1, NO_VALUE]
    assert found.missing == 2 and np.isnan(found.values()[[1, 3]]).all()


@pytest.mark.parametrize("values", [[], [math.nan, math.nan]])
def test_without_any_number_there_is_no_range(values: list[float]) -> None:
    found = colouring_of(np.array(values))
    assert math.isnan(found.low) and found.missing == len(values) and (found.rows() == NO_VALUE).all()


def test_points_that_are_all_alike_have_the_colour_in_the_middle() -> None:
    found = colouring_of(np.full(5, 0.1))
    assert found.low == found.high == 0.1 and set(found.rows()) == {STEPS // 2}


@given(st.lists(st.floats(-1e30, 1e30, allow_subnormal=False), min_size=1, max_size=20))
def test_two_bytes_keep_three_figures_of_a_number(values: list[float]) -> None:
    found, exact = colouring_of(np.array(values)), np.array(values)
    largest = np.abs(exact).max()
    assert found.short.itemsize == 2 and len(found) == len(values)
    # Of what is less than a billionth of the largest nothing need be left.
    np.testing.assert_allclose(found.values(), exact, rtol=5e-4, atol=1e-11 * largest)
    assert [found.at(i) for i in range(len(values))] == found.values().tolist()


@given(numbers, st.floats(1e-6, 1e6))
def test_ticks_are_round_and_inside(low: float, width: float) -> None:
    high = low + width
    if not high > low:
        return
    marks = ticks(low, high)
    assert len(marks) <= 5 and all(low - 1e-6 * width <= mark <= high + 1e-6 * width for mark in marks)
    assert marks == sorted(marks)


def test_numbers_have_the_colours_of_another_scale() -> None:
    found = colouring_of(np.array([0.0, 5.0, 10.0, np.nan])).on_scale(5.0, 15.0)
    assert found.rows().tolist() == [0, 0, STEPS // 2, NO_VALUE] and (found.low, found.high, found.missing) == (
        5,
        15,
        1,
    )
    nothing = colouring_of(np.array([1.0])).on_scale(float("nan"), float("nan"))
    assert nothing.rows().tolist() == [NO_VALUE]


def test_ticks_of_what_one_meets() -> None:
    assert ticks(-31.0, 36.0) == pytest.approx([-20, 0, 20])
    assert ticks(0.011, 0.093) == pytest.approx([0.02, 0.04, 0.06, 0.08])
    assert ticks(2.0, 2.0) == [2.0] and ticks(math.nan, math.nan) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.01234, "0.0123"), (-12.34, "−12.3"), (1234.5, "1,234"), (0.0, "0"), (9.999, "10.00"), (math.nan, "none")],
)
def test_numbers_have_three_figures(value: float, text: str) -> None:
    assert number_text(value) == text
