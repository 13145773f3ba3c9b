"""What the tests of the data sets share: writing IDX files, and a cache of their own."""

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

IDX_NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def _idx_bytes(array: NDArray[np.uint8], packed: bool = False) -> bytes:
    data = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()
    return gzip.compress(data, mtime=0) if packed else data


@pytest.fixture(scope="session")
def idx_bytes() -> Callable[..., bytes]:
    """``idx_bytes(array, packed=False)``: an IDX file of unsigned bytes, gzipped or not."""
    return _idx_bytes


@pytest.fixture
def idx_files() -> dict[str, bytes]:
    """The four files of a small data set of the MNIST family, by name: 20 train and 10 test images of 5 × 4, packed."""
    random = np.random.default_rng(1)
    arrays = (
        random.integers(0, 256, (20, 5, 4), dtype=np.uint8),
        np.arange(20, dtype=np.uint8) % 10,
        random.integers(0, 256, (10, 5, 4), dtype=np.uint8),
        np.arange(10, dtype=np.uint8),
    )
    return {f"{name}.gz": _idx_bytes(array, True) for name, array in zip(IDX_NAMES, arrays, strict=True)}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the user, and no LATENTSCOPE_DATA, so that a test finds only what it puts there."""
    folder = tmp_path / "cache"
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *args, **more: str(folder))
    monkeypatch.delenv("LATENTSCOPE_DATA", raising=False)
    return folder
