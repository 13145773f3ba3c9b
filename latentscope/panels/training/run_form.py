"""Train > New model…: a form made from the fields of Config, with the data set's preview beside it."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from latentscope.background import Background
from latentscope.panels.scrolled import scrolled
from latentscope.panels.training.budget_field import GAP, BudgetEdit
from latentscope.panels.training.data_preview import DataPreview
from latentscope.panels.training.form_fields import ChoiceEdit, DataEdit, Editor, extra, make_editor
from latentscope.runs.downloads import Downloads
from latentscope.runs.memory import default_config, default_seconds, known_speed, last_config, remember_config
from latentscope.runs.words import count, duration, recipe
from latentscope.settings import Settings
from latentscope.theme import Theme
from trainer.config import Config, limits, make_config, preferences
from trainer.errors import ConfigError
from trainer.models.fits import check_fits

__all__ = ["RunForm"]

LABEL_WIDTH = 130


class RunForm(QDialog):
    """Asks what to train. ``start_requested`` brings the config when the user presses Start."""

    start_requested = Signal(object)  # Config

    def __init__(
        self,
        background: Background,
        downloads: Downloads,
        settings: Settings,
        theme: Theme,
        defaults: Config | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """``defaults``: what to begin with, instead of what was used last."""
        super().__init__(parent)
        self.setWindowTitle("New model")
        self._settings = settings
        self.editors: dict[str, Editor] = {}
        self._labels: dict[str, QLabel] = {}
        self._headings: list[tuple[QLabel, list[str]]] = []  # with the settings under each
        self._setting_of: dict[QObject, str] = {}  # which setting a widget edits
        self._helped = "data"
        self._config: Config | None = None
        self._data = ""
        self._family = ""
        self.preview = DataPreview(background, downloads, theme)
        self.summary = QLabel()
        self.summary.setProperty("role", "muted")
        self.help = QLabel()
        self.help.setProperty("role", "muted")
        self.help.setWordWrap(True)
        self.help.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.help.setFixedHeight(2 * self.help.fontMetrics().lineSpacing() + 4)
        self.fault = QLabel()
        self.fault.setProperty("role", "danger")
        self.fault.setWordWrap(True)
        self.more = QPushButton("More settings")
        self.reset = QPushButton("Reset to defaults")
        self.start = QPushButton("Start training")
        self._advanced = QWidget()
        self._arrange()
        self.set_config(defaults or last_config(settings))
        self.preview.changed.connect(self._check)
        for name, editor in self.editors.items():
            editor.changed.connect({"data": self._data_changed, "family": self._family_changed}.get(name, self._check))

    # --- what it holds --------------------------------------------------------------------------------------------

    def settings(self) -> dict[str, Any]:
        """What the form says now, for ``make_config``. Settings that mean nothing to the family have their default."""
        chosen: dict[str, Any] = {}
        for name, editor in self.editors.items():
            if isinstance(editor, BudgetEdit):
                chosen |= editor.value()
            elif self._means_something(name):
                chosen[name] = editor.value()
        return chosen

    def config(self) -> Config | None:
        """What will be trained; None while a setting is not in order."""
        return self._config

    def set_config(self, config: Config) -> None:
        """Show these settings."""
        values = config.model_dump()
        for name, editor in self.editors.items():
            editor.blockSignals(True)
            editor.set_value(values if isinstance(editor, BudgetEdit) else values[name])
            editor.blockSignals(False)
        self._data = config.data
        self._family = config.family
        hidden = any(
            values[name] != _default(name, config.family) for name, field in _fields() if extra(field).get("advanced")
        )
        self.more.setChecked(self.more.isChecked() or hidden)
        self.preview.show_data(config.data)
        self._check()

    def choose_data(self, name: str) -> None:
        """Train on the data set of that name, or on the file at that path."""
        self.editors["data"].set_value(name)

    def set_theme(self, theme: Theme) -> None:
        self.preview.set_theme(theme)

    # --- the house ------------------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        title = QLabel("New model")
        title.setProperty("role", "title")
        head = QVBoxLayout()
        head.setSpacing(2)
        head.addWidget(title)
        head.addWidget(self.summary)

        side = QFrame()
        side.setObjectName("panel")
        side_layout = QVBoxLayout(side)
        side_layout.setContentsMargins(0, 0, 0, 0)
        side_layout.addWidget(self.preview)
        side.setMinimumWidth(360)
        side.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

        middle = QHBoxLayout()
        middle.setSpacing(20)
        left = QVBoxLayout()
        left.addWidget(self._fields_area(), 1)
        left.addWidget(self.help)
        middle.addLayout(left, 11)
        middle.addWidget(side, 10)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(14)
        layout.addLayout(head)
        layout.addLayout(middle, 1)
        layout.addLayout(self._buttons())
        self.resize(920, 690)

    def _buttons(self) -> QHBoxLayout:
        self.reset.setProperty("role", "flat")
        self.reset.setAutoDefault(False)
        self.reset.clicked.connect(lambda: self.set_config(default_config()))
        cancel = QPushButton("Cancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        self.start.setDefault(True)
        self.start.setProperty("role", "primary")
        self.start.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.reset)
        row.addWidget(self.fault, 1)
        row.addWidget(cancel)
        row.addWidget(self.start)
        return row

    def _fields_area(self) -> QScrollArea:
        plain, folded = QGridLayout(), QGridLayout(self._advanced)
        for grid in (plain, folded):
            grid.setContentsMargins(0, 0, 12, 0)
            grid.setHorizontalSpacing(14)
            grid.setVerticalSpacing(8)
            grid.setColumnMinimumWidth(0, LABEL_WIDTH)
            grid.setColumnStretch(1, 1)
        group = {plain: "", folded: ""}
        under: dict[QGridLayout, list[str]] = {}
        for name, field in _fields():
            grid = folded if extra(field).get("advanced") else plain
            heading = str(extra(field).get("group", ""))
            if heading != group[grid]:
                self._add_heading(grid, heading, first=not group[grid])
                group[grid] = heading
                under[grid] = self._headings[-1][1]
            under[grid].append(name)
            self._add_row(grid, name, self._editor(name))
        self.more.setCheckable(True)
        self.more.setAutoDefault(False)
        self.more.setProperty("role", "flat")
        self.more.toggled.connect(self._fold)
        self._fold(False)
        inner = QWidget()
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addLayout(plain)
        layout.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._advanced)
        layout.addStretch(1)
        return scrolled(inner)

    def _fold(self, shown: bool) -> None:
        self._advanced.setVisible(shown)
        self.more.setText(("▾" if shown else "▸") + "  More settings")

    def _add_heading(self, grid: QGridLayout, text: str, first: bool) -> None:
        label = QLabel(text)
        label.setProperty("role", "heading")
        label.setContentsMargins(0, 0 if first else 10, 0, 2)
        grid.addWidget(label, grid.rowCount(), 0, 1, 2)
        self._headings.append((label, []))

    def _add_row(self, grid: QGridLayout, name: str, editor: Editor) -> None:
        field = Config.model_fields["seconds" if name == "budget" else name]
        title = "Train for" if name == "budget" else str(field.title)
        label = QLabel(title)
        label.setBuddy(editor)
        text = str(field.description) if name != "budget" else "Train for a time, or for so many passes over the data."
        label.setToolTip(text)
        editor.setToolTip(text)
        editor.setAccessibleName(title)
        editor.setAccessibleDescription(text)
        # In a scroll area the wheel must not change what it happens to pass over.
        parts: list[QWidget] = [editor, *editor.findChildren(QWidget)]
        for part in parts:
            if part.focusPolicy() == Qt.FocusPolicy.WheelFocus:
                part.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            part.installEventFilter(self)
            self._setting_of[part] = name
        line = QComboBox().sizeHint().height()
        editor.setFixedHeight(2 * line + GAP if isinstance(editor, BudgetEdit) else line)
        row = grid.rowCount()
        grid.addWidget(label, row, 0)
        grid.addWidget(editor, row, 1)
        self.editors[name], self._labels[name] = editor, label

    def _editor(self, name: str) -> Editor:
        if name == "budget":
            return BudgetEdit(limits("seconds")[1] or 86400, int(limits("epochs")[1] or 10_000))
        if name == "data":
            return DataEdit()
        return make_editor(name, Config.model_fields[name])

    # --- reactions ------------------------------------------------------------------------------------------------

    def _data_changed(self) -> None:
        editor = self.editors["data"]
        data = str(editor.value())
        if not data:
            data = self._ask_for_file() or self._data
            editor.blockSignals(True)
            editor.set_value(data)
            editor.blockSignals(False)
        budget = self.editors["budget"]
        if isinstance(budget, BudgetEdit) and budget.value()["seconds"] == default_seconds(self._data):
            budget.set_value({"seconds": default_seconds(data)})
        self._data = data
        self.preview.show_data(data)
        self._check()

    def _family_changed(self) -> None:
        """What was left as the old family likes it best becomes as the new one does."""
        old, new = self._family, str(self.editors["family"].value())
        self._family = new
        for name in {**preferences(old), **preferences(new)}:
            editor = self.editors[name]
            if editor.value() == _default(name, old):
                editor.blockSignals(True)
                editor.set_value(_default(name, new))
                editor.blockSignals(False)
        self._check()

    def _ask_for_file(self) -> str:
        folder = str(self._settings.last_folder)
        name, _ = QFileDialog.getOpenFileName(self, "Choose images", folder, "Images as arrays (*.npz *.npy)")
        if name:
            self._settings.last_folder = Path(name).parent
        return name

    def _check(self) -> None:
        """What the settings amount to; Start only while they are in order."""
        self._show_help()
        self._show_what_is_meant()
        try:
            self._config = make_config(self.settings())
            self.fault.setText(self.preview.problem)
            if self.preview.samples is not None:
                check_fits(self._config, self.preview.samples.traits)
            self.summary.setText(self._estimate(self._config))
        except ConfigError as error:
            self._config = None
            self.fault.setText(str(error))
        self.start.setEnabled(not self.fault.text())

    def _show_what_is_meant(self) -> None:
        """The settings that mean something to the family, and the headings that have any of them."""
        meant = {name for name in self.editors if self._means_something(name)}
        for name, editor in self.editors.items():
            editor.setVisible(name in meant)
            self._labels[name].setVisible(name in meant)
        for heading, names in self._headings:
            heading.setVisible(not meant.isdisjoint(names))

    def _means_something(self, name: str) -> bool:
        """Whether a setting does anything for the present family and its other settings."""
        about = extra(Config.model_fields[name]) if name in Config.model_fields else {}
        families, (other, value) = about.get("families"), about.get("unless", ("", ""))
        if families is not None and self.editors["family"].value() not in families:
            return False
        return not other or not self._means_something(other) or self.editors[other].value() != value

    def _estimate(self, config: Config) -> str:
        """The recipe, and what the budget comes to at the speed of the last such training."""
        speed, samples = known_speed(self._settings, config), self.preview.samples
        if speed is None or samples is None or not samples.traits.train_images:
            return recipe(config)
        if config.seconds is not None:
            epochs = max(1, round(config.seconds * speed / samples.traits.train_images))
            return f"{recipe(config)}, about {count(epochs, 'epoch')}"
        return f"{recipe(config)}, about {duration((config.epochs or 0) * samples.traits.train_images / speed)}"

    def _show_help(self) -> None:
        """Under the form: what the setting means that has the focus, and its present choice."""
        editor = self.editors[self._helped]
        choice = f" {editor.help}" if isinstance(editor, ChoiceEdit | BudgetEdit) else ""
        self.help.setText(editor.accessibleDescription() + choice)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        if event.type() == QEvent.Type.FocusIn and watched in self._setting_of:
            self._helped = self._setting_of[watched]
            self._show_help()
        return super().eventFilter(watched, event)

    def accept(self) -> None:
        if self._config is None or self.fault.text():
            return
        remember_config(self._settings, self._config)
        super().accept()
        self.start_requested.emit(self._config)

    def hideEvent(self, event: QHideEvent) -> None:
        self.preview.leave()
        super().hideEvent(event)


def _fields() -> list[tuple[str, Any]]:
    """The fields in the order of the config; the two budgets are one row."""
    fields = [("budget" if name == "seconds" else name, field) for name, field in Config.model_fields.items()]
    return [(name, field) for name, field in fields if name != "epochs"]


def _default(name: str, family: str) -> Any:
    """What a setting is where nobody asks for anything else."""
    return preferences(family).get(name, Config.model_fields[name].default)
