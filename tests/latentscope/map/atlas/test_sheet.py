import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latentscope.map.atlas.sheet import Sheet, mixed
from latentscope.map.atlas.tiles import TileSpan

OPAQUE = 0xFF000000


def pixels(sheet: Sheet) -> np.ndarray:
    image = sheet.image
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width()).copy()


def put(sheet: Sheet, cells: list[tuple[int, int]], values: list[int], age: float = 9.0) -> None:
    tiles = np.stack([np.full(sheet.tile, value, np.uint32) for value in values])
    sheet.put(np.array(cells), tiles, np.full(len(cells), 10.0 - age), 10.0, 1.0)


def test_tiles_are_written_where_they_lie() -> None:
    sheet = Sheet(TileSpan(1.0, 0, 2, 0, 1), (3, 4))
    put(sheet, [(0, 1), (1, 2)], [7, 9])
    expected = np.zeros((6, 12), np.uint32)
    expected[:3, 4:8], expected[3:, 8:] = 7, 9
    assert (pixels(sheet) == expected).all()
    assert not sheet.is_fading


def test_a_young_tile_fades_in_over_what_was_there() -> None:
    sheet = Sheet(TileSpan(1.0, 0, 1, 0, 0), (2, 2))
    put(sheet, [(0, 0), (0, 1)], [OPAQUE | 0x800000, OPAQUE])
    put(sheet, [(0, 0)], [OPAQUE | 0x80], age=0.0)
    assert pixels(sheet)[0, 0] == OPAQUE | 0x800000
    sheet.step(10.5, 1.0)
    assert pixels(sheet)[0, 0] == 0xFF400040
    assert sheet.is_fading
    sheet.step(11.0, 1.0)
    assert pixels(sheet)[0, 0] == OPAQUE | 0x80
    assert not sheet.is_fading
    assert (pixels(sheet)[:, 2:] == OPAQUE).all()


def test_a_tile_that_takes_the_place_of_one_that_fades_in_ends_that_fade() -> None:
    sheet = Sheet(TileSpan(1.0, 0, 1, 0, 0), (2, 2))
    put(sheet, [(0, 0), (0, 1)], [OPAQUE | 1, OPAQUE | 2], age=0.0)
    put(sheet, [(0, 0)], [OPAQUE | 3])
    sheet.step(11.0, 1.0)
    assert (pixels(sheet)[:, :2] == OPAQUE | 3).all()
    assert (pixels(sheet)[:, 2:] == OPAQUE | 2).all()


def test_a_sheet_begins_with_what_another_shows_there() -> None:
    coarse = Sheet(TileSpan(2.0, 0, 1, 0, 0), (4, 4))
    put(coarse, [(0, 0), (0, 1)], [OPAQUE | 100, OPAQUE | 200])
    panned = Sheet(TileSpan(2.0, 1, 2, 0, 0), (4, 4))
    panned.lay_under(coarse)
    assert (pixels(panned)[:, :4] == OPAQUE | 200).all()
    assert (pixels(panned)[:, 4:] == 0).all()
    # Tile 0 of the coarse ones reaches from −1 to 1, so that of the fine ones −1 and 0 are in it and 1 is half in it.
    fine = Sheet(TileSpan(1.0, 0, 3, 0, 0), (4, 4))
    fine.lay_under(coarse)
    assert (pixels(fine)[:, :4] == OPAQUE | 100).all()
    assert (pixels(fine)[:, 8:12] == OPAQUE | 200).all()
    assert (pixels(fine)[:, 14:] == 0).all()


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_mixing_is_the_mean_of_each_channel(under: int, over: int, share: float) -> None:
    got = int(
        mixed(np.full((1, 1, 1), under, np.uint32), np.full((1, 1, 1), over, np.uint32), np.array([share]))[0, 0, 0]
    )
    for shift in (0, 8, 16, 24):
        a, b = under >> shift & 255, over >> shift & 255
        assert got >> shift & 255 == pytest.approx(a + (b - a) * share, abs=1.6)


def test_each_of_many_tiles_is_mixed_by_its_own_share() -> None:
    random = np.random.default_rng(0)
    under, over = random.integers(0, 2**32, (2, 90, 24, 20), np.uint32)
    share = random.random(90)
    one_by_one = [mixed(under[i : i + 1], over[i : i + 1], share[i : i + 1])[0] for i in range(90)]
    assert (mixed(under, over, share) == np.stack(one_by_one)).all()
    assert mixed(under[:0], over[:0], share[:0]).shape == (0, 24, 20)
