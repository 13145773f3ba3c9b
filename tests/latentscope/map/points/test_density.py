import numpy as np
import pytest
from numpy.typing import NDArray

from latentscope.map.points.density import DensitySums, disc_kernel, spread
from latentscope.map.points.plates import halved
from latentscope.map.points.raster import disc_stamps, draw_discs


def channels(pixels: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Red, green, blue, alpha (H, W, 4), premultiplied."""
    return np.stack([(pixels >> shift) & 255 for shift in (16, 8, 0, 24)], axis=-1).astype(float)


def no_pace() -> None:
    """Nobody waits."""


def some(count: int, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.uint8]]:
    random = np.random.default_rng(seed)
    return (
        random.uniform(-6, 46, count), random.uniform(-6, 36, count),
        random.integers(0, 256, (count, 3)).astype(np.uint8),
    )  # fmt: skip


@pytest.mark.parametrize("radius", [1.4, 2.0, 4.3])
def test_a_kernel_is_a_disc_of_its_area_and_opacity(radius: float) -> None:
    kernel = disc_kernel(radius, 0.8)
    coverage = (1 - np.exp(-kernel)) / 0.8
    assert coverage.sum() == pytest.approx(np.pi * radius**2, rel=0.12)
    assert coverage.max() == pytest.approx(1, abs=1e-6)
    assert (kernel == kernel.T).all()
    assert (kernel == kernel[::-1]).all()


@pytest.mark.parametrize("radius", [0.6, 2.0, 4.3])
def test_spreading_is_the_plain_sum_over_the_kernel(radius: float) -> None:
    kernel = disc_kernel(radius, 0.7)
    size = len(kernel)
    source = np.random.default_rng(1).uniform(0, 9, (5, 20, 30)).astype(np.float32)
    plain = np.zeros((5, 21 - size, 31 - size))
    for row in range(size):
        for column in range(size):
            plain += kernel[row, column] * source[:, row : row + 21 - size, column : column + 31 - size]
    assert spread(source, kernel) == pytest.approx(plain, rel=1e-4)


@pytest.mark.parametrize("compression", [0.0, 0.7])
def test_counted_points_are_drawn_as_discs_one_by_one_are(compression: float) -> None:
    """Where every centre lies in the middle of a phase of its pixel both ways agree, but for that phase."""
    x, y, colours = some(400)
    x, y = np.floor(x) + 0.5, np.floor(y) + 0.5
    kernel = disc_kernel(2.3, 0.8)
    sums = DensitySums(40, 30, len(kernel) // 2)
    sums.add(x, y, colours)
    counted = channels(sums.discs(kernel, compression, no_pace))
    single = channels(
        draw_discs(x, y, colours.astype(np.float32), disc_stamps(2.3, 0.8), 40, 30, compression=compression)
    )
    assert np.abs(counted - single).mean() < 3
    assert np.abs(counted - single).max() < 45


def test_strengths_are_the_mean_of_a_pixel_s_points_both_ways() -> None:
    x, y = np.full(2, 10.5), np.full(2, 8.5)
    colours, strength = np.array([[200, 0, 0], [0, 0, 200]], np.uint8), np.array([1.0, 0.5], np.float32)
    kernel = disc_kernel(2.3, 0.8)
    sums = DensitySums(24, 16, len(kernel) // 2, strengths=True)
    sums.add(x, y, colours, strength)
    opacity = 1 - 0.2**2
    for pixels in (
        sums.discs(kernel, 0, no_pace),
        draw_discs(x, y, colours.astype(np.float32), disc_stamps(2.3, 0.8), 24, 16, strength),
    ):
        got = channels(pixels)[8, 10]
        assert got == pytest.approx([100 * opacity, 0, 50 * opacity, 0.75 * 255 * opacity], abs=1.5)


def test_the_order_of_points_does_not_matter() -> None:
    x, y, colours = some(3000)
    other = np.random.default_rng(3).permutation(3000)
    one, two = DensitySums(40, 30, 3), DensitySums(40, 30, 3)
    one.add(x, y, colours)
    two.add(x[other], y[other], colours[other])
    assert (one.sums == two.sums).all()  # whole numbers below 2²⁴ are exact in single precision


def test_points_too_far_outside_are_left_out_and_others_reach_in() -> None:
    sums = DensitySums(40, 30, 3)
    colours = np.full((5, 3), 9, np.uint8)
    sums.add(np.array([-2.5, 1e300, -np.inf, 20, -3.5]), np.array([5, 5, 5, -1e18, 5.0]), colours)
    assert sums.sums[3].sum() == 1
    pixels = sums.discs(disc_kernel(2.8, 0.8), 0, no_pace)
    assert pixels[5, 0] > 0
    assert not pixels[:, 1:].any()


def test_halved_sums_lose_nothing() -> None:
    x, y, colours = some(2000)
    sums = DensitySums(48, 32, 0)
    sums.add(x, y, colours)
    half = halved(sums.sums)
    assert half.shape == (4, 16, 24)
    assert half.sum(axis=(1, 2)) == pytest.approx(sums.sums.sum(axis=(1, 2)))
    assert (half[:, 3, 5] == sums.sums[:, 6:8, 10:12].sum(axis=(1, 2))).all()


def test_a_picture_of_several_bands_has_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y, colours = some(900)
    kernel = disc_kernel(1.7, 0.8)
    sums = DensitySums(40, 30, len(kernel) // 2)
    sums.add(x, y, colours)
    whole = sums.discs(kernel, 0.4, no_pace)
    monkeypatch.setattr("latentscope.map.points.density.BAND", 40 * 7)
    assert (sums.discs(kernel, 0.4, no_pace) == whole).all()
