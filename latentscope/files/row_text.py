"""Which of many rows are chosen, as a short text: a million of them stay small in a file that people can read."""

import base64
import binascii
import re
import zlib
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_ROWS", "rows_from", "text_of"]

MOST_ROWS = 2**27  # rows that a text may count up to; ten times what the map has ever been shown
MOST_RUNS = 200  # stretches of rows that are written as such; more are a pattern of bits, which nobody reads
BITS = "bits:"
_RUNS = re.compile(r"\d{1,9}(-\d{1,9})?(,\d{1,9}(-\d{1,9})?)*", re.ASCII)

Rows = NDArray[np.intp]


def text_of(rows: Rows) -> str:
    """Ascending rows (M,) as "0-99,105,200-210"; where that would be long, as "bits:" and a compressed mask."""
    if not len(rows):
        return ""
    breaks = np.flatnonzero(np.diff(rows) != 1) + 1
    if len(breaks) < MOST_RUNS:
        edges = [0, *breaks.tolist(), len(rows)]
        runs = [(int(rows[a]), int(rows[b - 1])) for a, b in pairwise(edges)]
        return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
    mask = np.zeros(int(rows[-1]) + 1, bool)
    mask[rows] = True
    return BITS + base64.b64encode(zlib.compress(np.packbits(mask).tobytes(), 6)).decode("ascii")


def rows_from(text: str) -> Rows:
    """The rows (M,), ascending, each once, of a text that ``text_of`` wrote. Raises ValueError for any other text.

    No more memory is taken than ``MOST_ROWS`` need, whatever the text says.
    """
    if not text:
        return np.empty(0, np.intp)
    if text.startswith(BITS):
        return _from_bits(text.removeprefix(BITS))
    if not _RUNS.fullmatch(text):
        raise ValueError("is no list of rows such as 0-99,105")
    parts: list[Rows] = []
    before = -1
    for run in text.split(","):
        first, _, end = run.partition("-")
        a, b = int(first), int(end or first)
        if a <= before or b < a or b >= MOST_ROWS:
            raise ValueError(f"has the rows {run} where they cannot be")
        parts.append(np.arange(a, b + 1, dtype=np.intp))
        before = b
    return np.concatenate(parts)


def _from_bits(text: str) -> Rows:
    try:
        packed = base64.b64decode(text, validate=True)
        unpacker = zlib.decompressobj()
        bits = unpacker.decompress(packed, MOST_ROWS // 8)
        if not unpacker.eof or unpacker.unused_data:
            raise ValueError("is longer than any map's points, or cut short")
    except (binascii.Error, zlib.error):
        raise ValueError("is damaged") from None
    return np.flatnonzero(np.unpackbits(np.frombuffer(bits, np.uint8)))
