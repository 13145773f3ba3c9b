"""The direction between two groups of points: mean of A minus mean of B, a slider along it, and how sure it is."""

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QSlider, QToolButton, QVBoxLayout, QWidget

from latentscope.analysis.directing import REACH, Directing
from latentscope.analysis.groups import REST, Group, groups_of
from latentscope.panels.selections.direction_scale import DirectionScale
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme
from latentscope.window.boxes import ComboBox
from latentscope.words import MINUS, signed
from trainer.analysis.directions import LEAST_POINTS, Direction, Uncertainty

__all__ = ["DirectionPanel", "length_text", "sureness_text", "warning_text"]

FINENESS = 100  # steps of the slider to one length of the direction


class DirectionPanel(QWidget):
    """The direction from the mean of one group of points to that of another; the slider moves the probe along it."""

    path_shown = Signal()

    def __init__(self, workspace: Workspace, directing: Directing, theme: Theme) -> None:
        super().__init__()
        self._workspace, self.directing = workspace, directing
        self._groups: list[Group] = []
        self.a_choice, self.b_choice = ComboBox(), ComboBox()
        self.a_choice.setAccessibleName("Group A")
        self.b_choice.setAccessibleName("Group B")
        for choice in (self.a_choice, self.b_choice):
            choice.setSizeAdjustPolicy(ComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            choice.setMinimumContentsLength(4)
            choice.activated.connect(self._choose)
        swap = QToolButton()
        swap.setText("⇅")
        swap.setAccessibleName("Swap A and B")
        swap.setToolTip("Swap A and B: the same line, the other way")
        swap.clicked.connect(lambda: directing.set_groups(directing.b, directing.a))
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        for row, (word, choice) in enumerate((("A", self.a_choice), ("B", self.b_choice))):
            grid.addWidget(_muted(word), row, 0)
            grid.addWidget(choice, row, 1)
        grid.addWidget(swap, 0, 2, 2, 1)
        grid.setColumnStretch(1, 1)

        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(round(-REACH * FINENESS), round(REACH * FINENESS))
        self.slider.setPageStep(FINENESS // 2)
        self.slider.setAccessibleName("How far along the direction")
        self.slider.setToolTip("Moves the probe along the direction; 1 is the whole way from mean to mean")
        self.slider.valueChanged.connect(lambda value: directing.go_to(value / FINENESS))
        self.scale = DirectionScale(self.slider, FINENESS, theme)
        self.reset = QPushButton("Reset")
        self.reset.setProperty("role", "flat")
        self.reset.setToolTip("Back to where the probe was")
        self.reset.clicked.connect(lambda: directing.go_to(0.0))
        self.from_b = QPushButton("Start at B")
        self.from_b.setProperty("role", "flat")
        self.from_b.setToolTip("Put the probe on the mean of B: the mean of A is then at t = 1")
        self.from_b.clicked.connect(directing.start_at_b)
        self.t_words = QLabel()
        self.path_button = QPushButton("Show as Path")
        self.path_button.setToolTip("A film strip along the line of the slider")
        self.path_button.clicked.connect(self._show_as_path)
        below = QHBoxLayout()
        below.addWidget(self.t_words)
        below.addStretch(1)
        below.addWidget(self.from_b)
        below.addWidget(self.reset)
        self.length, self.sureness, self.warning = QLabel(), _muted(""), QLabel()
        self.warning.setProperty("role", "warning")
        self.refusal = _muted("")
        self.hint = _muted("Select some points, or choose two groups that have some.")
        for label in (self.length, self.warning):
            label.setWordWrap(True)
        self.along = QWidget()
        along = QVBoxLayout(self.along)
        along.setContentsMargins(0, 4, 0, 0)
        along.setSpacing(4)
        along.addWidget(self.slider)
        along.addWidget(self.scale)
        along.addLayout(below)
        along.addWidget(self.path_button)
        self.body = QWidget()
        inner = QVBoxLayout(self.body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(6)
        inner.addWidget(_muted(f"Mean of A {MINUS} mean of B: the way from B to A."))
        inner.addLayout(grid)
        for label in (self.hint, self.length, self.sureness, self.warning):
            inner.addWidget(label)
        inner.addWidget(self.along)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.refusal)
        layout.addWidget(self.body)
        directing.changed.connect(self.refresh)
        directing.moved.connect(self._show_t)
        for signal in (workspace.model_changed, workspace.selecting.kept_changed, workspace.selecting.changed):
            signal.connect(self.refresh)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        self.scale.set_theme(theme)

    # --- what is shown --------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        directing = self.directing
        refusal = directing.refusal()
        self.refusal.setText(refusal)
        self.refusal.setVisible(bool(refusal))
        self.body.setVisible(not refusal)
        self._fill_choices()
        found, sure = directing.found, directing.sure
        self.length.setText(length_text(found, sure))
        one = self._workspace.dimension == 1
        self.sureness.setText(sureness_text(found, sure, one))
        self.sureness.setVisible(bool(self.sureness.text()))
        self.scale.show_sureness(found, sure)
        at_work = not directing.is_settled()
        self.warning.setText(warning_text(found, sure, directing.in_both, at_work))
        self.warning.setVisible(bool(self.warning.text()))
        self.length.setVisible(found is not None)
        self.hint.setVisible(found is None and not at_work)
        self.along.setVisible(directing.vector is not None)
        self._show_t()

    def _fill_choices(self) -> None:
        groups = groups_of(self._workspace)
        self._groups = [*(group for group, _ in groups), REST]
        names = [*(name for _, name in groups), "Everything else"]
        for choice, chosen in ((self.a_choice, self.directing.a), (self.b_choice, self.directing.b)):
            choice.blockSignals(True)
            if [choice.itemText(i) for i in range(choice.count())] != names:
                choice.clear()
                choice.addItems(names)
            choice.setCurrentIndex(self._groups.index(chosen) if chosen in self._groups else -1)
            choice.setToolTip(choice.currentText())
            choice.blockSignals(False)

    def _show_t(self) -> None:
        t = self.directing.t
        self.slider.blockSignals(True)
        self.slider.setValue(round(t * FINENESS))
        self.slider.blockSignals(False)
        self.t_words.setText(f"t = {signed(t)}" if self.directing.vector is not None else "")
        self.reset.setEnabled(t != 0)

    # --- what is done ---------------------------------------------------------------------------------------------

    def _choose(self) -> None:
        a, b = (self._groups[choice.currentIndex()] for choice in (self.a_choice, self.b_choice))
        if a == b == REST:  # the rest of what? the other of the two gives way
            b = Group("selected")
        self.directing.set_groups(a, b)
        self.refresh()

    def _show_as_path(self) -> None:
        self.directing.show_as_path()
        self.path_shown.emit()


def length_text(found: Direction | None, sure: Uncertainty | None) -> str:
    """ "Length 1.62 (95 %: 1.57 to 1.67)"."""
    if found is None:
        return ""
    bar = "" if sure is None else f" (95 %: {_number(sure.low)} to {_number(sure.high)})"
    return f"Length {_number(found.length)}{bar}"


def sureness_text(found: Direction | None, sure: Uncertainty | None, one_dimension: bool) -> str:
    """How many points there are, and how far chance may turn the direction; in one dimension there is no turning."""
    if found is None:
        return ""
    points = f"{found.counts[0]:,} and {found.counts[1]:,} points"
    if sure is None or one_dimension or not sure.distinct:
        return points
    least = math.floor(1000 * sure.cosine) / 1000  # rounded, it would be more than it is
    cosine = "> 0.999" if sure.cosine > 0.999 else f"≥ {least:.3f}".replace("-", MINUS)
    return f"Direction ± {sure.angle:.1f}°, cosine {cosine}\n{points}"


def warning_text(found: Direction | None, sure: Uncertainty | None, in_both: int, at_work: bool) -> str:
    """What to know before anything is made of the direction; empty where there is nothing."""
    if found is None:
        return ""
    if found.length == 0:
        return "Both groups have the same mean: there is no direction between them."
    if sure is not None and not sure.distinct:
        return f"Not distinguishable from zero: chance alone makes a difference this long (p = {sure.p:.2f})."
    if sure is None and not at_work and min(found.counts) < LEAST_POINTS:
        return f"Too few points to say how sure this is: each group needs {LEAST_POINTS}, one has {min(found.counts)}."
    return f"{in_both:,} points are in both groups." if in_both else ""


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", MINUS)


def _muted(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "muted")
    label.setWordWrap(len(text) != 1)
    return label
