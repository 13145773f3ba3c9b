"""The Evaluation dock: how good the open model is, and the button that measures all of it."""

import json
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from latentscope.panels.figure_table import FigureTable, figures_text
from latentscope.panels.scrolled import scrolled
from latentscope.runs.evaluating import Evaluating, Wish
from latentscope.runs.evaluations import Evaluations, known_figures
from latentscope.state.open_model import OpenModel
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme
from latentscope.turns import Turn
from latentscope.window.boxes import WholeBox
from latentscope.words import data_title
from trainer.files import ModelFile
from trainer.measures.table import MEASURES
from trainer.models import is_density

__all__ = ["EvaluationPanel"]

MANY = 1 << 20  # numbers of all codes: to look through more takes milliseconds
MOST_EXACT = 2  # latent dimensions that can be integrated over: as trainer.measures.quadrature, which imports torch


class EvaluationPanel(QWidget):
    """The figures of the open model, each with its definition: what its file knows, and what Measure finds out."""

    title = "Evaluation"
    failed = Signal(str)  # a sentence for the user

    def __init__(
        self, workspace: Workspace, evaluating: Evaluating, theme: Theme, data: Callable[[], str | None] = lambda: None
    ) -> None:
        """``data`` says which data set is used instead of the one that the model names."""
        super().__init__()
        self._workspace, self._evaluating, self._data = workspace, evaluating, data
        self._evaluations = Evaluations()
        self._measured: OpenModel | None = None  # what is being measured
        self._last: tuple[OpenModel, dict[str, Any]] | None = None  # what was measured last
        self._stale = True
        self._shown: ModelFile | None = None
        self.table = FigureTable()
        self.note = QLabel()
        self.empty = QLabel()
        for label in (self.note, self.empty):
            label.setProperty("role", "muted")
            label.setWordWrap(True)
            label.setContentsMargins(12, 4, 12, 0)
        inner = QWidget()
        inner_layout = QVBoxLayout(inner)
        inner_layout.setContentsMargins(0, 4, 0, 0)
        inner_layout.addWidget(self.note)
        inner_layout.addWidget(self.empty)
        inner_layout.addWidget(self.table)
        inner_layout.addStretch(1)
        area = scrolled(inner)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 12)
        layout.setSpacing(8)
        layout.addWidget(area, 1)
        layout.addWidget(self._make_options())
        layout.addWidget(self._make_progress())
        layout.addLayout(self._make_buttons())
        workspace.model_changed.connect(self._open)
        self._turn = Turn(self._follow, workspace.turns, self)
        workspace.snapshot_changed.connect(self._turn.ask)
        evaluating.progressed.connect(self._show_progress)
        evaluating.finished.connect(self._take)
        evaluating.failed.connect(self._fail)
        evaluating.cancelled.connect(self._end)
        self.set_theme(theme)
        self.refresh()

    # --- the house ------------------------------------------------------------------------------------------------

    def _make_options(self) -> QWidget:
        self.exact = QCheckBox("Exact likelihood")
        self.exact.setToolTip(MEASURES["nll_exact"].definition)
        self.exact.setChecked(True)
        self.importance = QCheckBox("Importance-weighted bound")
        self.importance.setToolTip(
            f"{MEASURES['nll_iw'].definition}\nOn the first 1,000 test images; it takes minutes."
        )
        self.samples = WholeBox()
        self.samples.setRange(1, 100_000)
        self.samples.setValue(5000)
        self.samples.setSingleStep(1000)
        self.samples.setGroupSeparatorShown(True)
        self.samples.setSuffix(" samples")
        self.samples.setAccessibleName("Samples of the importance-weighted bound")
        self.samples.setToolTip("Samples from the posterior of each image: 5,000 is what papers report.")
        self.samples.hide()
        self.importance.toggled.connect(self.samples.setVisible)
        options = QWidget()
        layout = QVBoxLayout(options)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(4)
        layout.addWidget(self.exact)
        layout.addWidget(self.importance)
        below = QHBoxLayout()  # beside it the panel, and with it the whole dock, could not be narrow
        below.setContentsMargins(22, 0, 0, 0)
        below.addWidget(self.samples)
        below.addStretch(1)
        layout.addLayout(below)
        self.options = options
        return options

    def _make_progress(self) -> QWidget:
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the measurement")
        self.line = QLabel()
        self.line.setProperty("role", "muted")
        self.line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.progress = QWidget()
        layout = QVBoxLayout(self.progress)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(4)
        layout.addWidget(self.line)
        layout.addWidget(self.bar)
        self.progress.hide()
        return self.progress

    def _make_buttons(self) -> QHBoxLayout:
        self.measure = QPushButton("Measure")
        self.measure.setProperty("role", "primary")
        self.measure.clicked.connect(self.start)
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("End the measurement; what was known before stays.")
        self.cancel.clicked.connect(self._evaluating.cancel)
        self.cancel.hide()
        self.copy = QPushButton("Copy")
        self.copy.setToolTip("Take the figures along, as a table of text or as JSON")
        menu = QMenu(self.copy)
        menu.addAction("As Text", self.copy_text)
        menu.addAction("As JSON", self.copy_json)
        self.copy.setMenu(menu)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(12, 0, 12, 0)
        buttons.setSpacing(6)
        buttons.addWidget(self.measure)
        buttons.addWidget(self.cancel)
        buttons.addStretch(1)
        buttons.addWidget(self.copy)
        return buttons

    def set_theme(self, theme: Theme) -> None:
        """The style sheet colours everything here."""

    # --- what it shows --------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def refresh(self) -> None:
        """Show what is known of the open model; later, if nobody can see it."""
        self._stale = not self.isVisible()
        if self._stale:
            return
        model = self._workspace.model
        self._shown = model.file if model is not None else None
        figures, note = self._figures(model) if model is not None else ({}, "")
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.table.show_figures(figures, model is not None and is_density(model.file.config))
        unknown = "No figures of this model are known yet." if model is not None else "No model is open."
        self.empty.setText("" if self._known(figures) else unknown)
        self.empty.setVisible(bool(self.empty.text()))
        self.copy.setEnabled(self._known(figures))
        variational = model is not None and _is_variational(model.file)
        possible = variational and model is not None and model.file.config.latent <= MOST_EXACT
        self.options.setVisible(variational)
        self.exact.setEnabled(possible)
        self.exact.setText("Exact likelihood" if possible else "Exact likelihood: up to 2 dimensions")
        self._show_buttons()

    def _open(self) -> None:
        """Another model; what very many codes say comes a turn after the map that shows them."""
        codes = self._workspace.codes
        if codes is not None and codes.mean.size > MANY:
            self._turn.ask()
        else:
            self.refresh()

    def _follow(self) -> None:
        """The film of a run shows one snapshot for many frames."""
        model = self._workspace.model
        if self._stale or model is None or model.file is not self._shown:
            self.refresh()

    def _figures(self, model: OpenModel) -> tuple[dict[str, Any], str]:
        """What is known, and a line on it where some was measured on an earlier snapshot of the same training."""
        known = known_figures(model, self._evaluations)
        if self._last is None or not model.live or self._evaluations.of(model):
            return known, ""
        then, result = self._last
        if then.title != model.title or not then.live:
            return known, ""
        earlier = f"What a training does not measure itself is as of step {then.file.record.get('steps', 0):,}."
        return result | known, earlier

    @staticmethod
    def _known(figures: dict[str, Any]) -> bool:
        return bool(figures.keys() & MEASURES.keys())

    def _show_buttons(self) -> None:
        model, busy = self._workspace.model, self._measured is not None
        self.measure.setVisible(not busy)
        self.measure.setEnabled(model is not None)
        self.cancel.setVisible(busy)
        self.progress.setVisible(busy)
        self.options.setEnabled(not busy)
        if model is not None:
            data = data_title(self._data() or model.file.config.data)
            self.measure.setToolTip(f"Measure everything on the test images of {data}; the computer stays responsive.")

    # --- measuring ------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Measure the open model, as it is now."""
        model = self._workspace.model
        if model is None:
            return
        exact = self.exact.isChecked() and self.exact.isEnabled() and _is_variational(model.file)
        importance = self.importance.isChecked() and _is_variational(model.file)
        wish = Wish(self._data(), exact, importance, self.samples.value())
        if self._evaluating.start(model.file, model.title, wish):
            self._measured = model
            self._show_progress("", 0.0)
            self._show_buttons()
            self.cancel.setEnabled(True)

    def _show_progress(self, part: str, share: float) -> None:
        if self._measured is None:
            return
        model = self._workspace.model
        of = f" of {self._measured.title}" if model is not None and model.title != self._measured.title else ""
        text = f"Measuring {part}{of}…" if part else f"Starting to measure{of}…"
        self.line.setText(self.line.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, self.line.width()))
        self.line.setToolTip(text)
        self.bar.setValue(round(1000 * share))

    def _take(self, file: ModelFile, result: dict[str, Any]) -> None:
        if self._measured is not None and self._measured.file is file:
            self._evaluations.keep(self._measured, result)
            self._last = self._measured, self._evaluations.of(self._measured)
        self._end()

    def _fail(self, text: str) -> None:
        self._end()
        self.failed.emit(text)

    def _end(self) -> None:
        self._measured = None
        self._show_buttons()
        self.refresh()

    # --- taking along ---------------------------------------------------------------------------------------------

    def copy_text(self) -> None:
        model = self._workspace.model
        if model is not None:
            figures, _ = self._figures(model)
            QGuiApplication.clipboard().setText(figures_text(figures, is_density(model.file.config)))

    def copy_json(self) -> None:
        model = self._workspace.model
        if model is not None:
            about = {"model": model.title, "density": is_density(model.file.config)}
            content = about | self._figures(model)[0]
            QGuiApplication.clipboard().setText(json.dumps(content, indent=1, ensure_ascii=False))


def _is_variational(file: ModelFile) -> bool:
    return file.codes is not None and file.codes.logvar is not None
