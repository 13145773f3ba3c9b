from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QImage

from latentscope.exporting import save_png, sheet
from latentscope.images import enlarged, to_qimage
from trainer.errors import TrainerError


@pytest.mark.parametrize("channels", [1, 3])
def test_a_sheet_keeps_every_pixel(tmp_path: Path, channels: int) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (3, 5, 7, channels), dtype=np.uint8)
    save_png(sheet(pictures), tmp_path / "strip.png")
    read = np.array(Image.open(tmp_path / "strip.png").convert("RGB"))
    scale = read.shape[0] // 5
    assert read.shape == (5 * scale, 3 * 7 * scale, 3)
    expected = np.broadcast_to(pictures.transpose(1, 0, 2, 3).reshape(5, 21, channels), (5, 21, 3))
    assert np.array_equal(read[::scale, ::scale], expected)


@pytest.mark.parametrize("channels", [1, 3])
def test_enlarging_keeps_the_colours(channels: int) -> None:
    picture = np.full((4, 4, channels), 200, np.uint8)
    image = enlarged(picture, 33, 21)
    assert (image.width(), image.height()) == (33, 21)
    assert image.pixelColor(20, 10).red() == 200


def test_an_image_is_a_copy_of_its_own() -> None:
    picture = np.zeros((2, 3, 1), np.uint8)
    image = to_qimage(picture)
    picture[:] = 255
    assert image.pixelColor(1, 1).red() == 0


def test_no_picture_is_said(tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match="no picture"):
        save_png(QImage(), tmp_path / "x.png")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said_and_the_old_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = sheet(np.zeros((1, 2, 2, 1), np.uint8))
    with pytest.raises(TrainerError, match=r"x.png could not be saved because there is no such"):
        save_png(image, tmp_path / "missing" / "x.png")
    old = tmp_path / "old.png"
    old.write_bytes(b"precious")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(TrainerError, match="the disk is full"):
        save_png(image, old)
    assert old.read_bytes() == b"precious"
    assert [path.name for path in tmp_path.iterdir()] == ["old.png"]
