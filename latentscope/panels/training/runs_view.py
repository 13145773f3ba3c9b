"""The table of runs on screen: two lines a run where it is narrow, a row of columns where there is room for them."""

import json
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView

from latentscope.panels.training.run_delegate import RunDelegate
from latentscope.panels.training.runs_model import RunsModel
from latentscope.runs.columns import COLUMNS, csv_text
from latentscope.settings import Settings
from latentscope.theme import Theme
from trainer.run import Run

__all__ = ["RunsView"]

WIDE_FROM = 560  # px
KEY = "runs/columns"
LEAST, MOST = 48, 260  # px: how narrow and how wide a column is made by itself
NAMES = [column.name for column in COLUMNS]
ASCENDING, DESCENDING = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


class RunsView(QTableView):
    """A click on a heading sorts by it: upwards, downwards, not at all. The headings' menu hides columns."""

    def __init__(self, model: RunsModel, theme: Theme, settings: Settings | None = None) -> None:
        """``settings``: where columns, widths and sorting are remembered."""
        super().__init__()
        self._runs = model
        self._settings = settings
        self._hidden = {column.name for column in COLUMNS if not column.shown}
        self._fitted = False  # whether the columns have widths
        self.setModel(model)
        self.delegate = RunDelegate(theme, self)
        self.setItemDelegate(self.delegate)
        self.setAccessibleName("Runs")
        self.setMouseTracking(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = self.horizontalHeader()
        head.setSectionsClickable(True)
        head.setSectionsMovable(True)
        head.setFirstSectionMovable(False)
        head.setHighlightSections(False)
        head.setMinimumSectionSize(LEAST)
        # The heading says it itself: what the style draws lies over the words of a heading at the right.
        head.setStyleSheet("QHeaderView::up-arrow, QHeaderView::down-arrow { width: 0; height: 0; }")
        head.setSortIndicatorClearable(True)
        head.setSortIndicatorShown(True)
        head.setSortIndicator(-1, ASCENDING)
        head.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        head.customContextMenuRequested.connect(self._open_header_menu)
        head.sortIndicatorChanged.connect(model.sort)
        self._restore()
        self._lay_out()

    @property
    def wide(self) -> bool:
        """Whether there is a column for each thing that is told of a run."""
        return self.delegate.wide

    def set_theme(self, theme: Theme) -> None:
        self.delegate.set_theme(theme)
        self.viewport().update()

    # --- selection ------------------------------------------------------------------------------------------------

    def selected(self) -> list[Run]:
        """The selected runs, in the order in which they are shown."""
        # Range by range: selectedRows asks cell by cell, which takes a tenth of a second for a thousand rows.
        selection = self.selectionModel().selection()
        ranges = [selection.at(number) for number in range(selection.size())]
        rows = {row for part in ranges for row in range(part.top(), part.bottom() + 1)}
        return [self._runs.rows[row].summary.run for row in sorted(rows) if row < len(self._runs.rows)]

    def select(self, runs: list[Run]) -> None:
        """Select these, as far as they are shown, and nothing else; the first of them is the current one."""
        wanted, first = set(runs), None
        self.clearSelection()
        flags = self.selectionModel().SelectionFlag
        for number, row in enumerate(self._runs.rows):
            if row.summary.run in wanted:
                self.selectionModel().select(self._runs.index(number, 0), flags.Select | flags.Rows)
                first = number if first is None else first
        if first is not None:
            self.selectionModel().setCurrentIndex(self._runs.index(first, 0), flags.NoUpdate)

    # --- narrow and wide ------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if (self.width() >= WIDE_FROM) != self.wide:
            self.delegate.wide = self.width() >= WIDE_FROM
            self._lay_out()

    def _lay_out(self) -> None:
        head = self.horizontalHeader()
        head.setVisible(self.wide)
        for number, column in enumerate(COLUMNS):
            self.setColumnHidden(number, column.name in self._hidden if self.wide else number > 0)
        mode = QHeaderView.ResizeMode
        head.setSectionResizeMode(0, mode.Interactive if self.wide else mode.Stretch)
        self.verticalHeader().setDefaultSectionSize(self.delegate.row_height(self.fontMetrics().height()))
        if self.wide and not self._fitted:
            self.fit_columns()

    def fit_columns(self) -> None:
        """Make each column as wide as what it shows."""
        head = self.horizontalHeader()
        head.setResizeContentsPrecision(100)
        for number in range(len(COLUMNS)):
            arrow = self.fontMetrics().horizontalAdvance(" ↓")
            needed = max(self.sizeHintForColumn(number), head.sectionSizeHint(number) + arrow)
            self.setColumnWidth(number, min(max(needed, LEAST), MOST))
        self._fitted = self._fitted or bool(self._runs.rows)

    # --- the headings' menu ---------------------------------------------------------------------------------------

    def _open_header_menu(self, position: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for number, column in enumerate(COLUMNS[1:], 1):  # the name stays: a row must be somebody's
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(column.name not in self._hidden)
            action.toggled.connect(lambda shown, number=number: self.show_column(number, shown))
        menu.addSeparator()
        menu.addAction("Fit column widths", self.fit_columns)
        menu.addAction("Show all columns", self._show_all)
        menu.popup(self.horizontalHeader().mapToGlobal(position))

    def show_column(self, number: int, shown: bool) -> None:
        (self._hidden.discard if shown else self._hidden.add)(COLUMNS[number].name)
        self.setColumnHidden(number, not shown if self.wide else number > 0)
        if shown and self.columnWidth(number) < LEAST:
            self.resizeColumnToContents(number)

    def _show_all(self) -> None:
        for number in range(len(COLUMNS)):
            self.show_column(number, True)

    def csv(self, selected_only: bool) -> str:
        """The shown runs, or the selected ones, in the shown columns, as comma-separated values."""
        wanted = set(self.selected())
        rows = [row for row in self._runs.rows if not selected_only or row.summary.run in wanted]
        head = self.horizontalHeader()
        order = sorted(range(len(COLUMNS)), key=head.visualIndex)
        return csv_text(rows, [COLUMNS[n] for n in order if COLUMNS[n].name not in self._hidden])

    # --- what is remembered ---------------------------------------------------------------------------------------

    def remember(self) -> None:
        """Note columns, widths and sorting for the next start."""
        if self._settings is None:
            return
        head, sorting = self.horizontalHeader(), self._runs.sorting
        state: dict[str, Any] = {"hidden": sorted(self._hidden)}
        if self._fitted:
            state["order"] = [NAMES[head.logicalIndex(place)] for place in range(len(NAMES))]
            state["widths"] = {name: head.sectionSize(n) for n, name in enumerate(NAMES) if head.sectionSize(n)}
        if sorting is not None:
            state["sort"] = [NAMES[sorting[0]], sorting[1] == DESCENDING]
        self._settings.set_text(KEY, json.dumps(state))

    def _restore(self) -> None:
        """What was remembered; whatever of it makes no sense counts as never set."""
        try:
            state = json.loads(self._settings.text(KEY)) if self._settings is not None else {}
        except ValueError:
            return
        if not isinstance(state, dict):
            return
        if isinstance(hidden := state.get("hidden"), list):
            self._hidden = {name for name in NAMES[1:] if name in hidden}
        head = self.horizontalHeader()
        if isinstance(order := state.get("order"), list) and sorted(map(str, order)) == sorted(NAMES):
            for place, name in enumerate(order):
                head.moveSection(head.visualIndex(NAMES.index(name)), place)
        if isinstance(widths := state.get("widths"), dict):
            for name, width in widths.items():
                if name in NAMES and isinstance(width, int) and LEAST <= width <= 4 * MOST:
                    head.resizeSection(NAMES.index(name), width)
                    self._fitted = True
        match state.get("sort"):
            case [str(name), bool(downwards)] if name in NAMES:
                head.setSortIndicator(NAMES.index(name), DESCENDING if downwards else ASCENDING)
