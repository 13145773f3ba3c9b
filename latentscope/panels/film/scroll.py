"""The area in which a row of frames is scrolled: by the wheel, by pulling it, and after the playhead."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QScrollArea

from latentscope.panels.film.frames import FrameRow

__all__ = ["FrameScroll"]

NOTCH = 120.0  # px of a wheel's notch
NEAR = 40.0  # px: more than half a frame
MARGIN = 0.2  # of the width: what is to be in sight is at least so far from either end, so that one sees where it goes


class FrameScroll(QScrollArea):
    """Shows one row. It has no scroll bar: the bar for playing below the frames shows what of them is in sight."""

    sight_changed = Signal()  # other frames are in sight, or they lie elsewhere
    laid_out = Signal()  # the row has another length

    def __init__(self, row: FrameRow) -> None:
        super().__init__()
        self._row = row
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for policy in (self.setHorizontalScrollBarPolicy, self.setVerticalScrollBarPolicy):
            policy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(row)
        self.setMinimumHeight(row.minimumHeight())  # its own idea of it is more, and would push the map about
        row.dragged.connect(self._pull)
        self.horizontalScrollBar().valueChanged.connect(self.sight_changed)
        for signal in (self.sight_changed, self.laid_out):
            self.horizontalScrollBar().rangeChanged.connect(signal)

    @property
    def sight(self) -> tuple[float, float]:
        """From where to where the row is in sight, in its own pixels."""
        left = self.horizontalScrollBar().value()
        return left, left + self.viewport().width()

    @property
    def fits(self) -> bool:
        """Whether all of the row is in sight."""
        return self.horizontalScrollBar().maximum() == 0

    def follow(self, x: float, *, closely: bool = False) -> None:
        """Scroll, if need be, so that this place of the row is well in sight; ``closely``: so that it just is."""
        bar, width = self.horizontalScrollBar(), self.viewport().width()
        margin = NEAR if closely else MARGIN * width
        left = min(max(bar.value(), x - width + margin), x - margin)
        bar.setValue(round(left))

    def _pull(self, pixels: float) -> None:
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - round(pixels))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Down and right both go on along the path."""
        exact, turned = event.pixelDelta(), event.angleDelta()
        self._pull((exact.x() or exact.y()) or (turned.x() or turned.y()) / 120 * NOTCH)
        self._row.point_at_x(event.position().x() + self.horizontalScrollBar().value())
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._row.set_room(self.viewport().width())
        self.sight_changed.emit()
