"""The Classes dock: a colour, a name and a count a class; a click hides or shows it, a double click shows it alone.

With Ctrl a click selects the class's points instead, with Shift it adds them, with Alt it takes them away.
"""

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from latentscope.analysis.groups import of_class
from latentscope.panels.scrolled import scrolled
from latentscope.state.selection import HowToSelect
from latentscope.state.workspace import Workspace
from latentscope.theme import Rgb, Theme, class_colours
from latentscope.words import class_name, left_out_text
from trainer.grids import codebook_of

__all__ = ["ClassButton", "LegendPanel"]

# Above so many classes they can be looked for by name; of thousands no more than so many have a button at a time.
SEARCHED, MOST_BUTTONS = 24, 300
LEAST_WIDTH = 90  # px, of a button: a longer name is cut short


class LegendPanel(QWidget):
    """The classes and how many test points each has. Click hides or shows one, double click shows it alone; Ctrl and
    a click selects its points."""

    title = "Classes"

    def __init__(self, workspace: Workspace, theme: Theme) -> None:
        super().__init__()
        self._workspace, self._theme = workspace, theme
        self.buttons: list[ClassButton] = []
        self._grid = QGridLayout()
        self._grid.setContentsMargins(6, 0, 6, 0)
        self._grid.setSpacing(1)
        self._none = QLabel("The points of this model have no labels.")
        self._none.setProperty("role", "muted")
        self._none.setWordWrap(True)
        self.show_all = QPushButton("Show all")
        self.show_all.setProperty("role", "flat")
        self.show_all.clicked.connect(lambda: workspace.change_hidden_classes(frozenset(), "Show all classes"))
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find a class")
        self.search.setAccessibleName("Find a class by its name")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._make_buttons)
        self._rest = QLabel()
        self.left_out = QLabel()
        for note in (self._rest, self.left_out):
            note.setProperty("role", "muted")
            note.setWordWrap(True)
            note.setContentsMargins(10, 2, 6, 2)
        inner = QWidget()
        inner_layout = QVBoxLayout(inner)
        inner_layout.setContentsMargins(0, 0, 0, 0)
        inner_layout.addLayout(self._grid)
        inner_layout.addWidget(self._rest)
        inner_layout.addWidget(self._none)
        inner_layout.addStretch(1)
        area = scrolled(inner)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 8)
        layout.setSpacing(2)
        layout.addWidget(self.search)
        layout.addWidget(area, 1)
        layout.addWidget(self.left_out)
        self.codebook_note = CodebookNote(theme)
        layout.addWidget(self.codebook_note)
        layout.addWidget(self.show_all, 0, Qt.AlignmentFlag.AlignRight)
        workspace.model_changed.connect(self.refresh)
        workspace.snapshot_changed.connect(self._refresh_if_other)
        workspace.classes_changed.connect(self._show_hidden)
        self._shown: tuple[tuple[str, ...], tuple[int, ...]] = ((), ())
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.codebook_note.set_theme(theme)
        colours = class_colours(len(self._shown[0]), theme)
        for button in self.buttons:
            button.set_colours(colours[button.label], theme)

    def refresh(self) -> None:
        """Show the classes of the open model."""
        self._shown = self._classes()
        many = len(self._shown[0]) > SEARCHED
        self.search.setVisible(many)
        if not many:
            self.search.clear()
        self._none.setVisible(not self._shown[0])
        model = self._workspace.model
        self.codebook_note.setVisible(model is not None and codebook_of(model.file) is not None)
        self._say_left_out()
        self._make_buttons()

    def _make_buttons(self) -> None:
        """A button for each class that is looked for; of thousands only for the first."""
        names, counts = self._shown
        wanted = self.search.text().strip().casefold()
        found = [label for label, name in enumerate(names) if wanted in name.casefold()]
        for button in self.buttons:
            self._grid.removeWidget(button)
            button.deleteLater()
        self.buttons = []
        colours = class_colours(len(names), self._theme)
        # Long names get a line each.
        columns = 2 if max((len(name) for name in names), default=0) <= 10 else 1
        for place, label in enumerate(found[:MOST_BUTTONS]):
            button = ClassButton(label, names[label], counts[label], colours[label], self._theme)
            button.clicked.connect(lambda _=False, label=label: self._toggle(label))
            button.double_clicked.connect(lambda label=label: self._show_alone(label))
            button.chosen.connect(lambda how, label=label: self._select(label, how))
            button.menu_wanted.connect(lambda where, label=label: self._open_menu(label, where))
            self._grid.addWidget(button, place // columns, place % columns)
            self.buttons.append(button)
        rest = len(found) - len(self.buttons)
        self._rest.setText(f"{rest:,} more; find them by their names." if rest else "No class has such a name.")
        self._rest.setVisible(bool(rest) or (bool(names) and not found))
        self._show_hidden()

    def _refresh_if_other(self) -> None:
        self._say_left_out()
        if self._classes() != self._shown:
            self.refresh()

    def _say_left_out(self) -> None:
        text = left_out_text(self._workspace.codes)
        self.left_out.setText(text[:1].upper() + text[1:] + "." if text else "")
        self.left_out.setVisible(bool(text))

    def _classes(self) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """The names of the classes, and how many points of each are on the map."""
        model, codes = self._workspace.model, self._workspace.codes
        if model is None or codes is None or codes.labels is None:
            return (), ()
        names = tuple(class_name(model.file.class_names, label) for label in range(self._workspace.class_count))
        counts = codes.class_counts
        if codes.left_out:
            labels = codes.labels[codes.finite]
            counts = np.bincount(labels[labels >= 0], minlength=len(names))
        none = [0] * (len(names) - len(counts))
        return names, (*counts.tolist(), *none)

    def _toggle(self, label: int) -> None:
        hidden = self._workspace.hidden_classes
        name = self._shown[0][label]
        if label in hidden:
            self._workspace.change_hidden_classes(hidden - {label}, f"Show class {name}")
        else:
            self._workspace.change_hidden_classes(hidden | {label}, f"Hide class {name}")

    def _select(self, label: int, how: HowToSelect) -> None:
        rows = of_class(self._workspace, label)
        self._workspace.selecting.choose(rows, how, f"class {self._shown[0][label]}")

    def _open_menu(self, label: int, where: QPoint) -> None:
        """What can be done with a class."""
        name, hidden = self._shown[0][label], label in self._workspace.hidden_classes
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(f"Select Class {name}", lambda: self._select(label, "replace"))
        menu.addAction("Add to the Selection", lambda: self._select(label, "add"))
        menu.addAction("Remove from the Selection", lambda: self._select(label, "remove"))
        menu.addSeparator()
        menu.addAction("Show" if hidden else "Hide", lambda: self._toggle(label))
        menu.addAction("Show Alone", lambda: self._toggle_alone(label))
        menu.popup(where)

    def _show_alone(self, label: int) -> None:
        # The first click of a double click has toggled this class. That is taken back, so that "alone" is one step to
        # undo and is decided from what was shown before.
        self._workspace.undo_stack.undo()
        self._toggle_alone(label)

    def _toggle_alone(self, label: int) -> None:
        others = frozenset(range(len(self._shown[0]))) - {label}
        if self._workspace.hidden_classes == others:
            self._workspace.change_hidden_classes(frozenset(), "Show all classes")
        else:
            self._workspace.change_hidden_classes(others, f"Show class {self._shown[0][label]} alone")

    def _show_hidden(self) -> None:
        hidden = self._workspace.hidden_classes
        for button in self.buttons:
            button.setChecked(button.label not in hidden)
        self.show_all.setVisible(bool(hidden))


class CodebookNote(QWidget):
    """What the marks of the codebook on the map mean."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedHeight(28)
        self.setToolTip("The codes of the codebook, larger the more they are used; the Codebook layer hides them.")
        self.setAccessibleName("Rings are codes by use, crosses are codes that are never used")

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            middle, metrics = self.height() / 2, painter.fontMetrics()
            painter.setPen(QPen(QColor(self._theme.text), 1.1))
            painter.drawEllipse(QPointF(13, middle), 2.5, 2.5)
            painter.drawEllipse(QPointF(22, middle), 5.5, 5.5)
            words = "codes by use"
            painter.setPen(QColor(self._theme.muted))
            line = self.rect().adjusted(36, 0, 0, 0)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, words)
            x = 36 + metrics.horizontalAdvance(words) + 22
            painter.setPen(QPen(QColor(self._theme.danger), 1.6))
            painter.drawLine(QPointF(x - 3.2, middle - 3.2), QPointF(x + 3.2, middle + 3.2))
            painter.drawLine(QPointF(x - 3.2, middle + 3.2), QPointF(x + 3.2, middle - 3.2))
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(self.rect().adjusted(x + 12, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, "never used")


class ClassButton(QAbstractButton):
    """A dot in the class's colour (a ring where the class is hidden), its name and its count."""

    double_clicked = Signal()
    chosen = Signal(str)  # its points are to be selected: HowToSelect
    menu_wanted = Signal(QPoint)  # where on the screen

    def __init__(self, label: int, name: str, count: int, colour: Rgb, theme: Theme) -> None:
        super().__init__()
        self.label = label
        self.name, self._count, self._colour, self._theme = name, count, colour, theme
        self.setCheckable(True)
        self.setChecked(True)
        self.setAccessibleName(f"Class {name}, {count:,} points")
        self.setToolTip(
            f"{name}: {count:,} test points. Click hides or shows it, double click shows it alone; "
            "Ctrl + click selects its points, Shift adds them, Alt removes them."
        )
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setMinimumHeight(26)

    def set_colours(self, colour: Rgb, theme: Theme) -> None:
        self._colour, self._theme = colour, theme
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(40 + metrics.horizontalAdvance(f"{self.name}  {self._count:,}"), max(26, metrics.height() + 8))

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_WIDTH, self.sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        how = _how_to_choose(event.modifiers())
        if event.button() == Qt.MouseButton.LeftButton and how is not None:
            self.chosen.emit(how)
        else:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and _how_to_choose(event.modifiers()) is None:
            self.double_clicked.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.underMouse() or self.hasFocus():
                painter.setPen(QPen(QColor(self._theme.accent)) if self.hasFocus() else Qt.PenStyle.NoPen)
                painter.setBrush(QColor(self._theme.raised))
                painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 5, 5)
            colour = QColor(*self._colour)
            middle = QPointF(16, self.height() / 2)
            painter.setPen(QPen(colour, 1.6))
            painter.setBrush(colour if self.isChecked() else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(middle, 5, 5)
            painter.setPen(QColor(self._theme.text if self.isChecked() else self._theme.muted))
            metrics = painter.fontMetrics()
            count = f"{self._count:,}"
            room = self.width() - 40 - metrics.horizontalAdvance(count)
            name = metrics.elidedText(self.name, Qt.TextElideMode.ElideMiddle, max(room, 12))
            line = self.rect().adjusted(30, 0, -8, 0)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, name)
            painter.setPen(QColor(self._theme.muted))
            line.setLeft(line.left() + metrics.horizontalAdvance(name) + 8)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, count)

    def enterEvent(self, event: object) -> None:
        self.update()

    def leaveEvent(self, event: object) -> None:
        self.update()


def _how_to_choose(keys: Qt.KeyboardModifier) -> HowToSelect | None:
    """What a click with these keys does to the selection; None for one that is about showing and hiding."""
    if keys & Qt.KeyboardModifier.AltModifier:
        return "remove"
    if keys & Qt.KeyboardModifier.ShiftModifier:
        return "add"
    return "replace" if keys & Qt.KeyboardModifier.ControlModifier else None
