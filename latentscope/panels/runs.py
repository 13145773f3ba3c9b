"""The Runs dock: every training that was kept, finished or not, to be opened, resumed or deleted."""

from html import escape
from pathlib import Path

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QFileSystemWatcher,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    QUrl,
    Signal,
)
from PySide6.QtGui import QAction, QDesktopServices, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QMessageBox,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from latentscope.background import Background
from latentscope.panels.run_delegate import RunDelegate, run_words
from latentscope.runs.training import Training
from latentscope.theme import Theme
from trainer.errors import RunError
from trainer.run import Run, RunSummary, delete_run, list_runs, runs_folder

__all__ = ["RunsModel", "RunsPanel"]

Index = QModelIndex | QPersistentModelIndex


class RunsModel(QAbstractListModel):
    """The runs, the newest first; the user role holds the RunSummary."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[RunSummary] = []

    def show_runs(self, runs: list[RunSummary]) -> None:
        """Replace the list. Where only what is said of the runs has changed, the selection stays."""
        if [one.run for one in runs] == [one.run for one in self.runs]:
            self.runs = runs
            if runs:
                self.dataChanged.emit(self.index(0), self.index(len(runs) - 1))
            return
        self.beginResetModel()
        self.runs = runs
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.runs)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        summary = self.runs[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return summary
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            words = run_words(summary)
            return ", ".join(part for part in (words.title, words.line, words.figure) if part)
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(part for part in (str(summary.run.folder), summary.message) if part)
        return None


class RunsPanel(QWidget):
    """The trainings that were kept on this computer. Double click opens one."""

    title = "Runs"
    open_requested = Signal(object)  # Run
    resume_requested = Signal(object)  # Run
    new_requested = Signal()
    failed = Signal(str)  # a sentence for the user

    def __init__(self, training: Training, theme: Theme, root: Path | None = None) -> None:
        """Lists the runs under ``root`` (default: where runs are kept)."""
        super().__init__()
        self._training = training
        self._root = root or runs_folder()
        self._background = Background("runs", self)
        self._watcher = QFileSystemWatcher(self)
        self.model = RunsModel()
        self.view = QListView()
        self.view.setModel(self.model)
        self.view.setUniformItemSizes(True)
        self.view.setMouseTracking(True)
        self.view.setAccessibleName("Runs")
        self.view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._delegate = RunDelegate(theme, self.view)
        self.view.setItemDelegate(self._delegate)
        self.open_action = self._action("Open", "Return", self._open, "Explore this run's newest model")
        self.resume_action = self._action("Resume", "", self._resume, "Go on from where this training stopped")
        self.folder_action = self._action("Show in folder", "", self._show_folder, "Open the run's folder")
        self.delete_action = self._action("Delete…", "Delete", self._ask_to_delete, "Delete this run from the disk")
        self.view.activated.connect(self._open)
        self.view.customContextMenuRequested.connect(self._open_menu)
        self.view.selectionModel().selectionChanged.connect(self._enable)
        self.model.modelReset.connect(self._enable)
        self.model.dataChanged.connect(self._enable)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty_page())
        self._pages.addWidget(self._page())
        self._watcher.directoryChanged.connect(self.refresh)
        training.started.connect(self.refresh)
        training.state_changed.connect(self.refresh)
        self.refresh()

    # --- the house ------------------------------------------------------------------------------------------------

    def _empty_page(self) -> QWidget:
        page = QWidget()
        words = QLabel("No runs yet.\nEvery model that you train is kept here.")
        words.setProperty("role", "muted")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        new = QPushButton("New model…")
        new.clicked.connect(self.new_requested)
        layout = QVBoxLayout(page)
        layout.setSpacing(12)
        layout.addStretch(1)
        layout.addWidget(words)
        layout.addWidget(new, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        return page

    def _page(self) -> QWidget:
        page = QWidget()
        buttons = QHBoxLayout()
        buttons.setContentsMargins(12, 0, 12, 0)
        buttons.setSpacing(6)
        for action in (self.open_action, self.resume_action, self.delete_action):
            button = QPushButton(action.text())
            button.setToolTip(action.toolTip())
            button.clicked.connect(action.trigger)
            action.enabledChanged.connect(button.setEnabled)
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 12)
        layout.setSpacing(8)
        layout.addWidget(self.view, 1)
        layout.addLayout(buttons)
        return page

    def _action(self, text: str, key: str, do: object, tip: str) -> QAction:
        action = QAction(text, self)
        action.setToolTip(tip)
        action.setEnabled(False)
        if key == "Delete":
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: do())  # type: ignore[operator]
        self.view.addAction(action)
        return action

    def set_theme(self, theme: Theme) -> None:
        self._delegate.set_theme(theme)
        self.view.viewport().update()

    def stop(self) -> None:
        """End what is under way; to be called when the window closes."""
        self._background.close()

    # --- the list -------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the list anew, on a thread of its own; cheap enough to be called whenever something may have changed."""
        root = self._root
        if not self._watcher.directories() and root.is_dir():
            self._watcher.addPath(str(root))
        self._background.submit("list", lambda: list_runs(root), self._show, lambda error: self.failed.emit(str(error)))

    def busy(self) -> bool:
        """Whether the list is being read."""
        return self._background.busy()

    def event(self, event: QEvent) -> bool:
        # Other programs may have trained meanwhile, and a run that was killed is found out by looking.
        if event.type() in (QEvent.Type.WindowActivate, QEvent.Type.Show):
            self.refresh()
        return super().event(event)

    def _show(self, runs: list[RunSummary]) -> None:
        chosen = self.selected()
        self.model.show_runs(runs)
        self._pages.setCurrentIndex(1 if runs else 0)
        if chosen is not None:
            self.select(chosen.run)

    def selected(self) -> RunSummary | None:
        index = self.view.currentIndex()
        return self.model.runs[index.row()] if index.isValid() and index.row() < len(self.model.runs) else None

    def select(self, run: Run) -> None:
        for row, summary in enumerate(self.model.runs):
            if summary.run == run:
                self.view.setCurrentIndex(self.model.index(row))

    def _enable(self) -> None:
        chosen = self.selected()
        going_on = chosen is not None and chosen.status in ("running", "paused")
        self.open_action.setEnabled(chosen is not None)
        self.folder_action.setEnabled(chosen is not None)
        self.resume_action.setEnabled(chosen is not None and chosen.can_resume and not going_on)
        self.delete_action.setEnabled(chosen is not None and not going_on)

    # --- what can be done with a run ------------------------------------------------------------------------------

    def _open(self) -> None:
        if (chosen := self.selected()) is not None:
            self.open_requested.emit(chosen.run)

    def _resume(self) -> None:
        if (chosen := self.selected()) is not None:
            self.resume_requested.emit(chosen.run)

    def _show_folder(self) -> None:
        if (chosen := self.selected()) is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(chosen.run.folder)))

    def _ask_to_delete(self) -> None:
        chosen = self.selected()
        if chosen is None:
            return
        words = run_words(chosen)
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("Delete run")
        box.setText(f"<b>Delete this run?</b><br>{escape(words.title)}, {words.line}")
        box.setInformativeText("Its model, its snapshots and its curves are removed from the disk for good.")
        delete = box.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        delete.clicked.connect(lambda: self._delete(chosen.run))
        box.open()

    def _delete(self, run: Run) -> None:
        try:
            delete_run(run)
        except RunError as error:
            self.failed.emit(str(error))
        self.refresh()

    def _open_menu(self, position: QPoint) -> None:
        if not self.view.indexAt(position).isValid():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([self.open_action, self.resume_action, self.folder_action])
        menu.addSeparator()
        menu.addAction(self.delete_action)
        menu.popup(self.view.viewport().mapToGlobal(position))
