"""Points drawn as antialiased discs into an array of pixels. Pure NumPy, no object per point.

Blending does not depend on the order of the points, so that no class hides another because it is drawn later: every
disc adds an optical depth τ = −ln(1 − α) to the pixels it covers; a pixel's opacity is 1 − exp(−Σ τ), which is what
painting the discs over each other would give in any order, and its colour is the mean of the discs' colours weighted
by τ (the weighted average of Bavoil & Myers 2008, "Order independent transparency with dual depth peeling").

The picture is made in bands of rows, from the top down, so that the sums of a band stay in the processor's cache: that,
and NumPy's fast paths, make it several times faster than the plain way. The cost is a few passes over (points ×
pixels of one disc) and a few over the pixels of the picture; for very many points ``density`` is cheaper.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latentscope.map.points.tone import resolve

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
    strength: NDArray[np.float32] | None = None,
    compression: float = 0.0,
    pace: Callable[[], None] = lambda: None,
) -> NDArray[np.uint32]:
    """Draw a disc at each centre (x, y), (N,) in device pixels from the top left corner.

    ``colours`` (N, 3) is in 0..255, ``strength`` (N,) in 0..1 and 1 by default; see ``tone`` for what it and the
    compression do. Returns premultiplied ARGB32 pixels (height, width), a view of a larger array. Centres too far
    outside to touch the picture, infinite ones included, cost next to nothing. ``pace`` is called between its pieces.
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
    # What is summed up beside the optical depth itself: red, green, blue and, where it matters, the strength.
    values = colours[inside].T
    if strength is not None:
        strength = strength[inside]
        values = np.vstack([values * strength, strength])
    values = np.ascontiguousarray(values, np.float32)

    band = max(BAND // stride, 2 * reach)
    bands = -(-(height + 2 * reach) // band)
    edges = np.searchsorted(row, np.arange(bands + 1) * band)
    pixels = np.zeros((bands * band, stride), np.uint32)
    sums = np.zeros((len(values) + 1, band + 2 * reach, stride), np.float32)
    for number in range(bands):
        part = slice(edges[number], edges[number + 1])
        # Discs reach up and down out of their band: row 0 of the sums is ``reach`` above the band's first row.
        centre = (row[part] - number * band + reach) * stride + first_pixel[part]
        accumulate(sums, centre, phase[part], values[:, part], stamps, pace)
        # No later disc reaches the first ``band`` rows; the rest is carried over to the next band.
        resolve(sums[:, :band], pixels[number * band : (number + 1) * band], compression)
        sums[:, : 2 * reach] = sums[:, band:]
        sums[:, 2 * reach :] = 0
        pace()
    return pixels[margin : margin + height, margin : margin + width]


def whole_and_phase(position: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The pixel that each position lies in, and which of PHASES parts of that pixel."""
    parts = np.floor(position * PHASES).astype(np.intp)
    return parts // PHASES, parts % PHASES


def accumulate(
    sums: NDArray[np.float32],
    centre: NDArray[np.intp],
    phase: NDArray[np.intp],
    values: NDArray[np.float32],
    stamps: Stamps,
    pace: Callable[[], None],
) -> None:
    """Add τ times each of the values (C, N), and τ itself as channel 3, of each disc to the sums (C + 1, rows, stride).

    ``centre`` indexes rows · stride.
    """
    offsets = stamps.dy * sums.shape[2] + stamps.dx
    flat = sums.reshape(len(sums), -1)
    step = max(1, CHUNK // offsets.shape[1])
    for start in range(0, len(centre), step):
        part = slice(start, start + step)
        # take() and a one-dimensional add.at() are NumPy's fast paths, ten times faster than plain indexing.
        depth = stamps.depth.take(phase[part], axis=0)
        index = (centre[part, None] + offsets.take(phase[part], axis=0)).ravel()
        for channel, value in zip((0, 1, 2, 4), values, strict=False):
            np.add.at(flat[channel], index, (depth * value[part, None]).ravel())
        np.add.at(flat[3], index, depth.ravel())
        pace()  # add.at() keeps Python's lock
