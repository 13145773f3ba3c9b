"""The Collapse doctor dock: which latent dimensions carry information, and which the model leaves unused."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from latentscope.panels.dimension_bars import BarsHeader, Dimension, DimensionBars, dimensions
from latentscope.paths import LatentPath, latent_tuple
from latentscope.runs.evaluations import MOST_VALUES
from latentscope.theme import Theme
from latentscope.workspace import Workspace
from trainer.config import Config
from trainer.files import Codes, ModelFile
from trainer.geometry import axis_name
from trainer.measures.codebook import codebook_figures
from trainer.measures.codes import active_dimensions, kl_per_dimension, sigma_per_dimension

__all__ = ["CollapsePanel", "diagnosis"]

REACH = 3.0  # a traversal goes from minus this to this, in standard deviations of the prior
MOST_NAMED = 8


class CollapsePanel(QWidget):
    """Which latent dimensions carry information: KL and σ of each, inactive ones named. A click traverses one."""

    title = "Collapse doctor"
    traversed = Signal(int)  # a path along this dimension, from 0, is on the map

    def __init__(self, workspace: Workspace, theme: Theme) -> None:
        super().__init__()
        self._workspace = workspace
        self._stale = True
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
        self.bars = DimensionBars(theme)
        self.columns = BarsHeader(self.bars, theme)
        self.bars.chosen.connect(self.traverse)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        inner_layout = QVBoxLayout(inner)
        inner_layout.setContentsMargins(0, 0, 0, 0)
        inner_layout.addWidget(self.bars)
        inner_layout.addStretch(1)
        self.area.setWidget(inner)
        self.bars.moved.connect(lambda y: self.area.ensureVisible(0, y, 0, self.bars.row_height))
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
        workspace.snapshot_changed.connect(self.refresh)
        workspace.path_changed.connect(self._mark)
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
        buttons[1].toggled.connect(lambda _on: self.refresh())
        return buttons[0], buttons[1]

    def set_theme(self, theme: Theme) -> None:
        self.bars.set_theme(theme)
        self.columns.set_theme(theme)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def refresh(self) -> None:
        """Measure the codes of the open model; later, if nobody can see it."""
        self._stale = not self.isVisible()
        if self._stale:
            return
        model, by_kl = self._workspace.model, self.by_kl.isChecked()
        file = model.file if model is not None else None
        if file is not None and (file, by_kl) == self._shown:
            return  # the film of a run shows one snapshot for many frames
        self._shown = file, by_kl
        codes = file.codes if file is not None else None
        rows: list[Dimension] = []
        if file is None:
            words, advice = "No model is open.", ""
        elif codes is None:
            words, advice = "This model has no codes of test images, so there is nothing to measure.", ""
        elif codes.tokens is not None:
            words, advice = codebook_words(codes.tokens, file.config.codes)
        elif codes.logvar is None:
            words, advice = (
                "An autoencoder encodes an image as one point: there is no posterior, and so neither KL nor σ.",
                "Nothing draws its dimensions to a prior, so none of them can collapse onto it.",
            )
        else:
            rows = measured(codes, by_kl)
            words, advice = diagnosis(rows, file.config)
        self.words.setText(words)
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))
        self.table.setVisible(bool(rows))
        self._rest.setVisible(not rows)
        self.bars.show_rows(rows)
        self._mark()

    def traverse(self, index: int) -> None:
        """Put a path on the map along one dimension, from −3 to 3, with the others as the probe has them."""
        workspace = self._workspace
        if not 0 <= index < workspace.dimension:
            return
        ends = []
        for sign in (-1.0, 1.0):
            end = workspace.probe.copy()
            end[index] = sign * REACH
            ends.append(latent_tuple(end))
        self._path, self._traversed = LatentPath(tuple(ends)), index
        workspace.change_path(self._path, f"Traverse {axis_name(index)}")
        self._mark()
        self.traversed.emit(index)

    def _mark(self) -> None:
        path, mine = self._workspace.path, self._path
        shown = False
        if path is not None and mine is not None:
            ends, asked = np.array(path.waypoints), np.array(mine.waypoints)
            # Not equality: a moment of a film turns the latent space there and back.
            shown = ends.shape == asked.shape and np.allclose(ends, asked, atol=1e-6)
        self.bars.mark(self._traversed if shown else None)


def measured(codes: Codes, by_kl: bool) -> list[Dimension]:
    """KL and σ of each dimension, averaged over the codes; over every so-manieth of very many."""
    assert codes.logvar is not None
    every = max(1, codes.mean.size // MOST_VALUES)
    mean, logvar = codes.mean[::every], codes.logvar[::every]
    return dimensions(kl_per_dimension(mean, logvar), sigma_per_dimension(logvar), active_dimensions(mean), by_kl)


def diagnosis(rows: list[Dimension], config: Config) -> tuple[str, str]:
    """What the dimensions are like, and what can be done about it."""
    inactive = sorted(row.index for row in rows if not row.active)
    count = len(rows)
    if not inactive:
        which = {1: "The one dimension is", 2: "Both dimensions are"}.get(count, f"All {count} dimensions are")
        return f"{which} in use: the codes differ from image to image in {'it' if count == 1 else 'each'}.", ""
    if len(inactive) == count:
        words = (
            "The model has collapsed: every code is the same, whatever the image, and the decoder draws one picture."
            if count > 1
            else "The one dimension is inactive: every code is the same, whatever the image."
        )
    else:
        one = len(inactive) == 1
        words = (
            f"{len(inactive)} of {count} dimensions {'is' if one else 'are'} inactive: {listed(inactive)}. "
            f"{'It carries' if one else 'They carry'} no information: the decoder ignores {'it' if one else 'them'}."
        )
    return words, advice(config, everything=len(inactive) == count)


def advice(config: Config, everything: bool) -> str:
    """What to try; only what has not been tried yet."""
    if not config.reconstruction:
        return "That is what training without the reconstruction term does: only the KL was left, and it is zero now."
    ways = []
    if config.kl_warm_up == 0:
        ways.append("KL warm-up")
    if config.free_bits == 0:
        ways.append("free bits")
    if config.beta > 0:
        ways.append(f"a lower β (now {config.beta:g})")
    what = (
        f"To bring them into use, try {joined(ways, 'or')}." if ways else "A longer training may bring them into use."
    )
    return what if everything else f"{what} Or leave it so: the model may need no more than the others."


def joined(parts: list[str], word: str) -> str:
    """ "a, b or c"."""
    *most, last = parts
    return f"{', '.join(most)} {word} {last}" if most else last


def listed(numbers: list[int]) -> str:
    """ "z₃, z₆ and z₁₈"; of very many the first ones, and how many more."""
    if len(numbers) > MOST_NAMED:
        return f"{', '.join(map(axis_name, numbers[: MOST_NAMED - 1]))} and {len(numbers) - MOST_NAMED + 1} more"
    return joined(list(map(axis_name, numbers)), "and")


def codebook_words(tokens: NDArray[np.int16], codes: int) -> tuple[str, str]:
    """How a codebook is used, where a code is a choice and not a point of a space."""
    figures = codebook_figures(tokens, codes)
    used, unused = int(figures["codes_used"]), int(figures["codes_unused"])
    dead = "none is dead" if not unused else f"{unused:,} {'is' if unused == 1 else 'are'} dead: no test image uses "
    dead += "" if not unused else ("it" if unused == 1 else "them")
    words = f"{used:,} of {codes:,} codes are in use; {dead}. Perplexity {figures['perplexity']:,.0f}."
    about = (
        "A VQ-VAE has no posterior, and so neither KL nor σ: what collapses is its codebook. Perplexity says how many "
        "codes, used equally often, would be as varied as these."
    )
    if unused:
        about += " Fewer codes, or a longer training, leave fewer of them dead."
    return words, about
