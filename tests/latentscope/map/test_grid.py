import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latentscope.map.grid import TICK_DISTANCE, tick_step, tick_text, ticks


@given(st.floats(1e-3, 1e9))
def test_ticks_are_neither_crowded_nor_rare(scale: float) -> None:
    distance = tick_step(scale) * scale
    assert TICK_DISTANCE * (1 - 1e-6) <= distance <= TICK_DISTANCE * 2.5 * (1 + 1e-6)


@pytest.mark.parametrize(("scale", "step"), [(64, 1), (63, 2), (128, 0.5), (640, 0.1), (6.4, 10)])
def test_the_step_is_a_round_number(scale: float, step: float) -> None:
    assert tick_step(scale) == pytest.approx(step)


def test_ticks_are_the_multiples_within() -> None:
    assert ticks(-1.2, 1.0, 0.5) == [-1.0, -0.5, 0.0, 0.5, 1.0]
    assert ticks(0.1, 0.4, 0.5) == []


@pytest.mark.parametrize(
    ("value", "step", "text"),
    [(-2, 1, "−2"), (0.30000000000000004, 0.1, "0.3"), (-0.0, 0.5, "0.0"), (1000, 500, "1000"), (-0.05, 0.01, "−0.05")],
)
def test_numbers_have_as_many_decimals_as_the_step(value: float, step: float, text: str) -> None:
    assert tick_text(value, step) == text


def test_every_tick_of_every_step_reads_as_its_value() -> None:
    for step in (0.001, 0.02, 0.5, 1, 20):
        for value in ticks(-5 * step, 5 * step, step):
            assert float(tick_text(value, step).replace("−", "-")) == pytest.approx(value, abs=step * 1e-6)
    assert np.isfinite(tick_step(1e9))
