"""The bar under the frames: where the film stands, to be dragged smoothly from frame to frame."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from latentscope.paths.playing import Playing
from latentscope.theme import Theme, mix

__all__ = ["PlayBar"]

HEIGHT = 18  # px
KNOB = 6.0
EDGE = KNOB + 2
GROOVE = 4.0


class PlayBar(QWidget):
    """As long as the film; a thicker piece of it shows which frames are in sight. Arrow keys go from frame to frame."""

    def __init__(self, playing: Playing, theme: Theme) -> None:
        super().__init__()
        self._playing, self._theme = playing, theme
        self._ends: tuple[float, float] | None = None
        self._sight: tuple[float, float] | None = None
        self._held = self._went_on = False
        self.setFixedHeight(HEIGHT)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Where the film of the path stands")
        self.setToolTip("Drag to run through the path")
        playing.moved.connect(self.refresh)

    def sizeHint(self) -> QSize:
        return QSize(400, HEIGHT)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def stand_below(self, first: float, last: float) -> None:
        """All frames are in sight, the middle of the first and of the last one at these pixels of this widget."""
        self._ends, self._sight = (first, max(last, first + 1)), None
        self.update()

    def show_sight(self, start: float, end: float) -> None:
        """Only a part of the film is in sight, from one share to another: the bar is as long as there is room."""
        self._ends, self._sight = None, (min(max(start, 0.0), 1.0), min(max(end, 0.0), 1.0))
        self.update()

    def x_of(self, moment: float) -> float:
        """Where a share of the film's time lies, in pixels."""
        left, right = self._axis()
        return left + moment * (right - left)

    def _axis(self) -> tuple[float, float]:
        return self._ends or (EDGE, max(self.width() - EDGE, EDGE + 1))

    @property
    def held(self) -> bool:
        """Whether it is being dragged."""
        return self._held

    def refresh(self) -> None:
        frame, count = self._playing.frame, self._playing.frames
        self.setAccessibleDescription(f"Frame {frame + 1:.1f} of {count}" if count else "")
        self.update()

    # --- mouse and keys -------------------------------------------------------------------------------------------

    def _seek(self, event: QMouseEvent) -> None:
        left, right = self._axis()
        self._playing.seek((event.position().x() - left) / (right - left))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._held, self._went_on = True, self._playing.playing
            self._playing.pause()
            self._seek(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held and event.buttons() & Qt.MouseButton.LeftButton:
            self._seek(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._held and event.button() == Qt.MouseButton.LeftButton:
            self._held = False
            if self._went_on:
                self._playing.play()
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        playing = self._playing
        last, frame = max(playing.frames - 1, 1), round(playing.frame, 6)
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Down:
                self._step((-(-frame // 1) - 1) / last)
            case Qt.Key.Key_Right | Qt.Key.Key_Up:
                self._step((frame // 1 + 1) / last)
            case Qt.Key.Key_Home:
                self._step(0.0)
            case Qt.Key.Key_End:
                self._step(1.0)
            case _:
                super().keyPressEvent(event)

    def _step(self, moment: float) -> None:
        self._playing.pause()
        self._playing.seek(moment)

    # --- painting -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._playing.frames:
            return
        theme, middle, here = self._theme, self.height() / 2, self.x_of(self._playing.moment)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.border))
            painter.drawRoundedRect(self._groove(0.0, 1.0, GROOVE), GROOVE / 2, GROOVE / 2)
            if self._sight is not None:
                painter.setBrush(mix(theme.border, theme.muted, 0.5))
                painter.drawRoundedRect(self._groove(*self._sight, 2 * GROOVE), GROOVE, GROOVE)
            painter.setBrush(QColor(theme.accent))
            painter.drawRoundedRect(self._groove(0.0, self._playing.moment, GROOVE), GROOVE / 2, GROOVE / 2)
            painter.setPen(QPen(QColor(theme.text if self.hasFocus() else theme.panel), 2))
            painter.setBrush(QColor(theme.accent if self._playing.begun else theme.muted))
            painter.drawEllipse(QPointF(here, middle), KNOB, KNOB)

    def _groove(self, start: float, end: float, height: float) -> QRectF:
        left = self.x_of(start)
        return QRectF(left, (self.height() - height) / 2, max(self.x_of(end) - left, 0.0), height)
