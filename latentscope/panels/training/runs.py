"""The Runs dock: every training that was kept, queued or begun, to be opened, resumed, compared or deleted."""

from collections.abc import Callable
from html import escape
from pathlib import Path

from PySide6.QtCore import QEvent, QFileSystemWatcher, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPushButton,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from latentscope.background import Background
from latentscope.panels.training.queue_bar import QueueBar
from latentscope.panels.training.run_delegate import run_words
from latentscope.panels.training.runs_model import RunsModel
from latentscope.panels.training.runs_view import RunsView
from latentscope.runs.columns import RunRow
from latentscope.runs.queue import RunQueue
from latentscope.runs.training import Training
from latentscope.runs.words import count
from latentscope.settings import Settings
from latentscope.theme import Theme
from trainer.atomic import reason, write_atomically
from trainer.errors import RunError
from trainer.events import Event, Snapshot
from trainer.run import Catalogue, Run, RunSummary, delete_run

__all__ = ["RunsPanel"]


class RunsPanel(QWidget):
    """The trainings that were kept on this computer, and those that are queued. Double click opens one; made wide, it
    is a table to sort by any figure."""

    title = "Runs"
    open_requested = Signal(object)  # Run
    resume_requested = Signal(object)  # Run: go on with it, or begin it now
    overlay_requested = Signal(list)  # Runs: show their curves together
    compare_requested = Signal(list)  # Runs: show their maps side by side, or one beside what is open
    new_requested = Signal()
    wide_requested = Signal()  # make the dock a window of its own, or put it back
    failed = Signal(str)  # a sentence for the user

    def __init__(self, training: Training, queue: RunQueue, theme: Theme, settings: Settings | None = None) -> None:
        """Lists the runs where ``training`` makes them; ``settings`` remember the table's columns."""
        super().__init__()
        self._training = training
        self._queue = queue
        self._settings = settings
        self._root = training.root
        self._runs: list[RunSummary] = []
        self._catalogue = Catalogue(self._root)
        self._background = Background("runs", self)
        self._watcher = QFileSystemWatcher(self)
        self.model = RunsModel()
        self.view = RunsView(self.model, theme, settings)
        self.queue_bar = QueueBar(queue)
        self.filter = QLineEdit()
        self.header = self._header()
        self.none_match = QLabel("No run matches.", self.view)
        self._make_actions()
        self.view.activated.connect(self._open)
        self.view.customContextMenuRequested.connect(self._open_menu)
        self.view.selectionModel().selectionChanged.connect(self._enable)
        self.model.modelReset.connect(self._enable)
        self.model.layoutChanged.connect(self._enable)
        self.model.dataChanged.connect(self._enable)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty_page())
        self._pages.addWidget(self._page())
        self._watcher.directoryChanged.connect(self.refresh)
        training.started.connect(self.refresh)
        training.state_changed.connect(self.refresh)
        training.events.connect(self._take)
        queue.changed.connect(self._show_queue)
        self._enable()
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

    def _header(self) -> QWidget:
        """What the dock shows beside its title."""
        header = QWidget()
        self.filter.setPlaceholderText("Filter")
        self.filter.setAccessibleName("Filter the runs")
        self.filter.setToolTip("Show the runs of which every word is true, such as: mnist 2-d finished")
        self.filter.setClearButtonEnabled(True)
        self.filter.setMaximumWidth(180)
        self.filter.textChanged.connect(self._filter)
        wide = QToolButton()
        wide.setText("⤢")
        wide.setAccessibleName("Table of runs")
        wide.setToolTip("A wide table with all settings and figures, and back (Ctrl+Shift+R)")
        wide.clicked.connect(self.wide_requested)
        layout = QHBoxLayout(header)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.filter, 1)
        layout.addWidget(wide)
        return header

    def _page(self) -> QWidget:
        page = QWidget()
        buttons = QHBoxLayout()
        buttons.setContentsMargins(12, 0, 12, 0)
        buttons.setSpacing(6)
        for action in (self.open_action, self.resume_action, self.overlay_action, self.compare_action):
            buttons.addWidget(_button(action))
        self.take_out = QPushButton("Take out")
        self.take_out.setToolTip("Take this run out of the queue; it can be begun later")
        self.take_out.clicked.connect(self.queue_action.trigger)
        buttons.addWidget(self.take_out)
        buttons.addWidget(_button(self.delete_action))
        buttons.addStretch(1)
        self.none_match.setProperty("role", "muted")
        self.none_match.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.none_match.hide()
        over = QVBoxLayout(self.view.viewport())
        over.addWidget(self.none_match)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 12)
        layout.setSpacing(8)
        layout.addWidget(self.header)  # a dock takes it up into its title
        layout.addWidget(self.queue_bar)
        layout.addWidget(self.view, 1)
        layout.addLayout(buttons)
        return page

    def _make_actions(self) -> None:
        self.open_action = self._action("Open", self._open, "Explore this run's newest model")
        self.resume_action = self._action("Resume", self._resume, "")
        self.queue_action = self._action("Queue", self._toggle_queued, "")
        self.earlier_action = self._action("Earlier", lambda: self.queue_bar.move_chosen(-1), "", "Alt+Up")
        self.later_action = self._action("Later", lambda: self.queue_bar.move_chosen(1), "", "Alt+Down")
        tip = "Show the curves of the selected runs together, in Training"
        self.overlay_action = self._action("Overlay curves", self._overlay, tip)
        tip = "Show the maps of these runs side by side, or that of one beside what is open"
        self.compare_action = self._action("Compare", self._compare, tip)
        self.group_action = self._action("Select its group", self._select_group, "All runs of this comparison")
        tip = "Copy the selected runs, in the shown columns"
        self.copy_action = self._action("Copy as CSV", self._copy, tip, QKeySequence(QKeySequence.StandardKey.Copy))
        self.export_action = self._action("Export table as CSV…", self._export, "Save all shown runs as a table")
        self.folder_action = self._action("Show in folder", self._show_folder, "Open the run's folder")
        self.delete_action = self._action("Delete…", self._ask_to_delete, "Delete the run from the disk", "Delete")
        self.export_action.setEnabled(True)

    def _action(self, text: str, do: Callable[[], object], tip: str, key: str | QKeySequence = "") -> QAction:
        action = QAction(text, self)
        action.setToolTip(tip or text)
        action.setEnabled(False)
        if key:
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: do())
        self.view.addAction(action)
        return action

    def set_theme(self, theme: Theme) -> None:
        self.view.set_theme(theme)

    def stop(self) -> None:
        """End what is under way, and remember the table; to be called when the window closes."""
        self.view.remember()
        self._background.close()

    # --- the list -------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the list anew, on a thread of its own; cheap enough to be called whenever something may have changed."""
        if not self._watcher.directories() and self._root.is_dir():
            self._watcher.addPath(str(self._root))
        self._background.submit("list", self._catalogue.read, self._show, self._fail)

    def _fail(self, error: Exception) -> None:
        self.failed.emit(f"The runs cannot be listed: {error}")

    def busy(self) -> bool:
        """Whether the list is being read."""
        return self._background.busy()

    def event(self, event: QEvent) -> bool:
        # Other programs may have trained meanwhile, and a run that was killed is found out by looking.
        if event.type() in (QEvent.Type.WindowActivate, QEvent.Type.Show):
            self.refresh()
        return super().event(event)

    def _take(self, events: list[Event]) -> None:
        run = self._training.run
        if run is not None and any(isinstance(event, Snapshot) for event in events):  # it has new figures
            self._background.submit("one", lambda: self._catalogue.read_one(run), self._show, self._fail)

    def _show(self, runs: list[RunSummary]) -> None:
        self._runs = runs
        self._queue.forget_gone()
        self._show_queue()

    def _show_queue(self) -> None:
        queue = [(run, self._queue.words(run)) for run in self._queue.runs]
        self._arrange(lambda: self.model.show_runs(self._runs, queue))

    def _filter(self, text: str) -> None:
        self._arrange(lambda: self.model.set_filter(text))

    def _arrange(self, change: Callable[[], None]) -> None:
        """Change what is listed; the selection stays with its runs."""
        chosen, place = self.view.selected(), self.view.verticalScrollBar().value()
        change()
        if chosen and self.view.selected() != chosen:
            self.view.select(chosen)
        self.view.verticalScrollBar().setValue(place)
        self.none_match.setVisible(not self.model.rows)
        self._pages.setCurrentIndex(1 if self.model.count else 0)
        self._enable()

    def selected(self) -> RunSummary | None:
        """The selected run, where it is one only."""
        row = self._row()
        return None if row is None else row.summary

    def select(self, run: Run) -> None:
        self.view.select([run])

    def _rows(self) -> list[RunRow]:
        chosen = set(self.view.selected())
        return [row for row in self.model.rows if row.summary.run in chosen]

    def _row(self) -> RunRow | None:
        rows = self._rows()
        return rows[0] if len(rows) == 1 else None

    def _enable(self) -> None:
        rows = self._rows()
        row = rows[0] if len(rows) == 1 else None
        going_on = [one for one in rows if one.summary.status in ("running", "paused")]
        begun = row is not None and row.summary.status != "new"
        can_begin = row is not None and row.summary.can_resume and not going_on
        self.open_action.setEnabled(begun)
        self.open_action.setVisible((row is None and len(rows) < 2) or begun)
        self.resume_action.setEnabled(can_begin)
        self.resume_action.setVisible(len(rows) < 2)
        self.resume_action.setText("Resume" if begun or row is None else "Start now")
        self.resume_action.setToolTip("Go on from where this training stopped" if begun else "Begin this training now")
        self.queue_action.setEnabled(can_begin)
        self.queue_action.setText("Take out of the queue" if row is not None and row.queued else "Add to the queue")
        for action in (self.earlier_action, self.later_action):
            action.setEnabled(row is not None and bool(row.queued))
        self.overlay_action.setEnabled(any(one.summary.status != "new" for one in rows))
        self.overlay_action.setVisible(len(rows) > 1)
        self.compare_action.setEnabled(bool(rows))
        self.compare_action.setVisible(len(rows) > 1)
        self.group_action.setEnabled(row is not None and row.summary.group is not None)
        self.copy_action.setEnabled(bool(rows))
        self.folder_action.setEnabled(row is not None)
        self.delete_action.setEnabled(bool(rows) and not going_on)
        self.take_out.setVisible(row is not None and bool(row.queued))
        self.queue_bar.choose(row.summary.run if row is not None and row.queued else None)

    # --- what can be done with runs -------------------------------------------------------------------------------

    def _open(self) -> None:
        if (chosen := self.selected()) is not None:
            self.open_requested.emit(chosen.run)

    def _resume(self) -> None:
        if (chosen := self.selected()) is not None:
            self.resume_requested.emit(chosen.run)

    def _toggle_queued(self) -> None:
        row = self._row()
        if row is None:
            return
        try:
            (self._queue.remove if row.queued else self._queue.append)(row.summary.run)
        except RunError as error:
            self.failed.emit(str(error))
            self.refresh()

    def _overlay(self) -> None:
        self.overlay_requested.emit(self.view.selected())

    def _compare(self) -> None:
        self.compare_requested.emit(self.view.selected())

    def _select_group(self) -> None:
        chosen = self.selected()
        if chosen is not None and chosen.group is not None:
            self.view.select([one.run for one in self.model.runs if one.group == chosen.group])

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.view.csv(selected_only=True))

    def _export(self) -> None:
        folder = self._settings.last_folder if self._settings else Path.home()
        name, _ = QFileDialog.getSaveFileName(self, "Export the table", str(folder / "runs.csv"), "Tables (*.csv)")
        if not name:
            return
        path = Path(name) if Path(name).suffix else Path(name).with_suffix(".csv")
        try:
            # With the mark by which Excel knows UTF-8.
            write_atomically(path, self.view.csv(selected_only=False).encode("utf-8-sig"))
        except OSError as error:
            self.failed.emit(f"{path.name} was not written, because {reason(error)}.")

    def _show_folder(self) -> None:
        if (chosen := self.selected()) is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(chosen.run.folder)))

    def _ask_to_delete(self) -> None:
        rows = self._rows()
        if not rows:
            return
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("Delete runs" if len(rows) > 1 else "Delete run")
        first = run_words(rows[0])
        what = f"<b>Delete this run?</b><br>{escape(first.title)}, {escape(first.line)}"
        box.setText(what if len(rows) == 1 else f"<b>Delete these {count(len(rows), 'run')}?</b>")
        whose = "Its model, its snapshots and its" if len(rows) == 1 else "Their models, their snapshots and their"
        box.setInformativeText(f"{whose} curves are removed from the disk for good.")
        delete = box.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        delete.clicked.connect(lambda: self._delete([row.summary.run for row in rows]))
        box.open()

    def _delete(self, runs: list[Run]) -> None:
        for run in runs:
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
        menu.addActions([self.open_action, self.resume_action, self.queue_action])
        if self.earlier_action.isEnabled():
            menu.addActions([self.earlier_action, self.later_action])
        menu.addSeparator()
        # Not the actions themselves: the buttons of those names hide where one run is selected, these do not.
        menu.addAction(self.overlay_action.text(), self._overlay).setEnabled(self.overlay_action.isEnabled())
        menu.addAction(self.compare_action.text(), self._compare)
        if self.group_action.isEnabled():
            menu.addAction(self.group_action)
        menu.addSeparator()
        menu.addActions([self.copy_action, self.export_action, self.folder_action])
        menu.addSeparator()
        menu.addAction(self.delete_action)
        menu.popup(self.view.viewport().mapToGlobal(position))


def _button(action: QAction) -> QPushButton:
    """A button that says and does what the action does, and is there when it is."""
    button = QPushButton()

    def follow() -> None:
        button.setText(action.text())
        button.setToolTip(action.toolTip())
        button.setEnabled(action.isEnabled())
        button.setVisible(action.isVisible())

    button.clicked.connect(action.trigger)
    action.changed.connect(follow)
    follow()
    return button
