"""The list of paths: of each its colour and name, and below them its rule, its steps and its length in latent units."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from latentscope.panels.paths.looks import draw_swatch
from latentscope.paths.routes import Routes
from latentscope.state.paths import LatentPath
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme
from trainer.paths import RULES

__all__ = ["PathList"]

FACTS, LENGTH, COLOUR, NAME = (Qt.ItemDataRole.UserRole + i for i in range(4))
SWATCH, PADDING, LINE_GAP = 18, 8, 2  # logical pixels


class PathList(QListWidget):
    """A click or Enter goes to a path, Delete removes one, F2 or a double click renames a kept one; one that is
    dragged, or moved by Alt and an arrow, gets another place."""

    chosen = Signal(int)
    typed = Signal(int, str)
    remove_wanted = Signal(int)
    move_wanted = Signal(int, int)  # from a row to another

    def __init__(self, workspace: Workspace, routes: Routes, theme: Theme) -> None:
        super().__init__()
        self._workspace, self._routes = workspace, routes
        self._rows = _Rows(theme, self)
        self._held: int | None = None  # the row under the mouse's button
        self._gap: int | None = None  # before which row it would go; None while it is not dragged
        self._pressed = QPoint()
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
        row, along = self.currentRow(), {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if along is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier and row >= 0:
            self.move_to(row, row + along)
        elif event.key() == Qt.Key.Key_Escape and self._gap is not None:
            self._let_go()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.currentRow() >= 0:
            self.remove_wanted.emit(self.currentRow())
        else:
            super().keyPressEvent(event)

    def move_to(self, row: int, to: int) -> None:
        """Ask for another place for a path, and stay on it."""
        if 0 <= to < self.count() and to != row:
            self.move_wanted.emit(row, to)
            self.setCurrentRow(to)

    # --- a row that is dragged to another place: not by Qt's own means, which would move items and not paths ---------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        row = self.row_at(event.position().toPoint())
        self._held = None if row is None or event.button() != Qt.MouseButton.LeftButton else row
        self._pressed = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        where = event.position().toPoint()
        if self._held is None or not event.buttons() & Qt.MouseButton.LeftButton:
            super().mouseMoveEvent(event)
        elif self._gap is not None or (where - self._pressed).manhattanLength() >= QApplication.startDragDistance():
            self._show_gap(self._row_before(where))
            if (item := self.itemAt(self._pressed.x(), where.y())) is not None:
                self.scrollToItem(item)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        row, gap = self._held, self._gap
        self._let_go()
        if row is None or gap is None:
            super().mouseReleaseEvent(event)
        else:
            self.move_to(row, gap - (gap > row))

    def _let_go(self) -> None:
        self._held = None
        self._show_gap(None)

    def _show_gap(self, gap: int | None) -> None:
        """Mark before which row the one that is dragged would go."""
        if gap != self._gap:
            self._gap = gap
            self.viewport().update()

    def _row_before(self, where: QPoint) -> int:
        """Before which row something goes that is let go there."""
        rows = (self.visualItemRect(self.item(row)).center().y() for row in range(self.count()))
        return sum(where.y() > middle for middle in rows)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._gap is not None:
            last = self.count() - 1
            edge = self.visualItemRect(self.item(min(self._gap, last)))
            y = min(max(edge.bottom() if self._gap > last else edge.top(), 1), self.viewport().height() - 2)
            with QPainter(self.viewport()) as painter:
                painter.setPen(QPen(QColor(self._rows.theme.accent), 2.0))
                painter.drawLine(edge.left() + 2, y, edge.right() - 2, y)


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
        swatch = QRectF(option.rect.left() + PADDING, texts.top(), SWATCH, height)
        draw_swatch(painter, swatch, int(index.data(COLOUR) or 0), theme)
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
