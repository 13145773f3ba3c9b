"""Words as outlines, which are always the same."""

from functools import lru_cache

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QPainterPath, QRawFont, QTransform

__all__ = ["words_as_outlines"]


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
