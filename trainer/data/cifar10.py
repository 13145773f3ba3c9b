"""CIFAR-10 (Krizhevsky, 2009, "Learning Multiple Layers of Features from Tiny Images"): colour photographs, 32 × 32.

Looked for in ``$LATENTSCOPE_DATA/cifar10``, then in the user's cache: first the published archive of the "binary
version" (50,000 train and 10,000 test images), then any ``cifar10*.npz`` with arrays as in trainer.data.arrays, which
may hold only some of the images. The archive is read as it lies, into memory; nothing of it is unpacked to the disk.
The "python version" is a pickle and is never opened. Source of the format: https://www.cs.toronto.edu/~kriz/cifar.html
"""

import gzip
import tarfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, cast

import numpy as np

from trainer.data.arrays import read_arrays
from trainer.data.dataset import Dataset, Images, Labels
from trainer.data.fetch import RemoteFile, fetch
from trainer.data.places import cache, folders, is_file
from trainer.errors import DataError

__all__ = ["CLASS_NAMES", "download", "download_size", "is_at_hand", "load"]

TITLE = "CIFAR-10"
CLASS_NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
ARCHIVE = RemoteFile("cifar-10-binary.tar.gz", 170_052_171, "c32a1d4ab5d03f1284b67883e8d87530")
MIRRORS = ("https://www.cs.toronto.edu/~kriz/",)
PARTS = "cifar10*.npz"

SIDE, CHANNELS = 32, 3
RECORD = 1 + CHANNELS * SIDE * SIDE  # bytes: a label, then the red, the green and the blue plane, row by row
BATCH = 10_000  # images of one member of the archive
FOLDER = "cifar-10-batches-bin/"
TRAIN = tuple(f"{FOLDER}data_batch_{number}.bin" for number in range(1, 6))
TEST = f"{FOLDER}test_batch.bin"
MOST_UNPACKED = 200_000_000  # bytes; the published archive holds 184 million
ADVICE = "fetch it again or replace it"


def load(name: str) -> Dataset:
    """All the images where the archive is at hand, else those of the first ``.npz``.

    Raises DataError where neither is at hand (saying where they were looked for), or what is there is damaged.
    """
    archive, arrays = _find(name)
    if archive is not None:
        return _read_archive(name, archive)
    if arrays is not None:
        return _read_part(name, arrays)
    looked = " and ".join(f"'{folder}'" for folder in folders(name))
    raise DataError(
        f"{TITLE} is not on this computer ({ARCHIVE.name} was looked for in {looked}); download it with the Download "
        f"button of the training form, or with: latentscope-trainer download {name}"
    )


def is_at_hand(name: str) -> bool:
    return _find(name) != (None, None)


def download(
    name: str,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    mirrors: tuple[str, ...] = MIRRORS,
) -> None:
    """Fetches the archive into the user's cache. Raises DataError or Cancelled; see ``trainer.data.fetch``."""
    fetch(TITLE, [ARCHIVE], mirrors, cache(name), progress, cancelled)


def download_size(name: str) -> int:
    """Bytes of the archive as published."""
    return ARCHIVE.size


def _find(name: str) -> tuple[Path | None, Path | None]:
    """The archive, and the first file of arrays, wherever they are."""
    places = folders(name)
    archive = next((path for folder in places if is_file(path := folder / ARCHIVE.name)), None)
    try:
        arrays = next((path for folder in places for path in sorted(folder.glob(PARTS)) if is_file(path)), None)
    except OSError:  # a folder that may not be looked into
        arrays = None
    return archive, arrays


def _read_part(name: str, path: Path) -> Dataset:
    dataset = read_arrays(path)
    if dataset.image_shape != (SIDE, SIDE, CHANNELS):
        size = " × ".join(map(str, dataset.image_shape))
        raise DataError(f"'{path}' holds images of {size}, but those of {TITLE} are 32 × 32 × 3; {ADVICE}.")
    if dataset.train_labels is None or dataset.test_labels is None:
        raise DataError(f"'{path}' holds no labels for its train or test images; {ADVICE}.")
    if dataset.classes > len(CLASS_NAMES):
        raise DataError(f"'{path}' holds labels of {dataset.classes} classes, but {TITLE} has ten; {ADVICE}.")
    return replace(dataset, name=name, class_names=CLASS_NAMES)


# --- the archive ------------------------------------------------------------------------------------------------------


def _read_archive(name: str, path: Path) -> Dataset:
    images = np.empty(((len(TRAIN) + 1) * BATCH, SIDE, SIDE, CHANNELS), np.uint8)
    labels = np.empty(len(images), np.int64)
    left = {member: slice(i * BATCH, (i + 1) * BATCH) for i, member in enumerate((*TRAIN, TEST))}
    try:
        # As a stream: one member after the other, each read once, and never a path of the archive's own choosing.
        with (
            path.open("rb") as raw,
            gzip.GzipFile(fileobj=raw) as unpacked,
            tarfile.open(fileobj=cast("IO[bytes]", _Bounded(unpacked, path)), mode="r|") as archive,
        ):
            for member in archive:
                place = left.pop(member.name, None)
                if place is None:
                    continue
                stream = archive.extractfile(member) if member.isreg() and member.size == BATCH * RECORD else None
                if stream is None:
                    raise DataError(f"'{path}' is not the published file: its '{member.name}' is another; {ADVICE}.")
                images[place], labels[place] = _split(stream.read(), path)
    except (EOFError, zlib.error, gzip.BadGzipFile, tarfile.TarError) as error:
        raise DataError(f"'{path}' is damaged ({error}); {ADVICE}.") from None
    except MemoryError:
        raise DataError(f"'{path}' does not fit into this computer's memory.") from None
    except OSError as error:
        raise DataError(f"'{path}' cannot be read: {error.strerror or error}.") from None
    if left:
        raise DataError(f"'{path}' is not the published file: it lacks '{min(left)}'; {ADVICE}.")
    train = len(TRAIN) * BATCH
    return Dataset(name, images[:train], images[train:], labels[:train], labels[train:], CLASS_NAMES)


def _split(data: bytes, path: Path) -> tuple[Images, Labels]:
    """The images (N, 32, 32, 3) and labels (N,) of one member."""
    if len(data) != BATCH * RECORD:
        raise DataError(f"'{path}' is cut short; {ADVICE}.")
    records = np.frombuffer(data, np.uint8).reshape(-1, RECORD)
    if records[:, 0].max() >= len(CLASS_NAMES):
        raise DataError(f"'{path}' holds the label {records[:, 0].max()}, but {TITLE} has ten classes; {ADVICE}.")
    images = records[:, 1:].reshape(-1, CHANNELS, SIDE, SIDE).transpose(0, 2, 3, 1)
    return images, records[:, 0].astype(np.int64)


class _Bounded:
    """A stream that ends in an error rather than unpack without end, whatever the archive's headers claim."""

    def __init__(self, stream: IO[bytes] | gzip.GzipFile, path: Path) -> None:
        self._stream, self._path = stream, path
        self._left = MOST_UNPACKED

    def read(self, count: int) -> bytes:
        data = self._stream.read(count)
        self._left -= len(data)
        if self._left < 0:
            raise DataError(f"'{self._path}' is not the published file: it holds far more than that; {ADVICE}.")
        return data
