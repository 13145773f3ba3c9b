"""Figures in groups: what each is called, its value and its unit; its definition is the tooltip."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from trainer.measures.table import Measure, scope, shown, unit_of

__all__ = ["FigureTable", "figures_text"]


class FigureTable(QWidget):
    """The figures that there are, in the order of the trainer's table of measures, which has all the words."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(12, 0, 12, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(0, 1)
        self._values: dict[str, tuple[QLabel, QLabel]] = {}

    def show_figures(self, figures: Mapping[str, Any], density: bool) -> None:
        """Show these; widgets are only made where there are other ones than before."""
        rows = list(shown(figures))
        if [measure.key for measure, _ in rows] != list(self._values):
            self._make(rows)
        for measure, value in rows:
            number, unit = self._values[measure.key]
            number.setText(measure.text(value))
            unit.setText(_short_unit(measure, density))
            where = f"{unit_of(measure, density)}{scope(measure, figures)}".removeprefix(", ")
            for label in (number, unit):
                label.setToolTip(f"{measure.definition}\n\n{where}".rstrip())
            number.setAccessibleName(f"{measure.title}: {measure.text(value)} {where}".rstrip())

    def _make(self, rows: list[tuple[Measure, float]]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()  # at once: it is deleted later
                widget.deleteLater()
        self._values = {}
        group, line = "", 0
        for measure, _ in rows:
            if measure.group != group:
                group = measure.group
                heading = QLabel(group)
                heading.setProperty("role", "muted")
                heading.setContentsMargins(0, 8 if line else 0, 0, 1)
                self._grid.addWidget(heading, line, 0, 1, 3)
                heading.show()
                line += 1
            title, number, unit = QLabel(measure.title), QLabel(), QLabel()
            title.setToolTip(measure.definition)
            title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            number.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            unit.setProperty("role", "muted")
            for column, label in enumerate((title, number, unit)):
                self._grid.addWidget(label, line, column)
                label.show()  # at once, not with the next event
            self._values[measure.key] = (number, unit)
            line += 1
        self._grid.setRowStretch(line, 1)


def _short_unit(measure: Measure, density: bool) -> str:
    """The unit without "per image", which goes without saying here; whether it is a density does not."""
    return unit_of(measure, density).replace(" per image", "")


def figures_text(figures: Mapping[str, Any], density: bool) -> str:
    """A line a figure, its parts apart by tabs: a table for any program to paste."""
    return "\n".join(
        "\t".join((measure.title, measure.text(value), unit_of(measure, density) + scope(measure, figures))).rstrip()
        for measure, value in shown(figures)
    )
