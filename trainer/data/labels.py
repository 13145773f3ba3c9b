"""Labels as users store them (whole numbers or words) to indices into class names."""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.dataset import MAX_CLASSES, Labels
from trainer.data.npy import StoredArray
from trainer.errors import DataError

__all__ = ["LabelSource", "read_labels"]

MAX_LABEL_BYTES = 1024  # of one label: 256 characters as NumPy stores text

LabelSource = tuple[StoredArray, int]
"""An array of labels, and the number of images that it must match."""


def read_labels(
    sources: Sequence[LabelSource | None], names: StoredArray | None
) -> tuple[list[Labels | None], tuple[str, ...]]:
    """The int64 labels (N,) of each source, in order (None where there is none), and the names of the classes.

    Words become class names: in the order of ``names`` where that is given, else sorted. Numbers are indices into
    ``names``, else they are their own names. Raises DataError where labels are of another number than the images,
    negative, not whole, of more than 1,000 classes, or not in ``names``.
    """
    values = [None if source is None else _read_values(*source) for source in sources]
    arrays = [source[0] for source in sources if source is not None]
    if not arrays:
        return [None] * len(sources), ()
    given = None if names is None else _read_names(names)
    kinds = {_is_text(array) for array in arrays}
    if len(kinds) > 1:
        raise DataError(
            f"{arrays[0].where} and {arrays[1].where} must both hold numbers, or both words; save one again."
        )
    if kinds == {True}:
        return _index_words(values, given, arrays[0].where)
    return _check_numbers(values, given, arrays[0].where)


def _read_values(array: StoredArray, images: int) -> NDArray[Any]:
    """The labels as they are stored, (N,): either text or int64."""
    shape = array.shape[:1] if array.shape[1:] == (1,) else array.shape
    if len(shape) == 2:
        raise DataError(
            f"{array.where} has {shape[1]} numbers for each image; save one label each (argmax of one-hot)."
        )
    if len(shape) != 1:
        raise DataError(f"{array.where} has {len(shape)} dimensions; save one label for each image.")
    if shape[0] != images:
        raise DataError(
            f"{array.where} holds {shape[0]:,} labels for {images:,} images; save one label for each image."
        )
    if array.dtype.kind not in "biufUS":
        raise DataError(f"{array.where} holds {array.dtype}; save labels as whole numbers or words.")
    if array.dtype.itemsize > MAX_LABEL_BYTES:
        raise DataError(f"{array.where} holds labels of up to {array.dtype.itemsize:,} bytes; shorten them.")
    values = array.read().reshape(-1)
    if _is_text(array):
        return _as_text(values, array.where)
    if array.dtype.kind == "f" and not (np.isfinite(values).all() and (values == np.rint(values)).all()):
        raise DataError(f"{array.where} holds labels that are not whole numbers; save them as 0, 1, 2 and so on.")
    low, high = values.min(), values.max()
    if low < 0:
        raise DataError(f"{array.where} holds the negative label {int(low)}; number the classes from 0.")
    if high >= MAX_CLASSES:
        raise DataError(f"{array.where} holds the label {int(high)}; at most {MAX_CLASSES:,} classes are read, from 0.")
    return values.astype(np.int64)


def _read_names(array: StoredArray) -> tuple[str, ...]:
    if len(array.shape) != 1 or not _is_text(array) or not 0 < array.shape[0] <= MAX_CLASSES:
        raise DataError(f"{array.where} must be a list of 1 to {MAX_CLASSES:,} words; save the class names so.")
    if array.dtype.itemsize > MAX_LABEL_BYTES:
        raise DataError(f"{array.where} holds names of up to {array.dtype.itemsize:,} bytes; shorten them.")
    names = tuple(_as_text(array.read(), array.where).tolist())
    if len(set(names)) < len(names):
        raise DataError(f"{array.where} holds a name twice; give every class its own.")
    return names


def _index_words(
    values: Sequence[NDArray[Any] | None], given: tuple[str, ...] | None, where: str
) -> tuple[list[Labels | None], tuple[str, ...]]:
    words: set[str] = set().union(*(np.unique(value).tolist() for value in values if value is not None))
    if len(words) > MAX_CLASSES:
        raise DataError(f"{where} holds {len(words):,} different words; at most {MAX_CLASSES:,} classes are read.")
    if given is not None and not words <= set(given):
        raise DataError(f"{where} holds the label '{min(words - set(given))}', which is not in class_names; add it.")
    names = given or tuple(sorted(words, key=_in_reading_order))
    index = {word: number for number, word in enumerate(names)}
    labels: list[Labels | None] = []
    for value in values:
        if value is None:
            labels.append(None)
        else:
            found, places = np.unique(value, return_inverse=True)
            labels.append(np.array([index[word] for word in found.tolist()], dtype=np.int64)[places])
    return labels, names


def _check_numbers(
    values: Sequence[NDArray[Any] | None], given: tuple[str, ...] | None, where: str
) -> tuple[list[Labels | None], tuple[str, ...]]:
    classes = 1 + max(int(value.max()) for value in values if value is not None)
    if given is not None and len(given) < classes:
        raise DataError(
            f"{where} holds the label {classes - 1}, but class_names only {len(given)} names; add the others."
        )
    return list(values), given or tuple(str(number) for number in range(classes))


def _is_text(array: StoredArray) -> bool:
    return array.dtype.kind in "US"


def _as_text(values: NDArray[Any], where: str) -> NDArray[Any]:
    """Text as NumPy holds it. Its code points are checked, because a file may hold some that no text has."""
    try:
        words = values if values.dtype.kind == "U" else np.strings.decode(values, "utf-8")
        points = np.ascontiguousarray(words).view(np.dtype("u4").newbyteorder(words.dtype.byteorder))
        if points.max() > sys.maxunicode:
            raise ValueError
        "".join(np.unique(words).tolist()).encode()  # refuses half surrogate pairs
    except ValueError:
        raise DataError(f"{where} holds bytes that are not text; save the words as text.") from None
    return words


def _in_reading_order(word: str) -> tuple[bool, int, str]:
    """Numbers first and by size, so that "10" comes after "9"."""
    number = word.isascii() and word.isdigit()
    return not number, int(word) if number else 0, word
