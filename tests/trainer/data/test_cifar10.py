"""CIFAR-10: the published archive (made here, as small as it gets), a file with some of the images, and bad ones."""

import gzip
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from trainer.data import cifar10 as source
from trainer.data import download, download_size, is_at_hand, load_dataset
from trainer.errors import DataError

IMAGES = 20  # of each member, here


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "BATCH", IMAGES)


def _member(first: int) -> bytes:
    """Records as published: a label, then three planes; the green plane counts the rows, the blue one the columns."""
    records = np.zeros((IMAGES, 1 + 3 * 1024), np.uint8)
    records[:, 0] = np.arange(IMAGES) % 10
    planes = records[:, 1:].reshape(IMAGES, 3, 32, 32)
    planes[:, 0] = (first + np.arange(IMAGES))[:, None, None]
    planes[:, 1] = np.arange(32)[:, None]
    planes[:, 2] = np.arange(32)
    return records.tobytes()


def _members() -> dict[str, bytes]:
    names = [f"data_batch_{number}.bin" for number in range(1, 6)]
    parts = {name: _member(IMAGES * i) for i, name in enumerate(names)}
    files = {"batches.meta.txt": b"airplane\n", "readme.html": b"<html>", "test_batch.bin": _member(200)}
    return {f"cifar-10-batches-bin/{name}": content for name, content in (files | parts).items()}


def _archive(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        folder = tarfile.TarInfo("cifar-10-batches-bin/")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return gzip.compress(out.getvalue(), 1, mtime=0)


def _put(cache: Path, content: bytes) -> Path:
    path = cache / "data" / "cifar10" / "cifar-10-binary.tar.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _save_part(folder: Path, **changes: np.ndarray) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    arrays = {
        "train_images": random.integers(0, 256, (30, 32, 32, 3), np.uint8),
        "train_labels": np.arange(30) % 7,
        "test_images": random.integers(0, 256, (10, 32, 32, 3), np.uint8),
        "test_labels": np.arange(10) % 7,
    }
    path = folder / "cifar10_10k.npz"
    np.savez(path, **(arrays | changes))
    return path


def test_the_archive_is_read_in_order_with_its_planes_as_channels(cache: Path) -> None:
    assert not is_at_hand("cifar10")
    path = _put(cache, _archive(dict(reversed(_members().items()))))  # however its members are ordered
    assert is_at_hand("cifar10")
    data = load_dataset("cifar10")
    assert data.train_images.shape == (100, 32, 32, 3) and data.test_images.shape == (20, 32, 32, 3)
    assert data.train_images[:, 0, 0, 0].tolist() == list(range(100)), "red: the number of the image"
    assert data.test_images[:, 0, 0, 0].tolist() == list(range(200, 220))
    assert (data.train_images[3, :, 5, 1] == np.arange(32)).all(), "green: rows"
    assert (data.train_images[3, 5, :, 2] == np.arange(32)).all(), "blue: columns"
    assert data.train_images.dtype == np.uint8 and data.train_images.flags.c_contiguous
    assert data.test_labels is not None and data.test_labels.tolist() == [i % 10 for i in range(20)]
    assert data.class_names == source.CLASS_NAMES
    assert data.name == "cifar10"
    assert list(path.parent.iterdir()) == [path], "nothing is unpacked to the disk"


