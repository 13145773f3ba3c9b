"""How many of the inspected images each class has, as bars in the classes' colours, the largest first."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from latentscope.panels.inspector.words import share_text
from latentscope.theme import Theme, class_colours
from latentscope.words import class_name

__all__ = ["ClassBars"]

MOST_NAMED = 12  # classes that a screen reader is told


class ClassBars(QWidget):
    """A line a class that occurs: its name, a bar, its count and its share."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._counts: NDArray[np.int64] = np.empty(0, np.int64)
        self._of_all: NDArray[np.int64] = self._counts
        self._names: tuple[str, ...] = ()
        self._order: list[int] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Count and share by class")

    @property
    def lines(self) -> list[tuple[str, int]]:
        """The names and the counts of the classes that occur, as they are shown."""
        return [(class_name(self._names, label), int(self._counts[label])) for label in self._order]

    def show_counts(self, counts: NDArray[np.int64], of_all: NDArray[np.int64], names: tuple[str, ...]) -> None:
        """``counts`` (K,) of what is inspected, ``of_all`` (L,) of all test images."""
        self._counts, self._of_all, self._names = counts, of_all, names
        self._order = [int(label) for label in np.argsort(-counts, kind="stable") if counts[label]]
        total = int(counts.sum())
        named = (f"{name} {count:,}, {share_text(count, total)}" for name, count in self.lines[:MOST_NAMED])
        self.setAccessibleDescription("; ".join(named))
        self.setFixedHeight(max(1, len(self._order)) * self._line)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, max(1, len(self._order)) * self._line)

    @property
    def _line(self) -> int:
        return self.fontMetrics().height() + 6

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            position = event.pos().y() // self._line
            if 0 <= position < len(self._order):
                label = self._order[position]
                of_all = int(self._of_all[label]) if label < len(self._of_all) else 0
                count = int(self._counts[label])
                name = class_name(self._names, label)
                QToolTip.showText(
                    event.globalPos(),
                    f"{name}: {count:,} of the {of_all:,} test images of this class ({share_text(count, of_all)})",
                    self,
                )
                return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = class_colours(len(self._counts), self._theme)
        total, most = max(1, int(self._counts.sum())), max(1, int(self._counts.max(initial=1)))
        metrics, line = self.fontMetrics(), self._line
        widest = max((metrics.horizontalAdvance(name) for name, _ in self.lines), default=0)
        name_width = min(widest, self.width() // 3) + 8
        figure_width = metrics.horizontalAdvance(f"{most:,}") + 6
        share_width = metrics.horizontalAdvance("< 0.1 %") + 8
        room = max(8, self.width() - name_width - figure_width - share_width)
        first, last = event.rect().top() // line, event.rect().bottom() // line + 1
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for position in range(first, min(last, len(self._order))):
                label, top = self._order[position], position * line
                count = int(self._counts[label])
                name = metrics.elidedText(class_name(self._names, label), Qt.TextElideMode.ElideMiddle, name_width - 8)
                painter.setPen(QColor(self._theme.text))
                painter.drawText(QRectF(0, top, name_width, line), Qt.AlignmentFlag.AlignVCenter, name)
                painter.drawText(QRectF(name_width + room, top, figure_width, line), right, f"{count:,}")
                painter.setPen(QColor(self._theme.muted))
                share = QRectF(self.width() - share_width, top, share_width, line)
                painter.drawText(share, right, share_text(count, total))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(self._theme.raised))
                bar = QRectF(name_width, top + line / 2 - 4, room, 8)
                painter.drawRoundedRect(bar, 4, 4)
                painter.setBrush(QColor(*colours[label]))
                bar.setWidth(max(8.0, room * count / most))
                painter.drawRoundedRect(bar, 4, 4)
