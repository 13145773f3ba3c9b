"""Points coloured by a number: which colour each one has, and what the colours stand for. Pure NumPy, no Qt."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from latentscope.analysis.ramp import STEPS

__all__ = ["NO_VALUE", "Colouring", "colouring_of", "number_text", "ticks"]

# The colours run between these percentiles, so that a few extremes do not take them all.
PERCENTILES = (1.0, 99.0)
ALIKE = 1e-9  # numbers that differ by no more than this part of them are one
NO_VALUE = STEPS  # the row of a code that has no value: the one after the colours


@dataclass(frozen=True, eq=False)
class Colouring:
    """A number of each of N codes, and the colours of its ``rows``, from 0 at ``low`` to the last at ``high``.

    Two bytes a code, since there may be many codes, and several such numbers: ``short`` (N,) is the number over
    ``unit``, NaN for none, which leaves it a little more than three figures. ``missing`` codes have none. ``low`` and
    ``high`` are NaN where none has one.
    """

    short: NDArray[np.float16]
    unit: float
    low: float
    high: float
    missing: int

    def __len__(self) -> int:
        return len(self.short)

    def at(self, code: int) -> float:
        """The number of a code; NaN for none."""
        return float(self.short[code]) * self.unit

    def values(self) -> NDArray[np.float64]:
        """All numbers (N,), made anew each time; NaN for none."""
        return self.short * np.float64(self.unit)

    def rows(self) -> NDArray[np.uint8]:
        """Which colour each code has, (N,), made anew each time; NO_VALUE where it has no number."""
        with np.errstate(invalid="ignore"):  # there are many ways to be no number
            every = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float64) * self.unit
        # By a table of all numbers that there can be: several times as fast as reckoning with each.
        return rows_of(every, self.low, self.high).take(self.short.view(np.uint16))

    def on_scale(self, low: float, high: float) -> "Colouring":
        """The same numbers in the colours of another scale, whose ends may be the same, or NaN: then none has one."""
        return replace(self, low=low, high=high)


def colouring_of(values: NDArray[np.floating]) -> Colouring:
    """Colour codes by their values (N,); numbers that are not finite count as none."""
    finite = np.isfinite(values)
    good = values[finite].astype(np.float64)
    low, high = (float(end) for end in np.percentile(good, PERCENTILES)) if len(good) else (math.nan, math.nan)
    if high - low <= ALIKE * max(abs(low), abs(high)):
        high = low
    # A power of two, so that nothing but the last digits is lost, that makes the largest number as large as can be.
    unit = 2.0 ** (math.frexp(float(np.abs(good).max(initial=0.0)))[1] - 15)
    short = np.full(len(values), np.nan, np.float16)
    short[finite] = good / unit
    return Colouring(short, unit, low, high, len(values) - len(good))


def rows_of(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.uint8]:
    """The colours of numbers, NaN for none, on a scale of which both ends may be one, or NaN."""
    good = np.isfinite(values)
    row = np.full(len(values), NO_VALUE, np.uint8)
    if high - low <= ALIKE * max(abs(low), abs(high)):  # all alike, but for a few
        row[good] = STEPS // 2
    elif high > low:
        share = np.clip((values[good] - low) / (high - low), 0, 1)
        row[good] = np.minimum(share * STEPS, STEPS - 1).astype(np.uint8)
    return row


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
