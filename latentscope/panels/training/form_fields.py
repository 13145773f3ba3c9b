"""Widgets that edit one setting each, made from a field of Config: its kind, limits, choices and unit.

Every editor is a QWidget with ``changed``, ``value()`` and ``set_value()``.
"""

from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QLineEdit,
)

from latentscope.panels.training.budget_field import BudgetEdit, WholeEdit
from latentscope.window.boxes import ComboBox
from latentscope.words import data_title
from trainer.config import limits
from trainer.data import SOURCES
from trainer.models import FAMILIES, LIKELIHOODS, NETWORKS, QUANTIZERS
from trainer.registry import Table

__all__ = [
    "ChoiceEdit",
    "DataEdit",
    "Editor",
    "NumberEdit",
    "SwitchEdit",
    "WidthsEdit",
    "extra",
    "make_editor",
]

# Where the words for a field's choices come from; without a table a choice is its own title.
TABLES: dict[str, Table] = {"family": FAMILIES, "network": NETWORKS, "likelihood": LIKELIHOODS, "quantizer": QUANTIZERS}
MAX_INT = 2**31 - 1


class ChoiceEdit(ComboBox):
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


class NumberEdit(QLineEdit):
    """A number that may be of any size: 4, 0.002, 1e-3. What is no number is left for the config to refuse.

    Where a setting may be absent, no text means that it is, and ``empty`` says what that comes to, in a word.
    """

    changed = Signal()

    def __init__(self, empty: str = "") -> None:
        super().__init__()
        self._optional = bool(empty)
        self.setPlaceholderText(empty)
        self.textChanged.connect(self.changed)

    def value(self) -> float | str | None:
        text = self.text().strip()
        if self._optional and not text:
            return None
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return text

    def set_value(self, value: Any) -> None:
        self.setText("" if value is None else f"{value:g}" if isinstance(value, int | float) else str(value))


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


def _whole(name: str, field: FieldInfo) -> Editor:
    if "empty" in extra(field):
        return NumberEdit(str(extra(field)["empty"]))
    least, most = limits(name)
    return WholeEdit(int(least or 0), int(most or MAX_INT), str(extra(field).get("unit", "")))


# A field of another kind needs a line here.
EDITORS: dict[Any, Callable[[str, FieldInfo], Editor]] = {
    bool: lambda name, field: SwitchEdit(),
    int: _whole,
    float: lambda name, field: NumberEdit(str(extra(field).get("empty", ""))),
    tuple: lambda name, field: WidthsEdit(),
}
