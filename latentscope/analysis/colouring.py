"""Points coloured by a number: which colour each one has, and what the colours stand for. Pure NumPy, no Qt."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latentscope.analysis.ramp import STEPS

__all__ = ["NO_VALUE", "Colouring", "colouring_of", "number_text", "ticks"]

# The colours run between these percentiles, so that a few extremes do not take them all.
PERCENTILES = (1.0, 99.0)
NO_VALUE = STEPS  # the row of a code that has no value: the one after the colours


@dataclass(frozen=True, eq=False)
class Colouring:
    """``value`` (N,) of each code, NaN for none, and its ``row`` (N,) of the colours, from 0 at ``low`` to ``high``.

    ``missing`` codes have no value. ``low`` and ``high`` are NaN where none has one.
    """

    value: NDArray[np.float32]
    row: NDArray[np.uint8]
    low: float
    high: float
    missing: int

    def on_scale(self, low: float, high: float) -> "Colouring":
        """The same numbers in the colours of another scale."""
        return coloured(self.value, low, high)


def colouring_of(values: NDArray[np.floating]) -> Colouring:
    """Colour codes by their values (N,); numbers that are not finite count as none."""
    good = values[np.isfinite(values)].astype(np.float64)
    low, high = (float(end) for end in np.percentile(good, PERCENTILES)) if len(good) else (math.nan, math.nan)
    return coloured(values, low, high)


def coloured(values: NDArray[np.floating], low: float, high: float) -> Colouring:
    """Colour codes by their values (N,) on a scale of which both ends may be one, or NaN where no code has a value."""
    good = np.isfinite(values)
    row = np.full(len(values), NO_VALUE, np.uint8)
    if high - low <= 1e-9 * max(abs(low), abs(high)):  # all alike, but for a few
        row[good], high = STEPS // 2, low
    elif high > low:
        share = np.clip((values[good] - low) / (high - low), 0, 1)
        row[good] = np.minimum(share * STEPS, STEPS - 1).astype(np.uint8)
    with np.errstate(over="ignore"):
        value = np.where(good, values, np.nan).astype(np.float32)
    return Colouring(value, row, low, high, int(len(values) - good.sum()))


def ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Round numbers from ``low`` to ``high``, between two and ``most`` of them where that can be; 1, 2 or 5 apart."""
    if not high > low:
        return [low] if math.isfinite(low) else []
    power = 10 ** math.floor(math.log10((high - low) / most))
    step = next(
        m * power for m in (1, 2, 5, 10, 20) if math.floor(high / (m * power)) - math.ceil(low / (m * power)) < most
    )
    first = math.ceil(low / step - 1e-9)
    return [i * step for i in range(first, math.floor(high / step + 1e-9) + 1)]


def number_text(value: float) -> str:
    """Three figures of a number: "0.0123", "−12.3", "1,230"."""
    if not math.isfinite(value):
        return "none"
    size = abs(value)
    digits = 0 if size >= 100 else min(6, 2 - math.floor(math.log10(size))) if size > 1e-6 else 0
    return f"{value:,.{digits}f}".replace("-", "\N{MINUS SIGN}")
