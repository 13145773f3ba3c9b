"""Arrays in .npy and .npz files: their headers first, their numbers later and in pieces. Nothing is ever unpickled.

The format: NumPy Enhancement Proposal 1 (numpy.lib.format); an .npz is a zip of .npy files.
"""

import math
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from trainer.data.dataset import DEFLATE_RATIO, MAX_BYTES
from trainer.errors import DataError

__all__ = ["StoredArray", "array_names", "open_array"]

CHUNK_BYTES = 16 << 20
NPY_MAGIC = b"\x93NUMPY"
ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")  # the second: a zip without any file in it
GZIP_MAGIC = b"\x1f\x8b"
PICKLE_MAGICS = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))
HEADER_READERS: dict[tuple[int, int], Any] = {
    (1, 0): npy_format.read_array_header_1_0,
    (2, 0): npy_format.read_array_header_2_0,
}
WHOLE = "save it again with numpy.savez or fetch it again"


@dataclass(frozen=True)
class StoredArray:
    """An array in a file, of which only the header has been read: checked for objects and for a sane size."""

    path: Path
    member: str | None  # the file inside the .npz; None for an .npy
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool  # stored column by column
    offset: int  # bytes before the first number

    @property
    def where(self) -> str:
        """What messages call it."""
        return f"'{self.path}'" if self.member is None else f"'{self.path}', array '{_name(self.member)}'"

    def chunks(self) -> Generator[NDArray[Any], None, None]:
        """The array in pieces of whole rows (first axis), of some 16 MB each. Raises DataError where it is damaged."""
        rows = max(1, CHUNK_BYTES // max(1, math.prod(self.shape[1:]) * self.dtype.itemsize))
        with _faults_of(self.path):
            if self.member is None:
                order: Any = "F" if self.fortran else "C"
                mapped = np.memmap(self.path, self.dtype, "r", self.offset, self.shape, order)
                for start in range(0, len(mapped), rows):
                    yield np.asarray(mapped[start : start + rows])
                return
            with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as stream:
                _read_exactly(stream, self.offset)
                if self.fortran:  # its rows lie scattered over the whole stream
                    rows = max(1, self.shape[0])
                for start in range(0, self.shape[0], rows):
                    shape = (min(rows, self.shape[0] - start), *self.shape[1:])
                    data = _read_exactly(stream, math.prod(shape) * self.dtype.itemsize)
                    flat = np.frombuffer(data, self.dtype)
                    yield flat.reshape(shape[::-1]).T if self.fortran else flat.reshape(shape)
                stream.read(1)  # reading past the end makes zipfile check its checksum

    def read(self) -> NDArray[Any]:
        """The whole array at once; for labels and names."""
        with closing(self.chunks()) as chunks:
            return np.concatenate([np.empty((0, *self.shape[1:]), self.dtype), *chunks])


def array_names(path: Path) -> list[str]:
    """The names of the arrays in an .npz, or [""] for an .npy, whatever the file is called.

    Raises DataError where it is neither.
    """
    with _faults_of(path), path.open("rb") as stream:
        start = stream.read(len(NPY_MAGIC))
        if start == NPY_MAGIC:
            return [""]
        if start.startswith(ZIP_MAGICS):
            with zipfile.ZipFile(stream) as archive:
                return [_name(member) for member in archive.namelist() if member.endswith(".npy")]
    if not start:
        raise DataError(f"'{path}' is empty; {WHOLE}.")
    if start.startswith(PICKLE_MAGICS):
        raise DataError(
            f"'{path}' looks like a Python pickle, which is never opened; save the arrays with numpy.savez."
        )
    if start.startswith(GZIP_MAGIC):
        raise DataError(f"'{path}' is a gzip file; unpack it first.")
    raise DataError(f"'{path}' is neither an .npz nor an .npy file; {WHOLE}.")


def open_array(path: Path, name: str) -> StoredArray:
    """Reads and checks the header of the array with that name ("" in an .npy). Raises DataError."""
    with _faults_of(path):
        if not name:
            with path.open("rb") as stream:
                return _checked(path, None, stream, path.stat().st_size)
        with zipfile.ZipFile(path) as archive:
            member = f"{name}.npy"
            info = archive.getinfo(member)
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
                raise DataError(f"'{path}' is packed or encrypted as NumPy never does; {WHOLE}.")
            if info.file_size > DEFLATE_RATIO * path.stat().st_size:
                raise DataError(f"'{path}' is damaged: array '{name}' claims more bytes than it can hold; {WHOLE}.")
            with archive.open(info) as member_stream:
                return _checked(path, member, member_stream, info.file_size)


def _checked(path: Path, member: str | None, stream: IO[bytes], size: int) -> StoredArray:
    """``size`` is the length in bytes of the .npy, unpacked."""
    shape, fortran, dtype = _read_header(stream)
    array = StoredArray(path, member, shape, dtype, fortran, stream.tell())
    if dtype.hasobject:
        raise DataError(f"{array.where} holds Python objects, which are never opened; save it as plain numbers.")
    if dtype.names is not None or dtype.subdtype is not None:
        raise DataError(f"{array.where} is a table with fields; save its columns as plain arrays.")
    claimed = math.prod(shape) * dtype.itemsize
    if claimed > MAX_BYTES:
        raise DataError(
            f"{array.where} claims {_times(shape)} numbers of {dtype}, {claimed / 2**30:,.0f} GiB, more than the "
            f"{MAX_BYTES >> 30} GiB that are read; save fewer or smaller images."
        )
    if array.offset + claimed != size:
        raise DataError(
            f"{array.where} is damaged: it should take {array.offset + claimed:,} bytes, not {size:,}; {WHOLE}."
        )
    return array


def _read_header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Raises ValueError for whatever is wrong."""
    try:
        shape, fortran, dtype = HEADER_READERS[npy_format.read_magic(stream)](stream)
    except (OSError, zipfile.BadZipFile, zlib.error):
        raise
    except Exception as error:  # numpy parses Python text here, and lets through whatever its parser raises
        raise ValueError("its header makes no sense") from error
    if len(shape) > 32 or any(size < 0 for size in shape):
        raise ValueError("its header makes no sense")
    return shape, fortran, dtype


def _read_exactly(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count)
    if len(data) != count:
        raise EOFError("it is cut short")
    return data


@contextmanager
def _faults_of(path: Path) -> Iterator[None]:
    """Turns what reading a missing, forbidden or damaged file raises into DataError."""
    try:
        yield
    except FileNotFoundError:
        raise DataError(f"There is no file '{path}'.") from None
    except IsADirectoryError:
        raise DataError(f"'{path}' is a folder; give an .npz or .npy file.") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, NotImplementedError, RuntimeError) as error:
        raise DataError(f"'{path}' is damaged ({error}); {WHOLE}.") from None
    except OSError as error:
        raise DataError(f"'{path}' cannot be read: {error.strerror or error}.") from None


def _name(member: str) -> str:
    return member.removesuffix(".npy")


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(f"{size:,}" for size in shape)
