"""From sums of optical depth to pixels: how opaque a crowd of points is drawn. Pure NumPy.

A pixel that discs of the depths τ cover is 1 − exp(−Σ τ) opaque. Where discs crowd, that saturates: a hundred of them
look like a thousand. Therefore it is drawn 1 − (1 + c Σ τ)^(−1/c) opaque, which is the same for c → 0, and rises ever
more slowly for a larger compression c: the most crowded places stay just short of opaque, and a disc that lies alone
is seen nearly as it was.
"""

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["compression_for", "resolve"]

# The optical depth that crowded places are drawn with at most: an opacity of 0.96.
CROWDED_DEPTH = 3.2
# Less than this makes no difference that one could see.
LEAST = 1e-3


def compression_for(depth: float) -> float:
    """The compression c that draws the optical depth of a crowded place as CROWDED_DEPTH: ln(1 + c τ) / c.

    0 where it is no more than that by itself. It rises steadily with the depth.
    """
    if not depth > CROWDED_DEPTH:
        return 0.0
    low, high = 0.0, 1.0
    depth = min(depth, 1e30)
    while math.log1p(high * depth) / high > CROWDED_DEPTH:
        low, high = high, 2 * high
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if math.log1p(middle * depth) / middle > CROWDED_DEPTH else (low, middle)
    return high


def resolve(sums: NDArray[np.float32], pixels: NDArray[np.uint32], compression: float = 0.0) -> None:
    """Turn sums (4, rows, stride) of τ·red, τ·green, τ·blue and τ into premultiplied pixels (rows, stride).

    Where discs have strengths s of their own the sums are of s·τ·red, s·τ·green, s·τ·blue, τ and s·τ, (5, rows,
    stride): a pixel is as much less opaque as its discs are weak on average, so that a dim crowd stays dim. Pixels
    that no disc has touched stay as they are.
    """
    flat = [channel.reshape(-1) for channel in sums]  # views: each channel's rows are contiguous
    touched = np.flatnonzero(flat[3] > 0)
    depth = flat[3].take(touched)
    shown = depth if compression < LEAST else np.log1p(depth * np.float32(compression)) / np.float32(compression)
    opacity = -np.expm1(-shown)
    share = opacity / depth
    alpha = opacity if len(flat) == 4 else flat[4].take(touched) * share
    value = (alpha * 255 + 0.5).astype(np.uint32) << 24
    for channel, shift in enumerate((16, 8, 0)):
        value |= (flat[channel].take(touched) * share + 0.5).astype(np.uint32) << shift
    pixels.reshape(-1)[touched] = value
