"""Words as outlines, which are always the same."""

import math
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPen, QRawFont, QTransform

from latentscope.map.scene import Scene

__all__ = ["draw_words", "words_as_outlines"]


def draw_words(painter: QPainter, scene: Scene, where: QPointF, text: str, ink: QColor, halo: QPen) -> None:
    """Draw words on a halo, their baseline beginning at ``where``. While the camera moves they are copied from a
    picture, to a whole pixel: five halos take as long as all points. So they are to be drawn again when it rests."""
    if not scene.moving:
        words = words_as_outlines(where, text, scene.font)
        painter.strokePath(words, halo)
        painter.fillPath(words, ink)
        return
    ratio = scene.camera.ratio
    colours = ink.rgba(), halo.color().rgba(), halo.widthF()
    picture, offset = _as_picture(text, scene.font.toString(), *colours, ratio)
    left, top = (round((part + off) * ratio) / ratio for part, off in zip(where.toTuple(), offset, strict=True))
    painter.drawImage(QPointF(left, top), picture)


def words_as_outlines(where: QPointF, text: str, font: QFont) -> QPainterPath:
    """What ``QPainterPath.addText`` makes of it, its baseline beginning at ``where``.

    That rounds to parts of a pixel, and other ones when the font has been drawn in another size meanwhile. Here each
    outline is made in the units that it was designed in, where nothing is to be rounded, and then made smaller.
    """
    path, scale = _as_designed(text, font.toString())
    return QTransform(scale, 0, 0, scale, where.x(), where.y()).map(path)


@lru_cache(maxsize=64)
def _as_designed(text: str, description: str) -> tuple[QPainterPath, float]:
    """The outline in the font's own units, and how large one of them is in the font's size. Not to be changed."""
    font = QFont()
    font.fromString(description)
    raw = QRawFont.fromFont(font)
    em = max(1, round(raw.unitsPerEm()))
    large = QFont(font)
    large.setPixelSize(em)
    large.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    path = QPainterPath()
    path.addText(QPointF(0, 0), large, text)
    return path, raw.pixelSize() / em


@lru_cache(maxsize=64)
def _as_picture(
    text: str, description: str, ink: int, halo: int, thickness: float, ratio: float
) -> tuple[QImage, tuple[float, float]]:
    """Words on their halo, and where the picture's top left corner is from the beginning of their baseline."""
    font = QFont()
    font.fromString(description)
    words = words_as_outlines(QPointF(), text, font)
    box: QRectF = words.boundingRect().adjusted(-thickness, -thickness, thickness, thickness)
    left, top = math.floor(box.left()), math.floor(box.top())
    size = (math.ceil((box.right() - left) * ratio), math.ceil((box.bottom() - top) * ratio))
    picture = QImage(max(1, size[0]), max(1, size[1]), QImage.Format.Format_ARGB32_Premultiplied)
    picture.setDevicePixelRatio(ratio)
    picture.fill(0)
    with QPainter(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(-left, -top)
        painter.strokePath(words, QPen(QColor.fromRgba(halo), thickness))
        painter.fillPath(words, QColor.fromRgba(ink))
    return picture, (left, top)
