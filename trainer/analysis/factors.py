"""What can be measured on an image of a shape itself: its slant, stroke thickness, height, width and mass.

The factors are those of Morpho-MNIST (Castro et al. 2019, "Morpho-MNIST: Quantitative assessment and diagnostics for
representation learning", section 3.1), found from the grey levels without thresholds or skeletons. Light is ink: what
is bright is the shape, and black is the ground. Pure NumPy; every factor is NaN for an image without any ink.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

__all__ = ["FACTORS", "Factor", "factor_named", "measure", "measured_in_parts"]

Array = NDArray[np.float64]

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])  # of red, green and blue: Rec. ITU-R BT.709
# Height and width hold this part of the ink, so that a few stray pixels do not count.
HELD = 0.98
# A pixel is this many points in a row when a slanted shape is put upright, and places are counted this finely.
PARTS = 4
PART_PIXELS = 200_000  # pixels that are worked on at a time: some 10 ms


@dataclass(frozen=True)
class Factor:
    """A factor's name, what it is called, its unit, and in one line how it is measured.

    ``more`` says what more of it is like, after "the".
    """

    name: str
    title: str
    unit: str
    explanation: str
    more: str

    @property
    def short(self) -> str:
        """What it is called where there is little room."""
        return self.title.rpartition(" ")[2].capitalize()


FACTORS = (
    Factor(
        "slant",
        "Slant",
        "°",
        "How far the strokes lean to the right, from the image's second moments.",
        "further the strokes lean to the right",
    ),
    Factor(
        "thickness",
        "Stroke thickness",
        "px",
        "The thickness of one stroke with the image's area and outline.",
        "thicker the strokes",
    ),
    Factor("height", "Height", "px", f"The height that holds {HELD:.0%} of the ink.", "taller the shape"),
    Factor(
        "width",
        "Width",
        "px",
        f"The width that holds {HELD:.0%} of the ink, once the slant is undone.",
        "wider the shape",
    ),
    Factor("mass", "Mass", "px", "All ink together: the sum of the brightness, in white pixels.", "more ink there is"),
)


def factor_named(name: str) -> Factor:
    """Raises StopIteration for a name that is none."""
    return next(factor for factor in FACTORS if factor.name == name)


def measure(images: NDArray[np.uint8]) -> dict[str, Array]:
    """Every factor, (N,) float64 by its name, of images (N, H, W, 1 or 3) uint8; colour images by their luminance."""
    parts = list(measured_in_parts(images))
    return {factor.name: np.concatenate([part[factor.name] for part in parts]) for factor in FACTORS}


def measured_in_parts(images: NDArray[np.uint8]) -> Iterator[dict[str, Array]]:
    """The same, of a few images after the other, for who has something else to look at in between."""
    count = max(1, PART_PIXELS // max(1, images.shape[1] * images.shape[2]))
    for begin in range(0, max(len(images), 1), count):
        yield _measure(_ink(images[begin : begin + count]))


def _ink(images: NDArray[np.uint8]) -> Array:
    """Brightness (N, H, W) in [0, 1]."""
    if images.shape[-1] == 1:
        return images[..., 0] / 255.0
    return cast("Array", (images @ LUMINANCE) / 255.0)


def _measure(ink: Array) -> dict[str, Array]:
    count, height, _ = ink.shape
    mass = ink.sum(axis=(1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        shear = _shear(ink, mass)
        rows = np.broadcast_to(np.arange(height + 1) - 0.5, (count, height + 1))
        tall = _extent(np.cumsum(ink.sum(axis=2), axis=1), rows)
        thickness = _thickness(ink, mass)
    nothing = mass == 0
    result = {
        "slant": np.degrees(np.arctan(shear)),
        "thickness": thickness,
        "height": tall,
        "width": _width(ink, np.nan_to_num(shear)),
        "mass": mass,
    }
    return {name: np.where(nothing, np.nan, values) for name, values in result.items()}


def _shear(ink: Array, mass: Array) -> Array:
    """How many pixels a shape (N, H, W) moves to the right with each pixel up, (N,).

    −μ₁₁ / μ₀₂, with the central moments μ_pq = Σ (x − x̄)^p (y − ȳ)^q I and y counted downwards: the slope of the line
    through the shape's centre that x follows best, by least squares, at each height. Shearing the image back by it
    makes μ₁₁ zero. A shape of a single row has no slant (NaN).
    """
    _, height, width = ink.shape
    x, y = np.arange(width, dtype=float), np.arange(height, dtype=float)
    by_row = ink.sum(axis=2)
    middle_y = (by_row @ y) / mass
    off_y = y - middle_y[:, None]
    moment_02 = (by_row * off_y**2).sum(axis=1)
    moment_11 = ((ink @ x) * off_y).sum(axis=1)  # x̄ falls out: Σ (y − ȳ) I is zero
    return cast("Array", -moment_11 / np.where(moment_02 > 1e-9, moment_02, np.nan))


def _extent(so_far: Array, edges: Array) -> Array:
    """The length (N,) that holds the middle ``HELD`` of the ink, over ``HELD``: a solid bar's own length, exactly.

    ``so_far`` (N, B) is the ink up to and with each of B bins, whose ``edges`` are (N, B + 1). Within a bin it is even.
    """
    before = np.concatenate([np.zeros((len(so_far), 1)), so_far], axis=1)
    ends = []
    for share in ((1 - HELD) / 2, (1 + HELD) / 2):
        wanted = share * so_far[:, -1:]
        bins = np.minimum((so_far < wanted).sum(axis=1, keepdims=True), so_far.shape[1] - 1)
        low, high = (np.take_along_axis(before, bins + step, axis=1) for step in (0, 1))
        left, right = (np.take_along_axis(edges, bins + step, axis=1) for step in (0, 1))
        ends.append((left + (right - left) * (wanted - low) / np.maximum(high - low, 1e-300))[:, 0])
    return cast("Array", (ends[1] - ends[0]) / HELD)


def _width(ink: Array, shear: Array) -> Array:
    """The width of each shape, sheared back by its slant: every row is moved to where it would stand upright."""
    count, height, _ = ink.shape
    image, row, column = np.nonzero(ink)
    upright = column + shear[image] * (row - (height - 1) / 2)
    lowest = np.full(count, np.inf)
    np.minimum.at(lowest, image, upright)
    place = upright - lowest[image]  # from 0
    bins = int(np.ceil((place.max(initial=0.0) + 1) * PARTS)) + 1
    histogram = np.zeros(count * bins)
    weight = ink[image, row, column] / PARTS
    for part in range(PARTS):
        cell = np.floor(place * PARTS + 1e-9).astype(np.intp) + part
        histogram += np.bincount(image * bins + np.minimum(cell, bins - 1), weight, count * bins)
    edges = np.broadcast_to(np.arange(bins + 1) / PARTS, (count, bins + 1))
    return _extent(np.cumsum(histogram.reshape(count, bins), axis=1), edges)


def _thickness(ink: Array, mass: Array) -> Array:
    """The thickness t (N,) of the stroke with round ends that has the shape's area A and outline P.

    Such a stroke of length L has A = L·t + π t² / 4 and P = 2 L + π t, so t = (P − √(P² − 4 π A)) / π: for a long
    stroke 2 A / P, for a disc its diameter. It is Morpho-MNIST's area over skeleton length, with the length taken from
    the outline, half of which runs along either side of a stroke. The outline is the total variation Σ |∇I|, which is
    the mean length of the outlines at all grey levels (Federer's coarea formula); the gradient is taken between four
    pixels. Both are of the image scaled to a brightest pixel of 1.
    """
    peak = ink.max(axis=(1, 2))
    padded = np.pad(ink, ((0, 0), (1, 1), (1, 1)))
    right, down = np.diff(padded, axis=2), np.diff(padded, axis=1)
    x, y = (right[:, 1:] + right[:, :-1]) / 2, (down[:, :, 1:] + down[:, :, :-1]) / 2
    outline, area = np.sqrt(x * x + y * y).sum(axis=(1, 2)) / peak, mass / peak
    return cast("Array", (outline - np.sqrt(np.maximum(outline**2 - 4 * np.pi * area, 0))) / np.pi)
