from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from trainer.data.labels import read_labels
from trainer.data.npy import StoredArray, open_array
from trainer.errors import DataError


def _stored(folder: Path, name: str, values: Any) -> StoredArray:
    np.savez(folder / f"{name}.npz", **{name: np.array(values)})
    return open_array(folder / f"{name}.npz", name)


def _read(
    folder: Path, train: Any, test: Any = None, names: Any = None
) -> tuple[list[NDArray[np.int64] | None], tuple[str, ...]]:
    sources = [
        None if values is None else (_stored(folder, name, values), len(values))
        for name, values in (("train", train), ("test", test))
    ]
    return read_labels(sources, None if names is None else _stored(folder, "class_names", names))


@pytest.mark.parametrize("dtype", ["u1", "i2", ">i8", "u8", "f4", "f8", ">f8"])
def test_whole_numbers_of_any_type_are_indices(tmp_path: Path, dtype: str) -> None:
    (train, test), names = _read(tmp_path, np.array([0, 2, 1], dtype), np.array([3], dtype))
    assert train is not None and test is not None
    assert train.dtype == test.dtype == np.int64
    assert train.tolist() == [0, 2, 1] and test.tolist() == [3]
    assert names == ("0", "1", "2", "3")


def test_other_shapes_and_types_that_are_clear(tmp_path: Path) -> None:
    assert _read(tmp_path, [[1], [0]])[0][0].tolist() == [1, 0]  # type: ignore[union-attr]
    (labels, none), names = _read(tmp_path, [True, False, True], names=["off", "on"])
    assert labels is not None and labels.tolist() == [1, 0, 1] and none is None
    assert names == ("off", "on")


def test_words_become_class_names(tmp_path: Path) -> None:
    (train, test), names = _read(tmp_path, ["dog", "cat", "dog"], [b"bird", "cat"])
    assert names == ("bird", "cat", "dog")
    assert train is not None and train.tolist() == [2, 1, 2]
    assert test is not None and test.tolist() == [0, 1]
    (bytes_, _), names = _read(tmp_path, np.array(["été".encode(), b"10", b"9"]))
    assert bytes_ is not None and bytes_.tolist() == [2, 1, 0] and names == ("9", "10", "été")
    (ordered, _), names = _read(tmp_path, ["cat", "dog"], names=["dog", "cat", "emu"])
    assert ordered is not None and ordered.tolist() == [1, 0] and names == ("dog", "cat", "emu")


def test_names_without_labels_are_left_out(tmp_path: Path) -> None:
    assert _read(tmp_path, None, None, names=["a"]) == ([None, None], ())


@pytest.mark.parametrize(
    ("train", "names", "match"),
    [
        ([0, -1], None, "negative label -1; number the classes from 0"),
        ([0, 0.5], None, "not whole numbers"),
        ([0, np.nan], None, "not whole numbers"),
        ([0, np.inf], None, "not whole numbers"),
        ([0, 1000], None, "label 1000; at most 1,000 classes"),
        ([f"{n}" for n in range(1001)], None, "1,001 different words"),
        (np.eye(3), None, "3 numbers for each image; .*one-hot"),
        (np.zeros((2, 1, 1)), None, "has 3 dimensions"),
        ([1j, 2j], None, "holds complex128; save labels as whole numbers or words"),
        (["x" * 300], None, "labels of up to 1,200 bytes; shorten them"),
        ([b"\xff\xfe"], None, "not text"),
        (np.array([0x7FFFFFFF], "u4").view("U1"), None, "not text"),
        (np.array([0xD800], "u4").view("U1"), None, "not text"),
        ([0, 2], ["a", "b"], "label 2, but class_names only 2 names"),
        (["a", "c"], ["a", "b"], "label 'c', which is not in class_names"),
        ([0], ["a", "a"], "a name twice"),
        ([0], [1, 2], "a list of 1 to 1,000 words"),
        ([0], [["a"]], "a list of 1 to 1,000 words"),
        ([0], [str(n) for n in range(1001)], "a list of 1 to 1,000 words"),
        ([0], ["x" * 300], "names of up to 1,200 bytes"),
    ],
)
def test_each_fault_has_its_sentence(tmp_path: Path, train: Any, names: Any, match: str) -> None:
    with pytest.raises(DataError, match=match) as caught:
        _read(tmp_path, train, names=names)
    assert str(tmp_path) in str(caught.value)


def test_another_number_than_the_images(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds 3 labels for 4 images"):
        read_labels([(_stored(tmp_path, "labels", [0, 1, 2]), 4)], None)


def test_numbers_here_and_words_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="must both hold numbers, or both words"):
        _read(tmp_path, [0, 1], ["a", "b"])
