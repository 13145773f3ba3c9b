import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latentscope.map.camera import Bounds, Camera
from latentscope.map.cloud import cloud_of
from latentscope.map.tiles import (
    FADE_LEVELS,
    TILE_WIDTH,
    TileSpan,
    sheet_pixels,
    shrunk,
    span_in_view,
    tile_spacing,
    tiled_region,
)
from trainer.files import Codes
from trainer.geometry import axis_plane

INK = (200, 100, 50)
EVERYWHERE = Bounds(-1e3, -1e3, 1e3, 1e3)


@given(st.floats(1e-2, 1e8))
def test_a_tile_is_between_its_least_width_and_half_as_much_again(scale: float) -> None:
    width = tile_spacing(scale) * scale
    assert TILE_WIDTH * (1 - 1e-9) <= width <= TILE_WIDTH * 1.5 * (1 + 1e-9)


def test_small_zooms_keep_the_spacing() -> None:
    assert tile_spacing(100) == tile_spacing(104) == 0.375


@given(st.floats(-20, 20), st.floats(-20, 20), st.floats(20, 2000))
def test_the_tiles_cover_the_view(x: float, y: float, scale: float) -> None:
    camera = Camera(x=x, y=y, scale=scale, width=700, height=500)
    span = span_in_view(camera, EVERYWHERE, 2)
    assert span is not None
    assert span.bounds.padded(1e-9).holds(camera.visible())
    assert camera.visible().padded(span.spacing * 1.001).holds(span.bounds)


def test_no_tiles_where_the_camera_does_not_see_the_region() -> None:
    camera = Camera(x=100, y=0, scale=100, width=700, height=500)
    assert span_in_view(camera, Bounds(-3, -3, 3, 3), 2) is None
    assert span_in_view(camera, Bounds(-3, -3, 3, 3), 1) is None


def test_tiles_come_top_row_first() -> None:
    span = TileSpan(0.5, -1, 1, 2, 3)
    assert span.shape == (2, 3)
    assert next(iter(span.tiles())) == ((0.5, -1, 3), 0, 0)
    assert list(span.tiles())[-1] == ((0.5, 1, 2), 1, 2)
    assert span.bounds == Bounds(-0.75, 0.75, 0.75, 1.75)


def test_one_dimension_has_one_row_of_tiles_clear_of_the_points() -> None:
    span = span_in_view(Camera(scale=100, width=700, height=500), EVERYWHERE, 1)
    assert span is not None
    assert span.shape[0] == 1
    assert span.bounds.top < -0.4


def test_the_region_holds_the_prior_and_the_codes_but_no_outlier() -> None:
    mean = np.random.default_rng(0).uniform(0, 8, (2000, 2)).astype(np.float32)
    mean[0] = 1e6
    region = tiled_region(cloud_of(Codes(mean), axis_plane(2)), axis_plane(2))
    assert region.holds(Bounds(-3, -3, 7.9, 7.9))
    assert region.right < 9


def test_large_pictures_are_averaged_down_and_small_ones_left() -> None:
    pictures = np.arange(2 * 6 * 4 * 3, dtype=np.uint8).reshape(2, 6, 4, 3)
    assert shrunk(pictures, 6) is pictures
    small = shrunk(pictures, 3)
    assert small.shape == (2, 3, 2, 3)
    assert small[1, 2, 1, 0] == round(pictures[1, 4:6, 2:4, 0].mean())
    assert shrunk(np.zeros((1, 1, 500, 1), np.uint8), 96).shape == (1, 1, 500, 1)


def test_a_grey_tile_becomes_strokes_of_ink() -> None:
    pictures = np.array([0, 128, 255], np.uint8).reshape(1, 1, 1, 3, 1)
    sheet = sheet_pixels(pictures, np.full((1, 1), FADE_LEVELS - 1), INK, 0.5)
    alpha = [int(pixel) >> 24 for pixel in sheet[1, 1:-1]]
    assert alpha == [0, 64, 128]
    red, green = (int(sheet[1, 3]) >> 16) & 255, (int(sheet[1, 3]) >> 8) & 255
    assert (red, green) == (round(200 * 0.5), round(100 * 0.5))


def test_a_colour_tile_is_drawn_as_it_is() -> None:
    pictures = np.array([10, 100, 200], np.uint8).reshape(1, 1, 1, 1, 3)
    pixel = int(sheet_pixels(pictures, np.full((1, 1), FADE_LEVELS - 1), INK, 1.0)[1, 1])
    assert [(pixel >> shift) & 255 for shift in (24, 16, 8, 0)] == [255, 10, 100, 200]


@pytest.mark.parametrize("channels", [1, 3])
def test_tiles_lie_where_they_belong_and_fade(channels: int) -> None:
    pictures = np.zeros((2, 2, 3, 5, channels), np.uint8)
    pictures[0, 1] = pictures[1, 0] = 255
    level = np.array([[0, FADE_LEVELS - 1], [(FADE_LEVELS - 1) // 2, 0]])
    sheet = sheet_pixels(pictures, level, INK, 0.8)
    assert sheet.shape == (2 * (3 + 2), 2 * (5 + 2)), "each has a margin of a pixel"
    alpha = (sheet >> 24).astype(int)
    whole = {1: 204, 3: 228}[channels]  # colours are more opaque: the root of 0.8
    assert (alpha[1:4, 8:13] == whole).all()
    assert (alpha[6:9, 1:6] == whole // 2).all()
    assert alpha.sum() == 15 * (whole + whole // 2)
