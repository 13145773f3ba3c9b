"""What the points are coloured by, at the top of the Layers dock: the choice, and the legend of its colours."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QStandardItemModel
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from latentscope.analysis.colouring import Colouring, number_text, ticks
from latentscope.analysis.point_fields import PointFields
from latentscope.analysis.ramp import STEPS, ramp
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme
from latentscope.window.boxes import ComboBox
from trainer.analysis.fields import FIELDS, field_named

__all__ = ["BY_CLASS", "ColourBar", "ColourByPanel", "change_colour_by", "title_of"]

BY_CLASS = "class"
BAR = 12  # px: the height of the gradient
ROUND = 4.0


def title_of(name: str) -> str:
    """What a choice of colours is called."""
    field = field_named(name)
    return "Class" if field is None else field.title


def change_colour_by(workspace: Workspace, name: str) -> None:
    """Colour the points by class or by a field, as a step to undo."""
    layers = replace(workspace.layers, colour_by=name)
    workspace.change_layers(layers, f"Colour by {title_of(name).lower()}")


class ColourByPanel(QWidget):
    """The choice with its legend. Where pictures are missing, a button offers to get them."""

    data_wanted = Signal()

    def __init__(self, workspace: Workspace, fields: PointFields, theme: Theme) -> None:
        super().__init__()
        self._workspace, self._fields = workspace, fields
        self._offer = ""
        label = QLabel("Colour by")
        label.setProperty("role", "heading")
        self.choice = ComboBox()
        self.choice.setAccessibleName("Colour the points by")
        self.choice.setToolTip("What gives the points of the map their colours")
        self.choice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.choice.setMinimumWidth(100)
        label.setBuddy(self.choice)
        self.choice.addItem("Class", BY_CLASS)
        group = ""
        for field in FIELDS:
            if field.group != group:
                self.choice.insertSeparator(self.choice.count())
                group = field.group
            self.choice.addItem(field.title, field.name)
            self.choice.setItemData(self.choice.count() - 1, field.explanation, Qt.ItemDataRole.ToolTipRole)
        self.choice.activated.connect(lambda i: change_colour_by(workspace, self.choice.itemData(i)))
        self.words, self.note = QLabel(), QLabel()
        for words in (self.words, self.note):
            words.setProperty("role", "muted")
            words.setWordWrap(True)
        self.bar = ColourBar(theme)
        self.get = QPushButton()
        self.get.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.get.clicked.connect(self.data_wanted)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 6)
        layout.setSpacing(5)
        for widget in (label, self.choice, self.bar, self.words, self.note, self.get):
            layout.addWidget(widget)
        for signal in (
            workspace.layers_changed, workspace.model_changed, workspace.snapshot_changed,
            fields.changed, fields.progressed,
        ):  # fmt: skip
            signal.connect(self.refresh)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        self.bar.set_theme(theme)

    def offer_data(self, text: str) -> None:
        """The words of a button that gets the test images; empty where there is nothing to get."""
        self._offer = text
        self.refresh()

    def refresh(self) -> None:
        name = self._workspace.layers.colour_by
        field = field_named(name)
        self.choice.setCurrentIndex(max(0, self.choice.findData(name)))
        self._enable()
        colouring = self._fields.get(name) if field is not None else None
        problem = self._fields.problem(name) if field is not None else ""
        lacks = field is not None and not problem and self._fields.lacks_images(name)
        shown = colouring is not None and not problem
        self.bar.setVisible(shown and colouring is not None and colouring.missing < len(colouring))
        self.get.setVisible(lacks and bool(self._offer))
        self.get.setText(self._offer.removesuffix(" to see the pictures"))
        self.get.setToolTip("Get the test images, on which this is measured")
        if field is None:
            words = self._class_words()
        elif problem:
            words = problem if self._workspace.model is None else f"{problem} The colours are those of the classes."
        elif lacks:
            words = "This is measured on the test images, which are not at hand."
        else:
            words = field.explanation
        self.words.setText(words)
        note = ""
        if colouring is not None and field is not None and not problem:
            self.bar.show_field(colouring, field.title, field.unit)
            note = self._note(colouring)
        elif field is not None and not problem and not lacks:
            share = self._fields.share(name)
            note = "Waiting for the decoder and the images…" if share is None else f"Measuring… {100 * share:.0f} %"
        self.note.setText(note)
        self.note.setVisible(bool(note))

    def _class_words(self) -> str:
        model = self._workspace.model
        if model is not None and not self._workspace.class_count:
            return "The points of this model have no labels, and so one colour."
        return "Each point has the colour of its class."

    def _note(self, colouring: Colouring) -> str:
        if colouring.missing == len(colouring):
            return "No point has a value."
        words = [] if colouring.high > colouring.low else ["All points have nearly the same value."]
        codes = self._workspace.codes
        if colouring.missing and codes is not None:
            count = len(codes.mean) - codes.left_out  # what is left out is not on the map: it is not grey there
            grey = int(np.count_nonzero(np.isnan(colouring.short) & codes.finite))
            if grey:
                words.append(f"{grey:,} of {count:,} points {'has' if grey == 1 else 'have'} no value and "
                             f"{'is' if grey == 1 else 'are'} grey.")  # fmt: skip
        return " ".join(words)

    def _enable(self) -> None:
        """What the open model cannot have is grey, and its tool tip says why."""
        model = self.choice.model()
        assert isinstance(model, QStandardItemModel)
        for row in range(self.choice.count()):
            field = field_named(self.choice.itemData(row) or "")
            if field is not None:
                problem = self._fields.problem(field.name)
                model.item(row).setEnabled(not problem)
                model.item(row).setToolTip(problem or field.explanation)


class ColourBar(QWidget):
    """A gradient from low to high, with round numbers under it. What lies beyond an end has the colour of the end."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._low = self._high = 0.0
        self._unit = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_field(self, colouring: Colouring, title: str, unit: str) -> None:
        self._low, self._high, self._unit = colouring.low, colouring.high, unit
        ends = f"{number_text(self._low)} to {number_text(self._high)} {unit}".rstrip()
        self.setAccessibleName(f"{title}, colours from {ends}")
        self.setToolTip(
            f"{title}: {ends}.\nThat is from the 1st to the 99th of 100 points; what lies beyond has the end's colour."
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(180, BAR + 5 + self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = ramp(self._theme)
        bar = QRectF(0, 0, self.width(), BAR)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        several = self._high > self._low
        for step in range(STEPS):
            red, green, blue = (int(part) for part in colours[step if several else STEPS // 2])
            gradient.setColorAt(step / (STEPS - 1), QColor(red, green, blue))
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(gradient)
            painter.drawRoundedRect(bar, ROUND, ROUND)
            self._paint_ticks(painter)

    def _paint_ticks(self, painter: QPainter) -> None:
        metrics, width = painter.fontMetrics(), float(self.width())
        unit = f" {self._unit}" if self._unit and self._unit != "°" else self._unit
        free_from = -1.0
        marks = ticks(self._low, self._high)
        for number, value in enumerate(marks):
            x = width / 2 if self._high <= self._low else width * (value - self._low) / (self._high - self._low)
            # The last number says the unit for all.
            text = tick_text(value, marks) + (unit if number == len(marks) - 1 else "")
            room = metrics.horizontalAdvance(text)
            left = min(max(0.0, x - room / 2), width - room)
            if left < free_from:
                continue
            free_from = left + room + 6
            painter.setPen(QColor(self._theme.muted))
            painter.drawLine(QPointF(x, BAR + 1), QPointF(x, BAR + 4))
            painter.drawText(QPointF(left, BAR + 4 + metrics.ascent()), text)


def tick_text(value: float, marks: list[float]) -> str:
    """A tick's number, with as many digits as its neighbours are apart."""
    if len(marks) < 2:
        return number_text(value)
    apart = marks[1] - marks[0]
    digits = next((d for d in range(7) if abs(round(apart, d) - apart) < 1e-9 * apart + 1e-12), 6)
    return f"{0.0 if abs(value) < apart / 1e6 else value:,.{digits}f}".replace("-", "\N{MINUS SIGN}")
