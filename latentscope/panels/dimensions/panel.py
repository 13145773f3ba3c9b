"""The Dimensions dock: a slider for each latent dimension of the probe, its KL and σ, and which carry nothing."""

import numpy as np
from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from latentscope.analysis.dimensions import PRIOR_REACH, Dimension, dimensions_of
from latentscope.panels.dimensions.diagnosis import words_about
from latentscope.panels.dimensions.header import RowsHeader
from latentscope.panels.dimensions.rows import DimensionRows
from latentscope.state.paths import LatentPath, latent_tuple
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme
from latentscope.turns import Turn
from trainer.files import ModelFile
from trainer.geometry import axis_name

__all__ = ["DimensionsPanel"]

MANY = 1 << 20  # numbers of all codes: to look through more takes long enough to be a frame of its own


class DimensionsPanel(QWidget):
    """A slider for each dimension with its KL and σ, and the collapse doctor: which carry nothing, and what to do."""

    title = "Dimensions"
    traversed = Signal(int)  # a path along this dimension, from 0, is on the map
    menu_requested = Signal(int, QPoint)  # a right click on a dimension, and where on the screen

    def __init__(self, workspace: Workspace, theme: Theme) -> None:
        super().__init__()
        self._workspace = workspace
        self._stale = True
        self._soon = QTimer(self, singleShot=True, interval=0)  # after the paint, and what the mouse has said by then
        self._soon.timeout.connect(lambda: self.refresh(at_once=True))
        self._shown: tuple[ModelFile | None, bool] = (None, False)
        self._path: LatentPath | None = None  # the traversal that was asked for last
        self._traversed = 0
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setAccessibleName("Diagnosis")
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.advice = QLabel()
        self.advice.setWordWrap(True)
        self.advice.setProperty("role", "muted")
        self.by_number, self.by_kl = self._order_buttons()
        self.rows = DimensionRows(theme)
        self.columns = RowsHeader(self.rows, theme)
        self.rows.chosen.connect(self.traverse)
        self.rows.valued.connect(self.set_value)
        self.rows.menu_requested.connect(self.menu_requested)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        inner_layout = QVBoxLayout(inner)
        inner_layout.setContentsMargins(0, 0, 0, 0)
        inner_layout.addWidget(self.rows)
        inner_layout.addStretch(1)
        self.area.setWidget(inner)
        self.rows.moved.connect(lambda y: self.area.ensureVisible(0, y, 0, self.rows.row_height))
        self.table = QWidget()
        table = QVBoxLayout(self.table)
        table.setContentsMargins(0, 0, 0, 0)
        table.setSpacing(0)
        order = QHBoxLayout()
        order.setContentsMargins(6, 0, 6, 0)
        order.setSpacing(2)
        order.addWidget(self.by_number)
        order.addWidget(self.by_kl)
        order.addStretch(1)
        table.addLayout(order)
        table.addWidget(self.columns)
        table.addWidget(self.area, 1)
        text = QVBoxLayout()
        text.setContentsMargins(12, 4, 12, 0)
        text.setSpacing(4)
        text.addWidget(self.words)
        text.addWidget(self.advice)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 8)
        layout.setSpacing(6)
        layout.addLayout(text)
        layout.addWidget(self.table, 1)
        self._rest = QWidget()  # takes the room where there is no table
        layout.addWidget(self._rest, 1)
        workspace.model_changed.connect(self.refresh)
        self._turn = Turn(self.refresh, workspace.turns, self)
        workspace.snapshot_changed.connect(self._turn.ask)
        workspace.probe_changed.connect(lambda: self.rows.take_values(workspace.probe))
        workspace.probe_shown.connect(self._show_values)
        workspace.pathing.changed.connect(self._mark)
        self.set_theme(theme)
        self.refresh()

    def _order_buttons(self) -> tuple[QPushButton, QPushButton]:
        group = QButtonGroup(self)
        buttons = []
        for text, tip in (("By number", "In the order of the dimensions"), ("By KL", "The most informative first")):
            button = QPushButton(text)
            button.setCheckable(True)
            button.setProperty("role", "flat")
            button.setToolTip(tip)
            group.addButton(button)
            buttons.append(button)
        buttons[0].setChecked(True)
        buttons[1].toggled.connect(lambda _on: self.refresh(at_once=True))
        return buttons[0], buttons[1]

    def set_theme(self, theme: Theme) -> None:
        self.rows.set_theme(theme)
        self.columns.set_theme(theme)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self.refresh()
        self._show_values()

    def refresh(self, *, at_once: bool = False) -> None:
        """Measure the codes of the open model; later, if nobody can see it, and very many in a moment."""
        self._stale = not self.isVisible()
        if self._stale:
            return
        model, by_kl = self._workspace.model, self.by_kl.isChecked()
        file = model.file if model is not None else None
        if file is not None and (file, by_kl) == self._shown:
            self._show_values()
            return  # the film of a run shows one snapshot for many frames
        if file is not None and file.codes is not None and file.codes.mean.size > MANY and not at_once:
            self._soon.start()
            return
        self._shown = file, by_kl
        rows: list[Dimension] = []
        if file is None:
            words, advice = "No model is open.", ""
        else:
            rows = dimensions_of(file.codes, file.config.latent, by_kl)
            words, advice = words_about(file.codes, rows, file.config)
        self.words.setText(words)
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))
        self.table.setVisible(bool(rows))
        self._rest.setVisible(not rows)
        posterior = any(row.kl is not None for row in rows)
        self.by_kl.setText("By KL" if posterior else "By spread")
        self.by_kl.setToolTip("The most informative first" if posterior else "Where the codes vary most first")
        self.rows.show_rows(rows)
        self._show_values()
        self._mark()

    def _show_values(self) -> None:
        if self.isVisible() and self.rows.rows:
            self.rows.show_values(self._workspace.probe)

    def set_value(self, index: int, value: float) -> None:
        """Move the probe along one dimension."""
        probe = self._workspace.probe.copy()
        if 0 <= index < len(probe):
            probe[index] = value
            self._workspace.set_probe(probe)

    def traverse(self, index: int) -> None:
        """Put a path on the map along one dimension, with the others as the probe has them: from −3 to 3, or without a
        prior as far as the codes go."""
        workspace = self._workspace
        if not 0 <= index < workspace.dimension:
            return
        row = next((row for row in self.rows.rows if row.index == index), Dimension(index))
        low, high = (row.low, row.high) if row.kl is None else (-PRIOR_REACH, PRIOR_REACH)
        ends = []
        for place in (low, high):
            end = workspace.probe.copy()
            end[index] = place
            ends.append(latent_tuple(end))
        self._path, self._traversed = LatentPath(tuple(ends)), index
        workspace.pathing.change(workspace.pathing.paths.drawn(self._path), f"Traverse {axis_name(index)}")
        self._mark()
        self.traversed.emit(index)

    def _mark(self) -> None:
        path, mine = self._workspace.pathing.current, self._path
        shown = False
        if path is not None and mine is not None:
            ends, asked = np.array(path.waypoints), np.array(mine.waypoints)
            # Not equality: a moment of a film turns the latent space there and back.
            shown = ends.shape == asked.shape and np.allclose(ends, asked, atol=1e-6)
        self.rows.mark(self._traversed if shown else None)
