"""The list of paths: of each its colour and name, and below them its rule, its steps and its length in latent units."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from latentscope.paths.routes import Routes
from latentscope.state.paths import LatentPath
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme, path_colour
from trainer.paths import RULES

__all__ = ["PathList"]

FACTS, LENGTH, COLOUR, NAME = (Qt.ItemDataRole.UserRole + i for i in range(4))
SWATCH, PADDING, LINE_GAP = 18, 8, 2  # logical pixels


class PathList(QListWidget):
    """A click or Enter goes to a path, Delete removes one, F2 or a double click renames a kept one."""

    chosen = Signal(int)
    typed = Signal(int, str)
    remove_wanted = Signal(int)

    def __init__(self, workspace: Workspace, routes: Routes, theme: Theme) -> None:
        super().__init__()
        self._workspace, self._routes = workspace, routes
        self._rows = _Rows(theme, self)
        self.setItemDelegate(self._rows)
        self.setAccessibleName("Paths")
        self.setMinimumWidth(60)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        self.itemClicked.connect(lambda item: self.chosen.emit(self.row(item)))
        self.itemActivated.connect(self._activate)
        self.itemChanged.connect(lambda item: self.typed.emit(self.row(item), item.text()))
        workspace.pathing.changed.connect(self.refresh)
        workspace.model_changed.connect(self.refresh)
        routes.changed.connect(self.refresh)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        self._rows.theme = theme
        self.viewport().update()

    def row_at(self, where: QPoint) -> int | None:
        item = self.itemAt(where)
        return None if item is None else self.row(item)

    def rename(self, row: int) -> None:
        """Let the name be typed over."""
        item = self.item(row)
        if item is not None:
            self.editItem(item)

    def refresh(self) -> None:
        paths = self._workspace.pathing.paths
        self.blockSignals(True)
        while self.count() > len(paths.items):
            self.takeItem(self.count() - 1)
        while self.count() < len(paths.items):
            self.addItem(QListWidgetItem())
        for row, path in enumerate(paths.items):
            self._fill(self.item(row), path)
        if paths.current is not None:
            self._routes.route(paths.current)  # what is asked for last is found first
        self.setCurrentRow(-1 if paths.active is None else paths.active)
        self.blockSignals(False)

    def _fill(self, item: QListWidgetItem, path: LatentPath) -> None:
        name, length = path.name or "Draft", f"{self._routes.route(path).curve.length:.2f}"
        facts = f"{RULES[path.kind].title} · {path.steps} steps{' · loop' if path.closed else ''}"
        tip = f"{name}\n{facts}\n{length} long, in latent units"
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        values = {
            Qt.ItemDataRole.DisplayRole: name,
            FACTS: facts,
            LENGTH: length,
            COLOUR: path.colour,
            NAME: path.name,
            Qt.ItemDataRole.ToolTipRole: tip,
            Qt.ItemDataRole.AccessibleTextRole: tip.replace("\n", ", "),
        }
        for role, value in values.items():
            if item.data(role) != value:
                item.setData(role, value)
        item.setFlags(flags | Qt.ItemFlag.ItemIsEditable if path.name else flags)

    def _activate(self, item: QListWidgetItem) -> None:
        self.chosen.emit(self.row(item))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.currentRow() >= 0:
            self.remove_wanted.emit(self.currentRow())
        else:
            super().keyPressEvent(event)


class _Rows(QStyledItemDelegate):
    """Paints a row of two lines, with a piece of the path's line before the name."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(60, 2 * option.fontMetrics.height() + LINE_GAP + 2 * PADDING)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        place, row = self._texts(option), option.rect
        editor.setGeometry(place.left() - 6, row.top() + 4, place.width() + 6, row.height() - 8)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme, texts = self.theme, self._texts(option)
        state = option.state
        active, hovered = bool(state & QStyle.StateFlag.State_Selected), bool(state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if active or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.raised))
            painter.setOpacity(1.0 if active else 0.55)
            painter.drawRoundedRect(option.rect.adjusted(0, 1, 0, -1), 6, 6)
            painter.setOpacity(1.0)
        height = option.fontMetrics.height()
        middle = texts.top() + height / 2
        left = option.rect.left() + PADDING
        pen = QPen(QColor(path_colour(int(index.data(COLOUR) or 0), theme)), 3.0)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(QPointF(left + 2, middle), QPointF(left + SWATCH - 2, middle))
        elide, vcentre = option.fontMetrics.elidedText, Qt.AlignmentFlag.AlignVCenter
        font = painter.font()
        font.setBold(active)
        font.setItalic(not index.data(NAME))
        painter.setFont(font)
        painter.setPen(QColor(theme.text))
        first = QRect(texts.left(), texts.top(), texts.width(), height)
        name = painter.fontMetrics().elidedText(index.data(), Qt.TextElideMode.ElideRight, first.width())
        painter.drawText(first, vcentre, name)
        painter.setFont(option.font)
        painter.setPen(QColor(theme.muted))
        second = first.translated(0, height + LINE_GAP)
        length = str(index.data(LENGTH))
        painter.drawText(second, vcentre | Qt.AlignmentFlag.AlignRight, length)
        room = second.width() - option.fontMetrics.horizontalAdvance(length) - PADDING
        painter.drawText(second, vcentre, elide(index.data(FACTS), Qt.TextElideMode.ElideRight, room))
        painter.restore()

    @staticmethod
    def _texts(option: QStyleOptionViewItem) -> QRect:
        return option.rect.adjusted(PADDING + SWATCH + 8, PADDING, -PADDING, -PADDING)
