from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from trainer.data import npy
from trainer.data.npy import StoredArray, open_array
from trainer.data.pixels import choose_conversions, image_shape, read_images
from trainer.errors import DataError

anyhow = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
shapes = array_shapes(min_dims=3, max_dims=3, min_side=2, max_side=6)


def _stored(folder: Path, array: NDArray[Any], name: str = "images", packed: bool = False) -> StoredArray:
    path = folder / f"{name}.np{'z' if packed else 'y'}"
    if packed:
        np.savez_compressed(path, images=array)
        return open_array(path, "images")
    np.save(path, array)
    return open_array(path, "")


def _read(folder: Path, array: NDArray[Any], packed: bool = False) -> NDArray[np.uint8]:
    stored = _stored(folder, array, packed=packed)
    images, none = read_images(stored, choose_conversions([stored])[0])
    assert none.shape == (0, *image_shape(stored))
    assert images.dtype == np.uint8 and images.flags.c_contiguous
    return images


@anyhow
@given(
    arrays(np.uint8, shapes),
    st.sampled_from(["u1", "<i2", ">i4", "<u8", "i8", "f4", ">f4", "f8"]),
    st.booleans(),
    st.booleans(),
    st.integers(1, 200),
)
def test_0_to_255_stays_in_every_type_order_and_chunk(
    tmp_path: Path, array: NDArray[np.uint8], dtype: str, fortran: bool, packed: bool, chunk: int
) -> None:
    array[0, 0, :2] = 200, 255  # floating-point numbers show by their range what they mean, and are not all alike
    stored = array.astype(dtype)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(npy, "CHUNK_BYTES", chunk)
        images = _read(tmp_path, np.asfortranarray(stored) if fortran else stored, packed)
    assert np.array_equal(images[..., 0], array)


@anyhow
@given(arrays(np.uint8, shapes), st.sampled_from(["f2", "f4", "f8"]))
def test_a_round_trip_through_0_to_1_and_minus_1_to_1_is_exact(
    tmp_path: Path, array: NDArray[np.uint8], dtype: str
) -> None:
    array[0, 0, :2] = 0, 255
    assert np.array_equal(_read(tmp_path, (array / 255).astype(dtype))[..., 0], array)
    signed = _read(tmp_path, (array / 127.5 - 1).astype(dtype))[..., 0]
    assert np.abs(signed.astype(int) - array).max() <= (
        dtype == "f2"
    )  # half precision is coarser than this at the ends


@anyhow
@given(arrays(np.float64, shapes, elements=st.floats(-300, 300)))
def test_any_numbers_are_near_images_or_one_clear_error(tmp_path: Path, array: NDArray[np.float64]) -> None:
    low, high = array.min(), array.max()
    try:
        images = _read(tmp_path, array)[..., 0].astype(float)
    except DataError as error:
        assert low == high or high > 255 or low < -1 or (low < 0 and high > 1), error
        return
    unit = (0.0, 1.0) if low >= -1e-4 else (-1.0, 1.0)
    bottom, top = unit if high <= 1 + 1e-4 else (0.0, 255.0)
    assert np.abs(images / 255 * (top - bottom) + bottom - array).max() <= (top - bottom) * (0.5 / 255 + 2e-4)


def test_bool_is_black_and_white(tmp_path: Path) -> None:
    array = np.eye(4, dtype=bool)[None].repeat(2, 0)
    assert np.array_equal(_read(tmp_path, array)[..., 0], array * 255)
    odd = (array * np.uint8(7)).view(bool)  # bytes that NumPy would not write
    assert np.array_equal(_read(tmp_path, odd)[..., 0], array * 255)


def test_train_and_test_are_converted_alike(tmp_path: Path) -> None:
    train = _stored(tmp_path, np.linspace(-1, 1, 32).reshape(2, 4, 4), "train")
    dark = _stored(tmp_path, np.full((2, 4, 4), 0.5), "test")
    _, convert = choose_conversions([train, dark])
    assert read_images(dark, convert)[0].max() == 191  # not 128, which 0.5 alone would be


def test_the_marked_go_to_the_second_part_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(npy, "CHUNK_BYTES", 3)
    array = np.arange(10, dtype=np.uint8).reshape(10, 1, 1)
    marked = np.arange(10) % 4 == 0
    stored = _stored(tmp_path, array)
    left, held = read_images(stored, choose_conversions([stored])[0], marked)
    assert left.ravel().tolist() == [1, 2, 3, 5, 6, 7, 9] and held.ravel().tolist() == [0, 4, 8]


@pytest.mark.parametrize(
    ("array", "match"),
    [
        (np.full((2, 3, 3), np.nan), "NaN or infinite"),
        (np.array([[[0, 1], [np.inf, 0]]] * 2), "NaN or infinite"),
        (np.array([[[0.5, 1], [0, -np.inf]]] * 2, "f2"), "NaN or infinite"),
        (np.array([[[-0.5, 200]]] * 2), "numbers from -0.5 to 200; bring them to 0 to 1"),
        (np.array([[[0, 65535]]] * 2, "u2"), "numbers from 0 to 65535; bring them to 0 to 255"),
        (np.array([[[-1, 1]]] * 2), "numbers from -1 to 1; bring them to 0 to 255"),
        (np.array([[[0, 1j]]] * 2), "holds complex128, not numbers"),
        (np.array([[["a", "b"]]] * 2), "holds <U1, not numbers"),
    ],
)
def test_each_fault_of_the_numbers_has_its_sentence(tmp_path: Path, array: NDArray[Any], match: str) -> None:
    with pytest.raises(DataError, match=match) as caught:
        _read(tmp_path, array)
    assert str(tmp_path / "images.npy") in str(caught.value)


@pytest.mark.parametrize(
    ("shape", "match"),
    [
        ((), r"has 0 dimensions"),
        ((9,), r"has 1 dimensions \(9\); images must be N × height × width"),
        ((9, 784), r"has 2 dimensions \(9 × 784\).*reshape it"),
        ((2, 2, 4, 4, 1), "has 5 dimensions"),
        ((9, 3, 8, 8), r"looks like N × channels × height × width; .*transpose\(0, 2, 3, 1\)"),
        ((9, 1, 8, 8), "looks like N × channels × height × width"),
        ((9, 8, 8, 4), "has 4 channels"),
        ((200, 300, 3), "looks like one colour image"),
        ((0, 8, 8), "is empty"),
        ((9, 0, 8), "is empty"),
        ((2, 1025, 1), "images of 1025 × 1 pixels; resize them to 1024"),
    ],
)
def test_each_fault_of_the_shape_has_its_sentence(tmp_path: Path, shape: tuple[int, ...], match: str) -> None:
    with pytest.raises(DataError, match=match):
        image_shape(_stored(tmp_path, np.zeros(shape, np.uint8)))
