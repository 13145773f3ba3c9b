"""Reading safetensors that nobody vouches for: everything is checked before memory is taken, nothing is executed.

The format: 8 bytes, the header's length (little-endian); the header, a JSON object {name: {dtype, shape,
data_offsets}} with text under "__metadata__"; then the tensors' bytes, without gaps
(https://github.com/huggingface/safetensors#format).
"""

import codecs
import json
import math
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from trainer.atomic import reason
from trainer.errors import ModelFileError

__all__ = ["Container", "open_container", "parse_json"]

MAX_HEADER = 16 * 2**20
MAX_FILE = 4 * 2**30
MAX_TENSORS = 20_000
MAX_SIDE = 2**31 - 1
MAX_DIMENSIONS = 8

_DTYPES = {"F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2"}

_NOT_PICKLE = "Latentscope never opens pickles, because they can run any program; save the weights as safetensors"
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"\x93NUMPY", "a NumPy array (.npy); open it as a data set"),
    (b"\x89HDF\r\n", "an HDF5 file, as Keras writes them; save the weights as safetensors"),
    (b"GGUF", "a GGUF file; save the weights as safetensors"),
    (b"\x1f\x8b", "a gzip archive; unpack it first"),
    (b"BZh", "a bzip2 archive; unpack it first"),
    (b"\xfd7zXZ", "an xz archive; unpack it first"),
    (b"version https://git-lfs", "a Git LFS pointer instead of the file itself; fetch it with 'git lfs pull'"),
)


@dataclass(frozen=True)
class _Tensor:
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True, eq=False)
class Container:
    """An open, checked safetensors file. ``name`` is what messages call it."""

    name: str
    metadata: dict[str, str]
    tensors: dict[str, _Tensor]
    start: int
    file: BinaryIO

    def dtype(self, tensor: str) -> str:
        """As the format names it: F32, F16, I64, I32 or I16."""
        return self.tensors[tensor].dtype

    def shape(self, tensor: str) -> tuple[int, ...]:
        return self.tensors[tensor].shape

    def read(self, tensor: str) -> NDArray[Any]:
        """The tensor, in its own type. Raises ModelFileError if the file has become shorter meanwhile."""
        entry = self.tensors[tensor]
        self.file.seek(self.start + entry.begin)
        data = bytearray(entry.end - entry.begin)  # writable, unlike bytes, and so is the array
        if self.file.readinto(data) != len(data):  # type: ignore[attr-defined]
            raise ModelFileError(f"{self.name} ends in the middle of '{tensor}'; it was cut short.")
        return np.frombuffer(data, np.dtype(_DTYPES[entry.dtype])).reshape(entry.shape)


@contextmanager
def open_container(path: str | Path) -> Iterator[Container]:
    """Check a safetensors file's header and hold the file open. Raises ModelFileError in one sentence."""
    path = Path(path)
    name = path.name or str(path)
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):  # looked at before it is opened: opening a pipe would wait for ever
            raise ModelFileError(f"{name} is {'a folder' if stat.S_ISDIR(mode) else 'a device'}, not a model file.")
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            yield _check(name, file, size)
    except FileNotFoundError:
        raise ModelFileError(f"There is no file {path}.") from None
    except OSError as error:
        raise ModelFileError(f"{name} cannot be read, because {reason(error)}.") from None
    except MemoryError:
        raise ModelFileError(f"{name} does not fit into this computer's memory.") from None


def _check(name: str, file: BinaryIO, size: int) -> Container:
    if size == 0:
        raise ModelFileError(f"{name} is empty.")
    head = file.read(min(size, 1024))
    length = int.from_bytes(head[:8], "little")
    if size < 10 or not 2 <= length <= size - 8 or head[8:9] != b"{":
        raise ModelFileError(f"{name} {_guess(head, size, length)}.")
    if length > MAX_HEADER:
        raise ModelFileError(f"{name} has a header of {length / 2**20:.0f} MB, which no model needs; it is damaged.")
    if size > MAX_FILE:
        raise ModelFileError(f"{name} is larger than the {MAX_FILE // 2**30} GB that Latentscope opens.")
    file.seek(8)
    try:
        header = parse_json(file.read(length))
    except ValueError as error:
        raise ModelFileError(f"{name} is damaged: its header is not readable ({error}).") from None
    if not isinstance(header, dict):
        raise ModelFileError(f"{name} is damaged: its header is not a list of tensors.")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise ModelFileError(f"{name} is damaged: its header's metadata is not text.")
    if len(header) > MAX_TENSORS:
        raise ModelFileError(f"{name} holds {len(header):,} tensors, more than any model that Latentscope can open.")
    tensors = {tensor: _entry(name, tensor, entry) for tensor, entry in header.items()}
    position = 0
    for tensor, entry in sorted(tensors.items(), key=lambda item: (item[1].begin, item[1].end)):
        if entry.begin != position:
            raise ModelFileError(f"{name} is damaged: '{tensor}' does not begin where the tensor before it ends.")
        position = entry.end
    if 8 + length + position != size:
        fault = "it was cut short" if 8 + length + position > size else "there is more in it than its header says"
        raise ModelFileError(f"{name} is damaged: {fault}.")
    return Container(name, metadata, tensors, 8 + length, file)


