"""The heads of the columns of the Dimensions dock."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from latentscope.panels.dimensions.rows import DimensionRows
from latentscope.theme import Theme

__all__ = ["RowsHeader"]


class RowsHeader(QWidget):
    """What the columns are; it stays when the rows are scrolled."""

    def __init__(self, rows: DimensionRows, theme: Theme) -> None:
        super().__init__()
        self._rows, self._theme = rows, theme
        rows.resized.connect(self.update)  # a scroll bar takes some of their width
        self.setToolTip(
            "KL: what a code costs in this dimension over the prior, in nats, averaged over test images.\n"
            "σ: the standard deviation of the posterior in it, averaged; the prior's is 1."
        )

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self.fontMetrics().height() + 6)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        columns = self._rows.layout_of_row
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        with QPainter(self) as painter:
            painter.setPen(QColor(self._theme.muted))
            heads = [(columns.value, "probe", right)]
            if self._rows.posterior:
                heads += [(columns.kl, "KL, nats", Qt.AlignmentFlag.AlignVCenter), (columns.sigma, "σ", right)]
            for (x, width), text, side in heads:
                wide = width + columns.kl_value[1] if text.startswith("KL") else width
                painter.drawText(QRectF(x, 0, wide, self.height()), side, text)
