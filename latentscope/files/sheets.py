"""A sheet of thumbnails with captions as a PNG file, drawn off the GUI thread, row by row."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from latentscope.images import enlarged
from latentscope.theme import Rgb, Theme
from trainer.pictures import check_png, save_png

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["MOST_ON_A_SHEET", "SheetCell", "sheet_steps"]

MOST_ON_A_SHEET = 1000  # images; more make a picture that nobody opens
SIDE, GAP, MARGIN = 84, 12, 28  # px, of the sheet
COLUMNS = (4, 24)  # the least and the most
RATIO = 1.6  # about the sheet's width to its height

Pictures = Callable[[NDArray[np.intp]], list[NDArray[np.uint8]]]


@dataclass(frozen=True)
class SheetCell:
    """One image of the sheet: its index, what stands below it, and the colour of its class."""

    index: int
    caption: str
    colour: Rgb | None


def sheet_steps(
    path: Path, cells: list[SheetCell], pictures: Pictures, title: str, notes: str, theme: Theme, font: QFont
) -> Iterator[float]:
    """Draw and save the sheet; each step gives the share that is done, and the file appears at the last one.

    ``pictures`` gives, for indices (M,), what is shown of them: a list of uint8 (M, H, W, C) beside each other.
    Raises OutputError.
    """
    check_png(path)
    first = pictures(np.array([cells[0].index], np.intp))
    beside = len(first)
    width = beside * SIDE + (beside - 1) * 3
    height = SIDE + 24
    columns = round((RATIO * len(cells) * (height + GAP) / (width + GAP)) ** 0.5)
    columns = min(max(columns, COLUMNS[0]), COLUMNS[1])
    rows = -(-len(cells) // columns)
    heading, words = QFont(font), QFont(font)
    heading.setPixelSize(22)
    heading.setWeight(QFont.Weight.DemiBold)
    words.setPixelSize(13)
    head = 66
    sheet = QImage(
        2 * MARGIN + columns * (width + GAP) - GAP, 2 * MARGIN + head + rows * (height + GAP) - GAP,
        QImage.Format.Format_RGB32,
    )  # fmt: skip
    sheet.fill(QColor(theme.panel))
    line = QRectF(MARGIN, MARGIN, sheet.width() - 2 * MARGIN, 28)
    with QPainter(sheet) as painter:
        draw_line(painter, line, title, heading, theme.text)
        draw_line(painter, line.translated(0, 28), notes, words, theme.muted)
    for row in range(rows):
        part = cells[row * columns : (row + 1) * columns]
        shown = pictures(np.array([cell.index for cell in part], np.intp))
        top = MARGIN + head + row * (height + GAP)
        with QPainter(sheet) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for column, cell in enumerate(part):
                left = MARGIN + column * (width + GAP)
                for i, images in enumerate(shown):
                    draw_picture(painter, images[column], left + i * (SIDE + 3), top)
                if cell.colour is not None:
                    painter.fillRect(QRectF(left, top + SIDE + 3, width, 2), QColor(*cell.colour))
                draw_line(painter, QRectF(left, top + SIDE + 6, width, 18), cell.caption, words, theme.muted, True)
        yield (row + 1) / (rows + 1)
    save_png(path, to_pillow(sheet), {"Description": f"{title}, {notes}"})
    yield 1.0


def draw_picture(painter: QPainter, picture: NDArray[np.uint8], left: int, top: int) -> None:
    """A picture in the middle of a square."""
    scale = SIDE / max(picture.shape[:2])
    width, height = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    painter.drawImage(left + (SIDE - width) // 2, top + (SIDE - height) // 2, enlarged(picture, width, height))


def draw_line(painter: QPainter, where: QRectF, text: str, font: QFont, colour: str, middle: bool = False) -> None:
    painter.setFont(font)
    painter.setPen(QColor(colour))
    elided = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, where.width())
    across = Qt.AlignmentFlag.AlignHCenter if middle else Qt.AlignmentFlag.AlignLeft
    painter.drawText(where, across | Qt.AlignmentFlag.AlignVCenter, elided)


def to_pillow(image: QImage) -> "Image.Image":
    from PIL import Image

    flat = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(flat.constBits(), np.uint8).reshape(flat.height(), flat.bytesPerLine())
    return Image.fromarray(rows[:, : flat.width() * 3].reshape(flat.height(), flat.width(), 3))
