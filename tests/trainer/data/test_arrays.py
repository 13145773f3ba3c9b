from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trainer.data import is_at_hand, load_dataset
from trainer.data.arrays import read_arrays
from trainer.errors import DataError

anyhow = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
RANDOM = np.random.default_rng(0)
GREY = RANDOM.integers(0, 256, (30, 6, 5), dtype=np.uint8)
COLOUR = RANDOM.integers(0, 256, (30, 6, 5, 3), dtype=np.uint8)
LABELS = np.arange(30) % 3


def _save(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize(
    ("images", "labels", "test_images", "test_labels"),
    [
        ("train_images", "train_labels", "test_images", "test_labels"),
        ("x_train", "y_train", "x_test", "y_test"),
        ("X_train", "Y_train", "X_test", "Y_test"),
        ("images", "labels", "test_images", "test_labels"),
        ("x", "y", "x_test", "y_test"),
        ("X", "y", "X_test", "y_test"),
        ("data", "labels", "test_images", "y_test"),
    ],
)
def test_the_usual_names_are_known(
    tmp_path: Path, images: str, labels: str, test_images: str, test_labels: str
) -> None:
    arrays = {images: COLOUR, labels: LABELS, test_images: COLOUR[:4], test_labels: LABELS[:4]}
    dataset = read_arrays(_save(tmp_path / "mine.npz", **arrays, class_names=np.array(["a", "b", "c", "none"])))
    assert dataset.name == "mine.npz"
    assert np.array_equal(dataset.train_images, COLOUR) and np.array_equal(dataset.test_images, COLOUR[:4])
    assert dataset.train_labels is not None and dataset.train_labels.tolist() == LABELS.tolist()
    assert dataset.test_labels is not None and dataset.test_labels.tolist() == LABELS[:4].tolist()
    assert dataset.train_labels.dtype == dataset.test_labels.dtype == np.int64
    assert dataset.class_names == ("a", "b", "c", "none")
    assert dataset.train_images.flags.c_contiguous and dataset.train_images.dtype == np.uint8


def test_an_npy_is_images_without_labels_and_its_kind_is_decided_by_its_bytes(tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", GREY)
    (tmp_path / "images.npy").rename(tmp_path / "images.npz")
    dataset = load_dataset(str(tmp_path / "images.npz"))
    assert dataset.train_images.shape == (27, 6, 5, 1) and dataset.test_images.shape == (3, 6, 5, 1)
    assert dataset.train_labels is None and dataset.test_labels is None and dataset.class_names == ()
    assert is_at_hand(str(tmp_path / "images.npz")) and not is_at_hand(str(tmp_path / "images.npy"))


def test_a_single_array_is_the_images_whatever_its_name(tmp_path: Path) -> None:
    assert read_arrays(_save(tmp_path / "one.npz", faces=GREY)).image_shape == (6, 5, 1)


@anyhow
@given(st.integers(2, 60), st.integers(1, 4), st.booleans(), st.booleans())
def test_without_a_test_split_a_tenth_is_held_out(
    tmp_path: Path, count: int, classes: int, labelled: bool, packed: bool
) -> None:
    images = np.arange(count * 4, dtype=np.uint8).reshape(count, 2, 2)  # no two alike
    arrays = {"images": images, "labels": np.arange(count) % classes} if labelled else {"images": images}
    (np.savez_compressed if packed else np.savez)(tmp_path / "some.npz", **arrays)
    dataset = read_arrays(tmp_path / "some.npz")
    assert len(dataset.test_images) == max(1, round(count / 10))
    assert len(dataset.train_images) + len(dataset.test_images) == count
    together = np.concatenate([dataset.train_images, dataset.test_images])
    assert sorted(map(bytes, together)) == sorted(map(bytes, images))
    assert np.array_equal(read_arrays(tmp_path / "some.npz").test_images, dataset.test_images)
    if labelled:
        assert dataset.train_labels is not None and dataset.test_labels is not None
        first_pixels = np.concatenate([dataset.train_labels, dataset.test_labels])
        assert np.array_equal(first_pixels, together[:, 0, 0, 0] // 4 % classes)


def test_at_most_ten_thousand_are_held_out(tmp_path: Path) -> None:
    images = RANDOM.integers(0, 256, (120_000, 1, 1), dtype=np.uint8)
    np.save(tmp_path / "many.npy", images)
    dataset = read_arrays(tmp_path / "many.npy")
    assert len(dataset.test_images) == 10_000 and len(dataset.train_images) == 110_000


def test_only_one_split_may_have_labels(tmp_path: Path) -> None:
    dataset = read_arrays(_save(tmp_path / "half.npz", x_train=GREY, y_train=LABELS, x_test=GREY[:2]))
    assert dataset.train_labels is not None and dataset.test_labels is None
    assert dataset.class_names == ("0", "1", "2")


@pytest.mark.parametrize(
    ("arrays", "match"),
    [
        ({}, "holds no arrays; save the images under the name"),
        ({"labels": LABELS, "other": GREY}, "holds only 'labels', 'other'; save the images under the name"),
        ({"images": GREY[:1]}, "array 'images' holds a single image; at least two are needed"),
        ({"images": GREY, "test_images": GREY[:, 1:]}, "'test_images' holds images of another size .* 6 × 5 × 1"),
        ({"images": GREY, "test_images": COLOUR}, "'test_images' holds images of another size"),
        ({"images": GREY, "y_test": LABELS}, "'y_test' has no test images; save those"),
        ({"images": np.full((9, 4, 4), 7, np.uint8)}, "the same value in every pixel, so there is nothing to learn"),
        ({"images": np.zeros((9, 4, 4))}, "Every pixel in .* is 0, so there is nothing to learn"),
        ({"images": np.eye(4)[None].repeat(3, 0) * 1e-4}, "the same value in every pixel"),
        ({"images": GREY, "labels": LABELS[:-1]}, "'labels' holds 29 labels for 30 images"),
        ({"images": GREY, "test_images": GREY[:4], "test_labels": LABELS}, "'test_labels' holds 30 labels for 4"),
    ],
)
def test_each_fault_has_its_sentence(tmp_path: Path, arrays: dict[str, Any], match: str) -> None:
    path = _save(tmp_path / "bad.npz", **arrays)
    with pytest.raises(DataError, match=match) as caught:
        read_arrays(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_too_much_for_the_memory_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("trainer.data.arrays.read_images", refuse)
    with pytest.raises(DataError, match="does not fit into this computer's memory"):
        read_arrays(_save(tmp_path / "big.npz", images=GREY))


def test_names_that_are_nothing() -> None:
    with pytest.raises(DataError, match="There is no data set 'nonsense'; choose one of digits, mnist"):
        load_dataset("nonsense")
    with pytest.raises(DataError, match=r"There is no file 'nonsense\.npz'"):
        load_dataset("nonsense.npz")
    with pytest.raises(DataError, match="There is no data set"):
        load_dataset("x" * 5000)


def test_real_colour_images(data_folder: Path) -> None:
    path = data_folder / "cifar10" / "cifar10_10k.npz"
    if not path.is_file():
        pytest.skip("the folder that LATENTSCOPE_DATA names holds no cifar10/cifar10_10k.npz")
    cifar = load_dataset(str(path))
    assert cifar.train_images.shape == (10_000, 32, 32, 3) and cifar.test_images.shape == (1000, 32, 32, 3)
    assert cifar.train_labels is not None and cifar.train_labels.max() == 9
    with np.load(path, allow_pickle=False) as stored:
        assert np.array_equal(cifar.test_images, stored["test_images"])
