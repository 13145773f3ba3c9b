import gzip
import io
import pickle
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.lib import format as npy_format

from trainer.data.arrays import read_arrays
from trainer.data.npy import array_names, open_array
from trainer.errors import DataError

anyhow = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
IMAGES = np.arange(60, dtype=np.uint8).reshape(5, 4, 3)


class _Trap:
    """Unpickled, it would end the test run."""

    def __reduce__(self) -> tuple[Callable[[int], None], tuple[int]]:
        return sys.exit, (99,)


def _npy(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, array, allow_pickle=True)
    return out.getvalue()


def _claim(shape: tuple[int, ...], descr: str = "|u1") -> bytes:
    """The header of an array that is not there."""
    out = io.BytesIO()
    npy_format.write_array_header_1_0(out, {"descr": descr, "fortran_order": False, "shape": shape})
    return out.getvalue()


def _zip(packed: bool = False, **members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return out.getvalue()


WHOLE = {
    "npy": _npy(IMAGES),
    "stored": _zip(images=_npy(IMAGES), labels=_npy(np.arange(5)), class_names=_npy(np.array(list("abcde")))),
    "packed": _zip(True, images=_npy(IMAGES / 60), labels=_npy(np.array(list("abcab")))),
}


@anyhow
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_whatever_is_damaged_is_one_clear_error_or_still_readable(
    tmp_path: Path, kind: str, data: st.DataObject
) -> None:
    whole = WHOLE[kind]
    damaged = bytearray(whole[: data.draw(st.integers(0, len(whole)))] if data.draw(st.booleans()) else whole)
    for _ in range(data.draw(st.integers(0, 4))):
        if damaged:
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged"
    path.write_bytes(bytes(damaged))
    try:
        read_arrays(path)
    except DataError as error:
        assert str(path) in str(error)


@anyhow
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_a_truncated_file_is_refused(tmp_path: Path, kind: str, data: st.DataObject) -> None:
    path = tmp_path / "short"
    path.write_bytes(WHOLE[kind][: data.draw(st.integers(0, len(WHOLE[kind]) - 1))])
    with pytest.raises(DataError, match=r"damaged|empty|neither"):
        read_arrays(path)


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "is empty"),
        (b"garbage of some length", "neither an .npz nor an .npy file"),
        (pickle.dumps(_Trap()), "looks like a Python pickle, which is never opened"),
        (gzip.compress(WHOLE["npy"], mtime=0), "is a gzip file; unpack it first"),
        (_npy(np.array([_Trap()] * 3)), "holds Python objects, which are never opened"),
        (_zip(images=_npy(np.array([[[_Trap()]]] * 3))), "array 'images' holds Python objects"),
        (_zip(images=pickle.dumps(_Trap())), "is damaged"),
        (_npy(np.zeros(3, [("a", "u1"), ("b", "f4")])), "is a table with fields"),
        (_claim((10**6, 1000, 1000)), "931 GiB, more than the 8 GiB"),
        (_zip(images=_claim((10**6, 1000, 1000), "<f8")), r"array 'images' claims 1,000,000 × 1,000 × 1,000 numbers"),
        (_claim((2**70, 1, 1)), "more than the 8 GiB"),
        (_claim((100, 28, 28)), "should take 78,528 bytes, not 128"),
        (_zip(images=_claim((100, 28, 28))), "should take 78,528 bytes, not 128"),
        (_npy(IMAGES) + b"more", "should take 188 bytes, not 192"),
        (b"\x93NUMPY\x01\x00\x10\x00{'descr': 1/0}  ", "its header makes no sense"),
        (b"\x93NUMPY\x09\x00" + _npy(IMAGES)[8:], "its header makes no sense"),
        (_claim((-5, 4, 3)), "its header makes no sense"),
    ],
)
def test_each_fault_has_its_sentence(tmp_path: Path, content: bytes, match: str) -> None:
    path = tmp_path / "bad.npz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=match) as caught:
        read_arrays(path)
    assert str(path) in str(caught.value)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """A zip whose directory claims 4 GB for some bytes."""
    path = tmp_path / "bomb.npz"
    content = bytearray(_zip(True, images=_claim((2**22, 32, 32)) + bytes(1000)))
    at = content.rindex(b"PK\x01\x02") + 24
    content[at : at + 4] = (0xFFFFFFF0).to_bytes(4, "little")
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match="claims more bytes than it can hold"):
        read_arrays(path)


def test_strange_packing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("images.npy", _npy(IMAGES))
    with pytest.raises(DataError, match="packed or encrypted as NumPy never does"):
        read_arrays(path)


def test_a_wrong_checksum_is_found(tmp_path: Path) -> None:
    path = tmp_path / "flipped.npz"
    content = bytearray(WHOLE["stored"])
    content[content.index(IMAGES.tobytes()) + 7] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match="CRC"):
        read_arrays(path)


def test_headers_are_read_without_the_numbers(tmp_path: Path) -> None:
    path = tmp_path / "both.npz"
    path.write_bytes(_zip(images=_npy(IMAGES), ignored=_npy(np.array([_Trap()]))))
    assert array_names(path) == ["images", "ignored"]
    stored = open_array(path, "images")
    assert (stored.shape, stored.dtype, stored.member) == ((5, 4, 3), np.uint8, "images.npy")
    assert np.array_equal(stored.read(), IMAGES)
    assert read_arrays(path).image_shape == (4, 3, 1)  # nobody asked for the other


def test_a_folder_and_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match=r"is a folder|cannot be read"):
        read_arrays(tmp_path)

    def refuse(*args: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DataError, match=r"secret\.npz' cannot be read: Permission denied"):
        read_arrays(tmp_path / "secret.npz")
