"""How one run is put into words and drawn: as two lines with its figure at the right, or as a row of a wide table."""

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from latentscope.runs.columns import COLUMNS, RunRow, status_words
from latentscope.runs.words import duration, model_title, when
from latentscope.theme import Theme, mix
from latentscope.words import MINUS, figure
from trainer.models import is_density

__all__ = ["RunDelegate", "RunWords", "run_words"]

MARGIN = 8  # px, on either side of a cell
DOT = 7.0  # px


@dataclass(frozen=True)
class RunWords:
    title: str
    line: str
    figure: str
    unit: str


def run_words(row: RunRow) -> RunWords:
    """What is said of a run: "2-D VAE on MNIST", "finished · today 14:03 · 60 s", "136.8", "−ELBO"."""
    summary = row.summary
    length = duration(summary.seconds) if summary.seconds else ""
    group = summary.group.title if summary.group else ""
    line = " · ".join(part for part in (status_words(row), group, when(summary.started), length) if part)
    best = summary.negative_elbo if summary.negative_elbo is not None else summary.reconstruction
    unit = f"{MINUS}ELBO" if summary.negative_elbo is not None else "reconstruction"
    if is_density(summary.config):
        unit += " (density)"
    return RunWords(
        model_title(summary.config), line, "" if best is None else figure(best), unit if best is not None else ""
    )


class RunDelegate(QStyledItemDelegate):
    """Paints what a table of runs shows.

    ``wide``: a cell a column; else a dot for the status, the model and its story on two lines, the figure at the right.
    """

    def __init__(self, theme: Theme, parent: QAbstractItemView) -> None:
        super().__init__(parent)
        self._theme = theme
        self.wide = False

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme

    def row_height(self, line: int) -> int:
        """Of a row in pixels, where a line of text takes so many."""
        return line + 12 if self.wide else 2 * line + 20

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        height = self.row_height(option.fontMetrics.height())
        if not self.wide:
            return QSize(200, height)
        row: RunRow = index.data(Qt.ItemDataRole.UserRole)
        text = COLUMNS[index.column()].words(row)
        dot = 0 if index.column() else round(DOT) + 8
        return QSize(option.fontMetrics.horizontalAdvance(text) + dot + 2 * MARGIN + 2, height)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        painter.save()
        painter.fillRect(option.rect, QColor(self._theme.panel))  # over what the style sheet makes of a selected row
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.wide:
            self._paint_cell(painter, option, index)
        else:
            self._paint_lines(painter, option, index.data(Qt.ItemDataRole.UserRole))
        painter.restore()

    def _paint_cell(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row: RunRow = index.data(Qt.ItemDataRole.UserRole)
        column, theme, area = COLUMNS[index.column()], self._theme, QRectF(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, mix(theme.panel, theme.accent, 0.24))
        elif index.row() % 2:
            painter.fillRect(area, mix(theme.panel, theme.raised, 0.45))
        place = area.adjusted(MARGIN, 0, -MARGIN, 0)
        if index.column() == 0:
            self._paint_dot(painter, QPointF(place.left() + DOT / 2, place.center().y()), row)
            place.setLeft(place.left() + DOT + 8)
        quiet = column.name in ("started", "budget", "trained", "network", "likelihood", "data")
        painter.setPen(QColor(theme.muted if quiet else theme.text))
        painter.setFont(option.font)
        side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
        shown = option.fontMetrics.elidedText(column.words(row), Qt.TextElideMode.ElideRight, int(place.width()))
        painter.drawText(place, side | Qt.AlignmentFlag.AlignVCenter, shown)

    def _paint_lines(self, painter: QPainter, option: QStyleOptionViewItem, row: RunRow) -> None:
        words, theme, metrics = run_words(row), self._theme, option.fontMetrics
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        area = QRectF(option.rect).adjusted(6, 1, -6, -1)
        if selected or hovered:
            painter.setPen(QColor(theme.accent) if selected else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.raised))
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        line = metrics.height()
        top = area.top() + (area.height() - 2 * line - 2) / 2
        self._paint_dot(painter, QPointF(area.left() + 10 + DOT / 2, top + line / 2), row)
        bold = QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        right = max(metrics.horizontalAdvance(words.figure) + 8, metrics.horizontalAdvance(words.unit)) + 12
        left, width = area.left() + 26, area.width() - 26 - right - 12
        rows = (
            (words.title, words.figure, theme.text, top),
            (words.line, words.unit, theme.muted, top + line + 2),
        )
        for number, (text, value, colour, y) in enumerate(rows):
            painter.setFont(option.font if number else bold)
            painter.setPen(QColor(colour))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(width))
            painter.drawText(QRectF(left, y, width, line), Qt.AlignmentFlag.AlignVCenter, shown)
            place = QRectF(area.right() - right - 8, y, right, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, value)

    def _paint_dot(self, painter: QPainter, middle: QPointF, row: RunRow) -> None:
        """Full in the colour of the status; a ring for a run that waits in the queue."""
        colour = QColor(self._status_colour(row.summary.status))
        painter.setPen(QColor(self._theme.accent) if row.queued else Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush if row.queued else colour)
        painter.drawEllipse(middle, DOT / 2, DOT / 2)

    def _status_colour(self, status: str) -> str:
        theme = self._theme
        colours = {"running": theme.accent, "paused": theme.warning, "finished": theme.success, "failed": theme.danger}
        return colours.get(status, theme.warning if status == "interrupted" else theme.muted)
