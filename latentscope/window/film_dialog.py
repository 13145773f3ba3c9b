"""What a film is to be saved as: its format, its size, how fast it runs. The file's name is asked for after it."""

from dataclasses import dataclass

from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from latentscope.paths.playing import Mode
from latentscope.window.boxes import ComboBox, NumberBox, WholeBox
from trainer.errors import OutputError
from trainer.films import FORMATS, MOVING
from trainer.films.style import Style, scale_of, shown
from trainer.pictures import fitting_scale

__all__ = ["FilmChoice", "FilmDialog", "Filmed"]

USUAL_PX = {"png": 112, "gif": 224, "mp4": 448, "webm": 448}  # of a frame's longer side
MOST_SCALE = 64
FRAMES = (2, 10_000)
RATE, FASTEST = 30.0, 50.0  # frames a second of what moves: at first, and if it has more steps than that takes


@dataclass(frozen=True)
class FilmChoice:
    """A name of ``FORMATS``, how many frames, how they are shown, and whether ends are the real images they are."""

    format: str
    frames: int
    style: Style
    real_ends: bool = False


@dataclass(frozen=True)
class Filmed:
    """What is to be saved: frames of ``shape`` (H, W, C), so many ``steps``, which play so many ``seconds`` from end to
    end; whether an end of it is a real image."""

    shape: tuple[int, int, int]
    steps: int
    seconds: float
    mode: Mode
    real_ends: bool


class FilmDialog(QDialog):
    """Save a path as a picture, a film or arrays. What moves plays at first as it does in the window."""

    def __init__(self, filmed: Filmed, before: FilmChoice | None, parent: QWidget) -> None:
        """``before`` is what was chosen the last time."""
        super().__init__(parent)
        self.setWindowTitle("Export the path")
        self._filmed, self._shape = filmed, filmed.shape
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
        self.loop = QCheckBox("Again and again")
        self.real_ends = QCheckBox("End in the real images")
        self.real_ends.setToolTip("The test images at the ends of the path, as the film strip shows them")
        self.summary = QLabel()
        self.summary.setProperty("role", "muted")
        self.summary.setWordWrap(True)
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(14)
        self._form.setVerticalSpacing(9)
        self._add("Format", self.format)
        self._form.addRow("", self.help)
        self._add("Frames", self.frames)
        self._add("In a row", self.columns)
        self._add("Enlarged", self.scale)
        self._add("Speed", self.rate)
        for tick in (self.bounce, self.loop, self.real_ends):
            self._form.addRow("", tick)
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
        frames = max(filmed.steps, round(filmed.seconds * RATE))
        self.rate.setValue(min(frames / filmed.seconds, FASTEST))
        self._moving_frames = frames
        self.bounce.setChecked(filmed.mode == "ping-pong")
        self.loop.setChecked(filmed.mode != "once")
        self.real_ends.setChecked(before.real_ends if before else True)
        self.columns.setValue(before.style.columns if before else 0)
        self.format.setCurrentIndex(max(0, self.format.findData(before.format)) if before else 0)
        self.format.currentIndexChanged.connect(self._take_format)
        for box in (self.frames, self.columns, self.scale):
            box.valueChanged.connect(self._sum_up)
        self.rate.valueChanged.connect(self._sum_up)
        self.bounce.toggled.connect(self._sum_up)
        self._take_format()

    def _add(self, text: str, field: QWidget) -> None:
        """A row whose label stands in the middle of it: Qt's own stands a little higher."""
        label = QLabel(text)
        label.setBuddy(field)
        label.setMinimumHeight(field.sizeHint().height())
        self._form.addRow(label, field)

    @property
    def choice(self) -> FilmChoice:
        there_and_back, again = self.bounce.isChecked(), self.loop.isChecked()
        style = Style(self.scale.value(), self.columns.value(), self.rate.value(), there_and_back, again)
        return FilmChoice(str(self.format.currentData()), self.frames.value(), style, self.real_ends.isChecked())

    def _take_format(self) -> None:
        chosen = FORMATS[str(self.format.currentData())]
        moving, arrays = MOVING in chosen.traits, chosen.name == "npz"
        self.help.setText(chosen.help)
        self.frames.setValue(self._moving_frames if moving else self._filmed.steps)
        self.scale.setValue(fitting_scale(self._shape, USUAL_PX.get(chosen.name, 1)))
        for field, wanted in (
            (self.columns, chosen.name == "png"), (self.scale, not arrays), (self.rate, moving), (self.bounce, moving),
            (self.loop, chosen.name == "gif"), (self.real_ends, self._filmed.real_ends),
        ):  # fmt: skip
            self._form.setRowVisible(field, wanted)
        self._sum_up()

    def _sum_up(self) -> None:
        """What comes of it, in one line; or why nothing can."""
        choice = self.choice
        count, style = choice.frames, choice.style
        try:
            FORMATS[choice.format].load().check(count, self._shape, style)
        except OutputError as error:
            self.summary.setText(str(error))
            self.save_button.setEnabled(False)
            return
        self.save_button.setEnabled(True)
        height, width = (side * scale_of(style, self._shape, 1) for side in self._shape[:2])
        if choice.format == "npz":
            text = f"{count:,} latent points and images of {self._shape[1]} × {self._shape[0]}"
        elif choice.format == "png":
            columns = min(style.columns, count) or count
            text = f"{columns:,} × {-(-count // columns):,} frames of {width} × {height} pixels"
        else:
            text = f"{shown(count, style) / style.rate:.1f} s of {width} × {height} pixels"
        self.summary.setText(text)
