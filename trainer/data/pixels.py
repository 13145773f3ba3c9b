"""Stored numbers to uint8 images, in pieces, so that floating-point data never lies in memory whole."""

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.dataset import MAX_SIDE, Images
from trainer.data.npy import StoredArray
from trainer.errors import DataError

__all__ = ["Convert", "choose_conversions", "image_shape", "read_images"]

Convert = Callable[[NDArray[Any]], Images]
SLACK = 1e-4  # of the range: what rounding in single precision may add
SHAPES = "images must be N × height × width, or N × height × width × channels with 1 or 3 channels"


def image_shape(array: StoredArray) -> tuple[int, int, int]:
    """(height, width, channels) of the images in an array of N of them. Raises DataError where it has no such shape."""
    shape = array.shape
    size = " × ".join(f"{length:,}" for length in shape)
    if len(shape) == 4 and shape[3] not in (1, 3):
        if shape[1] in (1, 3):
            raise DataError(
                f"{array.where} has the shape {size}, which looks like N × channels × height × width; "
                "put the channels last with images.transpose(0, 2, 3, 1)."
            )
        raise DataError(f"{array.where} has {shape[3]} channels; {SHAPES}.")
    if len(shape) == 3 and shape[2] in (3, 4) and shape[1] > 8 * shape[2]:
        raise DataError(f"{array.where} has the shape {size}, which looks like one colour image; {SHAPES}.")
    if len(shape) not in (3, 4):
        raise DataError(f"{array.where} has {len(shape)} dimensions ({size}); {SHAPES}, so reshape it.")
    if 0 in shape:
        raise DataError(f"{array.where} is empty ({size}); {SHAPES}.")
    if max(shape[1:3]) > MAX_SIDE:
        raise DataError(
            f"{array.where} holds images of {shape[1]} × {shape[2]} pixels; resize them to {MAX_SIDE} at most."
        )
    return shape[1], shape[2], shape[3] if len(shape) == 4 else 1


def choose_conversions(arrays: Sequence[StoredArray]) -> list[Convert]:
    """How each array's numbers become 0 to 255.

    uint8 and other whole numbers are taken as they are, bool as black and white. Floating-point numbers in [0, 1],
    [-1, 1] or [0, 255] are told apart by the range of all such arrays together, so that train and test agree. Raises
    DataError where numbers fit none of these, are NaN or infinite, or are all the same.
    """
    floats = [array for array in arrays if array.dtype.kind == "f"]
    of_floats = _choose_for_floats(floats) if floats else _as_it_is
    return [of_floats if array.dtype.kind == "f" else _choose_for_whole(array) for array in arrays]


def read_images(array: StoredArray, convert: Convert, test: NDArray[np.bool_] | None = None) -> tuple[Images, Images]:
    """The images as uint8 N × H × W × C: those that ``test`` (N,) leaves, and those that it marks (None: none)."""
    shape = image_shape(array)
    marked = np.zeros(array.shape[0], dtype=np.bool_) if test is None else test
    held = int(marked.sum())
    parts = (np.empty((len(marked) - held, *shape), dtype=np.uint8), np.empty((held, *shape), dtype=np.uint8))
    filled = [0, 0]
    start = 0
    with closing(array.chunks()) as chunks:
        for chunk in chunks:
            images = convert(chunk).reshape(-1, *shape)
            for part, here in enumerate((~marked[start : start + len(chunk)], marked[start : start + len(chunk)])):
                chosen = images[here]
                parts[part][filled[part] : filled[part] + len(chosen)] = chosen
                filled[part] += len(chosen)
            start += len(chunk)
    return parts


def _choose_for_whole(array: StoredArray) -> Convert:
    if array.dtype == np.bool_:
        return _from_bool
    if array.dtype.kind not in "iu":
        raise DataError(f"{array.where} holds {array.dtype}, not numbers; save the images as uint8.")
    if array.dtype != np.uint8:
        low, high = _range([array])
        if low < 0 or high > 255:
            raise DataError(f"{array.where} holds numbers from {low} to {high}; bring them to 0 to 255.")
    return _as_it_is


def _choose_for_floats(arrays: Sequence[StoredArray]) -> Convert:
    where = " and ".join(array.where for array in arrays)
    low, high = _range(arrays)
    if not (np.isfinite(low) and np.isfinite(high)):
        raise DataError(f"{where} holds numbers that are NaN or infinite; replace them.")
    if low == high:
        raise DataError(f"Every pixel in {where} is {low:g}, so there is nothing to learn; save the images again.")
    if low >= -SLACK and high <= 1 + SLACK:
        return _from_unit
    if low >= -1 - SLACK and high <= 1 + SLACK:
        return _from_signed
    if low >= -255 * SLACK and high <= 255 * (1 + SLACK):
        return _from_bytes
    raise DataError(f"{where} holds numbers from {low:g} to {high:g}; bring them to 0 to 1, -1 to 1 or 0 to 255.")


def _range(arrays: Sequence[StoredArray]) -> tuple[Any, Any]:
    """The lowest and the highest number; both NaN where there is a NaN."""
    lows: list[Any] = []
    highs: list[Any] = []
    for array in arrays:
        with closing(array.chunks()) as chunks, np.errstate(invalid="ignore"):
            for chunk in chunks:
                low, high = chunk.min().item(), chunk.max().item()
                if low != low:
                    return low, high
                lows.append(low)
                highs.append(high)
    return min(lows), max(highs)


def _as_it_is(chunk: NDArray[Any]) -> Images:
    return chunk.astype(np.uint8, copy=False)


def _from_bool(chunk: NDArray[Any]) -> Images:
    # A file may hold any byte where NumPy keeps only 0 and 1.
    return (chunk.view(np.uint8) != 0).astype(np.uint8) * np.uint8(255)


def _from_unit(chunk: NDArray[Any]) -> Images:
    return _from_bytes(chunk.astype(np.float32) * np.float32(255))


def _from_signed(chunk: NDArray[Any]) -> Images:
    return _from_bytes((chunk.astype(np.float32) + np.float32(1)) * np.float32(127.5))


def _from_bytes(chunk: NDArray[Any]) -> Images:
    return np.rint(chunk).clip(0, 255).astype(np.uint8)
