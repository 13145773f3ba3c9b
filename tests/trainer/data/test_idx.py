import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from trainer.data.idx import read_idx
from trainer.errors import DataError

Packer = Callable[..., bytes]
anyhow = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)


@anyhow
@given(arrays(np.uint8, array_shapes(min_dims=1, max_dims=3, max_side=9)), st.booleans(), st.booleans())
def test_what_was_written_is_read(
    tmp_path: Path, idx_bytes: Packer, array: np.ndarray, packed: bool, misnamed: bool
) -> None:
    path = tmp_path / ("images.gz" if packed != misnamed else "images")
    path.write_bytes(idx_bytes(array, packed))
    read = read_idx(path, array.ndim)
    assert read.dtype == np.uint8 and read.flags.c_contiguous
    assert np.array_equal(read, array)


@anyhow
@given(st.booleans(), st.data())
def test_whatever_is_damaged_is_one_clear_error_or_still_readable(
    tmp_path: Path, idx_bytes: Packer, packed: bool, data: st.DataObject
) -> None:
    whole = idx_bytes(np.arange(60, dtype=np.uint8).reshape(5, 4, 3), packed)
    damaged = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 3))):
        if damaged:
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged"
    path.write_bytes(bytes(damaged))
    try:
        read_idx(path, 3)
    except DataError as error:
        assert str(path) in str(error) and str(error).endswith(".")


@anyhow
@given(st.booleans(), st.data())
def test_a_truncated_file_is_refused(tmp_path: Path, idx_bytes: Packer, packed: bool, data: st.DataObject) -> None:
    whole = idx_bytes(np.arange(60, dtype=np.uint8).reshape(5, 4, 3), packed)
    path = tmp_path / "short"
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(DataError, match=r"short|damaged|not an IDX"):
        read_idx(path, 3)


def _header(*sizes: int, kind: int = 8, dimensions: int = 3) -> bytes:
    return struct.pack(f">BBBB{len(sizes)}I", 0, 0, kind, dimensions, *sizes)


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "not an IDX file"),
        (b"\x93NUMPY whatever", "not an IDX file"),
        (_header(1, 2, 2, kind=0x0D) + bytes(16), "IDX type 0x0d, not unsigned bytes"),
        (_header(4, dimensions=1) + bytes(4), "1 dimensions instead of 3"),
        (_header(5, 2), "cut short in its header"),
        (_header(0, 28, 28), "is empty"),
        (_header(5, 2, 2) + bytes(17), "is cut short: 3 of its 20 bytes are missing"),
        (gzip.compress(_header(5, 2, 2) + bytes(17), mtime=0), "is cut short: 3 of its 20 bytes are missing"),
        (_header(5, 2, 2) + bytes(21), "holds more than the 20 bytes"),
        (_header(1, 2000, 2), "unlikely size 1 × 2,000 × 2"),
        (_header(2**32 - 1, 1024, 1024), "unlikely size"),
        (_header(2**20, 64, 64), "claims 4,294,967,296 bytes, more than it can hold"),
        (gzip.compress(_header(2**20, 64, 64), mtime=0), "claims 4,294,967,296 bytes, more than it can hold"),
        (gzip.compress(_header(1, 2, 2) + bytes(4), mtime=0) + b"garbage", "is damaged"),
    ],
)
def test_each_fault_has_its_sentence(tmp_path: Path, content: bytes, match: str) -> None:
    path = tmp_path / "train-images"
    path.write_bytes(content)
    with pytest.raises(DataError, match=match):
        read_idx(path, 3)


def test_a_gzip_bomb_is_not_unpacked_beyond_its_claim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(gzip.compress(_header(1, 2, 2) + bytes(50_000_000), compresslevel=1))
    unpacked = 0
    read = gzip.GzipFile.read

    def count_read(self: gzip.GzipFile, size: int | None = -1) -> bytes:
        nonlocal unpacked
        data = read(self, size)
        unpacked += len(data)
        return data

    monkeypatch.setattr(gzip.GzipFile, "read", count_read)
    with pytest.raises(DataError, match="holds more than the 4 bytes"):
        read_idx(path, 3)
    assert unpacked == 4 + 12 + 4 + 1  # magic, sizes, pixels, and one byte too many


def test_no_file_and_no_right_to_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no file"):
        read_idx(tmp_path / "nothing", 3)
    with pytest.raises(DataError, match="cannot be read"):
        read_idx(tmp_path, 3)
