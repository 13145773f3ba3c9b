import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from trainer.data import download_size, is_at_hand, load_dataset
from trainer.errors import DataError

Packer = Callable[..., bytes]


def _fill(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def test_own_folder_comes_before_the_cache(
    tmp_path: Path, cache: Path, idx_files: dict[str, bytes], idx_bytes: Packer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_at_hand("mnist")
    _fill(cache / "data" / "mnist", idx_files)
    assert is_at_hand("mnist") and not is_at_hand("fashion-mnist")
    assert load_dataset("mnist").train_images.shape == (20, 5, 4, 1)

    own = tmp_path / "own"
    monkeypatch.setenv("LATENTSCOPE_DATA", str(own))
    assert load_dataset("mnist").train_images.shape == (20, 5, 4, 1)
    unpacked = {name.removesuffix(".gz"): gzip.decompress(content) for name, content in idx_files.items()}
    _fill(own / "mnist", unpacked | {"train-images-idx3-ubyte": idx_bytes(np.full((20, 5, 4), 7, np.uint8))})
    mnist = load_dataset("mnist")
    assert mnist.train_images.max() == 7
    assert mnist.test_images.dtype == np.uint8 and mnist.test_images.flags.c_contiguous
    assert mnist.test_labels is not None and mnist.test_labels.dtype == np.int64
    assert mnist.test_labels.tolist() == list(range(10))
    assert mnist.class_names == tuple("0123456789")


def test_a_folder_with_only_some_of_the_files_is_passed_over(
    tmp_path: Path, cache: Path, idx_files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATENTSCOPE_DATA", str(tmp_path / "own"))
    _fill(cache / "data" / "fashion-mnist", idx_files)
    idx_files.popitem()
    _fill(tmp_path / "own" / "fashion-mnist", idx_files)
    fashion = load_dataset("fashion-mnist")
    assert fashion.class_names[0] == "T-shirt/top" and fashion.class_names[9] == "Ankle boot"
    (cache / "data" / "fashion-mnist" / "train-images-idx3-ubyte.gz").unlink()
    assert not is_at_hand("fashion-mnist")


def test_what_is_not_at_hand_says_where_it_was_looked_for_and_how_to_get_it(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATENTSCOPE_DATA", str(tmp_path / "own"))
    with pytest.raises(DataError) as caught:
        load_dataset("fashion-mnist")
    text = str(caught.value)
    assert str(tmp_path / "own" / "fashion-mnist") in text and str(cache / "data" / "fashion-mnist") in text
    assert "Download button" in text and text.endswith("latentscope-trainer download fashion-mnist")


@pytest.mark.parametrize(
    ("name", "array", "match"),
    [
        ("train-labels-idx1-ubyte.gz", np.zeros(19, np.uint8), "holds 20 images but .* 19 labels"),
        ("t10k-labels-idx1-ubyte.gz", np.full(10, 10, np.uint8), "holds the label 10, but there are 10 classes"),
        ("t10k-images-idx3-ubyte.gz", np.zeros((10, 4, 5), np.uint8), "differ in size"),
        ("t10k-images-idx3-ubyte.gz", np.zeros(10, np.uint8), "1 dimensions instead of 3"),
    ],
)
def test_files_that_do_not_belong_together(
    cache: Path, idx_files: dict[str, bytes], idx_bytes: Packer, name: str, array: np.ndarray, match: str
) -> None:
    _fill(cache / "data" / "mnist", idx_files | {name: idx_bytes(array)})
    with pytest.raises(DataError, match=match) as caught:
        load_dataset("mnist")
    assert name in str(caught.value)


def test_sizes_as_published() -> None:
    assert download_size("mnist") == 11_594_722
    assert download_size("fashion-mnist") == 30_878_645


def test_real_mnist(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATENTSCOPE_DATA", str(data_folder))
    assert is_at_hand("mnist")
    mnist = load_dataset("mnist")
    assert mnist.train_images.shape == (60000, 28, 28, 1) and mnist.test_images.shape == (10000, 28, 28, 1)
    assert mnist.test_labels is not None and mnist.train_labels is not None
    assert mnist.test_labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert np.bincount(mnist.train_labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    # The mean of the published test images is 0.1325 of full brightness.
    assert mnist.test_images.mean() / 255 == pytest.approx(0.1325, abs=1e-4)
