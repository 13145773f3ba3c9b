"""The table of runs as Qt sees it: which runs are shown, in which order, and what each cell says."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from latentscope.panels.training.run_delegate import run_words
from latentscope.runs.columns import COLUMNS, RunRow, matches
from trainer.run import Run, RunSummary

__all__ = ["RunsModel"]

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole


class RunsModel(QAbstractTableModel):
    """The runs, a row each; the user role holds the RunRow.

    Unsorted, what is being trained comes first, then the queue in its order, then the rest, the newest first. Sorting
    and filtering are done here: a thousand runs are sorted by Python in a millisecond, and by comparisons across a
    proxy in fifty.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[RunRow] = []  # as they are shown
        self._all: list[RunRow] = []
        self._filter = ""
        self._column: int | None = None
        self._order = Qt.SortOrder.AscendingOrder

    # --- what is shown --------------------------------------------------------------------------------------------

    @property
    def runs(self) -> list[RunSummary]:
        """As they are shown."""
        return [row.summary for row in self.rows]

    @property
    def count(self) -> int:
        """How many runs there are, shown or not."""
        return len(self._all)

    @property
    def sorting(self) -> tuple[int, Qt.SortOrder] | None:
        """(column, order); None while the runs are not sorted."""
        return None if self._column is None else (self._column, self._order)

    def show_runs(self, runs: Sequence[RunSummary], queue: Sequence[tuple[Run, str]] = ()) -> None:
        """Replace the runs. ``queue``: the queued ones in their order, each with what is said of it."""
        place = {run: number for number, (run, _) in enumerate(queue)}
        words = dict(queue)
        rows = [RunRow(summary, words.get(summary.run, "")) for summary in runs]

        def natural(row: RunRow) -> tuple[int, int]:
            if row.summary.status in ("running", "paused"):
                return 0, 0
            return (1, place[row.summary.run]) if row.summary.run in place else (2, 0)

        self._all = sorted(rows, key=natural)  # a stable sort: the rest stays the newest first
        self._arrange()

    def set_filter(self, text: str) -> None:
        """Show only the runs of which every word of the text is true."""
        self._filter = text
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; −1: not at all."""
        self._column = column if 0 <= column < len(COLUMNS) else None
        self._order = order
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)
        self._arrange()

    def _arrange(self) -> None:
        rows = [row for row in self._all if matches(row, self._filter)]
        if self._column is not None:
            value = COLUMNS[self._column].value
            there = [(value(row), row) for row in rows]
            known = [(_key(found), row) for found, row in there if found is not None]
            known.sort(key=lambda pair: pair[0], reverse=self._order == Qt.SortOrder.DescendingOrder)
            rows = [row for _, row in known] + [row for found, row in there if found is None]
        self._replace(rows)

    def _replace(self, rows: list[RunRow]) -> None:
        """Show these rows. Where they are the same runs as before, the selection stays with them."""
        old, new = [row.summary.run for row in self.rows], [row.summary.run for row in rows]
        if old == new:
            changed = [n for n, (was, now) in enumerate(zip(self.rows, rows, strict=True)) if was != now]
            self.rows = rows
            if changed:
                self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], len(COLUMNS) - 1))
        elif len(old) == len(new) and set(old) == set(new):
            self.layoutAboutToBeChanged.emit()
            now_at = {run: number for number, run in enumerate(new)}
            held = self.persistentIndexList()
            moved = [self.createIndex(now_at[old[index.row()]], index.column()) for index in held]
            self.rows = rows
            self.changePersistentIndexList(held, moved)
            self.layoutChanged.emit()
        else:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()

    # --- for Qt ---------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Role.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], COLUMNS[index.column()]
        if role == Role.UserRole:
            return row
        if role == Role.DisplayRole:
            return column.words(row)
        if role == Role.AccessibleTextRole:
            if index.column():
                return f"{column.title}: {column.words(row) or 'none'}"
            words = run_words(row)
            return ", ".join(part for part in (words.title, words.line, words.figure) if part)
        if role == Role.ToolTipRole and index.column() == 0:
            return "\n".join(part for part in (str(row.summary.run.folder), row.summary.message) if part)
        if role == Role.TextAlignmentRole and column.number:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal and 0 <= section < len(COLUMNS):
            column = COLUMNS[section]
            if role == Role.DisplayRole:
                downwards = self._order == Qt.SortOrder.DescendingOrder
                return column.title + (f" {'↓' if downwards else '↑'}" if section == self._column else "")
            if role == Role.ToolTipRole:
                return column.tip
            if role == Role.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
                return side | Qt.AlignmentFlag.AlignVCenter
        return None


def _key(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
