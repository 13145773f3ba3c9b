"""The Paths dock: the draft gets a name and is kept; a click on a path makes it the active one."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from latentscope.panels.name_field import NameField
from latentscope.panels.paths.looks import add_looks
from latentscope.panels.paths.path_list import PathList
from latentscope.paths import editing
from latentscope.paths.names import LONGEST, suggested_name
from latentscope.paths.routes import Routes
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme

__all__ = ["PathsPanel"]

PAUSE_MS = 150  # between two looks for a name


class PathsPanel(QWidget):
    """The paths of the workspace. Keep the draft under a name; click a path to go to it, double click to rename it."""

    title = "Paths"
    _typed = Signal(int, str)  # the row of a kept path, and what was typed over its name

    def __init__(self, workspace: Workspace, routes: Routes, theme: Theme) -> None:
        super().__init__()
        self._workspace, self._theme = workspace, theme
        self._again = False
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._suggest_again)
        self.name = NameField()
        self.name.setMaxLength(LONGEST)
        self.name.setAccessibleName("Name of the path to keep")
        self.name.setMinimumWidth(60)
        self.name.returnPressed.connect(self.keep)
        self.keep_button = QPushButton("Keep")
        self.keep_button.setToolTip("Keep the draft under this name (Ctrl+Shift+D); the next that is drawn is another")
        self.keep_button.clicked.connect(self.keep)
        self.list = PathList(workspace, routes, theme)
        self.list.chosen.connect(self._go_to)
        self.list.remove_wanted.connect(lambda row: editing.remove(workspace, row))
        self.list.move_wanted.connect(lambda row, to: editing.move(workspace, row, to))
        self.list.typed.connect(self._typed)
        # The list follows the paths, which must not happen while its own editor is being closed.
        self._typed.connect(self._rename, Qt.ConnectionType.QueuedConnection)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self._empty = QLabel(
            "Shift + drag on the map draws a path. With the path tool (P) click for its waypoints, with the freehand"
            " tool (F) draw it in one stroke. A path that is kept stays in a list here."
        )
        self._empty.setWordWrap(True)
        self._empty.setProperty("role", "muted")
        self.duplicate_button, self.remove_button = QPushButton("Duplicate"), QPushButton("Remove")
        self.duplicate_button.setToolTip("Keep a copy of the active path")
        self.duplicate_button.clicked.connect(lambda: self._with_active(editing.duplicate))
        self.remove_button.setToolTip("Remove the active path (Delete in the list)")
        self.remove_button.clicked.connect(lambda: self._with_active(editing.remove))

        line, below = QHBoxLayout(), QHBoxLayout()
        for row in (line, below):
            row.setSpacing(6)
        line.addWidget(self.name, 1)
        line.addWidget(self.keep_button)
        for button in (self.duplicate_button, self.remove_button):
            button.setProperty("role", "flat")
            below.addWidget(button)
        below.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 8)
        layout.setSpacing(6)
        layout.addLayout(line)
        layout.addWidget(self._empty)
        layout.addWidget(self.list, 1)
        layout.addLayout(below)
        layout.addStretch(0)
        workspace.pathing.changed.connect(self.refresh)
        workspace.model_changed.connect(self.refresh)
        self.refresh()

    def sizeHint(self) -> QSize:
        return QSize(236, 400)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.list.set_theme(theme)

    def keep(self) -> None:
        """Keep the draft under the name that was typed, or that is offered."""
        editing.keep(self._workspace, self.name.text())
        self.name.clear()

    def refresh(self) -> None:
        paths, path = self._workspace.pathing.paths, self._workspace.pathing.current
        draft = path is not None and not path.name
        self.name.setEnabled(draft)
        self.keep_button.setEnabled(draft)
        if path is not None and draft:
            self._suggest()
        else:
            self.name.setPlaceholderText("No path is active" if path is None else "This path is kept")
        self._empty.setVisible(not paths.items)
        self.list.setVisible(bool(paths.items))
        for button in (self.duplicate_button, self.remove_button):
            button.setVisible(bool(paths.items))
            button.setEnabled(path is not None)

    def _suggest(self) -> None:
        """Offer a name for the draft: at once, and while it is dragged now and then, since there may be millions of
        codes round its ends."""
        path = self._workspace.pathing.current
        if self._pause.isActive():
            self._again = True
        elif path is not None and not path.name and self.isVisible():
            self._again = False
            self._pause.start()
            self.name.setPlaceholderText(suggested_name(self._workspace, path))

    def _suggest_again(self) -> None:
        if self._again:
            self._suggest()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._suggest()

    def _with_active(self, do: Callable[[Workspace, int], None]) -> None:
        active = self._workspace.pathing.paths.active
        if active is not None:
            do(self._workspace, active)

    def _go_to(self, row: int) -> None:
        editing.activate(self._workspace, row)

    def _rename(self, row: int, text: str) -> None:
        if row < len(self._workspace.pathing.paths.items):
            editing.rename(self._workspace, row, text)
        self.list.refresh()

    def _open_menu(self, where: QPoint) -> None:
        row = self.list.row_at(where)
        if row is None:
            return
        workspace = self._workspace
        path = workspace.pathing.paths.items[row]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if row != workspace.pathing.paths.active:
            menu.addAction("Go to This Path", lambda: editing.activate(workspace, row))
        if path.name:
            menu.addAction("Rename", lambda: self.list.rename(row))
            add_looks(menu, workspace, row, self._theme)
        elif row == workspace.pathing.paths.active:
            menu.addAction("Keep", self.keep)
        menu.addAction("Duplicate", lambda: editing.duplicate(workspace, row))
        menu.addSeparator()
        for text, to in (("Move Up", row - 1), ("Move Down", row + 1)):
            action = menu.addAction(text, partial(self.list.move_to, row, to))
            action.setEnabled(0 <= to < len(workspace.pathing.paths.items))
        menu.addSeparator()
        menu.addAction("Remove", lambda: editing.remove(workspace, row))
        menu.popup(self.list.viewport().mapToGlobal(where))
