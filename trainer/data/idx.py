"""The IDX format of the MNIST family: a header of big-endian sizes, then plain bytes; often gzipped.

Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", section "File formats".
"""

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from trainer.data.dataset import DEFLATE_RATIO, MAX_BYTES, MAX_SIDE
from trainer.errors import DataError

__all__ = ["read_idx"]

GZIP_MAGIC = b"\x1f\x8b"
UNSIGNED_BYTE = 0x08
CHUNK = 16 << 20  # bytes; a gzip stream holds what it is asked for a second time
ADVICE = "fetch it again or replace it"


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """The unsigned bytes of an IDX file with that many dimensions: 3 for images (N, H, W), 1 for labels (N,).

    Whether it is gzipped is decided by its bytes, not its name. The header is checked before memory is taken, and no
    more is unpacked than the header claims. Raises DataError, naming the file.
    """
    try:
        with path.open("rb") as raw:
            size = path.stat().st_size
            packed = raw.read(2) == GZIP_MAGIC
            raw.seek(0)
            if not packed:
                return _read(raw, path, dimensions, size)
            with gzip.GzipFile(fileobj=raw) as stream:
                return _read(stream, path, dimensions, size * DEFLATE_RATIO)
    except FileNotFoundError:
        raise DataError(f"There is no file '{path}'.") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"'{path}' is damaged ({error}); {ADVICE}.") from None
    except MemoryError:
        raise DataError(f"'{path}' does not fit into this computer's memory.") from None
    except OSError as error:
        raise DataError(f"'{path}' cannot be read: {error.strerror or error}.") from None


def _read(stream: IO[bytes] | gzip.GzipFile, path: Path, dimensions: int, most: int) -> NDArray[np.uint8]:
    """``most`` is the number of bytes that the file can hold at all, unpacked."""
    shape = _read_header(stream, path, dimensions)
    claimed = math.prod(shape)
    if claimed > most:
        raise DataError(f"'{path}' is cut short: it claims {claimed:,} bytes, more than it can hold; {ADVICE}.")
    array = np.empty(shape, dtype=np.uint8)
    rest = array.reshape(-1).data
    while rest:
        got = stream.readinto(rest[:CHUNK])  # type: ignore[union-attr]
        if not got:
            raise DataError(f"'{path}' is cut short: {len(rest):,} of its {claimed:,} bytes are missing; {ADVICE}.")
        rest = rest[got:]
    if stream.read(1):  # reading past the end also makes gzip check its checksum
        raise DataError(f"'{path}' is damaged: it holds more than the {claimed:,} bytes that it claims; {ADVICE}.")
    return array


def _read_header(stream: IO[bytes] | gzip.GzipFile, path: Path, dimensions: int) -> tuple[int, ...]:
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0":
        raise DataError(f"'{path}' is not an IDX file, the format of MNIST; {ADVICE}.")
    if magic[2] != UNSIGNED_BYTE:
        raise DataError(f"'{path}' holds numbers of IDX type 0x{magic[2]:02x}, not unsigned bytes; {ADVICE}.")
    if magic[3] != dimensions:
        raise DataError(f"'{path}' has {magic[3]} dimensions instead of {dimensions}; {ADVICE}.")
    sizes = stream.read(4 * dimensions)
    if len(sizes) < 4 * dimensions:
        raise DataError(f"'{path}' is cut short in its header; {ADVICE}.")
    shape = struct.unpack(f">{dimensions}I", sizes)
    if 0 in shape:
        raise DataError(f"'{path}' is empty; {ADVICE}.")
    if max(shape[1:], default=0) > MAX_SIDE or math.prod(shape) > MAX_BYTES:
        raise DataError(f"'{path}' claims the unlikely size {' × '.join(f'{n:,}' for n in shape)}; {ADVICE}.")
    return shape
