"""What a film is to be saved as: its format, its size, how fast it runs. The file's name is asked for after it."""

from dataclasses import dataclass

from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from latentscope.window.boxes import ComboBox, NumberBox, WholeBox
from trainer.films import FORMATS, MOVING
from trainer.films.style import Style, scale_of
from trainer.pictures import fitting_scale

__all__ = ["FilmChoice", "FilmDialog"]

USUAL_PX = {"png": 112, "gif": 224, "mp4": 448, "webm": 448}  # of a frame's longer side
MOST_SCALE = 64
FRAMES = (2, 10_000)
MOVING_FRAMES = 60  # at least, of what moves, at first: steps that are far apart would jump
RATE = 30.0


@dataclass(frozen=True)
class FilmChoice:
    """A name of ``FORMATS``, how many frames, and how they are shown."""

    format: str
    frames: int
    style: Style


class FilmDialog(QDialog):
    """Save a path as a picture, a film or arrays."""

    def __init__(self, shape: tuple[int, int, int], steps: int, before: FilmChoice | None, parent: QWidget) -> None:
        """``shape`` (H, W, C) is a frame's; ``before`` what was chosen the last time."""
        super().__init__(parent)
        self.setWindowTitle("Export the path")
        self._shape, self._steps = shape, steps
        self.format = ComboBox()
        self.format.setAccessibleName("Format")
        for choice in FORMATS.choices.values():
            self.format.addItem(f"{choice.title} (.{choice.name})", choice.name)
        self.help = QLabel()
        self.help.setProperty("role", "muted")
        self.help.setWordWrap(True)
        self.frames = WholeBox()
        self.frames.setRange(*FRAMES)
        self.frames.setAccessibleName("Frames")
        self.columns = WholeBox()
        self.columns.setRange(0, 1000)
        self.columns.setSpecialValueText("all in one row")
        self.columns.setAccessibleName("Frames in a row")
        self.scale = WholeBox()
        self.scale.setRange(1, MOST_SCALE)
        self.scale.setSuffix(" ×")
        self.scale.setAccessibleName("Enlarged")
        self.rate = NumberBox()
        self.rate.setRange(0.5, 120)
        self.rate.setDecimals(1)
        self.rate.setSuffix(" frames a second")
        self.rate.setAccessibleName("Frames a second")
        self.bounce = QCheckBox("There and back, so that it never jumps")
        self.summary = QLabel()
        self.summary.setProperty("role", "muted")
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(14)
        self._form.setVerticalSpacing(9)
        self._form.addRow("Format", self.format)
        self._form.addRow("", self.help)
        self._form.addRow("Frames", self.frames)
        self._form.addRow("In a row", self.columns)
        self._form.addRow("Enlarged", self.scale)
        self._form.addRow("Speed", self.rate)
        self._form.addRow("", self.bounce)
        self._form.addRow("", self.summary)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        self.save_button = buttons.button(QDialogButtonBox.StandardButton.Save)
        self.save_button.setText("Save As…")
        self.save_button.setProperty("role", "primary")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(16)
        layout.addLayout(self._form)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self.setMinimumWidth(430)
        self.rate.setValue(before.style.rate if before else RATE)
        self.bounce.setChecked(before.style.bounce if before else False)
        self.columns.setValue(before.style.columns if before else 0)
        self.format.setCurrentIndex(max(0, self.format.findData(before.format)) if before else 0)
        self.format.currentIndexChanged.connect(self._take_format)
        for box in (self.frames, self.columns, self.scale):
            box.valueChanged.connect(self._sum_up)
        self.rate.valueChanged.connect(self._sum_up)
        self.bounce.toggled.connect(self._sum_up)
        self._take_format()

    @property
    def choice(self) -> FilmChoice:
        style = Style(self.scale.value(), self.columns.value(), self.rate.value(), self.bounce.isChecked())
        return FilmChoice(str(self.format.currentData()), self.frames.value(), style)

    def _take_format(self) -> None:
        chosen = FORMATS[str(self.format.currentData())]
        moving, arrays = MOVING in chosen.traits, chosen.name == "npz"
        self.help.setText(chosen.help)
        self.frames.setValue(max(self._steps, MOVING_FRAMES) if moving else self._steps)
        self.scale.setValue(fitting_scale(self._shape, USUAL_PX.get(chosen.name, 1)))
        for field, wanted in (
            (self.columns, chosen.name == "png"), (self.scale, not arrays), (self.rate, moving), (self.bounce, moving),
        ):  # fmt: skip
            self._form.setRowVisible(field, wanted)
        self._sum_up()

    def _sum_up(self) -> None:
        """What comes of it, in one line."""
        choice = self.choice
        count, style = choice.frames, choice.style
        height, width = (side * scale_of(style, self._shape, 1) for side in self._shape[:2])
        if choice.format == "npz":
            text = f"{count:,} latent points and images of {self._shape[1]} × {self._shape[0]}"
        elif choice.format == "png":
            columns = min(style.columns, count) or count
            text = f"{columns:,} × {-(-count // columns):,} frames of {width} × {height} pixels"
        else:
            seconds = (count + max(0, count - 2) * style.bounce) / style.rate
            text = f"{seconds:.1f} s of {width} × {height} pixels"
        self.summary.setText(text)
