"""Points drawn as antialiased discs into an array of pixels. Pure NumPy, no object per point.

Blending does not depend on the order of the points, so that no class hides another because it is drawn later: every
disc adds an optical depth τ = −ln(1 − α) to the pixels it covers; a pixel's opacity is 1 − exp(−Σ τ), which is what
painting the discs over each other would give in any order, and its colour is the mean of the discs' colours weighted
by τ (the weighted average of Bavoil & Myers 2008, "Order independent transparency with dual depth peeling").

The picture is made in bands of rows, from the top down, so that the sums of a band stay in the processor's cache: that,
and NumPy's fast paths, make it several times faster than the plain way. The cost is a few passes over (points × pixels
of one disc) and a few over the pixels of the picture.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Stamps", "disc_stamps", "draw_discs"]

# A disc's centre is rounded to this fraction of a device pixel, far below what antialiasing lets the eye see.
PHASES = 8
# A disc this opaque is opaque: τ must stay finite.
MAX_OPACITY = 0.996
# Pixels of one band, and (points × pixels of a disc) worked on at a time: what fits in a processor's cache.
BAND = 131_072
CHUNK = 131_072


@dataclass(frozen=True, eq=False)
class Stamps:
    """One disc at each of PHASES × PHASES positions within a pixel; row y-phase · PHASES + x-phase.

    ``depth`` (PHASES², L) float32 is the optical depth at L pixels, whose offsets from the centre's pixel are ``dx``
    and ``dy`` (PHASES², L). No offset is larger than ``reach``.
    """

    depth: NDArray[np.float32]
    dx: NDArray[np.intp]
    dy: NDArray[np.intp]
    reach: int


def disc_stamps(radius: float, opacity: float) -> Stamps:
    """The stamps of a disc: ``radius`` in device pixels, ``opacity`` in [0, 1]; its edge is one pixel soft."""
    reach = int(np.ceil(radius + 1.0))
    offsets = np.arange(-reach, reach + 1)
    dy, dx = (grid.ravel() for grid in np.meshgrid(offsets, offsets, indexing="ij"))
    # A phase's middle, relative to the middle of the pixel that the centre lies in.
    phase = (np.arange(PHASES) + 0.5) / PHASES - 0.5
    py, px = (grid.ravel()[:, None] for grid in np.meshgrid(phase, phase, indexing="ij"))
    distance = np.hypot(dx - px, dy - py)
    coverage = np.clip(radius + 0.5 - distance, 0, 1)
    # Keep only pixels that are covered; every phase keeps as many as the fullest needs, the rest with depth 0.
    length = int((coverage > 0).sum(axis=1).max())
    order = np.argsort(-coverage, axis=1, kind="stable")[:, :length]
    alpha = np.minimum(np.take_along_axis(coverage, order, axis=1) * opacity, MAX_OPACITY)
    return Stamps((-np.log1p(-alpha)).astype(np.float32), dx[order], dy[order], reach)


def draw_discs(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    colours: NDArray[np.float32],
    stamps: Stamps,
    width: int,
    height: int,
) -> NDArray[np.uint32]:
    """Draw a disc at each centre (x, y), (N,) in device pixels from the top left corner.

    ``colours`` (N, 3) is in 0..255. Returns premultiplied ARGB32 pixels (height, width), a view of a larger array.
    Centres too far outside to touch the picture, infinite ones included, cost next to nothing.
    """
    reach = stamps.reach
    # A disc that only just touches the picture reaches out this far: with so wide a margin nothing need be clipped.
    margin = 2 * reach
    stride = width + 2 * margin
    inside = np.flatnonzero((x >= -reach) & (x < width + reach) & (y >= -reach) & (y < height + reach))
    inside = inside[np.argsort(y[inside], kind="stable")]
    column, x_phase = whole_and_phase(x[inside])
    row, y_phase = whole_and_phase(y[inside])
    row += reach  # the first row that may hold a centre is 0 from here on
    first_pixel = column + margin
    phase = y_phase * PHASES + x_phase
    colours = colours[inside]

    band = max(BAND // stride, 2 * reach)
    bands = -(-(height + 2 * reach) // band)
    edges = np.searchsorted(row, np.arange(bands + 1) * band)
    pixels = np.zeros((bands * band, stride), np.uint32)
    sums = np.zeros((4, band + 2 * reach, stride), np.float32)
    for number in range(bands):
        part = slice(edges[number], edges[number + 1])
        # Discs reach up and down out of their band: row 0 of the sums is ``reach`` above the band's first row.
        centre = (row[part] - number * band + reach) * stride + first_pixel[part]
        accumulate(sums, centre, phase[part], colours[part], stamps)
        # No later disc reaches the first ``band`` rows; the rest is carried over to the next band.
        resolve(sums[:, :band], pixels[number * band : (number + 1) * band])
        sums[:, : 2 * reach] = sums[:, band:]
        sums[:, 2 * reach :] = 0
    return pixels[margin : margin + height, margin : margin + width]


def whole_and_phase(position: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The pixel that each position lies in, and which of PHASES parts of that pixel."""
    parts = np.floor(position * PHASES).astype(np.intp)
    return parts // PHASES, parts % PHASES


def accumulate(
    sums: NDArray[np.float32],
    centre: NDArray[np.intp],
    phase: NDArray[np.intp],
    colours: NDArray[np.float32],
    stamps: Stamps,
) -> None:
    """Add τ·red, τ·green, τ·blue and τ of each disc to the sums (4, rows, stride); ``centre`` indexes rows · stride."""
    offsets = stamps.dy * sums.shape[2] + stamps.dx
    flat = sums.reshape(4, -1)
    step = max(1, CHUNK // offsets.shape[1])
    for start in range(0, len(centre), step):
        part = slice(start, start + step)
        # take() and a one-dimensional add.at() are NumPy's fast paths, ten times faster than plain indexing.
        depth = stamps.depth.take(phase[part], axis=0)
        index = (centre[part, None] + offsets.take(phase[part], axis=0)).ravel()
        for channel in range(3):
            np.add.at(flat[channel], index, (depth * colours[part, channel, None]).ravel())
        np.add.at(flat[3], index, depth.ravel())


def resolve(sums: NDArray[np.float32], pixels: NDArray[np.uint32]) -> None:
    """Turn sums (4, rows, stride) into premultiplied pixels (rows, stride), where any disc has been."""
    flat = [channel.reshape(-1) for channel in sums]  # views: each channel's rows are contiguous
    touched = np.flatnonzero(flat[3] > 0)
    depth = flat[3].take(touched)
    opacity = -np.expm1(-depth)
    share = opacity / depth
    value = (opacity * 255 + 0.5).astype(np.uint32) << 24
    for channel, shift in enumerate((16, 8, 0)):
        value |= (flat[channel].take(touched) * share + 0.5).astype(np.uint32) << shift
    pixels.reshape(-1)[touched] = value
