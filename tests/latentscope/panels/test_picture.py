"""A decoded picture, its round corners and its border."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from latentscope.panels.picture import PictureView
from latentscope.theme import DARK, LIGHT


def drawn(view: PictureView, ratio: float = 1.0) -> QImage:
    image = QImage(round(view.width() * ratio), round(view.height() * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("magenta"))
    with QPainter(image) as painter:
        view.render(painter, QPoint())
    image.setDevicePixelRatio(1)
    return image


def colour(image: QImage, x: float, y: float) -> str:
    return image.pixelColor(int(x), int(y)).name()


@pytest.fixture
def view(qtbot: QtBot) -> PictureView:
    result = PictureView(DARK)
    qtbot.addWidget(result)
    result.resize(300, 200)  # the picture is 200 wide, from 50 on
    result.show_picture(np.full((28, 28, 1), 200, np.uint8))
    return result


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_the_picture_has_round_corners_and_leaves_no_pixel_unpainted(view: PictureView, ratio: float) -> None:
    image = drawn(view, ratio)
    grey, ground = "#c8c8c8", QColor(DARK.panel).name()
    middle, bottom = 150 * ratio, 200 * ratio - 1
    assert [colour(image, middle, y) for y in (0, bottom / 2, bottom)] == [grey] * 3
    assert [colour(image, x * ratio, y) for x in (51, 248) for y in (0, bottom)] == [ground] * 4
    assert colour(image, 20 * ratio, bottom / 2) == ground
    every = {colour(image, x, y) for x in range(image.width()) for y in range(image.height())}
    assert QColor("magenta").name() not in every


def test_the_border_and_the_theme_are_those_of_now(view: PictureView) -> None:
    plain = drawn(view)
    view.set_border("#ff0000")
    image = drawn(view)
    assert [colour(image, x, 100) for x in (50, 52, 53, 150, 246, 247, 249)] == [
        "#ff0000", "#ff0000", "#c8c8c8", "#c8c8c8", "#c8c8c8", "#ff0000", "#ff0000",
    ]  # fmt: skip
    assert [colour(image, 150, y) for y in (0, 2, 3, 196, 197, 199)] == [
        "#ff0000", "#ff0000", "#c8c8c8", "#c8c8c8", "#ff0000", "#ff0000",
    ]  # fmt: skip
    view.set_border(None)
    assert drawn(view) == plain
    view.set_theme(LIGHT)
    assert colour(drawn(view), 51, 0) == QColor(LIGHT.panel).name()
    view.resize(120, 300)
    image = drawn(view)
    ground = QColor(LIGHT.panel).name()
    assert [colour(image, 60, y) for y in (80, 150, 220)] == [ground, "#c8c8c8", ground]


def test_words_take_the_place_of_a_picture(view: PictureView) -> None:
    view.show_text("No model is open.")
    assert view.text == "No model is open."
    assert colour(drawn(view), 60, 10) == QColor(DARK.panel).name()
    for width, height in ((1, 3), (3, 1), (700, 3)):
        view.show_picture(np.zeros((height, width, 3), np.uint8))
        view.resize(8, 8)
        assert colour(drawn(view), 0, 0) != QColor("magenta").name()
