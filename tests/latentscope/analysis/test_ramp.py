"""The colours of numbers hold what ramp.py promises."""

import numpy as np
import pytest
from colour_vision import LAB, LMS, SIGHTS, contrast, linear

from latentscope.analysis.ramp import STEPS, ramp
from latentscope.theme import DARK, LIGHT, Theme

both = pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)


def seen(theme: Theme, sight: str) -> np.ndarray:
    """The colours in OKLab, (STEPS, 3), as seen with that sight."""
    rgb = np.clip(linear(ramp(theme)) @ np.array(SIGHTS[sight]).T, 0, 1)
    return np.cbrt(rgb @ np.array(LMS).T) @ np.array(LAB).T


@both
def test_equal_steps_look_equally_large(theme: Theme) -> None:
    steps = np.linalg.norm(np.diff(seen(theme, "normal")[::7], axis=0), axis=1)  # so far that 8 bits do not matter
    assert steps.max() < 1.1 * steps.min()


@both
@pytest.mark.parametrize("sight", SIGHTS)
def test_lightness_tells_the_order_to_everybody(theme: Theme, sight: str) -> None:
    lightness = seen(theme, sight)[:, 0] * (1 if theme is DARK else -1)
    assert (np.diff(lightness[::4]) > 0).all()
    assert lightness[-1] - lightness[0] > 0.4


@both
def test_every_colour_is_seen_on_the_ground_and_high_ones_most(theme: Theme) -> None:
    def name(colour: np.ndarray) -> str:
        return "#" + "".join(f"{part:02x}" for part in colour)

    ratios = [contrast(name(colour), theme.map_background) for colour in ramp(theme)]
    assert min(ratios) > 1.5 and ratios[-1] == max(ratios) > 10


@both
def test_no_colour_is_that_of_a_point_without_a_value(theme: Theme) -> None:
    muted = np.array([int(theme.muted[i : i + 2], 16) for i in (1, 3, 5)])
    distance = np.abs(ramp(theme).astype(int) - muted).sum(axis=1)
    assert len(distance) == STEPS and distance.min() > 60
