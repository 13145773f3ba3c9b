from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QColor, QImage

from latentscope.files.exporting import export_pictures, export_view
from latentscope.images import enlarged, to_qimage
from trainer.errors import OutputError


@pytest.mark.parametrize("channels", [1, 3])
def test_a_strip_keeps_every_pixel_and_says_what_it_shows(tmp_path: Path, channels: int) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (3, 5, 7, channels), dtype=np.uint8)
    export_pictures(tmp_path / "strip.png", pictures, "mine, z = (+1.00)")
    with Image.open(tmp_path / "strip.png") as image:
        assert image.text["Description"] == "mine, z = (+1.00)"
        read = np.array(image.convert("RGB"))
    scale = read.shape[0] // 5
    assert read.shape == (5 * scale, 3 * 7 * scale, 3)
    expected = np.broadcast_to(pictures.transpose(1, 0, 2, 3).reshape(5, 21, channels), (5, 21, 3))
    assert np.array_equal(read[::scale, ::scale], expected)


def test_a_view_keeps_every_pixel(tmp_path: Path) -> None:
    # A width that is no multiple of four, so that the rows of the image have padding.
    view = QImage(13, 7, QImage.Format.Format_RGB32)
    view.fill(QColor("#102030"))
    view.setPixelColor(12, 6, QColor("#ff8000"))
    export_view(tmp_path / "map.png", view, "mine")
    with Image.open(tmp_path / "map.png") as image:
        assert image.size == (13, 7)
        assert image.getpixel((0, 0)) == (0x10, 0x20, 0x30)
        assert image.getpixel((12, 6)) == (0xFF, 0x80, 0x00)


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
    with pytest.raises(OutputError, match="no picture"):
        export_pictures(tmp_path / "x.png", None, "")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"x.png was not saved in .*missing, because there is no such"):
        export_pictures(tmp_path / "missing" / "x.png", np.zeros((1, 2, 2, 1), np.uint8), "")
