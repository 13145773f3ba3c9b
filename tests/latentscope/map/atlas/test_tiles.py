import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from latentscope.map.atlas.tiles import (
    MOST_TILES,
    TILE_WIDTH,
    TileSpan,
    finest_spacing,
    shrunk,
    span_in_view,
    tile_pixels,
    tile_spacing,
    tiled_region,
)
from latentscope.map.camera import Bounds, Camera
from latentscope.map.points.cloud import cloud_of
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


def test_tiles_come_top_row_first_and_know_their_cells() -> None:
    span = TileSpan(0.5, -1, 1, 2, 3)
    assert span.shape == (2, 3)
    tiles = list(span.tiles())
    assert tiles[0] == (0.5, -1, 3)
    assert tiles[-1] == (0.5, 1, 2)
    assert [span.cell(tile) for tile in tiles] == [(row, column) for row in range(2) for column in range(3)]
    assert span.cell((0.75, 0, 2)) is None
    assert span.cell((0.5, 2, 2)) is None
    assert span.bounds == Bounds(-0.75, 0.75, 0.75, 1.75)
    assert span.holds(TileSpan(0.5, 0, 1, 2, 2))
    assert not span.holds(TileSpan(0.5, 0, 2, 2, 2))
    assert not span.holds(TileSpan(0.25, 0, 1, 2, 2))


def test_one_dimension_has_one_row_of_tiles_wherever_one_looks() -> None:
    for y in (-50.0, 0.0, 3.0):
        span = span_in_view(Camera(y=y, scale=100, width=700, height=500), EVERYWHERE, 1)
        assert span is not None
        assert span.shape[0] == 1
        assert (span.first_j, span.last_j) == (0, 0)


def test_a_ring_around_the_view_stays_in_the_region() -> None:
    camera = Camera(scale=100, width=700, height=500)
    span, wider = (span_in_view(camera, EVERYWHERE, 2, ring=ring) for ring in (0, 2))
    assert span is not None
    assert wider is not None
    assert wider.holds(span)
    assert (wider.shape[0] - span.shape[0], wider.shape[1] - span.shape[1]) == (4, 4)
    within = Bounds(-3, -2, 3, 2)
    assert span_in_view(camera, within, 2, ring=2) == span_in_view(camera, within, 2)


@given(st.floats(1.0, 1e9), st.integers(600, 20_000), st.integers(400, 12_000))
def test_no_screen_is_so_large_that_its_tiles_are_too_many(scale: float, width: int, height: int) -> None:
    span = span_in_view(Camera(scale=scale, width=width, height=height), Bounds(-1e9, -1e9, 1e9, 1e9), 2)
    assert span is not None
    assert math.prod(span.shape) < 1.3 * MOST_TILES


@given(st.floats(-1e6, 1e6), st.floats(-3, 3), st.integers(1, 20))
def test_neighbours_at_the_finest_spacing_are_not_the_same_to_the_decoder(x: float, y: float, dimension: int) -> None:
    plane = axis_plane(dimension)
    camera = Camera(x=x, y=y, scale=1e9, width=700, height=500)
    finest = finest_spacing(camera, plane)
    span = span_in_view(camera, Bounds(-1e7, -1e7, 1e7, 1e7), dimension, finest)
    assert span is not None
    assert span.spacing == finest
    tiles = [np.array((i * s, j * s)) for s, i, j in span.tiles()]
    beside = tiles[0] + (finest, 0)
    here, there = (plane.to_latent(place).astype(np.float32) for place in (tiles[0], beside))
    assert here[0] != there[0]
    # and a tile is decoded where it is shown, to within a quarter of it
    assert abs(float(here[0]) - tiles[0][0]) <= finest / 4


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
    pictures = np.array([0, 128, 255], np.uint8).reshape(1, 1, 3, 1)
    (tile,) = tile_pixels(pictures, INK)
    assert tile.shape == (3, 5), "with a margin of a pixel"
    assert [int(pixel) >> 24 for pixel in tile[1, 1:-1]] == [0, 128, 255]
    red, green = (int(tile[1, 3]) >> 16) & 255, (int(tile[1, 3]) >> 8) & 255
    assert (red, green) == (200, 100)
    assert not tile[0].any()
    assert not tile[:, 0].any()


def test_a_colour_tile_is_drawn_as_it_is() -> None:
    pictures = np.array([10, 100, 200], np.uint8).reshape(1, 1, 1, 3)
    pixel = int(tile_pixels(pictures, INK)[0, 1, 1])
    assert [(pixel >> shift) & 255 for shift in (24, 16, 8, 0)] == [255, 10, 100, 200]
