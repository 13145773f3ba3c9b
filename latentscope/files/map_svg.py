"""The map as an SVG: its path, its lines and its words as shapes, its points and images as pictures in it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgGenerator

from trainer.outputs import check_suffix, write_output

__all__ = ["save_svg"]


def save_svg(path: Path, size: QSize, title: str, paint: Callable[[QPainter], None]) -> None:
    """Save what ``paint`` draws on an area of ``size`` logical pixels. Raises OutputError."""
    check_suffix(path, ".svg", "Vector pictures")
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    generator.setResolution(96)
    generator.setTitle(title)
    with QPainter(generator) as painter:
        paint(painter)
    write_output(path, bytes(buffer.data().data()))
