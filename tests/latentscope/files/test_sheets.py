"""A sheet of thumbnails: every picture is on it, and nothing is left of one that was not finished."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from latentscope.files.sheets import SheetCell, sheet_steps
from latentscope.theme import DARK
from trainer.errors import OutputError


def grey(count: int, shape: tuple[int, int, int], beside: int = 1) -> object:
    """Pictures whose brightness is their index."""

    def pictures(index: NDArray[np.intp]) -> list[NDArray[np.uint8]]:
        one = np.broadcast_to(index.astype(np.uint8)[:, None, None, None], (len(index), *shape))
        return [np.ascontiguousarray(one)] * beside

    return pictures


@pytest.mark.parametrize(("count", "shape", "beside"), [(1, (8, 8, 1), 1), (57, (5, 9, 3), 2), (200, (200, 1, 1), 1)])
def test_every_picture_is_on_the_sheet(
    qapp: QApplication, tmp_path: Path, count: int, shape: tuple[int, int, int], beside: int
) -> None:
    cells = [SheetCell(i + 20, f"a long class name {i}", (250, 10, 10) if i % 2 else None) for i in range(count)]
    path = tmp_path / "a.png"
    steps = sheet_steps(path, cells, grey(count, shape, beside), "mine", "originals", DARK, QFont())  # type: ignore[arg-type]
    shares = list(steps)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    with Image.open(path) as image:
        assert image.text["Description"] == "mine, originals"
        pixels = np.array(image.convert("RGB"))
    # Where a picture is, a whole line of its pixels has its grey; the ground is of another colour.
    seen = {int(value) for value in np.unique(pixels[(pixels == pixels[..., :1]).all(axis=2)])}
    assert {cell.index for cell in cells} <= seen


def test_one_that_is_stopped_leaves_no_file(qapp: QApplication, tmp_path: Path) -> None:
    cells = [SheetCell(i, "", None) for i in range(100)]
    steps = sheet_steps(tmp_path / "a.png", cells, grey(100, (8, 8, 1)), "", "", DARK, QFont())  # type: ignore[arg-type]
    assert next(steps) < 1
    steps.close()  # type: ignore[attr-defined]
    assert list(tmp_path.iterdir()) == []


def test_another_name_is_refused_before_anything_is_drawn(qapp: QApplication, tmp_path: Path) -> None:
    steps = sheet_steps(tmp_path / "a.jpg", [], grey(1, (8, 8, 1)), "", "", DARK, QFont())  # type: ignore[arg-type]
    with pytest.raises(OutputError, match="saved as PNG"):
        next(steps)
