"""Selections as files: what is written is what is read, whole or not at all."""

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from trainer.analysis import selections
from trainer.analysis.selections import array_steps, index_text, table_steps
from trainer.errors import OutputError
from trainer.files import Codes

RANDOM = np.random.default_rng(5)
NAMES = ("shirt", 'a "coat", long', "Schuh ß")
INDEX = np.array([1, 2, 5, 8])
CODES = Codes(
    RANDOM.normal(size=(9, 3)).astype(np.float32),
    RANDOM.normal(size=(9, 3)).astype(np.float32),
    np.array([0, 1, 2, 0, 1, 2, 0, 1, 7]),
)


def finish(steps: Iterator[float]) -> None:
    shares = list(steps)
    assert shares == sorted(shares)
    assert shares[-1] == 1


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_a_table_gives_the_same_numbers_back(tmp_path: Path) -> None:
    finish(table_steps(tmp_path / "a.csv", CODES, INDEX, NAMES, logvar=True))
    head, *lines = rows(tmp_path / "a.csv")
    assert head == ["index", "label", "class", "z0", "z1", "z2", "logvar0", "logvar1", "logvar2"]
    assert [line[0] for line in lines] == ["1", "2", "5", "8"]
    assert [line[2] for line in lines] == [NAMES[1], NAMES[2], NAMES[2], "7"]
    numbers = np.array([line[3:] for line in lines], float).astype(np.float32)
    assert CODES.logvar is not None
    assert np.array_equal(numbers, np.hstack([CODES.mean, CODES.logvar])[INDEX])


def test_without_labels_the_columns_are_empty(tmp_path: Path) -> None:
    finish(table_steps(tmp_path / "a.csv", Codes(CODES.mean), INDEX, (), logvar=True))
    head, first, *_ = rows(tmp_path / "a.csv")
    assert head == ["index", "label", "class", "z0", "z1", "z2"]
    assert first[1:3] == ["", ""]


@pytest.mark.parametrize("step", [2**20, 8])
def test_arrays_are_read_back_without_pickle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    monkeypatch.setattr(selections, "STEP_BYTES", step)
    images = RANDOM.integers(0, 256, (12, 4, 5, 3), np.uint8)  # more images than codes
    finish(array_steps(tmp_path / "a.npz", CODES, INDEX, NAMES, images))
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        assert set(file) == {"index", "mean", "logvar", "labels", "images", "class_names"}
        assert file["index"].tolist() == INDEX.tolist()
        assert np.array_equal(file["mean"], CODES.mean[INDEX])
        assert np.array_equal(file["logvar"], CODES.logvar[INDEX])
        assert np.array_equal(file["labels"], CODES.labels[INDEX])
        assert np.array_equal(file["images"], images[INDEX])
        assert tuple(file["class_names"]) == NAMES


def test_arrays_have_what_there_is(tmp_path: Path) -> None:
    tokens = RANDOM.integers(0, 9, (9, 2, 2)).astype(np.int16)
    finish(array_steps(tmp_path / "a.npz", Codes(np.asfortranarray(CODES.mean), tokens=tokens), INDEX, (), None))
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        assert set(file) == {"index", "mean", "tokens"}
        assert np.array_equal(file["mean"], CODES.mean[INDEX])
        assert np.array_equal(file["tokens"], tokens[INDEX])


@pytest.mark.parametrize("kind", ["csv", "npz"])
def test_whoever_stops_in_between_leaves_no_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    steps = table_steps(path, CODES, INDEX, NAMES) if kind == "csv" else array_steps(path, CODES, INDEX, NAMES, None)
    assert next(iter(steps)) < 1
    steps.close()  # type: ignore[attr-defined]
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_lies_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"ends with \.csv; 'a\.txt' does not\.$"):
        finish(table_steps(tmp_path / "a.txt", CODES, INDEX, NAMES))
    with pytest.raises(OutputError, match=r"ends with \.npz"):
        finish(array_steps(tmp_path / "a", CODES, INDEX, NAMES, None))


@pytest.mark.parametrize("fault", ["missing", "full"])
def test_a_disk_that_refuses_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    if fault == "missing":
        with pytest.raises(OutputError, match=r"because there is no such file or folder\.$"):
            finish(table_steps(tmp_path / "no" / "a.csv", CODES, INDEX, NAMES))
    else:

        def full(_: int) -> None:
            raise OSError(28, os.strerror(28))

        monkeypatch.setattr("trainer.atomic.os.fsync", full)
        with pytest.raises(OutputError, match=r"because the disk is full\.$"):
            finish(table_steps(path, CODES, INDEX, NAMES))
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["a.csv"]


def test_indices_are_text_to_paste() -> None:
    assert index_text(np.array([3, 14])) == "3, 14"
    assert index_text(np.array([], np.intp)) == ""
