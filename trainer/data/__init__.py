"""The table of data sets, and the calls that find, fetch and load any of them.

To add one: write its file, add its line here. The file has ``load(name) -> Dataset`` and ``is_at_hand(name) -> bool``;
where the data can be fetched it also has ``download(name, progress, cancelled)`` and ``download_size(name) -> int``.
"""

from collections.abc import Callable
from pathlib import Path

from trainer.data.dataset import Dataset
from trainer.errors import DataError
from trainer.registry import Choice, Table

__all__ = ["SOURCES", "Dataset", "download", "download_size", "is_at_hand", "load_dataset"]

SOURCES = Table(
    "data set",
    Choice(
        "digits",
        "Digits 8×8",
        "1,797 real handwritten digits of 8×8 pixels; comes with the program.",
        "trainer.data.builtin",
    ),
    Choice("mnist", "MNIST", "70,000 handwritten digits of 28×28 pixels.", "trainer.data.mnist"),
    Choice("fashion-mnist", "Fashion-MNIST", "70,000 pieces of clothing of 28×28 pixels.", "trainer.data.mnist"),
    Choice("cifar10", "CIFAR-10", "60,000 colour photographs of 32×32 pixels, of ten things.", "trainer.data.cifar10"),
)


def load_dataset(name: str) -> Dataset:
    """The data set of that name in the table, or the user's own .npz or .npy file at that path. Downloads nothing.

    Raises DataError where there is none, it is not at hand, or it is damaged.
    """
    if name in SOURCES:
        dataset: Dataset = SOURCES[name].load().load(name)
        return dataset
    from trainer.data.arrays import read_arrays

    path = Path(name)
    if path.suffix.lower() not in {".npz", ".npy"} and not is_at_hand(name):
        known = ", ".join(SOURCES.names())
        raise DataError(f"There is no data set '{name}'; choose one of {known}, or give the path of an .npz or .npy.")
    return read_arrays(path)


def is_at_hand(name: str) -> bool:
    """Whether the data set is on this computer. Cheap: looks for the files and does not read them."""
    if name in SOURCES:
        return bool(SOURCES[name].load().is_at_hand(name))
    try:
        return Path(name).is_file()
    except OSError:  # a folder that may not be looked into
        return False


def download(
    name: str,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> None:
    """Fetches a data set into the user's cache, where ``load_dataset`` finds it.

    ``progress(bytes_done, bytes_total)`` counts all files together; both it and ``cancelled()`` are called on the
    calling thread, some twenty times a second. Raises DataError, or Cancelled soon after ``cancelled()`` says so;
    neither leaves anything behind.
    """
    if download_size(name) is None:
        raise DataError(f"'{name}' cannot be downloaded; only {_downloadable()} can.")
    SOURCES[name].load().download(name, progress, cancelled)


def download_size(name: str) -> int | None:
    """How many bytes ``download`` fetches, whether or not they are at hand already; None where it fetches nothing."""
    if name not in SOURCES:
        return None
    source = SOURCES[name].load()
    return int(source.download_size(name)) if hasattr(source, "download_size") else None


def _downloadable() -> str:
    *others, last = (name for name in SOURCES.names() if download_size(name) is not None)
    return f"{', '.join(others)} and {last}"
