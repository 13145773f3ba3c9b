"""Words as outlines, which are always the same."""

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QPainterPath, QRawFont, QTransform

__all__ = ["words_as_outlines"]


def words_as_outlines(where: QPointF, text: str, font: QFont) -> QPainterPath:
    """What ``QPainterPath.addText`` makes of it, its baseline beginning at ``where``.

    That rounds to parts of a pixel, and other ones when the font has been drawn in another size meanwhile. Here each
    outline is made in the units that it was designed in, where nothing is to be rounded, and then made smaller.
    """
    raw = QRawFont.fromFont(font)
    em = max(1, round(raw.unitsPerEm()))
    large = QFont(font)
    large.setPixelSize(em)
    large.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    path = QPainterPath()
    path.addText(QPointF(0, 0), large, text)
    scale = raw.pixelSize() / em
    return QTransform(scale, 0, 0, scale, where.x(), where.y()).map(path)
