import numpy as np
import pytest
from numpy.typing import NDArray

from latentscope.map.points.raster import BAND, MAX_OPACITY, disc_stamps, draw_discs

RED, BLUE = (200.0, 40.0, 10.0), (10.0, 60.0, 220.0)


def draw(
    centres: list[tuple[float, float]],
    colours: list[tuple[float, float, float]],
    size: tuple[int, int] = (24, 16),
    radius: float = 3.0,
    opacity: float = 0.8,
) -> NDArray[np.float64]:
    """The drawn pixels (H, W, 4): red, green, blue, alpha, premultiplied."""
    x, y = np.array(centres, float).reshape(-1, 2).T
    stamps = disc_stamps(radius, opacity)
    pixels = draw_discs(x, y, np.array(colours, np.float32).reshape(-1, 3), stamps, *size)
    return np.stack([(pixels >> shift) & 255 for shift in (16, 8, 0, 24)], axis=-1).astype(float)


def test_a_disc_has_its_colour_opacity_place_and_area() -> None:
    picture = draw([(10.5, 8.5)], [RED])
    assert picture[8, 10] == pytest.approx([200 * 0.8, 40 * 0.8, 10 * 0.8, 255 * 0.8], abs=1)
    assert not picture[:, :7].any()
    assert not picture[:, 14:].any()
    assert picture[..., 3].sum() / (255 * 0.8) == pytest.approx(np.pi * 3**2, rel=0.02)


@pytest.mark.parametrize("x", [7.0, 7.21, 7.5, 7.83])
def test_a_disc_is_drawn_where_it_is_between_pixels(x: float) -> None:
    alpha = draw([(x, 8.4)], [RED])[..., 3]
    columns, rows = np.arange(24) + 0.5, np.arange(16) + 0.5
    assert (alpha.sum(axis=0) * columns).sum() / alpha.sum() == pytest.approx(x, abs=0.08)
    assert (alpha.sum(axis=1) * rows).sum() / alpha.sum() == pytest.approx(8.4, abs=0.08)


def test_two_discs_mix_and_neither_hides_the_other() -> None:
    both = draw([(10.5, 8.5), (10.5, 8.5)], [RED, BLUE])
    opacity = 1 - (1 - 0.8) ** 2
    mean = (np.array(RED) + BLUE) / 2
    assert both[8, 10] == pytest.approx([*(mean * opacity), 255 * opacity], abs=1)
    assert (both == draw([(10.5, 8.5), (10.5, 8.5)], [BLUE, RED])).all()


def test_the_order_of_many_points_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    centres, colours = rng.uniform(-4, 28, (500, 2)), rng.uniform(0, 255, (500, 3))
    shuffled = rng.permutation(500)
    one = draw(centres.tolist(), colours.tolist())
    other = draw(centres[shuffled].tolist(), colours[shuffled].tolist())
    assert np.abs(one - other).max() <= 1


def test_bands_leave_no_seam() -> None:
    """A picture of several bands equals the same picture computed pixel by pixel."""
    width, height = 3000, 160
    assert BAND // width < height / 3
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0, 40, 60), rng.uniform(0, height, 60)
    colours = rng.uniform(0, 255, (60, 3))
    drawn = draw(list(zip(x, y, strict=True)), colours.tolist(), (width, height))[:, :50]
    depth, colour = np.zeros((height, 50)), np.zeros((height, 50, 3))
    rows, columns = np.mgrid[:height, :50] + 0.5
    for i in range(60):
        snapped_x, snapped_y = (np.floor(v * 8) / 8 + 1 / 16 for v in (x[i], y[i]))
        coverage = np.clip(3.5 - np.hypot(columns - snapped_x, rows - snapped_y), 0, 1)
        tau = -np.log1p(-coverage * 0.8)
        depth += tau
        colour += tau[..., None] * colours[i]
    alpha = 1 - np.exp(-depth)
    expected = np.dstack([colour / np.maximum(depth, 1e-12)[..., None] * alpha[..., None], 255 * alpha])
    assert np.abs(drawn - expected).max() <= 1


def test_a_premultiplied_colour_is_never_above_its_alpha() -> None:
    rng = np.random.default_rng(2)
    picture = draw(rng.uniform(0, 20, (200, 2)).tolist(), [(255, 255, 255)] * 200, radius=1.3, opacity=0.37)
    assert (picture[..., :3] <= picture[..., 3:]).all()


def test_discs_over_the_edges_are_cut_and_far_ones_do_nothing() -> None:
    for centre in [(0, 0), (24, 16), (-2, 8), (26, 8), (12, -2), (12, 18), (-3.4, -3.4), (27.4, 19.4)]:
        shifted = draw([(centre[0] + 30, centre[1] + 30)], [RED], (84, 76))
        assert (draw([centre], [RED]) == shifted[30:46, 30:54]).all(), centre
    assert not draw([(1e6, 8), (-1e6, 8), (8, 1e6), (8, -1e6), (1e15, -1e15), (1e300, np.inf)], [RED] * 6).any()


def test_no_points_are_an_empty_picture() -> None:
    picture = draw([], [])
    assert picture.shape == (16, 24, 4)
    assert not picture.any()


def test_full_opacity_stays_finite() -> None:
    assert draw([(8.5, 8.5)], [RED], opacity=1.0)[8, 8, 3] == pytest.approx(255 * MAX_OPACITY, abs=1)
