"""The command palette (Ctrl+Shift+P) and the list of shortcuts (Ctrl+/)."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from latentscope.panels.scrolled import scrolled

__all__ = ["CommandPalette", "ShortcutList", "match"]

GESTURES = [
    ("Click or drag on the map", "Decode there, continuously"),
    ("Shift + drag", "Draw a path; Alt (or Ctrl): its ends do not snap to points"),
    (
        "Click with the path tool (P)",
        "Add a waypoint; Enter or a double click ends the path, the first waypoint closes it",
    ),
    ("Drag with the freehand tool (F)", "Draw a path in one stroke"),
    ("Double click another path", "Go to it"),
    ("Drag a waypoint, or the path between", "Move it, or bend the path there"),
    ("Click a waypoint, then Delete", "Remove it"),
    ("Mouse over a frame; click it", "Probe there until the mouse leaves; for good"),
    ("Drag the bar below the frames", "Run through the path; Space plays it"),
    ("Lasso (L) or rectangle (M), then drag", "Select the points inside; Shift adds, Alt (or Ctrl) removes"),
    ("Click with one of these tools", "Select that point; on the empty map, select nothing"),
    ("Wheel or pinch", "Zoom at the cursor"),
    ("Middle drag, or Space + drag", "Pan"),
    ("Double click on the map", "Reset the view"),
    ("Arrow keys (+ Shift)", "Nudge the probe (by more)"),
    ("Right click", "What can be done there"),
    ("Click a class", "Hide or show it"),
    ("Double click a class", "Show it alone"),
    ("Ctrl + click a class; Shift, Alt", "Select its points; add them, remove them"),
    ("Esc", "Cancel the gesture; else select nothing; else remove the draft, or leave the kept path"),
    ("Drop a file on the window", "Open a model, an image or a data set"),
    ("Alt + drop a model, or drop several", "Compare them side by side"),
]


def match(query: str, text: str) -> int | None:
    """How well a query fits a text: the letters must occur in this order; None if they do not, lower is better."""
    position, cost = -1, 0
    lower = text.lower()
    for letter in query.lower():
        if letter == " ":
            continue
        found = lower.find(letter, position + 1)
        if found < 0:
            return None
        cost += found - position - 1
        position = found
    return cost


class CommandPalette(QDialog):
    """Type a few letters of anything in the menus, Enter does it."""

    def __init__(self, actions: Iterable[QAction], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAccessibleName("Command palette")
        self._actions = [action for action in actions if action.isEnabled() and not action.menu()]
        self.query = QLineEdit()
        self.query.setPlaceholderText("Type a command")
        self.query.textChanged.connect(self._filter)
        self.query.installEventFilter(self)
        self.found = QTreeWidget()
        self.found.setColumnCount(2)
        self.found.setHeaderHidden(True)
        self.found.setRootIsDecorated(False)
        self.found.header().setStretchLastSection(False)
        self.found.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.found.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.found.itemActivated.connect(self._run)
        self.found.itemClicked.connect(self._run)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 10)
        layout.addWidget(self.query)
        layout.addWidget(self.found)
        self.resize(520, 360)
        middle = parent.mapToGlobal(parent.rect().center())
        self.move(middle.x() - 260, parent.mapToGlobal(parent.rect().topLeft()).y() + 90)
        self._filter("")
        self.query.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.query and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            count = self.found.topLevelItemCount()
            if step is not None and count:
                self._choose((self.found.currentIndex().row() + step) % count)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run(self.found.currentItem())
                return True
        return super().eventFilter(watched, event)

    def _filter(self, query: str) -> None:
        ranked = []
        for action in self._actions:
            text = words_of(action)
            cost = match(query, text)
            if cost is not None:
                ranked.append((cost, text, action))
        self.found.clear()
        for _, text, action in sorted(ranked, key=lambda entry: entry[:2]):
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            item = QTreeWidgetItem([text, keys])
            item.setData(0, Qt.ItemDataRole.UserRole, action)
            self.found.addTopLevelItem(item)
        self._choose(0)

    def _choose(self, row: int) -> None:
        self.found.setCurrentIndex(self.found.model().index(row, 0))

    def _run(self, item: QTreeWidgetItem | None) -> None:
        self.accept()
        if item is not None:
            item.data(0, Qt.ItemDataRole.UserRole).trigger()


def words_of(action: QAction) -> str:
    """What an action is called outside its menu: "Theme: Dark" for the entry Dark of View > Theme."""
    text = action.text().rstrip("…")
    _, _, submenu = str(action.data() or "").rpartition("/")
    return f"{submenu}: {text}" if "/" in str(action.data() or "") else text


class ShortcutList(QDialog):
    """Every gesture, and below every key, in two columns."""

    def __init__(self, actions: Iterable[QAction], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Mouse and keys")
        keys = [
            (", ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts()), action)
            for action in actions
        ]
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 12, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(7)
        grid.setColumnStretch(1, 1)
        self._fill(grid, "Gestures", GESTURES)
        self._fill(grid, "Keys", [(text, words_of(action)) for text, action in keys if text])
        inner = QWidget()
        inner.setLayout(grid)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.addWidget(scrolled(inner))
        layout.addWidget(buttons)
        self.resize(720, 640)

    @staticmethod
    def _fill(grid: QGridLayout, title: str, rows: Iterable[tuple[str, str]]) -> None:
        heading = QLabel(title)
        heading.setProperty("role", "heading")
        grid.addWidget(heading, grid.rowCount(), 0, 1, 2)
        grid.setRowMinimumHeight(grid.rowCount() - 1, 30)
        for gesture, meaning in rows:
            row = grid.rowCount()
            words = QLabel(meaning)
            words.setWordWrap(True)
            top = Qt.AlignmentFlag.AlignTop
            grid.addWidget(QLabel(gesture), row, 0, top)
            words.setProperty("role", "muted")
            grid.addWidget(words, row, 1, top)