def test_the_full_set_wins_over_a_part_of_it(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATENTSCOPE_DATA", str(tmp_path / "own"))
    _save_part(tmp_path / "own" / "cifar10")
    part = load_dataset("cifar10")
    assert len(part.train_images) == 30 and len(part.test_images) == 10
    assert len(part.class_names) == 10, "also where the part has images of seven only"
    path = _put(cache, _archive(_members()))
    assert len(load_dataset("cifar10").train_images) == 100
    path.unlink()
    assert len(load_dataset("cifar10").train_images) == 30


def _changed(name: str, content: bytes | None) -> dict[str, bytes]:
    members = _members()
    del members[f"cifar-10-batches-bin/{name}"]
    return members if content is None else members | {f"cifar-10-batches-bin/{name}": content}


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: _archive(_members())[:-3000], "is damaged|cut short"),
        (lambda: b"not gzip at all", "is damaged"),
        (lambda: b"", "is damaged"),
        (lambda: gzip.compress(b"not a tar" * 1000), "is damaged"),
        (lambda: _archive(_changed("data_batch_3.bin", None)), "lacks 'cifar-10-batches-bin/data_batch_3.bin'"),
        (
            lambda: _archive(_changed("test_batch.bin", b"short")),
            "its 'cifar-10-batches-bin/test_batch.bin' is another",
        ),
        (lambda: _archive(_changed("test_batch.bin", b"\x0a" + _member(0)[1:])), "holds the label 10"),
        (lambda: _archive({"../../escaped.bin": b"x"}), "lacks"),
    ],
)
def test_bad_archives(cache: Path, make: Callable[[], bytes], match: str) -> None:
    path = _put(cache, make())
    with pytest.raises(DataError, match=match) as caught:
        load_dataset("cifar10")
    assert str(path) in str(caught.value) and str(caught.value).endswith("fetch it again or replace it.")


def test_a_link_in_place_of_a_member_is_not_followed(cache: Path, tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        link = tarfile.TarInfo("cifar-10-batches-bin/data_batch_1.bin")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    _put(cache, gzip.compress(out.getvalue()))
    with pytest.raises(DataError, match=r"data_batch_1\.bin' is another"):
        load_dataset("cifar10")


def test_an_archive_that_unpacks_without_end_is_given_up(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST_UNPACKED", 1_000_000)
    _put(cache, _archive({"large": bytes(4_000_000)} | _members()))
    with pytest.raises(DataError, match="holds far more than that"):
        load_dataset("cifar10")


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        (
            {"train_images": np.eye(8)[None].repeat(30, 0), "test_images": np.eye(8)[None].repeat(10, 0)},
            "holds images of 8 × 8 × 1",
        ),
        ({"train_labels": np.arange(30)}, "holds labels of 30 classes"),
        ({"train_labels": np.arange(3)}, "3 labels for 30 images"),
    ],
)
def test_bad_parts(cache: Path, changes: dict[str, np.ndarray], match: str) -> None:
    path = _save_part(cache / "data" / "cifar10", **changes)
    with pytest.raises(DataError, match=match) as caught:
        load_dataset("cifar10")
    assert str(path) in str(caught.value)


def test_what_is_not_at_hand_says_how_to_get_it(cache: Path) -> None:
    with pytest.raises(DataError) as caught:
        load_dataset("cifar10")
    text = str(caught.value)
    assert str(cache / "data" / "cifar10") in text and text.endswith("latentscope-trainer download cifar10")


def test_the_download_is_that_of_the_published_archive(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert download_size("cifar10") == 170_052_171
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(source, "fetch", lambda *arguments: asked.append(arguments))
    download("cifar10")
    [(title, files, mirrors, folder, _, _)] = asked
    assert (title, files, folder) == ("CIFAR-10", [source.ARCHIVE], cache / "data" / "cifar10")
    assert mirrors == ("https://www.cs.toronto.edu/~kriz/",)
    assert source.ARCHIVE.md5 == "c32a1d4ab5d03f1284b67883e8d87530"


def test_real_images(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATENTSCOPE_DATA", str(data_folder))
    if not is_at_hand("cifar10"):
        pytest.skip("CIFAR-10 is not in LATENTSCOPE_DATA")
    data = load_dataset("cifar10")
    assert data.image_shape == (32, 32, 3) and data.classes == 10
    assert data.test_labels is not None and data.train_labels is not None
    assert data.test_labels[:5].tolist() == [3, 8, 8, 0, 6]
    assert [data.class_names[i] for i in (3, 8, 0, 6)] == ["cat", "ship", "airplane", "frog"]
    assert data.train_labels[:5].tolist() == [6, 9, 9, 4, 1]
    # The published means over the training images are 0.491, 0.482, 0.447; ten thousand of them come close.
    assert data.train_images.mean((0, 1, 2)) / 255 == pytest.approx([0.491, 0.482, 0.447], abs=0.005)
