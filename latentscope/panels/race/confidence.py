"""The line under the frames of a lane: which class the classifier sees, and how sure it is of it, all along."""

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from latentscope.paths.race import Along
from latentscope.theme import Theme, class_colours
from latentscope.words import class_name

__all__ = ["BAR_HEIGHTS", "ConfidenceBar", "classes_in_words"]

BAR_HEIGHTS = 16, 30  # px: the least, and the most that is of use
FAINT = 0.38


class ConfidenceBar(QWidget):
    """As high as the classifier is sure, in the colour of the class that it sees; a mark where that changes."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._along: Along | None = None
        self._names: tuple[str, ...] = ()
        self._first = self._pitch = 0.0
        self._playhead: float | None = None
        self.setFixedHeight(BAR_HEIGHTS[0])
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Classes along the way")

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(100, self.height())

    def show_along(self, along: Along | None, names: tuple[str, ...]) -> None:
        if along is not self._along or names != self._names:
            self._along, self._names = along, names
            self.setAccessibleDescription(classes_in_words(along, names))
            self.update()

    def stand_under(self, first: float, pitch: float) -> None:
        """The middle of the first frame is at ``first``, and each further one ``pitch`` pixels to the right."""
        if (first, pitch) != (self._first, self._pitch):
            self._first, self._pitch = first, pitch
            self.update()

    @property
    def playhead(self) -> float | None:
        return self._playhead

    def set_playhead(self, step: float | None) -> None:
        """Where the film stands, in steps; None: at no place."""
        if step != self._playhead:
            self._playhead = step
            self.update()

    def x_of(self, sample: float) -> float:
        return self._first + self._pitch * sample / (self._along.to_a_step if self._along is not None else 1)

    def words_at(self, x: float) -> str:
        """What the classifier says at a place: "4, 83 %"."""
        if self._along is None or not self._pitch or not self._along.shares.any():
            return ""
        step = (x - self._first) / self._pitch
        sample = int(np.clip(round(step * self._along.to_a_step), 0, len(self._along.shares) - 1))
        if not self._along.shares[sample].any():
            return ""
        best = int(self._along.shares[sample].argmax())
        return f"{class_name(self._names, best)}, {100 * self._along.shares[sample, best]:.0f} % sure"

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            words = self.words_at(event.pos().x())
            QToolTip.showText(event.globalPos(), words, self) if words else QToolTip.hideText()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        along = self._along
        if along is None or not along.shares.any() or not self._pitch:
            return
        colours = class_colours(max(along.shares.shape[1], len(self._names)), self._theme)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(self._theme.border), 1))
            painter.drawLine(QPointF(self.x_of(0), self._y(0)), QPointF(self.x_of(len(along.shares) - 1), self._y(0)))
            starts = [0, *(change.index + 1 for change in along.changes)]
            ends = [*starts[1:], len(along.shares)]
            for begin, end, label in zip(starts, ends, along.passed, strict=True):
                self._paint_run(painter, along, begin, end, label, QColor(*colours[label]))
            for change in along.changes:
                x = self.x_of(change.index + 0.5)
                painter.setPen(QPen(QColor(self._theme.text), 1.25))
                painter.drawLine(QPointF(x, 1), QPointF(x, self._y(0)))
            if self._playhead is not None:
                x = self._first + self._pitch * self._playhead
                for colour, width in ((self._theme.panel, 5), (self._theme.accent, 2.5)):
                    painter.setPen(QPen(QColor(colour), width))
                    painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))

    def _y(self, share: float) -> float:
        """0 is at the foot, and 1 at the top."""
        return 2 + (self.height() - 4) * (1 - share)

    def _paint_run(self, painter: QPainter, along: Along, begin: int, end: int, label: int, own: QColor) -> None:
        """One class, from the sample ``begin`` to the one before ``end``, half a sample more at a change."""
        at = np.arange(begin, end, dtype=float)
        at[0], at[-1] = max(0.0, begin - 0.5), min(len(along.shares) - 1.0, end - 0.5)
        line = [
            QPointF(self.x_of(x), self._y(along.shares[i, label])) for x, i in zip(at, range(begin, end), strict=True)
        ]
        if len(line) == 1:  # one sample between two changes
            line = [QPointF(self.x_of(begin - 0.5), line[0].y()), QPointF(self.x_of(begin + 0.5), line[0].y())]
        ground = QColor(own)
        ground.setAlphaF(FAINT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        foot = self._y(0)
        painter.drawPolygon(QPolygonF([QPointF(line[0].x(), foot), *line, QPointF(line[-1].x(), foot)]))
        painter.setPen(QPen(own, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawPolyline(QPolygonF(line))
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.8)
        name, room = class_name(self._names, label), line[-1].x() - line[0].x() - 8
        if QFontMetricsF(font).horizontalAdvance(name) <= room:
            painter.setFont(font)
            painter.setPen(QColor(self._theme.text))
            where = QRectF(line[0].x() + 5, self.height() - BAR_HEIGHTS[0] + 3, room + 3, BAR_HEIGHTS[0] - 5)
            painter.drawText(where, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)


def classes_in_words(along: Along | None, names: tuple[str, ...]) -> str:
    """ "4, then 9; at least 61 % sure"; empty where nobody can say."""
    if along is None or not along.passed:
        return ""
    surest = along.shares.max(axis=1)
    least = float(surest[surest > 0].min())
    return f"{', then '.join(class_name(names, label) for label in along.passed)}; at least {100 * least:.0f} % sure"
