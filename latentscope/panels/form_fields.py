"""Widgets that edit one setting each, made from a field of Config: its kind, limits, choices and unit.

Every editor is a QWidget with ``changed``, ``value()`` and ``set_value()``.
"""

from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QPaintEvent, QValidator
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QStackedWidget,
    QWidget,
)

from latentscope.panels.chevrons import SPIN_ROOM, draw_chevron, draw_spin_chevrons
from latentscope.run_words import exact_duration, parse_duration
from latentscope.words import data_title
from trainer.config import limits
from trainer.data import SOURCES
from trainer.models import FAMILIES, LIKELIHOODS, NETWORKS
from trainer.registry import Table

__all__ = [
    "BudgetEdit",
    "ChoiceEdit",
    "DataEdit",
    "DurationEdit",
    "Editor",
    "NumberEdit",
    "SwitchEdit",
    "WholeEdit",
    "WidthsEdit",
    "extra",
    "make_editor",
]

# Where the words for a field's choices come from; without a table a choice is its own title.
TABLES: dict[str, Table] = {"family": FAMILIES, "network": NETWORKS, "likelihood": LIKELIHOODS}
MAX_INT = 2**31 - 1
DURATIONS = (5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 43200, 86400)


class ChoiceEdit(QComboBox):
    """One of a few named choices; each shows its help where the mouse rests on it."""

    changed = Signal()

    def __init__(self, choices: list[tuple[str, str, str]]) -> None:
        """``choices`` are (value, title, help)."""
        super().__init__()
        for value, title, text in choices:
            self.add_choice(value, title, text)
        self.currentIndexChanged.connect(self.changed)

    def add_choice(self, value: str, title: str, text: str, place: int | None = None) -> None:
        place = self.count() if place is None else place
        self.insertItem(place, title, (value, text))
        self.setItemData(place, text, Qt.ItemDataRole.ToolTipRole)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        draw_chevron(self, QPointF(self.width() - 13.0, self.height() / 2))

    @property
    def help(self) -> str:
        """What the present choice means."""
        return self.currentData()[1] if self.currentData() else ""

    def value(self) -> str:
        return str(self.currentData()[0]) if self.currentData() else ""

    def set_value(self, value: Any) -> None:
        """A value that is not among the choices becomes one: a device of another computer, a file."""
        if value not in self.values():
            self.add_other(str(value))
        self.setCurrentIndex(self.values().index(value))

    def add_other(self, value: str) -> None:
        self.add_choice(value, value, "")

    def values(self) -> list[str]:
        return [self.itemData(index)[0] for index in range(self.count())]


class DataEdit(ChoiceEdit):
    """A data set of the table, or a file; the last entry, whose value is empty, asks for one."""

    def __init__(self) -> None:
        known = [(choice.name, choice.title, choice.help) for choice in SOURCES.choices.values()]
        super().__init__([*known, ("", "Choose a file…", "Your own images in an .npz or .npy file.")])

    def add_other(self, value: str) -> None:
        self.add_choice(value, data_title(value), value, self.count() - 1)


class SwitchEdit(QCheckBox):
    changed = Signal()

    def __init__(self) -> None:
        super().__init__("On")
        self.toggled.connect(self.changed)

    def value(self) -> bool:
        return self.isChecked()

    def set_value(self, value: Any) -> None:
        self.setChecked(bool(value))


class WholeEdit(QSpinBox):
    """A whole number within its limits."""

    changed = Signal()

    def __init__(self, least: int, most: int, unit: str = "") -> None:
        super().__init__()
        self.setRange(least, most)
        self.setGroupSeparatorShown(True)
        self.setSuffix(f" {unit}" if unit else "")
        self.lineEdit().setTextMargins(*SPIN_ROOM)
        self.valueChanged.connect(self.changed)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        draw_spin_chevrons(self)

    def set_value(self, value: Any) -> None:
        self.setValue(int(value))


class NumberEdit(QLineEdit):
    """A number that may be of any size: 4, 0.002, 1e-3. What is no number is left for the config to refuse."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.textChanged.connect(self.changed)

    def value(self) -> float | str:
        text = self.text().strip()
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return text

    def set_value(self, value: Any) -> None:
        self.setText(f"{value:g}" if isinstance(value, int | float) else str(value))


class WidthsEdit(QLineEdit):
    """Whole numbers with commas between them; empty means the default."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText("default, or such as 512, 256")
        self.textChanged.connect(self.changed)

    def value(self) -> tuple[int, ...] | str | None:
        text = self.text().strip()
        if not text:
            return None
        try:
            return tuple(int(part) for part in text.replace(",", " ").split())
        except ValueError:
            return text

    def set_value(self, value: Any) -> None:
        self.setText(", ".join(str(width) for width in value) if value else "")


class DurationEdit(QDoubleSpinBox):
    """Seconds, written as people write them: 90 s, 5 min, 2 h. Steps go through round durations."""

    changed = Signal()

    def __init__(self, most: float) -> None:
        super().__init__()
        self.setDecimals(3)
        self.setRange(0.001, most)
        self.lineEdit().setTextMargins(*SPIN_ROOM)
        self.valueChanged.connect(self.changed)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        draw_spin_chevrons(self)

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
    """How long to train: either a time or a number of epochs."""

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
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
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


Editor = ChoiceEdit | SwitchEdit | WholeEdit | NumberEdit | WidthsEdit | BudgetEdit


def extra(field: FieldInfo) -> dict[str, Any]:
    """What the config says about where a field stands in the form."""
    return field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}


def make_editor(name: str, field: FieldInfo) -> Editor:
    """The editor for a field, found by its kind."""
    names = extra(field).get("choices") or (
        get_args(field.annotation) if get_origin(field.annotation) is Literal else None
    )
    if names:
        return ChoiceEdit([_choice(name, value) for value in names])
    return EDITORS[_kind(field)](name, field)


def _choice(name: str, value: str) -> tuple[str, str, str]:
    table = TABLES.get(name)
    return (value, table[value].title, table[value].help) if table else (value, value, "")


def _kind(field: FieldInfo) -> Any:
    kinds = [kind for kind in get_args(field.annotation) if kind is not type(None)] or [field.annotation]
    return get_origin(kinds[0]) or kinds[0]


def _whole(name: str, field: FieldInfo) -> WholeEdit:
    least, most = limits(name)
    return WholeEdit(int(least or 0), int(most or MAX_INT), str(extra(field).get("unit", "")))


# A field of another kind needs a line here.
EDITORS: dict[Any, Callable[[str, FieldInfo], Editor]] = {
    bool: lambda name, field: SwitchEdit(),
    int: _whole,
    float: lambda name, field: NumberEdit(),
    tuple: lambda name, field: WidthsEdit(),
}
