import math
from itertools import pairwise

import numpy as np
import pytest

from latentscope.map.points.tone import CROWDED_DEPTH, compression_for, resolve


def pixel(*sums: float, compression: float = 0.0) -> list[int]:
    """Red, green, blue and alpha of one pixel, premultiplied."""
    pixels = np.zeros((1, 1), np.uint32)
    resolve(np.array(sums, np.float32).reshape(-1, 1, 1), pixels, compression)
    return [int(pixels[0, 0]) >> shift & 255 for shift in (16, 8, 0, 24)]


@pytest.mark.parametrize("depth", [CROWDED_DEPTH + 0.01, 10.0, 340.0, 1e6, 1e12])
def test_a_crowded_place_is_drawn_just_short_of_opaque(depth: float) -> None:
    compression = compression_for(depth)
    assert math.log1p(compression * depth) / compression == pytest.approx(CROWDED_DEPTH, rel=1e-6)
    alpha = pixel(0, 0, 0, depth, compression=compression)[3]
    assert alpha == pytest.approx(255 * (1 - math.exp(-CROWDED_DEPTH)), abs=1)


def test_what_is_not_crowded_is_not_compressed_and_the_step_is_none() -> None:
    assert [compression_for(depth) for depth in (0.0, 1.0, CROWDED_DEPTH, math.nan)] == [0.0] * 4
    assert compression_for(CROWDED_DEPTH + 1e-4) < 1e-3
    rising = [compression_for(depth) for depth in np.geomspace(CROWDED_DEPTH, 1e9, 50)]
    assert all(one < other for one, other in pairwise(rising))
    assert math.isfinite(compression_for(math.inf))


def test_a_pixel_has_the_mean_colour_and_is_as_opaque_as_its_discs_over_each_other() -> None:
    two = -2 * math.log(1 - 0.5)  # two discs of opacity one half
    assert pixel(two / 2 * 200, 0, two / 2 * 100, two) == pytest.approx([75, 0, 37.5, 0.75 * 255], abs=1)


@pytest.mark.parametrize("depth", [0.2, 3.0, 50.0])
def test_a_dim_crowd_stays_dim(depth: float) -> None:
    assert pixel(*[0.2 * depth * 200] * 3, depth, 0.2 * depth)[3] <= 0.2 * 255 + 1


def test_untouched_pixels_stay_as_they_are() -> None:
    pixels = np.full((1, 2), 7, np.uint32)
    resolve(np.array([[[0, 9]], [[0, 9]], [[0, 9]], [[0, 1]]], np.float32), pixels)
    assert pixels[0, 0] == 7
    assert pixels[0, 1] != 7
