"""A row of frames: pictures side by side, of which one is the current one. Whoever makes it feeds it with pictures.

The film strip has one of them, the race one for each lane.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from latentscope.images import enlarged_together
from latentscope.theme import Theme, mix

__all__ = ["FRAME_GAP", "FrameRow"]

Picture = NDArray[np.uint8]

FRAME_GAP = 6.0  # px
EDGE = 4.0  # px round all frames: room for the line round the one that is shown
LEAST_FRAME = 44.0  # px; below that a digit or a face can hardly be told
LEAST_SHARE = 0.6  # of the row's height: frames are made so much smaller if all of them are in sight then
RADIUS = 3.0
KEPT = 400  # enlarged pictures
PAGE = 10  # frames: what the page keys go


class FrameRow(QWidget):
    """Frames side by side, as tall as the row. It is as wide as it needs to be: put it into an area that scrolls.

    Only the frames in sight are enlarged and painted. Arrow keys step through them.
    """

    chosen = Signal(int)  # a frame was clicked, or stepped to by keys
    pointed = Signal(int)  # the frame that the mouse is on; −1: on none any more
    dragged = Signal(float)  # the mouse has pulled the row by so many pixels to the right

    def __init__(self, theme: Theme, name: str = "Frames", least: float = LEAST_FRAME) -> None:
        """``least``: how low a frame may be made, in pixels, to have all of them in sight."""
        super().__init__()
        self._least = least
        self._theme, self._name = theme, name
        self._pictures: list[Picture | None] = []
        self._aspect = 1.0  # width / height
        self._room = 0.0
        self._current: int | None = None
        self._pinned: int | None = None
        self._hovered = -1
        self._captions: dict[int, str] = {}
        self._enlarged: OrderedDict[int, QImage] = OrderedDict()
        self._enlarged_to = (0, 0)
        self._pressed: QPointF | None = None  # where on the screen the mouse was, last
        self._pulled = False
        self.setMinimumHeight(int(least + 2 * EDGE))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)

    # --- what it shows --------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._pictures)

    @property
    def pictures(self) -> Picture | None:
        """All of them (N, H, W, C) uint8; None while some are missing."""
        there = [picture for picture in self._pictures if picture is not None]
        return np.stack(there) if there and len(there) == len(self._pictures) else None

    def show_pictures(self, pictures: Picture | None) -> None:
        """Show these (N, H, W, C) uint8 and no others; None: none at all."""
        if pictures is None:
            self.show_count(0)
        else:
            self.show_count(len(pictures))
            self.put(range(len(pictures)), pictures)

    def show_count(self, count: int) -> None:
        """So many frames. What was shown at the same share of the way stays until it is ``put`` anew."""
        if count == len(self._pictures):
            return
        old = self._pictures
        kept = np.rint(np.linspace(0, len(old) - 1, count)).astype(int).tolist()
        self._pictures = [old[i] for i in kept] if old else [None] * count
        self._enlarged.clear()
        self._captions = {}
        self._hovered = -1
        self._current = self._current if self._current is not None and self._current < count else None
        self._pinned = self._pinned if self._pinned is not None and self._pinned < count else None
        self._fit()
        self._describe()
        self.update()

    def put(self, frames: Iterable[int], pictures: Iterable[Picture]) -> None:
        """Show a picture (H, W, C) uint8 on each of these frames."""
        changed: list[int] = []
        for frame, picture in zip(frames, pictures, strict=True):
            old = self._pictures[frame]
            if old is not None and np.array_equal(old, picture):
                continue
            self._pictures[frame] = picture
            self._enlarged.pop(frame, None)
            aspect = picture.shape[1] / picture.shape[0]
            if aspect != self._aspect:
                self._aspect = aspect
                self._fit()
                self.update()
            changed.append(frame)
        if changed:
            self.update(self._around(min(changed)) | self._around(max(changed)))

    @property
    def current(self) -> int | None:
        """The frame that is shown elsewhere, too, and has a line round it."""
        return self._current

    def set_current(self, frame: int | None) -> None:
        if frame != self._current:
            old, self._current = self._current, frame
            self._update(old, frame)
            self._describe()

    @property
    def pinned(self) -> int | None:
        """The frame that has a pin on it."""
        return self._pinned

    def set_pinned(self, frame: int | None) -> None:
        if frame != self._pinned:
            old, self._pinned = self._pinned, frame
            self._update(old, frame)

    @property
    def captions(self) -> dict[int, str]:
        return self._captions

    def set_captions(self, captions: Mapping[int, str]) -> None:
        """A word or two at the foot of some frames, such as what they are an image of."""
        if captions != self._captions:
            self._captions = dict(captions)
            self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def _describe(self) -> None:
        now = "" if self._current is None else f", frame {self._current + 1} is shown"
        self.setAccessibleDescription(f"{len(self)} frames{now}" if len(self) else "")

    # --- where they are -------------------------------------------------------------------------------------------

    def set_room(self, width: float) -> None:
        """How much of the row is in sight. Frames are made somewhat smaller where all of them then are."""
        if width != self._room:
            self._room = width
            self._fit()
            self.update()

    def frame_rect(self, frame: int) -> QRectF:
        """Where a frame is, in pixels of this widget."""
        width, height = self._frame_size()
        left = EDGE + frame * (width + FRAME_GAP)
        return QRectF(left, (self.height() - int(height)) // 2, width, height)

    def frame_at(self, x: float) -> int:
        """The frame at x, the gaps going half to either side; −1: none."""
        width, _ = self._frame_size()
        frame = int((x - EDGE + FRAME_GAP / 2) // (width + FRAME_GAP))
        return frame if 0 <= frame < len(self) else -1

    def x_of(self, position: float) -> float:
        """Where the middle of a frame is, and of what lies between two of them."""
        width, _ = self._frame_size()
        return EDGE + width / 2 + position * (width + FRAME_GAP)

    def in_sight(self, left: float, right: float) -> tuple[int, int]:
        """The first frame between two places, and the one after the last."""
        pitch = self._frame_size()[0] + FRAME_GAP
        first, end = int((left - EDGE) // pitch), int((right - EDGE) // pitch) + 1
        return min(max(first, 0), len(self)), min(max(end, 0), len(self))

    def fitting(self) -> float:
        """How high frames are that are all in sight."""
        if not self._pictures:
            return 0.0
        return ((self._room - 2 * EDGE + FRAME_GAP) / len(self._pictures) - FRAME_GAP) / self._aspect

    def height_for_all(self) -> float:
        """How high the row is to be for that."""
        return self.fitting() + 2 * EDGE

    def _frame_size(self) -> tuple[float, float]:
        """Width and height in whole pixels, so that all frames look the same."""
        height = tallest = self.height() - 2 * EDGE
        if self._pictures and self._room:
            fitting = self.fitting()
            if fitting >= max(self._least, LEAST_SHARE * tallest):
                height = min(tallest, fitting)
        height = max(height, 8.0)
        return float(max(1, int(height * self._aspect))), float(int(height))

    def _fit(self) -> None:
        width = self._frame_size()[0]
        count = len(self._pictures)
        self.setMinimumWidth(int(2 * EDGE + count * (width + FRAME_GAP) - FRAME_GAP) if count else 0)

    def _around(self, frame: int) -> QRect:
        return self.frame_rect(frame).adjusted(-EDGE, -EDGE, EDGE, EDGE).toAlignedRect()

    def _update(self, *frames: int | None) -> None:
        for frame in frames:
            if frame is not None and frame >= 0:
                self.update(self._around(frame))

    def sizeHint(self) -> QSize:
        return QSize(max(self.minimumWidth(), 400), 72)

    def resizeEvent(self, event: object) -> None:
        self._fit()

    # --- mouse and keys -------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._pulled = event.globalPosition(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        where = event.globalPosition()
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            self._pressed = None
            self.point_at_x(event.position().x())
        elif self._pulled or abs(where.x() - self._pressed.x()) >= QApplication.startDragDistance():
            # On the screen: this widget itself moves under the mouse while it is pulled.
            pulled, self._pressed, self._pulled = where.x() - self._pressed.x(), where, True
            self._point_at(-1)
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.dragged.emit(pulled)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        self._pressed = None
        frame = self.frame_at(event.position().x())
        if self._pulled:
            self._point_at(frame)
        elif frame >= 0:
            self.chosen.emit(frame)

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(-1)

    def point_at_x(self, x: float) -> None:
        """The mouse is there now, perhaps because the row has been scrolled under it."""
        self._point_at(self.frame_at(x))

    def _point_at(self, frame: int) -> None:
        self.setCursor(Qt.CursorShape.PointingHandCursor if frame >= 0 else Qt.CursorShape.ArrowCursor)
        if frame != self._hovered:
            old, self._hovered = self._hovered, frame
            self._update(old, frame)
            self.pointed.emit(frame)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last, now = len(self) - 1, self._current if self._current is not None else 0
        goals = {
            Qt.Key.Key_Left: now - 1,
            Qt.Key.Key_Right: now + 1,
            Qt.Key.Key_PageUp: now - PAGE,
            Qt.Key.Key_PageDown: now + PAGE,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        goal = goals.get(Qt.Key(event.key()))
        if goal is None or last < 0:
            super().keyPressEvent(event)
        else:
            self.chosen.emit(min(max(goal, 0), last))

    # --- painting -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        frames = range(*self.in_sight(event.rect().left(), event.rect().right()))
        self._enlarge(frames)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_pictures(painter, frames)
            for frame in frames:
                self._paint_frame(painter, frame)

    def _paint_pictures(self, painter: QPainter, frames: range) -> None:
        """One of their pixels to one of the screen's: to be resampled once more would cost time and sharpness."""
        ratio = self.devicePixelRatioF()
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        for frame in frames:
            if frame in self._enlarged:
                corner = self.frame_rect(frame).topLeft() * ratio
                painter.drawImage(round(corner.x()), round(corner.y()), self._enlarged[frame])
        painter.restore()

    def _paint_frame(self, painter: QPainter, frame: int) -> None:
        place = self.frame_rect(frame)
        if frame not in self._enlarged:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._theme.raised))
            painter.drawRoundedRect(place, RADIUS, RADIUS)
        if frame in self._captions:
            self._paint_caption(painter, place, self._captions[frame])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if frame == self._current:
            painter.setPen(QPen(QColor(self._theme.accent), 2))
            painter.drawRoundedRect(place.adjusted(-2, -2, 2, 2), RADIUS + 2, RADIUS + 2)
        elif frame == self._hovered:
            painter.setPen(QPen(QColor(self._theme.muted), 1.5))
            painter.drawRoundedRect(place.adjusted(-1.5, -1.5, 1.5, 1.5), RADIUS + 1.5, RADIUS + 1.5)
        if frame == self._pinned:
            self._paint_pin(painter, place)

    def _paint_pin(self, painter: QPainter, place: QRectF) -> None:
        """A dot in the corner, in a ring that sets it off from any picture."""
        painter.setPen(QPen(QColor(self._theme.panel), 2))
        painter.setBrush(QColor(self._theme.accent))
        painter.drawEllipse(QPointF(place.right() - 5, place.top() + 5), 5, 5)

    def _paint_caption(self, painter: QPainter, place: QRectF, words: str) -> None:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.8)
        metrics = QFontMetrics(font)
        room = place.width() - 4
        text = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(room - 6))
        width = min(room, metrics.horizontalAdvance(text) + 7.0)
        pill = QRectF(place.left() + 2, place.bottom() - metrics.height() - 1, width, metrics.height() - 1)
        ground = QColor(self._theme.panel)
        ground.setAlphaF(0.85)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(pill, RADIUS, RADIUS)
        painter.setFont(font)
        painter.setPen(mix(self._theme.text, self._theme.muted, 0.3))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)

    def _enlarge(self, frames: range) -> None:
        """Have the pictures of these frames in the pixels of the screen, as far as they are there yet."""
        ratio, (width, height) = self.devicePixelRatioF(), self._frame_size()
        size = round(width * ratio), round(height * ratio)
        if size != self._enlarged_to:
            self._enlarged.clear()
            self._enlarged_to = size
        missing: dict[tuple[int, ...], list[int]] = {}  # by their shape: for a moment some may be another model's
        for frame in frames:
            picture = self._pictures[frame]
            if frame in self._enlarged:
                self._enlarged.move_to_end(frame)
            elif picture is not None:
                missing.setdefault(picture.shape, []).append(frame)
        for alike in missing.values():
            pictures = [self._pictures[frame] for frame in alike]
            images = enlarged_together([one for one in pictures if one is not None], *size, RADIUS * ratio)
            self._enlarged.update(zip(alike, images, strict=True))
        while len(self._enlarged) > max(KEPT, len(frames)):
            self._enlarged.popitem(last=False)
