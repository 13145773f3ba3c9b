import errno
import io
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from trainer.errors import OutputError
from trainer.pictures import MAX_PIXELS, check_png, fitting_scale, png, save_png, sheet, sheet_size


def images(count: int, height: int = 3, width: int = 2, channels: int = 1) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (count, height, width, channels), dtype=np.uint8)


@given(st.integers(1, 12), st.integers(1, 5), st.integers(0, 3), st.integers(1, 3), st.sampled_from([1, 3]), st.data())
def test_every_image_lies_in_its_place(
    count: int, columns: int, gap: int, scale: int, channels: int, data: st.DataObject
) -> None:
    given_images = images(count, channels=channels)
    page = np.asarray(sheet(given_images, columns, gap=gap, scale=scale, background=255))
    assert page.shape[:2] == sheet_size(count, (3, 2, channels), columns, gap=gap, scale=scale)
    assert page.ndim == (2 if channels == 1 else 3)
    page = page.reshape(*page.shape[:2], channels)
    index = data.draw(st.integers(0, count - 1))
    top, left = index // columns * (3 * scale + gap), index % columns * (2 * scale + gap)
    cell = page[top : top + 3 * scale, left : left + 2 * scale]
    assert (cell[::scale, ::scale] == given_images[index]).all()
    assert (cell == cell[::scale, ::scale].repeat(scale, 0).repeat(scale, 1)).all()


def test_what_is_left_over_is_background() -> None:
    page = np.asarray(sheet(np.zeros((3, 2, 2, 1), np.uint8), 2, gap=1, background=200))
    assert page.shape == (5, 5)
    assert (page == 200).sum() == 25 - 3 * 4
    assert (page[3:, 3:] == 200).all()


def test_an_atlas_has_no_gaps() -> None:
    page = sheet(images(6, 4, 4), 3)
    assert (page.size, page.mode) == ((12, 8), "L")
    assert sheet(images(6, 4, 4, 3), 6).mode == "RGB"


def test_a_picture_that_is_too_large_is_not_begun() -> None:
    with pytest.raises(OutputError, match=r"^A picture of 20,000 × 20,000 pixels is too large; ask for fewer"):
        sheet_size(40_000, (100, 100, 1), 200)
    with pytest.raises(OutputError, match="too large"):
        sheet(images(1), 1, scale=MAX_PIXELS)


def test_scales_fit() -> None:
    assert fitting_scale((28, 28, 1), 280) == 10
    assert fitting_scale((8, 10, 3), 112) == 11
    assert fitting_scale((500, 20, 1), 280) == 1


def test_a_png_says_where_it_comes_from() -> None:
    with Image.open(io.BytesIO(png(sheet(images(1), 1), {"Description": "β = 1"}))) as picture:
        assert picture.format == "PNG"
        assert picture.info == {"Software": "Latentscope", "Description": "β = 1"}
        assert (np.asarray(picture) == images(1)[0, :, :, 0]).all()


def test_saving(tmp_path: Path) -> None:
    save_png(tmp_path / "a.PNG", sheet(images(1), 1))
    with Image.open(tmp_path / "a.PNG") as picture:
        assert picture.size == (2, 3)
    for name in ("a.jpg", "a"):
        with pytest.raises(OutputError, match=f"ends with .png instead of '{name}'"):
            check_png(name)
        with pytest.raises(OutputError):
            save_png(tmp_path / name, sheet(images(1), 1))
    with pytest.raises(OutputError, match=r"b.png was not saved in .*missing, because there is no such file or folder"):
        save_png(tmp_path / "missing" / "b.png", sheet(images(1), 1))


def test_a_full_disk_keeps_the_old_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old")

    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, "no")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(OutputError, match=r"a\.png was not saved in .*, because the disk is full\.$"):
            save_png(path, sheet(images(1), 1))
    assert path.read_bytes() == b"old"
