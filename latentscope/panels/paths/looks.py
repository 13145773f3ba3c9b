"""The looks of kept paths to choose from: their colours, each as a line that is whole, dashed or dotted."""

from functools import partial

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QActionGroup, QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QMenu

from latentscope.paths import editing
from latentscope.state.paths import KEPT_COLOURS, KEPT_LOOKS
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme, path_colour, path_dashes

__all__ = ["add_looks", "draw_swatch"]

LINES = ("Whole", "Dashed", "Dotted")
WIDTH = 3.0  # of a swatch's line, px


def draw_swatch(painter: QPainter, line: QRectF, look: int, theme: Theme) -> None:
    """A piece of a path's line, along the middle of a rectangle."""
    pen = QPen(QColor(path_colour(look, theme)), WIDTH)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    if dashes := path_dashes(look, WIDTH):
        pen.setDashPattern(dashes)
    painter.setPen(pen)
    y = line.center().y()
    painter.drawLine(QPointF(line.left() + 2, y), QPointF(line.right() - 2, y))


def add_looks(menu: QMenu, workspace: Workspace, index: int, theme: Theme) -> None:
    """Add what a kept path can look like, its present colour and line checked; the first ones stay the suggestion."""
    now = workspace.pathing.paths.items[index].colour
    colour, line = (now - 1) % KEPT_COLOURS, (now - 1) % KEPT_LOOKS // KEPT_COLOURS
    looks = menu.addMenu("Colour")
    for kind, count, checked in (("Colour", KEPT_COLOURS, colour), ("Line", len(LINES), line)):
        group = QActionGroup(looks)
        for i in range(count):
            look = 1 + (i + KEPT_COLOURS * line if kind == "Colour" else colour + KEPT_COLOURS * i)
            text = f"Colour {i + 1}" if kind == "Colour" else LINES[i]
            action = looks.addAction(_icon(look, theme), text, partial(editing.recolour, workspace, index, look))
            action.setCheckable(True)
            action.setChecked(i == checked)
            if i == checked:  # a mark would have no room beside the picture
                font = action.font()
                font.setBold(True)
                action.setFont(font)
            group.addAction(action)
        if kind == "Colour":
            looks.addSeparator()


def _icon(look: int, theme: Theme) -> QIcon:
    pixmap = QPixmap(48, 32)
    pixmap.setDevicePixelRatio(2.0)
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_swatch(painter, QRectF(0, 0, 24, 16), look, theme)
    return QIcon(pixmap)