def _entry(name: str, tensor: str, entry: Any) -> _Tensor:
    entry = entry if isinstance(entry, dict) else {}
    dtype, shape, offsets = entry.get("dtype"), entry.get("shape"), entry.get("data_offsets")
    if not (isinstance(dtype, str) and _whole(shape, MAX_SIDE) and _whole(offsets, MAX_FILE) and len(offsets) == 2):
        raise ModelFileError(f"{name} is damaged: its header does not describe '{tensor[:80]}' properly.")
    if dtype not in _DTYPES:
        raise ModelFileError(f"{name} keeps '{tensor[:80]}' as {dtype[:20]}; Latentscope reads {', '.join(_DTYPES)}.")
    begin, end = offsets
    if len(shape) > MAX_DIMENSIONS or end - begin != math.prod(shape) * np.dtype(_DTYPES[dtype]).itemsize:
        raise ModelFileError(f"{name} is damaged: the size of '{tensor[:80]}' does not go with its shape.")
    return _Tensor(dtype, tuple(shape), begin, end)


def _whole(value: Any, limit: int) -> bool:
    return isinstance(value, list) and all(type(part) is int and 0 <= part <= limit for part in value)


def parse_json(data: bytes | str) -> Any:
    """Strict JSON: no key twice, no NaN, nothing nested beyond reason. Raises ValueError."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        content = dict(pairs)
        if len(content) < len(pairs):
            raise ValueError("a name occurs twice")
        return content

    def refuse(constant: str) -> Any:
        raise ValueError(f"{constant} is not a number")

    try:
        return json.loads(data, object_pairs_hook=unique, parse_constant=refuse)
    except UnicodeDecodeError:
        raise ValueError("not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON from character {error.pos} on") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _guess(head: bytes, size: int, length: int) -> str:
    """What a file that is no safetensors file seems to be, as the rest of a sentence that begins with its name."""
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return f"is {kind}"
    if head.startswith(b"PK\x03\x04"):
        if b"data.pkl" in head or b".pkl" in head:
            return f"is a PyTorch checkpoint, which is a Python pickle; {_NOT_PICKLE}"
        if b".npy" in head:
            return "is a NumPy archive (.npz); open it as a data set"
        return "is a zip archive, not a model file"
    text = head.lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html", b"<?xml")):
        return "is a web page; probably its download went wrong, so fetch it again"
    if _is_pickle(head):
        return f"is a Python pickle; {_NOT_PICKLE}"
    if head[8:9] == b"{" and length > size - 8:
        return "is damaged: it was cut short"
    if text.startswith((b"{", b"[")):
        return "is a JSON text, not a model file"
    if _is_text(head):
        return "is a text, not a model file"
    return "is not a safetensors file, or its beginning is damaged"


def _is_text(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # incremental: the last letter may be cut in two
    except UnicodeDecodeError:
        return False
    return not any(byte < 9 or 13 < byte < 32 for byte in head)


def _is_pickle(head: bytes) -> bool:
    if head[:1] == b"\x80" and head[1:2] in (b"\x01", b"\x02", b"\x03", b"\x04", b"\x05"):
        return True
    # Protocol 0 is text: a global by name ("cmodule\nname\n"), or a mark with a list, dict or tuple behind it.
    return (head[:1] == b"c" and head.count(b"\n") >= 2 and head.split(b"\n")[0][1:].replace(b".", b"").isalnum()) or (
        head[:2] in (b"(l", b"(d", b"(t", b"(c", b"(i")
    )
