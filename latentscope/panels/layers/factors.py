"""The Factors dock: how each factor of the test images goes with the latent dimensions, and with the map."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QLabel, QPushButton, QTableView, QVBoxLayout, QWidget

from latentscope.analysis.factor_relations import FactorRelations
from latentscope.analysis.point_fields import PointFields
from latentscope.panels.layers.colour_by import change_colour_by, title_of
from latentscope.panels.layers.factor_table import CellPainter, FactorTable, Place
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme
from latentscope.turns import Turn
from trainer.analysis.factors import FACTORS

__all__ = ["FactorsPanel"]

# The cells paint their own selection; headings use all the room there is.
STYLE = """
    QTableView { selection-background-color: transparent; }
    QTableView::item:selected { background: transparent; }
    QTableCornerButton::section { background: transparent; border: none; }
    QHeaderView::section { padding: 4px 1px; }
    QHeaderView::section:vertical { padding: 4px 8px; }
"""


class FactorsPanel(QWidget):
    """How slant, thickness, height, width and mass of the test images go with each latent dimension and the map."""

    title = "Factors"
    data_wanted = Signal()

    def __init__(self, workspace: Workspace, fields: PointFields, relations: FactorRelations, theme: Theme) -> None:
        super().__init__()
        self._workspace, self._fields, self._relations = workspace, fields, relations
        self._offer = ""
        self._chosen: Place | None = None
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setAccessibleName("Answer")
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.table, self._painter = FactorTable(), CellPainter(theme)
        self.view = QTableView()
        self.view.setModel(self.table)
        self.view.setItemDelegate(self._painter)
        self.view.setAccessibleName("Correlation of factors with latent dimensions")
        self.view.setStyleSheet(STYLE)
        self.view.setShowGrid(False)
        self.view.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.view.setCornerButtonEnabled(False)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        across, down = self.view.horizontalHeader(), self.view.verticalHeader()
        across.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        longest = max(range(len(FACTORS)), key=lambda i: len(FACTORS[i].short))
        across.setSectionResizeMode(longest, QHeaderView.ResizeMode.ResizeToContents)  # or its name would be cut
        across.setMinimumSectionSize(40)
        across.setSectionsClickable(True)
        across.setHighlightSections(False)
        across.sectionClicked.connect(self._sort)
        down.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        down.setHighlightSections(False)
        down.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.view.selectionModel().currentChanged.connect(self._choose)
        self.get, self.copy, self.colour = QPushButton(), QPushButton("Copy table"), QPushButton()
        self.get.clicked.connect(self.data_wanted)
        self.copy.setToolTip("Copy all correlations and their intervals, for a spreadsheet")
        self.copy.clicked.connect(self.copy_table)
        self.colour.clicked.connect(self._colour)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.view)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self.copy_table)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(8, 0, 8, 0)
        for button in (self.copy, self.colour):
            button.setProperty("role", "flat")
            buttons.addWidget(button)
        buttons.addStretch(1)
        text = QVBoxLayout()
        text.setContentsMargins(12, 4, 12, 0)
        text.setSpacing(8)
        text.addWidget(self.words)
        text.addWidget(self.get, 0, Qt.AlignmentFlag.AlignLeft)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 8)
        layout.setSpacing(6)
        layout.addLayout(text)
        middle = QHBoxLayout()
        middle.setContentsMargins(6, 0, 8, 0)
        middle.addWidget(self.view)
        layout.addLayout(middle, 1)
        layout.addLayout(buttons)
        self._rest = QWidget()  # takes the room where there is no table
        layout.addWidget(self._rest, 1)
        self._turn = Turn(self.refresh, workspace.turns, self)
        for signal in (relations.changed, fields.changed, fields.progressed):
            signal.connect(self._turn.ask)
        workspace.plane_changed.connect(self.refresh)  # what the user does is seen at once
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        self._painter.theme = theme
        self.view.viewport().update()

    def offer_data(self, text: str) -> None:
        """The words of a button that gets the test images; empty where there is nothing to get."""
        self._offer = text
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Show what is measured of the open model; later, if nobody can see it."""
        if not self.isVisible():
            return
        found, first = self._relations.found, FACTORS[0].name
        problem, lacks = self._fields.problem(first), self._fields.lacks_images(first)
        there = bool(found) and not problem and not lacks
        for part in (self.view, self.copy, self.colour):
            part.setVisible(there)
        self._rest.setVisible(not there)
        self.get.setVisible(not there and lacks and bool(self._offer))
        self.get.setText(self._offer.removesuffix(" to see the pictures"))
        if not there:
            share = self._fields.share(first)
            waiting = (
                "Waiting for the test images…" if share is None else f"Measuring the test images… {100 * share:.0f} %"
            )
            missing = "The factors are measured on the test images, which are not at hand."
            self.words.setText(problem or (missing if lacks else waiting))
            return
        chosen = self._chosen
        self.table.show_relations(found, self._workspace.plane, self._workspace.plane_choice.directions)
        place = chosen if chosen is not None and self.table.index_of(chosen).isValid() else self.table.strongest()
        index = self.table.index_of(place) if place is not None else self.table.index(0, 0)
        self.view.setCurrentIndex(index)
        self._say(self.table.place(index))
        self._chosen = chosen  # a model's own strongest cell is not the user's choice,
        if chosen is None:
            self.view.scrollToTop()  # and the map's directions are not to be scrolled away for it

    def copy_table(self) -> None:
        """Put the table on the clipboard, its columns apart by tabs."""
        QGuiApplication.clipboard().setText(self.table.text())

    def _sort(self, column: int) -> None:
        name = FACTORS[column].name
        kept = self.table.place(self.view.currentIndex()) if self.view.currentIndex().isValid() else None
        self.table.sort_by(None if self.table.sorted_by == name else name)
        if kept is not None:
            self.view.setCurrentIndex(self.table.index_of(kept))
        self.view.scrollToTop()

    def _choose(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid():
            self._chosen = self.table.place(index)
            self._say(self._chosen)

    def _say(self, place: Place) -> None:
        self.words.setText(self.table.words(place))
        self.colour.setText(f"Colour by {title_of(place.factor).lower()}")
        self.colour.setToolTip(f"Give each point of the map the colour of its {title_of(place.factor).lower()}")

    def _colour(self) -> None:
        index = self.view.currentIndex()
        if index.isValid():
            change_colour_by(self._workspace, self.table.place(index).factor)
