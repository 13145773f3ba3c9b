"""Shapes whose slant, thickness, height, width and mass are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from trainer.analysis.factors import FACTORS, factor_named, measure, measured_in_parts

SIDE, FINE = 32, 8


def drawn(inside: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """An image (1, SIDE, SIDE, 1) of a shape (SIDE · FINE, SIDE · FINE) drawn finely, its edges antialiased."""
    pixels = inside.reshape(SIDE, FINE, SIDE, FINE).mean(axis=(1, 3))
    return np.rint(255 * pixels).astype(np.uint8)[None, ..., None]


def places() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """x and y (upwards) of the fine pixels, in pixels from the middle of the image."""
    y, x = (np.mgrid[: SIDE * FINE, : SIDE * FINE] + 0.5) / FINE - SIDE / 2
    return x, -y


def bar(width: float, height: float, lean: float = 0.0) -> NDArray[np.uint8]:
    """A bar whose sides lean by so many degrees to the right, sheared as writing is."""
    x, y = places()
    return drawn((np.abs(x - np.tan(np.radians(lean)) * y) < width / 2) & (np.abs(y) < height / 2))


def stroke(thickness: float, length: float, turn: float = 0.0) -> NDArray[np.uint8]:
    """A stroke with round ends, turned by so many degrees."""
    x, y = places()
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    beyond = np.maximum(np.abs(x * cos + y * sin) - length / 2, 0)
    return drawn(np.hypot(beyond, y * cos - x * sin) < thickness / 2)


@given(st.floats(-40, 40), st.floats(2, 8), st.floats(10, 20))
def test_a_leaning_bar_has_its_slant_width_and_height(lean: float, width: float, height: float) -> None:
    found = measure(bar(width, height, lean))
    assert found["slant"][0] == pytest.approx(lean, abs=1.5)
    # Ink may lie anywhere in the pixels at either end.
    assert found["width"][0] == pytest.approx(width, abs=1.6)
    assert found["height"][0] == pytest.approx(height, abs=1.6)
    assert found["mass"][0] == pytest.approx(width * height, rel=0.1)


@given(st.floats(2.5, 6), st.floats(6, 20), st.floats(0, 180))
def test_a_stroke_has_its_thickness_whichever_way_it_runs(thickness: float, length: float, turn: float) -> None:
    assert measure(stroke(thickness, length, turn))["thickness"][0] == pytest.approx(thickness, rel=0.1)


@pytest.mark.parametrize(("width", "height"), [(2, 10), (8, 6), (4, 20)])
def test_a_bar_of_whole_pixels_is_exactly_as_large_as_it_is(width: int, height: int) -> None:
    found = measure(bar(width, height))
    assert found["width"][0] == pytest.approx(width)
    assert found["height"][0] == pytest.approx(height)
    assert found["mass"][0] == pytest.approx(width * height)
    assert found["slant"][0] == pytest.approx(0, abs=1e-9)


def test_a_disc_is_as_thick_as_it_is_wide() -> None:
    found = measure(stroke(10, 0))
    assert found["thickness"][0] == pytest.approx(10, rel=0.1)
    assert found["slant"][0] == pytest.approx(0, abs=0.01)


def test_a_leaning_shape_is_measured_alike_wherever_it_lies() -> None:
    image = bar(4, 12, 20)
    moved = measure(np.roll(image, (5, -4), axis=(1, 2)))
    for name, value in measure(image).items():
        assert moved[name] == pytest.approx(value, abs=1e-6), name


def test_shapes_do_not_disturb_each_other() -> None:
    images = np.concatenate([bar(3, 10, lean) for lean in (-30, 0, 30)])
    together = measure(images)
    for name, values in together.items():
        alone = [measure(images[i : i + 1])[name][0] for i in range(3)]
        assert values == pytest.approx(alone, abs=1e-9), name
    assert len(list(measured_in_parts(np.zeros((1000, SIDE, SIDE, 1), np.uint8)))) > 1


def test_a_grey_shape_is_as_large_as_a_white_one_but_lighter() -> None:
    white, grey = measure(bar(4, 12, 10)), measure(bar(4, 12, 10) // 2)
    for name in ("slant", "thickness", "height", "width"):
        assert grey[name] == pytest.approx(white[name], rel=0.02), name
    assert grey["mass"] == pytest.approx(white["mass"] / 2, rel=0.02)


def test_colours_count_by_their_luminance() -> None:
    green, blue = (np.zeros((1, 8, 8, 3), np.uint8) for _ in range(2))
    green[..., 1] = blue[..., 2] = 255
    assert measure(green)["mass"][0] == pytest.approx(0.7152 * 64)
    assert measure(blue)["mass"][0] == pytest.approx(0.0722 * 64)


def test_an_empty_image_has_no_factors_and_a_row_no_slant() -> None:
    empty, row = np.zeros((1, 8, 8, 1), np.uint8), np.zeros((1, 8, 8, 1), np.uint8)
    row[0, 3, 2:6] = 255
    assert all(np.isnan(value[0]) for value in measure(empty).values())
    found = measure(row)
    assert np.isnan(found["slant"][0])
    assert (found["width"][0], found["height"][0]) == (pytest.approx(4), pytest.approx(1))


def test_no_images_have_no_factors_and_names_find_theirs() -> None:
    assert all(len(value) == 0 for value in measure(np.zeros((0, 8, 8, 1), np.uint8)).values())
    assert [factor_named(factor.name) for factor in FACTORS] == list(FACTORS)
