"""Very many points as a picture: counted in the pixels they lie in, and made into discs all at once. Pure NumPy.

A point adds its optical depth, and its colour times that, to the sums of one pixel; the sums of all points are then
spread by the shape of a disc. This is the picture that ``raster.draw_discs`` makes, but for each centre being in the
middle of its pixel, at the cost of a few additions a point and of a few dozen a pixel.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from latentscope.map.points.raster import MAX_OPACITY
from latentscope.map.points.tone import resolve

__all__ = ["DensitySums", "disc_kernel"]

Pace = Callable[[], None]

# Pixels that are worked on at a time.
BAND = 65_536


class DensitySums:
    """``sums`` (4, height + 2 · margin, width + 2 · margin): Σ red, Σ green and Σ blue of its points, and how many.

    With ``strengths`` each point has one of its own, s in 0..1, and the sums are of s·red, s·green, s·blue, 1 and s.
    The margin holds the points that lie beside the picture and reach into it.
    """

    def __init__(self, width: int, height: int, margin: int, *, strengths: bool = False) -> None:
        self.width, self.height, self.margin = width, height, margin
        self.sums = np.zeros((5 if strengths else 4, height + 2 * margin, width + 2 * margin), np.float32)

    @classmethod
    def of(cls, sums: NDArray[np.float32], margin: int) -> "DensitySums":
        """Those of a picture (C, height, width) that has no points beside it."""
        result = cls(sums.shape[2], sums.shape[1], margin, strengths=len(sums) == 5)
        result.sums[:, margin : margin + sums.shape[1], margin : margin + sums.shape[2]] = sums
        return result

    def add(
        self,
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        colours: NDArray[np.uint8],
        strength: NDArray[np.float32] | None = None,
    ) -> None:
        """Add points at (x, y), (N,) in pixels from the picture's top left corner, of colours (N, 3) in 0..255.

        Those too far outside are left out. ``strength`` (N,) is for sums that have them.
        """
        _, rows, stride = self.sums.shape
        x, y = x + self.margin, y + self.margin
        inside = (x >= 0) & (x < stride) & (y >= 0) & (y < rows)
        if not inside.all():
            x, y, colours = x[inside], y[inside], colours[inside]
            strength = None if strength is None else strength[inside]
        index = y.astype(np.intp) * stride + x.astype(np.intp)
        flat = self.sums.reshape(len(self.sums), -1)
        for channel in range(3):
            value = colours[:, channel].astype(np.float32)
            # A one-dimensional add.at() of equal types is NumPy's fast path.
            np.add.at(flat[channel], index, value if strength is None else value * strength)
        np.add.at(flat[3], index, np.ones(len(index), np.float32))
        if strength is not None:
            np.add.at(flat[4], index, strength)

    def discs(self, kernel: NDArray[np.float32], compression: float, pace: Pace) -> NDArray[np.uint32]:
        """The picture (height, width) in premultiplied ARGB32: each point spread by an odd kernel of optical depths.

        The kernel reaches no further than the margin.
        """
        reach = len(kernel) // 2
        first = self.margin - reach
        pixels = np.zeros((self.height, self.width), np.uint32)
        band = max(1, BAND // self.width)
        for top in range(0, self.height, band):
            rows = min(band, self.height - top)
            lower, right = first + top + rows + 2 * reach, first + self.width + 2 * reach
            source = self.sums[:, first + top : lower, first:right]
            if source[3].any():
                resolve(spread(source, kernel), pixels[top : top + rows], compression)
            pace()
        return pixels


def spread(source: NDArray[np.float32], kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """The correlation of each channel (C, H + 2 r, W + 2 r) with a symmetric kernel (2 r + 1, 2 r + 1): (C, H, W).

    The kernel is the same when it is turned by a quarter or mirrored, and has few different values.
    """
    reach = len(kernel) // 2
    height, width = source.shape[1] - 2 * reach, source.shape[2] - 2 * reach
    quarter = kernel[reach:, reach:]
    result = np.zeros((len(source), height, width), np.float32)
    rows = np.empty((height, width + 2 * reach), np.float32)
    parts = {float(value): np.empty((height, width), np.float32) for value in np.unique(quarter[quarter > 0])}
    for channel, total in zip(source, result, strict=True):
        for part in parts.values():
            part[:] = 0
        for dy, values in enumerate(quarter.tolist()):
            # Two rows that lie as far above as below count the same. What has the same value is added up before it is
            # multiplied.
            above, below = (channel[reach + shift : reach + shift + height] for shift in (-dy, dy))
            np.add(above, below, out=rows) if dy else np.copyto(rows, above)
            for dx, value in enumerate(values):
                for shift in {dx, -dx} if value > 0 else ():
                    parts[value] += rows[:, reach + shift : reach + shift + width]
        for value, part in parts.items():
            part *= np.float32(value)
            total += part
    return result


def disc_kernel(radius: float, opacity: float) -> NDArray[np.float32]:
    """The optical depths (2 r + 1, 2 r + 1) of a disc about the middle of a pixel; its edge is one pixel soft.

    ``radius`` in pixels, ``opacity`` in [0, 1]: as ``raster.disc_stamps``.
    """
    reach = int(np.ceil(radius))
    offset = np.arange(-reach, reach + 1)
    coverage = np.clip(radius + 0.5 - np.hypot(offset, offset[:, None]), 0, 1)
    depth = -np.log1p(-np.minimum(coverage * opacity, MAX_OPACITY))
    return depth.astype(np.float32)
