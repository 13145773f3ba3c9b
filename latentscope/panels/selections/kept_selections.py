"""The kept selections: a name field that keeps what is selected, and a list from which it is selected again."""

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from latentscope.analysis.selection_names import LONGEST, suggested_name
from latentscope.panels.name_field import NameField
from latentscope.state.selection import HowToSelect, Selection, how_by_keys
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme

__all__ = ["KeptSelections"]

NAME = Qt.ItemDataRole.UserRole
MOST_ROWS = 7  # before the list scrolls


class KeptSelections(QWidget):
    """Keeps what is selected under a name. A click selects it again; Shift adds it, Alt removes it."""

    _typed = Signal(str, str)  # the name of a kept selection, and what was typed over it

    def __init__(self, workspace: Workspace, theme: Theme) -> None:
        super().__init__()
        self._workspace, self._theme = workspace, theme
        self._selecting = workspace.selecting
        self.name = NameField()
        self.name.setMaxLength(LONGEST)
        self.name.setAccessibleName("Name of the selection to keep")
        self.name.setMinimumWidth(60)
        self.name.textChanged.connect(self._say_what_keep_does)
        self.name.returnPressed.connect(self.keep)
        self.button = QPushButton("Keep")
        self.button.clicked.connect(self.keep)
        self.list = _List()
        self.list.itemClicked.connect(lambda item: self._select(item, how_by_keys(QApplication.keyboardModifiers())))
        self.list.itemActivated.connect(lambda item: self._select(item, "replace"))
        self.list.itemChanged.connect(lambda item: self._typed.emit(item.data(0, NAME), item.text(0)))
        # The list is made anew, which must not happen while its own editor is being closed.
        self._typed.connect(self._rename, Qt.ConnectionType.QueuedConnection)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.list.forget_wanted = self._forget
        self._empty = QLabel()
        self._empty.setWordWrap(True)
        self._empty.setProperty("role", "muted")
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.name, 1)
        line.addWidget(self.button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(line)
        layout.addWidget(self._empty)
        layout.addWidget(self.list)
        self._selecting.changed.connect(self._follow_selection)
        self._selecting.kept_changed.connect(self.refresh)
        workspace.model_changed.connect(self.refresh)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.refresh()

    def ask_for_a_name(self) -> None:
        """Offer a name, ready to be changed; Enter keeps what is selected under it."""
        self.name.setText(suggested_name(self._workspace))
        self.name.selectAll()
        self.name.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keep(self) -> None:
        """Keep what is selected under the name that was typed, or that is offered."""
        name = " ".join(self.name.text().split()) or suggested_name(self._workspace)
        if name and len(self._selecting.selection):
            self._selecting.keep(name)
            self.name.clear()

    def refresh(self) -> None:
        kept = self._selecting.kept
        self.list.blockSignals(True)
        self.list.clear()
        for one in kept:
            item = QTreeWidgetItem([one.name, f"{len(one):,}"])
            item.setData(0, NAME, one.name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            item.setToolTip(0, f"{one.name}: {len(one):,} points. Click selects them, Shift adds, Alt removes them.")
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setForeground(1, QBrush(QColor(self._theme.muted)))
            self.list.addTopLevelItem(item)
        self.list.blockSignals(False)
        self.list.setVisible(bool(kept))
        self.list.setFixedHeight(26 * min(max(len(kept), 1), MOST_ROWS) + 4)
        self._follow_selection()

    def _follow_selection(self) -> None:
        selection = self._selecting.selection
        some = len(selection) > 0
        self.name.setEnabled(some)
        self.name.setPlaceholderText(suggested_name(self._workspace) or "Nothing is selected")
        self._say_what_keep_does()
        if not self._selecting.kept:
            self._empty.setText(
                "Give what is selected a name, and it stays in a list here."
                if some
                else "Select points with the lasso (L), the rectangle (M), or Ctrl + click on a class."
            )
        self._empty.setVisible(not self._selecting.kept)
        self.list.blockSignals(True)
        same = (row for row, one in enumerate(self._selecting.kept) if np.array_equal(one.index, selection.index))
        row = next(same, -1) if some else -1
        self.list.setCurrentIndex(self.list.model().index(row, 0))
        self.list.blockSignals(False)

    def _say_what_keep_does(self) -> None:
        name = " ".join(self.name.text().split())
        taken = any(one.name == name for one in self._selecting.kept)
        self.button.setText("Replace" if taken else "Keep")
        self.button.setEnabled(len(self._selecting.selection) > 0)
        self.button.setToolTip(
            "What is kept under this name becomes what is selected now" if taken else "Keep what is selected (Ctrl+D)"
        )

    def _kept(self, item: QTreeWidgetItem) -> Selection | None:
        return next((one for one in self._selecting.kept if one.name == item.data(0, NAME)), None)

    def _select(self, item: QTreeWidgetItem, how: HowToSelect) -> None:
        kept = self._kept(item)
        if kept is None:
            return
        if how == "replace":
            self._selecting.change(kept, f"Select {kept.name}")
        else:
            self._selecting.choose(kept.index, how, kept.name)
        self._follow_selection()

    def _rename(self, old: str, text: str) -> None:
        new = " ".join(text.split())[:LONGEST]
        if new and new != old:
            self._selecting.rename(old, new)
        else:
            self.refresh()

    def _forget(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self._selecting.forget(item.data(0, NAME))

    def _open_menu(self, where: QPoint) -> None:
        item = self.list.itemAt(where)
        if item is None:
            return
        name = item.data(0, NAME)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Select", lambda: self._select(item, "replace"))
        menu.addAction("Add to the Selection", lambda: self._select(item, "add"))
        menu.addAction("Remove from the Selection", lambda: self._select(item, "remove"))
        menu.addSeparator()
        menu.addAction("Rename", lambda: self.list.editItem(item, 0))
        menu.addAction("Remove from This List", lambda: self._selecting.forget(name))
        menu.popup(self.list.viewport().mapToGlobal(where))


class _List(QTreeWidget):
    """Names and counts. Delete removes one, F2 or a double click renames it."""

    def __init__(self) -> None:
        super().__init__()
        self.forget_wanted = lambda: None
        self.setAccessibleName("Kept selections")
        self.setMinimumWidth(60)
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.forget_wanted()
        else:
            super().keyPressEvent(event)
