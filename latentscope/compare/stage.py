"""The middle of the window: the main map alone, two or three maps side by side, or one over the other as a wipe."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from latentscope.compare.caption import Caption, caption_height
from latentscope.compare.divider import WIDTH, WipeDivider, paint_divider
from latentscope.map.still import StillPicture
from latentscope.map.view import MapView
from latentscope.theme import Theme

__all__ = ["Pane", "Stage"]

GAP = 6  # between two maps, and between a caption and its map, in logical pixels
LEAST_MAP = 160, 120
# The divider stays this far from the edges, so that it can always be taken hold of.
EDGE = WIDTH // 2


@dataclass(frozen=True, eq=False)
class Pane:
    """A map with its caption. The map lies in a frame, which cuts off what a wipe hides of it."""

    map: MapView
    frame: QWidget
    caption: Caption


class Stage(QWidget):
    """Lays out the panes, of which the main one is the first and always there."""

    wiped = Signal()  # the divider has moved

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._panes: list[Pane] = []
        self._wipe = False
        self._share = 0.5
        self._held = False
        self.divider = WipeDivider(theme, self)
        self.divider.moved.connect(self.set_share)

    @property
    def panes(self) -> list[Pane]:
        return list(self._panes)

    @property
    def wipe(self) -> bool:
        """Whether the two maps lie one over the other."""
        return self._wipe and len(self._panes) == 2

    @property
    def share(self) -> float:
        """How much of the width shows the first map of a wipe."""
        return self._share

    def frame(self) -> QWidget:
        """A new frame on the stage, to make a map in."""
        return QWidget(self)

    def hold(self, width: int, height: int) -> None:
        """Have this size, in logical pixels, whatever the window would give it and whatever is shown."""
        self._held = True
        self.setFixedSize(width, height)

    def add(self, view: MapView, frame: QWidget, caption: Caption, place: int = 0) -> Pane:
        """Show a map, which was made in this ``frame`` of the stage, at a place, counted from the left."""
        pane = Pane(view, frame, caption)
        self._panes.insert(place, pane)
        pane.frame.show()
        self._arrange()
        return pane

    def remove(self, pane: Pane) -> None:
        """Take a map off the stage, and delete its widgets."""
        self._panes.remove(pane)
        for widget in (pane.frame, pane.caption):
            widget.hide()
            widget.deleteLater()
        self._arrange()

    def set_wipe(self, wipe: bool) -> None:
        """Lay two maps one over the other; with one or three it has no effect until they are two."""
        self._wipe = wipe
        self._arrange()

    def set_share(self, share: float) -> None:
        """Move the divider to a share (0 to 1) of the width."""
        edge = EDGE / max(self.width(), 2 * EDGE)
        share = min(max(share, edge), 1 - edge)
        if share != self._share:
            self._share = share
            self._arrange()
            self.wiped.emit()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.divider.set_theme(theme)
        for pane in self._panes:
            pane.caption.set_theme(theme)

    # --- the layout -----------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        count = len(self._panes)
        columns = self._columns()
        head = caption_height(columns[0].width()) + GAP if count > 1 else 0
        if not self._held:
            self.setMinimumSize(LEAST_MAP[0] * max(count, 1) + GAP * max(count - 1, 0), LEAST_MAP[1] + head)
        whole = QRect(0, head, self.width(), self.height() - head)
        for number, (pane, column) in enumerate(zip(self._panes, columns, strict=True)):
            pane.caption.setVisible(count > 1)
            pane.caption.setGeometry(column.x(), 0, column.width(), max(0, head - GAP))
            if not self.wipe:
                pane.frame.setGeometry(column.x(), head, column.width(), whole.height())
                pane.map.setGeometry(0, 0, column.width(), whole.height())
                continue
            line = round(self._share * self.width()) if number else 0
            pane.frame.setGeometry(line, head, whole.width() - line, whole.height())
            pane.map.setGeometry(-line, 0, whole.width(), whole.height())
        self.divider.setVisible(self.wipe)
        if self.wipe:
            line = round(self._share * self.width())
            self.divider.set_share(self._share)
            self.divider.setGeometry(line - WIDTH // 2, head, WIDTH, whole.height())
            self._panes[1].frame.raise_()
            self.divider.raise_()

    def _columns(self) -> list[QRect]:
        """One column a pane, all of one width to the pixel, so that the maps show the same at the same scale."""
        count = max(len(self._panes), 1)
        width = max(1, (self.width() - GAP * (count - 1)) // count)
        return [QRect(i * (width + GAP), 0, width, self.height()) for i in range(count)]

    # --- as a picture ---------------------------------------------------------------------------------------------

    def picture_behind(self, scale: float) -> tuple[StillPicture, int]:
        """What is on the stage now, at ``scale`` pixels to a logical pixel, to be drawn on another thread; and how many
        points that has to draw. There are no captions where there is one map."""
        if len(self._panes) == 1:
            return self._panes[0].map.picture_behind(scale)
        maps, theme = [pane.map.picture_behind(scale) for pane in self._panes], self._theme
        frames = [pane.frame.geometry() for pane in self._panes]
        corners = [frame.topLeft() + pane.map.pos() for frame, pane in zip(frames, self._panes, strict=True)]
        wipe, image = self.wipe, self._captions(scale)

        def draw(pace: Callable[[], None]) -> QImage:
            pictures = [draw_map(pace) for draw_map, _ in maps]
            with QPainter(image) as painter:
                for picture, frame, corner in zip(pictures, frames, corners, strict=True):
                    painter.save()
                    painter.setClipRect(frame)
                    painter.drawImage(corner, picture)
                    painter.restore()
                if wipe:
                    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                    painter.translate(0, frames[1].top())
                    paint_divider(painter, frames[1].left(), frames[1].height(), theme)
            return image

        return draw, sum(points for _, points in maps)

    def _captions(self, scale: float) -> QImage:
        """The stage with its captions alone."""
        image = QImage(round(self.width() * scale), round(self.height() * scale), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(scale)
        image.fill(QColor(self._theme.window))
        with QPainter(image) as painter:
            for pane in self._panes:
                rect = QRectF(pane.caption.geometry())
                painter.save()
                pane.caption.paint_at(painter, rect, scale)
                painter.restore()
        return image
