"""Editors of whole numbers and of the budget of a training: a preset, a time, or a number of epochs."""

from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from latentscope.runs.words import exact_duration, parse_duration
from latentscope.window.boxes import NumberBox, WholeBox
from trainer.presets import PRESETS

__all__ = ["GAP", "BudgetEdit", "DurationEdit", "WholeEdit"]

GAP = 6  # px, between the lines of the budget

DURATIONS = (5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 43200, 86400)


class WholeEdit(WholeBox):
    """A whole number within its limits."""

    changed = Signal()

    def __init__(self, least: int, most: int, unit: str = "") -> None:
        super().__init__()
        self.setRange(least, most)
        self.setGroupSeparatorShown(True)
        self.setSuffix(f" {unit}" if unit else "")
        self.valueChanged.connect(self.changed)

    def set_value(self, value: Any) -> None:
        self.setValue(int(value))


class DurationEdit(NumberBox):
    """Seconds, written as people write them: 90 s, 5 min, 2 h. Steps go through round durations."""

    changed = Signal()

    def __init__(self, most: float) -> None:
        super().__init__()
        self.setDecimals(3)
        self.setRange(0.001, most)
        self.valueChanged.connect(self.changed)

    def set_value(self, value: Any) -> None:
        self.setValue(float(value))

    def textFromValue(self, value: float) -> str:
        return exact_duration(value)

    def valueFromText(self, text: str) -> float:
        return parse_duration(text) or self.value()

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        seconds = parse_duration(text)
        good = seconds is not None and self.minimum() <= seconds <= self.maximum()
        return QValidator.State.Acceptable if good else QValidator.State.Intermediate, text, position

    def stepBy(self, steps: int) -> None:
        for _ in range(abs(steps)):
            value = self.value()
            later = [d for d in DURATIONS if d > value] if steps > 0 else [d for d in DURATIONS[::-1] if d < value]
            self.setValue(later[0] if later else value)


class BudgetEdit(QWidget):
    """How long to train: either a time or a number of epochs; or a preset, which is a time that has proved good."""

    changed = Signal()

    def __init__(self, most_seconds: float, most_epochs: int) -> None:
        super().__init__()
        self.seconds = DurationEdit(most_seconds)
        self.epochs = WholeEdit(1, most_epochs)
        self.seconds.set_value(60)
        self.epochs.set_value(20)
        self.seconds.setAccessibleName("Time to train")
        self.epochs.setAccessibleName("Epochs to train")
        self.by_time = self._segment("Time", "Train for this long. The same on every computer: how long you wait.")
        self.by_epochs = self._segment("Epochs", "Train for this many passes over the data, however long they take.")
        self._group = QButtonGroup(self)
        self._stack = QStackedWidget()
        self.presets = {preset.name: self._segment(preset.title, preset.expect) for preset in PRESETS.values()}
        above = QHBoxLayout()
        above.setSpacing(4)
        for name, button in self.presets.items():
            button.clicked.connect(partial(self._choose, name))
            above.addWidget(button, 1)
        layout = QHBoxLayout()
        layout.setSpacing(4)
        both = QVBoxLayout(self)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(GAP)
        both.addLayout(above)
        both.addLayout(layout)
        for index, button in enumerate((self.by_time, self.by_epochs)):
            self._group.addButton(button, index)
            layout.addWidget(button)
        self._stack.addWidget(self.seconds)
        self._stack.addWidget(self.epochs)
        self.seconds.changed.connect(self.changed)
        self.epochs.changed.connect(self.changed)
        layout.addWidget(self._stack, 1)
        self.setFocusProxy(self.seconds)
        self._group.idToggled.connect(self._switch)
        self.changed.connect(self._show_preset)
        self.by_time.setChecked(True)

    def _segment(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("role", "flat")
        button.setCheckable(True)
        button.setAutoDefault(False)
        button.setToolTip(tip)
        return button

    def _switch(self, index: int, on: bool) -> None:
        if on:
            self._stack.setCurrentIndex(index)
            self.setFocusProxy(self.epochs if index else self.seconds)
            self.changed.emit()

    @property
    def help(self) -> str:
        """What to expect of the preset that is chosen; empty without one."""
        return next((PRESETS[name].expect for name, button in self.presets.items() if button.isChecked()), "")

    def _choose(self, name: str) -> None:
        self.set_value(PRESETS[name].settings)
        self.changed.emit()

    def _show_preset(self) -> None:
        chosen = {key: value for key, value in self.value().items() if value is not None}
        for name, button in self.presets.items():
            button.setChecked(PRESETS[name].settings == chosen)

    def value(self) -> dict[str, Any]:
        """The two settings, of which one is None."""
        by_time = self.by_time.isChecked()
        return {
            "seconds": self.seconds.value() if by_time else None,
            "epochs": None if by_time else self.epochs.value(),
        }

    def set_value(self, value: Any) -> None:
        if value.get("epochs") is not None:
            self.epochs.set_value(value["epochs"])
            self.by_epochs.setChecked(True)
        elif value.get("seconds") is not None:
            self.seconds.set_value(value["seconds"])
            self.by_time.setChecked(True)
        self._show_preset()
