"""MNIST (LeCun et al., 1998) and Fashion-MNIST (Xiao et al., 2017): four IDX files each, with 60,000 train and 10,000
test images of 28 × 28 pixels.

They are looked for in ``$LATENTSCOPE_DATA/<name>``, then in the user's cache. Checksums are compared when downloading
only: what a user puts into a folder is theirs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trainer.data.dataset import Dataset, Images, Labels
from trainer.data.fetch import RemoteFile, fetch
from trainer.data.idx import read_idx
from trainer.data.places import cache, folders, is_file
from trainer.errors import DataError

__all__ = ["download", "download_size", "is_at_hand", "load"]

PARTS = ("train-images", "train-labels", "t10k-images", "t10k-labels")


@dataclass(frozen=True)
class Source:
    """One data set of the family: its classes, and where it is published."""

    title: str
    class_names: tuple[str, ...]
    mirrors: tuple[str, ...]
    files: tuple[RemoteFile, ...]


SOURCES = {
    "mnist": Source(
        "MNIST",
        tuple("0123456789"),
        ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"),
        (
            RemoteFile("train-images-idx3-ubyte.gz", 9_912_422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
            RemoteFile("train-labels-idx1-ubyte.gz", 28_881, "d53e105ee54ea40749a09fcbcd1e9432"),
            RemoteFile("t10k-images-idx3-ubyte.gz", 1_648_877, "9fb629c4189551a2d022fa330f9573f3"),
            RemoteFile("t10k-labels-idx1-ubyte.gz", 4_542, "ec29112dd5afa0611ce80d1b7f02629c"),
        ),
    ),
    "fashion-mnist": Source(
        "Fashion-MNIST",
        (
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
        (
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        ),
        (
            RemoteFile("train-images-idx3-ubyte.gz", 26_421_880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
            RemoteFile("train-labels-idx1-ubyte.gz", 29_515, "25c81989df183df01b3e8a0aad5dffbe"),
            RemoteFile("t10k-images-idx3-ubyte.gz", 4_422_102, "bef4ecab320f06d8554ea6380940ec79"),
            RemoteFile("t10k-labels-idx1-ubyte.gz", 5_148, "bb300cfdad3c16e7a12a480ee83cd310"),
        ),
    ),
}


def load(name: str) -> Dataset:
    """Raises DataError where the files are not at hand (saying where they were looked for), damaged or do not match."""
    source = SOURCES[name]
    train_images, train_labels, test_images, test_labels = _find(name)
    train = _read_split(train_images, train_labels, len(source.class_names))
    test = _read_split(test_images, test_labels, len(source.class_names))
    if train[0].shape[1:] != test[0].shape[1:]:
        raise DataError(
            f"The images in '{train_images}' and '{test_images}' differ in size; "
            "put the four files of one data set there."
        )
    return Dataset(name, train[0], test[0], train[1], test[1], source.class_names)


def is_at_hand(name: str) -> bool:
    return any(None not in _files_in(folder) for folder in folders(name))


def download(
    name: str,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    mirrors: tuple[str, ...] | None = None,
) -> None:
    """Fetches the four files into the user's cache. Raises DataError or Cancelled; see ``trainer.data.fetch``."""
    source = SOURCES[name]
    fetch(source.title, source.files, mirrors or source.mirrors, cache(name), progress, cancelled)


def download_size(name: str) -> int:
    """Bytes of the four files as published."""
    return sum(file.size for file in SOURCES[name].files)


def _files_in(folder: Path) -> list[Path | None]:
    """The four files in a folder, in the order of PARTS; None for each that is not there."""
    found: list[Path | None] = []
    for part in PARTS:
        stem = f"{part}-idx{3 if part.endswith('images') else 1}-ubyte"
        found.append(next((path for path in (folder / stem, folder / f"{stem}.gz") if is_file(path)), None))
    return found


def _find(name: str) -> list[Path]:
    """The four files, all from one folder. Raises DataError where no folder has them all."""
    places = folders(name)
    for folder in places:
        files = [path for path in _files_in(folder) if path is not None]
        if len(files) == len(PARTS):
            return files
    looked = " and ".join(f"'{folder}'" for folder in places)
    raise DataError(
        f"{SOURCES[name].title} is not on this computer (its four IDX files were looked for in {looked}); download it "
        f"with the Download button of the training form, or with: latentscope-trainer download {name}"
    )


def _read_split(images_path: Path, labels_path: Path, classes: int) -> tuple[Images, Labels]:
    images = read_idx(images_path, 3)[..., np.newaxis]
    labels = read_idx(labels_path, 1).astype(np.int64)
    if len(images) != len(labels):
        raise DataError(
            f"'{images_path}' holds {len(images):,} images but '{labels_path}' {len(labels):,} labels; "
            "put the four files of one data set there."
        )
    if labels.max() >= classes:
        raise DataError(f"'{labels_path}' holds the label {labels.max()}, but there are {classes} classes; replace it.")
    return images, labels
