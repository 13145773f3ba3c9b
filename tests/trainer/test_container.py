import errno
import io
import os
import pickle
import struct
import sys
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from trainer.container import open_container
from trainer.errors import ModelFileError
from trainer.files import read_model


def check_sentence(error: BaseException, name: str) -> None:
    text = str(error)
    assert name in text
    assert text.endswith(".")
    assert len(text) < 400
    assert "\n" not in text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300) | st.binary(max_size=80).map(lambda end: struct.pack("<Q", len(end) + 1) + b"{" + end))
def test_garbage_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "garbage.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelFileError) as caught:
        read_model(path)
    check_sentence(caught.value, path.name)


class Evil:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, (str(self.path),))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_named_and_never_opened(tmp_path: Path, protocol: int) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(pickle.dumps(Evil(tmp_path / "executed"), protocol))
    with pytest.raises(ModelFileError, match=r"model.safetensors is a Python pickle; Latentscope never opens pickles"):
        read_model(path)
    assert not (tmp_path / "executed").exists()


def zipped(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, b"x" * 50)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is a PNG picture"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "is a web page; probably its download went wrong"),
        (zipped("archive/data.pkl"), "is a PyTorch checkpoint, which is a Python pickle"),
        (zipped("images.npy"), "is a NumPy archive"),
        (zipped("a.txt"), "is a zip archive"),
        (b'{"a": 1, "b": [1, 2, 3]}', "is a JSON text"),
        (b"Dear reader,\nthis is a letter.\n", "is a text"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "is a Git LFS pointer"),
        (bytes(range(256)), "is not a safetensors file"),
        (b"\x80", "is not a safetensors file"),
    ],
)
def test_other_kinds_are_named_by_their_bytes(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=words) as caught:
        read_model(path)
    check_sentence(caught.value, path.name)


def raw(tmp_path: Path, header: str | bytes, data: bytes = b"", length: int | None = None) -> Path:
    text = header.encode() if isinstance(header, str) else header
    path = tmp_path / "raw.safetensors"
    path.write_bytes(struct.pack("<Q", len(text) if length is None else length) + text + data)
    return path


def tensor(shape: str, begin: int, end: int, dtype: str = "F32") -> str:
    return f'{{"dtype": "{dtype}", "shape": {shape}, "data_offsets": [{begin}, {end}]}}'


@pytest.mark.parametrize(
    ("header", "data", "words"),
    [
        ('{"a": 1}', b"", "does not describe 'a' properly"),
        ("{not json at all}", b"", "not JSON from character 1 on"),
        (b'{"\xff": 1}', b"", "not UTF-8"),
        ('{"a": ' + "[" * 100_000, b"", "not readable"),
        ('{"a": NaN, "b": 12}', b"", "NaN is not a number"),
        ('{"a": ' + "9" * 5000 + "}", b"", "header is not readable"),
        (f'{{"a": {tensor("[1]", 0, 4)}, "a": {tensor("[1]", 0, 4)}}}', b"1234", "a name occurs twice"),
        (f'{{"a": {tensor("[1000000000, 1000000]", 0, 4)}}}', b"1234", "size of 'a' does not go with its shape"),
        (f'{{"a": {tensor("[-1]", 0, 4)}}}', b"1234", "does not describe 'a'"),
        (f'{{"a": {tensor("[1.0]", 0, 4)}}}', b"1234", "does not describe 'a'"),
        (f'{{"a": {tensor("[0, 99999999999999999999]", 0, 0)}}}', b"", "does not describe 'a'"),
        (f'{{"a": {tensor("[1]", 4, 0)}}}', b"1234", "size of 'a'"),
        (f'{{"a": {tensor("[1]", 2, 6)}}}', b"123456", "'a' does not begin where"),
        (f'{{"a": {tensor("[1]", 0, 4)}, "b": {tensor("[1]", 0, 4)}}}', b"1234", "'b' does not begin where"),
        (f'{{"a": {tensor("[2]", 0, 8)}}}', b"1234", "it was cut short"),
        (f'{{"a": {tensor("[1]", 0, 4)}}}', b"12345", "more in it than its header says"),
        (f'{{"a": {tensor("[1]", 0, 4, "BOOL")}}}', b"1234", "keeps 'a' as BOOL"),
        ('{"__metadata__": {"latentscope": 3}}', b"", "metadata is not text"),
        ('{"__metadata__": {"latentscope": "{"}}', b"", "description is not readable"),
        ('{"__metadata__": {"latentscope": "[]"}}', b"", "description is not readable"),
        ('{"__metadata__": {}}', b"", "of another program"),
    ],
)
def test_a_header_that_lies_is_refused(tmp_path: Path, header: str | bytes, data: bytes, words: str) -> None:
    path = raw(tmp_path, header, data)
    with pytest.raises(ModelFileError, match=words) as caught:
        read_model(path)
    check_sentence(caught.value, path.name)


@pytest.mark.parametrize("length", [2**63, 2**40, 17 * 2**20])
def test_a_huge_header_is_not_read(tmp_path: Path, length: int) -> None:
    path = raw(tmp_path, "{", length=length)
    with path.open("r+b") as file:
        file.truncate(18 * 2**20)  # a hole, which takes no room
    tracemalloc.start()
    with pytest.raises(ModelFileError, match=r"cut short|header of 17 MB"):
        read_model(path)
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="files with holes are not everywhere free")
def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    count = 2**31 - 1
    path = raw(tmp_path, f'{{"weights.a": {tensor(f"[{count}, 1]", 0, 4 * count)}}}')
    with path.open("r+b") as file:
        file.truncate(2**33)
    with pytest.raises(ModelFileError, match="larger than the 4 GB"):
        read_model(path)


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"There is no file .*missing\.safetensors"):
        read_model(tmp_path / "missing.safetensors")
    with pytest.raises(ModelFileError, match="is a folder"):
        read_model(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(ModelFileError, match="is a device"):
            read_model(tmp_path / "pipe")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_file({"weights.a": np.ones(3, np.float32)}, tmp_path / "a.safetensors", {"latentscope": "{}"})

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        with pytest.raises(ModelFileError, match=r"^a.safetensors cannot be read, because permission is denied\.$"):
            read_model(tmp_path / "a.safetensors")


def test_memory_that_does_not_suffice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_file({"weights.a": np.ones(3, np.float32)}, tmp_path / "a.safetensors", {"latentscope": "{}"})

    def refuse(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(np, "frombuffer", refuse)
        with (
            pytest.raises(ModelFileError, match=r"^a\.safetensors does not fit into this computer's memory\.$"),
            open_container(tmp_path / "a.safetensors") as container,
        ):
            container.read("weights.a")


def test_a_file_that_shrinks_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_file({"weights.a": np.ones(30_000, np.float32)}, path)
    with open_container(path) as container:
        os.truncate(path, 1000)
        with pytest.raises(ModelFileError, match=r"ends in the middle of 'weights\.a'"):
            container.read("weights.a")
