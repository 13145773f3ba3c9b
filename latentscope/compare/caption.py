"""The caption over a map of a comparison: what the model makes of the probe, which model it is, and how it is laid."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from latentscope.images import enlarged
from latentscope.theme import Theme

__all__ = ["Caption", "CaptionText", "paint_caption"]

MARGIN = 8.0
GAP = 12.0
RADIUS = 6.0
BUTTON = 24  # a button's height, logical pixels
LEAST, MOST = 48, 96  # the picture's side, logical pixels


@dataclass(frozen=True)
class CaptionText:
    """``title`` names the model, ``facts`` say what it is and how good, ``note`` how its map is laid and how its run
    stands; ``warns`` where that is not as one would expect."""

    title: str = ""
    facts: str = ""
    note: str = ""
    warns: bool = False


class Caption(QWidget):
    """Texts that are elided where they do not fit, and a picture. ``closed`` is emitted by its button."""

    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget, *, closable: bool) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = CaptionText()
        self._picture: NDArray[np.uint8] | None = None
        self._enlarged: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 3, 3, 0)
        self._row.setSpacing(2)
        self._row.addStretch(1)
        self.close_button = QToolButton(self)
        self.close_button.setText("✕")
        self.close_button.setFixedSize(BUTTON, BUTTON)
        self.close_button.setToolTip("Take this map out of the comparison")
        self.close_button.clicked.connect(self.closed)
        self.close_button.setVisible(closable)
        self._row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)

    def add_button(self, button: QToolButton) -> None:
        """Put a button beside the one that closes."""
        button.setFixedHeight(BUTTON)
        self._row.insertWidget(self._row.count() - 1, button, 0, Qt.AlignmentFlag.AlignTop)

    def sizeHint(self) -> QSize:
        return QSize(200, caption_height(self.width()))

    @property
    def text(self) -> CaptionText:
        return self._text

    @property
    def picture(self) -> NDArray[np.uint8] | None:
        """What is shown: uint8 (H, W, C)."""
        return self._picture

    def show_text(self, text: CaptionText, tip: str = "") -> None:
        if text != self._text:
            self._text = text
            words = ", ".join(part for part in (text.title, text.facts, text.note) if part)
            self.setAccessibleName(words)
            self.close_button.setAccessibleName(f"Close the map of {text.title}")
            self.update()
        self.setToolTip(tip)

    def show_picture(self, picture: NDArray[np.uint8] | None) -> None:
        if picture is self._picture:
            return
        self._picture, self._enlarged = picture, None
        self.update(self._picture_rect().toAlignedRect())

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._enlarged = None

    def _picture_rect(self) -> QRectF:
        side = self.height() - 2 * MARGIN
        return QRectF(MARGIN, MARGIN, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        side = max(1, round(self._picture_rect().width() * self.devicePixelRatioF()))
        if self._picture is not None and (self._enlarged is None or self._enlarged.width() != side):
            self._enlarged = enlarged(self._picture, side, side)
        buttons = [button for button in self.findChildren(QToolButton) if not button.isHidden()]
        room = min((button.x() for button in buttons), default=self.width())
        with QPainter(self) as painter:
            painter.setFont(self.font())
            image = self._enlarged if self._picture is not None else None
            # While the probe is dragged only the picture is painted again.
            beyond = event.rect().right() > self._picture_rect().right()
            text = self._text if beyond else CaptionText()
            paint_caption(painter, QRectF(self.rect()), room, text, image, self._theme)

    def paint_at(self, painter: QPainter, rect: QRectF, scale: float) -> None:
        """Paint the same, without the buttons, for a picture of ``scale`` pixels to a logical pixel."""
        image = None
        if self._picture is not None:
            side = max(1, round((rect.height() - 2 * MARGIN) * scale))
            image = enlarged(self._picture, side, side)
        painter.setFont(self.font())
        paint_caption(painter, rect, rect.right(), self._text, image, self._theme)


def caption_height(width: int) -> int:
    """The height of a caption over a map so wide, in logical pixels."""
    return round(min(max(LEAST, width / 6), MOST) + 2 * MARGIN)


def paint_caption(
    painter: QPainter, rect: QRectF, title_end: float, text: CaptionText, picture: QImage | None, theme: Theme
) -> None:
    """The picture (or its empty place) at the left and up to three lines beside it; the title ends at ``title_end``."""
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.panel))
    painter.drawRoundedRect(rect, RADIUS, RADIUS)
    side = rect.height() - 2 * MARGIN
    place = QRectF(rect.left() + MARGIN, rect.top() + MARGIN, side, side)
    outline = QPainterPath()
    outline.addRoundedRect(place, RADIUS - 1, RADIUS - 1)
    painter.fillPath(outline, QColor(theme.raised))
    if picture is not None:
        painter.save()
        painter.setClipPath(outline)
        painter.drawImage(place, picture)
        painter.restore()
    left = place.right() + GAP
    bold = QFont(painter.font())
    bold.setWeight(QFont.Weight.DemiBold)
    lines = [(text.title, bold, theme.text), (text.facts, painter.font(), theme.text)]
    lines.append((text.note, painter.font(), theme.warning if text.warns else theme.muted))
    lines = [line for line in lines if line[0]]
    step = QFontMetricsF(painter.font()).lineSpacing() + 1
    top = rect.center().y() - step * len(lines) / 2
    for number, (words, font, ink) in enumerate(lines):
        metrics = QFontMetricsF(font)
        beside = top + number * step < rect.top() + BUTTON - 4  # the buttons stand beside this line
        room = (title_end if beside else rect.right()) - left - MARGIN
        painter.setFont(font)
        painter.setPen(QColor(ink))
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, max(room, 0.0))
        painter.drawText(QPointF(left, top + number * step + metrics.ascent()), shown)
