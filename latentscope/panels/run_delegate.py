"""How one run is put into words and drawn in the list of runs: two lines, and its figure at the right."""

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from latentscope.runs.words import duration, model_title, when
from latentscope.theme import Theme
from latentscope.words import MINUS, figure
from trainer.models import is_density
from trainer.run import RunSummary

__all__ = ["RunDelegate", "RunWords", "run_words"]

STATUS = {"running": "training now", "new": "not begun"}


@dataclass(frozen=True)
class RunWords:
    title: str
    line: str
    figure: str
    unit: str


def run_words(summary: RunSummary) -> RunWords:
    """What is said of a run: "2-D VAE on MNIST", "finished · today 14:03 · 60 s", "136.8", "−ELBO"."""
    status = STATUS.get(summary.status, summary.status)
    length = duration(summary.seconds) if summary.seconds else ""
    line = " · ".join(part for part in (status, when(summary.started), length) if part)
    best = summary.negative_elbo if summary.negative_elbo is not None else summary.reconstruction
    unit = f"{MINUS}ELBO" if summary.negative_elbo is not None else "reconstruction"
    if is_density(summary.config):
        unit += " (density)"
    return RunWords(
        model_title(summary.config), line, "" if best is None else figure(best), unit if best is not None else ""
    )


class RunDelegate(QStyledItemDelegate):
    """A dot for the status, the model and its story on two lines, the test figure at the right."""

    def __init__(self, theme: Theme, parent: QAbstractItemView) -> None:
        super().__init__(parent)
        self._theme = theme

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, 2 * option.fontMetrics.height() + 20)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        summary: RunSummary = index.data(Qt.ItemDataRole.UserRole)
        words, theme, metrics = run_words(summary), self._theme, option.fontMetrics
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        area = QRectF(option.rect).adjusted(6, 1, -6, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if selected or hovered:
            painter.setPen(QColor(theme.accent) if selected else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.raised))
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        line = metrics.height()
        top = area.top() + (area.height() - 2 * line - 2) / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._status_colour(summary.status)))
        painter.drawEllipse(QRectF(area.left() + 10, top + line / 2 - 3.5, 7, 7))
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
        painter.restore()

    def _status_colour(self, status: str) -> str:
        theme = self._theme
        colours = {"running": theme.accent, "paused": theme.warning, "finished": theme.success, "failed": theme.danger}
        return colours.get(status, theme.warning if status == "interrupted" else theme.muted)
