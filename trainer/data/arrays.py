"""A user's own images: an .npz with arrays under the usual names, or an .npy with images alone."""

from pathlib import Path

from trainer.data.dataset import Dataset, Images, hold_out
from trainer.data.labels import LabelSource, read_labels
from trainer.data.npy import StoredArray, array_names, open_array
from trainer.data.pixels import choose_conversions, image_shape, read_images
from trainer.errors import DataError

__all__ = ["read_arrays"]

# The names that each array goes by, in whatever case; the first that is there is taken. "" is the array of an .npy.
TRAIN_IMAGES = ("train_images", "x_train", "images", "x", "data", "")
TEST_IMAGES = ("test_images", "x_test")
TRAIN_LABELS = ("train_labels", "y_train", "labels", "y")
TEST_LABELS = ("test_labels", "y_test")
CLASS_NAMES = ("class_names",)

TEST_SHARE = 0.1
MOST_TEST_IMAGES = 10_000


def read_arrays(path: Path) -> Dataset:
    """Images N × H × W or N × H × W × C (C = 1 or 3), whole numbers of 0 to 255 or floating-point; labels are optional.

    Without test images, a tenth is held out: always the same, and of every class its share. Raises DataError, one
    sentence that names the file, for whatever is wrong with it.
    """
    try:
        return _read(path)
    except MemoryError:
        raise DataError(f"'{path}' does not fit into this computer's memory; save fewer or smaller images.") from None


def _read(path: Path) -> Dataset:
    names = array_names(path)
    train = _open_first(path, names, TRAIN_IMAGES)
    if train is None and len(names) == 1:
        train = open_array(path, names[0])  # a single array, whatever its name
    if train is None:
        found = f"only {', '.join(repr(name) for name in names[:8])}" if names else "no arrays"
        raise DataError(f"'{path}' holds {found}; save the images under the name 'images' or 'train_images'.")
    test = _open_first(path, names, TEST_IMAGES)
    shape = image_shape(train)
    if train.shape[0] < 2:
        raise DataError(f"{train.where} holds a single image; at least two are needed.")
    if test is not None and image_shape(test) != shape:
        size = " × ".join(str(length) for length in shape)
        raise DataError(f"{test.where} holds images of another size than the training images' {size}; resize them.")

    train_labels_at, test_labels_at = _open_first(path, names, TRAIN_LABELS), _open_first(path, names, TEST_LABELS)
    if test_labels_at is not None and test is None:
        raise DataError(f"{test_labels_at.where} has no test images; save those under the name 'test_images'.")
    sources: list[LabelSource | None] = [
        None if train_labels_at is None else (train_labels_at, train.shape[0]),
        None if test_labels_at is None or test is None else (test_labels_at, test.shape[0]),
    ]
    (train_labels, test_labels), class_names = read_labels(sources, _open_first(path, names, CLASS_NAMES))

    if test is None:
        held = min(max(1, round(train.shape[0] * TEST_SHARE)), MOST_TEST_IMAGES)
        mask = hold_out(train.shape[0], held, train_labels)
        train_images, test_images = read_images(train, choose_conversions([train])[0], mask)
        if train_labels is not None:
            train_labels, test_labels = train_labels[~mask], train_labels[mask]
    else:
        of_train, of_test = choose_conversions([train, test])
        train_images, _ = read_images(train, of_train)
        test_images, _ = read_images(test, of_test)
    _refuse_constant(train_images, train)
    return Dataset(path.name, train_images, test_images, train_labels, test_labels, class_names)


def _open_first(path: Path, names: list[str], wanted: tuple[str, ...]) -> StoredArray | None:
    """The array that goes by the earliest of the wanted names; None where there is none of them."""
    for want in wanted:
        for name in names:
            if name.lower() == want:
                return open_array(path, name)
    return None


def _refuse_constant(images: Images, array: StoredArray) -> None:
    if images.min() == images.max():
        raise DataError(
            f"{array.where} has the same value in every pixel, so there is nothing to learn; save the images again."
        )
