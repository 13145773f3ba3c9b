"""The table of correlations: a row a direction or latent dimension, a column a factor, sorted by any of them."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from latentscope.analysis.factor_words import (
    axis_words,
    dimension_words,
    direction_words,
    interval_text,
    rank_text,
    value_text,
)
from latentscope.theme import Theme
from trainer.analysis.correlation import UNDEFINED, Correlation, Relation
from trainer.analysis.factors import FACTORS
from trainer.geometry import Plane, axis_name

__all__ = ["ACROSS", "ALL", "MAP", "UP", "CellPainter", "FactorTable", "Place"]

Index = QModelIndex | QPersistentModelIndex
# Rows that are no latent dimension: the best direction on the map, and of the whole latent space; and the map's own two
# directions, to the right and up.
MAP, ALL, ACROSS, UP = -1, -2, -3, -4
NAMES = {MAP: "map", ALL: "all z"}
NAME_TIPS = {
    MAP: "The direction on the map that each factor goes with best",
    ALL: "All latent dimensions together",
    ACROSS: "The map's direction to the right",
    UP: "The map's direction up",
}


@dataclass(frozen=True)
class Place:
    """A cell of the table: a factor, and a latent dimension, ``MAP``, ``ALL``, ``ACROSS`` or ``UP``."""

    @property
    def signed(self) -> bool:
        """Whether the correlation says which way; that with a best direction does not."""
        return self.row not in (MAP, ALL)

    factor: str
    row: int


class FactorTable(QAbstractTableModel):
    """Correlations of the factors (columns) with directions and dimensions (rows, the directions always first)."""

    def __init__(self) -> None:
        super().__init__()
        self._relations: dict[str, Relation] = {}
        self._plane: Plane | None = None
        self._cells: dict[Place, Correlation] = {}
        self._words: dict[Place, str] = {}
        self._strongest: set[Place] = set()
        self._rows: list[int] = []
        self._directions = "", ""
        self.sorted_by: str | None = None

    def show_relations(self, relations: dict[str, Relation], plane: Plane, directions: tuple[str, str]) -> None:
        """Show these, for a map of that plane, whose directions are called so where they are no latent axes."""
        self.beginResetModel()
        self._relations, self._plane, self._directions = relations, plane, directions
        ways = {ACROSS: plane.u, UP: plane.v}
        own = [row for row, way in ways.items() if np.count_nonzero(way) > 1]
        self._cells, self._strongest = {}, set()
        dimension = plane.dimension
        for name, relation in relations.items():
            self._cells[Place(name, MAP)] = relation.on_map(plane).strength
            self._cells[Place(name, ALL)] = relation.best().strength
            for row in own:
                self._cells[Place(name, row)] = relation.along(ways[row])
            found = relation.with_dimensions()
            for number, one in enumerate(found):
                self._cells[Place(name, number)] = one
            sure = [number for number, one in enumerate(found) if one.excludes_zero]
            if sure:
                self._strongest.add(Place(name, max(sure, key=lambda number: abs(found[number].value))))
        self._rows = [MAP, *([ALL] if dimension > 2 else []), *own, *self._order(dimension)] if relations else []
        self.endResetModel()

    def sort_by(self, factor: str | None) -> None:
        """The dimensions that go with a factor most strongly first; None: in their own order."""
        if factor != self.sorted_by:
            self.sorted_by = factor
            if self._plane is not None:
                self.show_relations(self._relations, self._plane, self._directions)

    def _order(self, dimension: int) -> list[int]:
        by = self.sorted_by
        if by is None:
            return list(range(dimension))

        def weakness(number: int) -> float:
            value = self._cells.get(Place(by, number), UNDEFINED).value
            return -abs(value) if math.isfinite(value) else 1.0

        return sorted(range(dimension), key=weakness)

    # --- asked by the panel ---------------------------------------------------------------------------------------

    def place(self, index: Index) -> Place:
        return Place(FACTORS[index.column()].name, self._rows[index.row()])

    def index_of(self, place: Place) -> QModelIndex:
        """Where a place is now; an invalid index where it is not in the table."""
        if place.row not in self._rows:
            return QModelIndex()
        column = next(i for i, factor in enumerate(FACTORS) if factor.name == place.factor)
        return self.index(self._rows.index(place.row), column)

    def strongest(self) -> Place | None:
        """The dimension and the factor that go together most; None where nothing does, beyond chance."""
        return max(self._strongest, key=lambda place: abs(self._cells[place].value), default=None)

    def words(self, place: Place) -> str:
        """What is to be said of a cell, in a sentence or two."""
        relation = self._relations.get(place.factor)
        if relation is None or self._plane is None:
            return ""
        factor = next(factor for factor in FACTORS if factor.name == place.factor)
        if place.row >= 0:
            return dimension_words(factor, place.row, relation)
        if place.signed:
            return axis_words(factor, self.row_name(place.row), self._cells.get(place, UNDEFINED), relation)
        direction = relation.on_map(self._plane) if place.row == MAP else relation.best()
        return direction_words(factor, direction, relation, place.row == MAP)

    def text(self) -> str:
        """All of it as a table for any program to paste: each correlation with the ends of its interval, then the same
        by rank."""
        heads = [head for factor in FACTORS for by in ("", " by rank") for head in (factor.title + by, "low", "high")]
        lines = ["\t".join(["", *heads])]
        for row in self._rows:
            found = [one for factor in FACTORS for one in self._both(Place(factor.name, row))]
            numbers = [f"{part:.4f}" for one in found for part in (one.value, one.low, one.high)]
            lines.append("\t".join([self.row_name(row), *numbers]))
        return "\n".join(lines)

    def _both(self, place: Place) -> tuple[Correlation, Correlation]:
        """Pearson's and Spearman's correlation."""
        relation = self._relations.get(place.factor)
        ranked = relation.ranked[place.row] if relation is not None and place.row >= 0 else UNDEFINED
        return self._cells.get(place, UNDEFINED), ranked

    # --- what Qt asks ---------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(FACTORS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        place = self.place(index)
        found = self._cells.get(place, UNDEFINED)
        if role == Qt.ItemDataRole.DisplayRole:
            return value_text(found.value, place.signed)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.words(place)
        if role == Qt.ItemDataRole.ToolTipRole:
            ranks = rank_text(place.row, self._relations[place.factor]) if place.row >= 0 else ""
            return f"{self.words(place)}\nBy rank (Spearman): {ranks}." if ranks else self.words(place)
        if role == Qt.ItemDataRole.UserRole:
            return found, place.signed, place in self._strongest
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal:
            factor = FACTORS[section]
            if role == Qt.ItemDataRole.DisplayRole:
                return factor.short + (" ↓" if factor.name == self.sorted_by else "")
            if role == Qt.ItemDataRole.ToolTipRole:
                return f"{factor.title}: {factor.explanation}\nClick: strongest dimensions first, and back."
        elif section < len(self._rows):
            row = self._rows[section]
            if role == Qt.ItemDataRole.DisplayRole:
                return self.row_name(row)
            if role == Qt.ItemDataRole.ToolTipRole:
                return NAME_TIPS.get(row, f"Latent dimension {axis_name(row)}")
        return None

    def row_name(self, row: int) -> str:
        if row in (ACROSS, UP):
            return self._directions[row == UP]
        return NAMES.get(row) or axis_name(row)


WIDEST = "−0.00…−0.00"


def narrowest(option: QStyleOptionViewItem) -> int:
    """The width of the narrowest column of the table that is painted."""
    view = option.widget
    header = view.horizontalHeader() if isinstance(view, QTableView) else None
    return option.rect.width() if header is None else min(header.sectionSize(i) for i in range(header.count()))


class CellPainter(QStyledItemDelegate):
    """A correlation over its interval, on a ground that is the stronger the more it is; the strongest has a frame."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        height = option.fontMetrics.height()
        return QSize(58, round(1.9 * height) + 6)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        found, signed, strongest = index.data(Qt.ItemDataRole.UserRole)
        box = QRectF(option.rect).adjusted(1.5, 1.5, -1.5, -1.5)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(self.theme.accent)
        ground.setAlphaF(0.05 + (0.4 * abs(found.value) if found.is_defined else 0))
        painter.setBrush(ground)
        edge = QPen(QColor(self.theme.text if selected else self.theme.accent), 1.5)
        painter.setPen(edge if selected or strongest else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(box, 5, 5)
        font = painter.font()
        small = painter.font()
        small.setPixelSize(max(8, round(0.78 * painter.fontInfo().pixelSize())))
        font.setBold(strongest)
        painter.setFont(font)
        painter.setPen(QColor(self.theme.text if found.excludes_zero else self.theme.muted))
        upper = QRectF(box.left(), box.top() + 1, box.width(), box.height() * 0.56)
        if not found.is_defined:
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "–")
        else:
            painter.drawText(upper, Qt.AlignmentFlag.AlignCenter, value_text(found.value, signed))
            painter.setFont(small)
            painter.setPen(QColor(self.theme.muted))
            lower = QRectF(box.left(), upper.bottom() - 1, box.width(), box.bottom() - upper.bottom())
            words = interval_text(found, signed).replace(" to ", "…")
            if painter.fontMetrics().horizontalAdvance(WIDEST) > narrowest(option) - 9:  # the same in all cells
                words = f"±{(found.high - found.low) / 2:.2f}"
            painter.drawText(lower, Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()
