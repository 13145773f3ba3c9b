"""The Training dock: how the run that is followed goes on, its curves, and the buttons that steer it."""

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from latentscope.panels.training.curves import CurvesView
from latentscope.panels.training.overlay_view import OverlayView
from latentscope.panels.training.scrubber import Scrubber
from latentscope.runs.film import Film
from latentscope.runs.overlay import Overlay, lines_of
from latentscope.runs.training import Training
from latentscope.runs.words import duration, model_title
from latentscope.theme import Theme
from latentscope.words import MINUS, figure, nats
from trainer.config import VARIATIONAL, Config
from trainer.events import Event, Finished, Snapshot, Step
from trainer.models import is_density, unit

__all__ = ["TrainingPanel"]

PARTS = {"negative_elbo": f"{MINUS}ELBO", "reconstruction": "Reconstruction", "kl": "KL"}
HELP = {
    "negative_elbo": "The bound that is trained, in nats per image: reconstruction + KL. Lower is better.",
    "reconstruction": "How far decoded images are from the originals, in nats per image: −log p(x|z).",
    "kl": "How far the codes are from the prior, in nats per image: what the codes cost.",
}
# What the chip beside the title says in each state, and its role in the theme.
STATES = {
    "idle": ("", "muted"),
    "starting": ("starting", "muted"),
    "running": ("training", "muted"),
    "paused": ("paused", "warning"),
    "stopping": ("stopping", "muted"),
    "finished": ("finished", "success"),
    "stopped": ("stopped", "muted"),
    "interrupted": ("interrupted", "warning"),
    "failed": ("failed", "danger"),
    "new": ("not begun", "muted"),
}


class TrainingPanel(QWidget):
    """The training that is going on: progress, loss curves, pause and stop."""

    title = "Training"
    new_requested = Signal()  # open the form
    longer_requested = Signal(object)  # Run: train the same for longer
    resume_requested = Signal(object)  # Run

    def __init__(self, training: Training, overlay: Overlay, film: Film, theme: Theme) -> None:
        super().__init__()
        self._training = training
        self._overlay = overlay
        self.name = QLabel()
        self.name.setProperty("role", "heading")
        self.chip = QLabel()
        self.curves = CurvesView(theme)
        self.overlaid = OverlayView(theme)
        self.left_out = QLabel()
        self.left_out.setProperty("role", "warning")
        self.left_out.setWordWrap(True)
        self.epochs = QPushButton("Epochs")
        self.epochs.setCheckable(True)
        self.epochs.setProperty("role", "flat")
        self.epochs.setToolTip("Draw the curves over passes through the data, instead of over the time of training")
        self.epochs.toggled.connect(lambda _: self._show_curves())
        self.no_overlay = QToolButton()
        self.no_overlay.setText("✕")
        self.no_overlay.setToolTip("Remove the overlay: show the curves of one run again")
        self.no_overlay.setAccessibleName("Remove the overlay")
        self.no_overlay.clicked.connect(overlay.clear)
        for widget in (self.overlaid, self.left_out, self.epochs, self.no_overlay):
            widget.hide()
        self.scrubber = Scrubber(film, training, self.curves, theme)
        self.parts = self._make_parts()
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the training")
        self.line = QLabel()
        self.line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.line.setWordWrap(True)
        self.pace = QLabel()
        self.pace.setProperty("role", "muted")
        self.left = QLabel()
        self.left.setProperty("role", "muted")
        self.pause = self._button("Pause", self._toggle_pause)
        self.stop = self._button("Stop", training.stop)
        self.resume = self._button("Resume", lambda: self._emit(self.resume_requested))
        self.longer = self._button("Train longer…", lambda: self._emit(self.longer_requested))
        self.folder = self._button("Show in folder", self._show_folder)
        self.stop.setToolTip("End the training now. What it has learnt is kept, and it can be resumed.")
        self.resume.setToolTip("Go on from where this training stopped.")
        self.longer.setToolTip(
            "Open the form with these settings and twice the budget. It starts afresh: the learning rate is planned "
            "over the whole of a training."
        )
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty_page())
        self._pages.addWidget(self._page())
        for label in (self.name, self.pace):  # a long name must not make the dock wide
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.set_theme(theme)
        overlay.changed.connect(self.refresh)
        training.events.connect(self._take)
        training.started.connect(self.refresh)
        training.state_changed.connect(self.refresh)
        self.refresh()

    # --- the house ------------------------------------------------------------------------------------------------

    def _empty_page(self) -> QWidget:
        page = QWidget()
        words = QLabel("No training yet.\nTrain a model, and watch its map form.")
        words.setProperty("role", "muted")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.new = QPushButton("New model…")
        self.new.setToolTip("Train > New model… (Ctrl+N)")
        self.new.clicked.connect(self.new_requested)
        layout = QVBoxLayout(page)
        layout.setSpacing(12)
        layout.addStretch(1)
        layout.addWidget(words)
        layout.addWidget(self.new, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        return page

    def _page(self) -> QWidget:
        page = QWidget()
        head = QHBoxLayout()
        head.addWidget(self.name, 1)
        head.addWidget(self.chip)
        choices = QHBoxLayout()
        choices.setSpacing(2)
        for button in self.parts.values():
            choices.addWidget(button)
        choices.addStretch(1)
        choices.addWidget(self.epochs)
        choices.addWidget(self.no_overlay)
        under = QHBoxLayout()
        under.addWidget(self.pace, 1)
        under.addWidget(self.left)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.pause, self.resume, self.stop, self.longer, self.folder):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 4, 12, 12)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addLayout(choices)
        layout.addWidget(self.curves, 1)
        layout.addWidget(self.overlaid, 1)
        layout.addWidget(self.left_out)
        layout.addWidget(self.scrubber)
        layout.addWidget(self.bar)
        layout.addLayout(under)
        layout.addWidget(self.line)
        layout.addSpacing(2)
        layout.addLayout(buttons)
        return page

    def _make_parts(self) -> dict[str, QPushButton]:
        group = QButtonGroup(self)
        buttons = {}
        for part, text in PARTS.items():
            button = QPushButton(text)
            button.setCheckable(True)
            button.setProperty("role", "flat")
            button.setToolTip(HELP[part])
            button.toggled.connect(lambda on: self._show_curves() if on else None)
            group.addButton(button)
            buttons[part] = button
        return buttons

    def _button(self, text: str, do: object) -> QPushButton:
        button = QPushButton(text)
        button.hide()  # which of them there are depends on the state
        button.clicked.connect(lambda: do())  # type: ignore[operator]
        return button

    def set_theme(self, theme: Theme) -> None:
        self.curves.set_theme(theme)
        self.overlaid.set_theme(theme)
        self.scrubber.set_theme(theme)

    # --- what it shows --------------------------------------------------------------------------------------------

    @property
    def part(self) -> str:
        """The part of the loss whose curves are shown."""
        return next((part for part, button in self.parts.items() if button.isChecked()), "reconstruction")

    def refresh(self) -> None:
        """Show everything anew: another run is followed, or its state is another."""
        training = self._training
        config, state = training.config, training.state
        self._pages.setCurrentIndex(0 if config is None else 1)
        self._show_buttons(state)
        if config is None:
            return
        self.name.setText(model_title(config))
        self.name.setToolTip(f"{model_title(config)}\n{training.run.folder if training.run else ''}")
        self._set_chip(state)
        shown = [config, *(one.config for one in self._overlay.told())]
        has_kl = any(one.family in VARIATIONAL for one in shown)
        for part, button in self.parts.items():
            button.setVisible(has_kl or part == "reconstruction")
        if not any(button.isChecked() and not button.isHidden() for button in self.parts.values()):
            self.parts["negative_elbo" if has_kl else "reconstruction"].setChecked(True)
        self._show_numbers()
        self._show_curves()

    def _set_chip(self, state: str) -> None:
        text, role = STATES.get(state, (state, "muted"))
        self.chip.setText(text)
        self.chip.setProperty("role", role)
        self.chip.style().unpolish(self.chip)
        self.chip.style().polish(self.chip)

    def _show_buttons(self, state: str) -> None:
        training = self._training
        busy = training.busy()
        self.bar.setVisible(busy)
        self.pause.setVisible(busy)
        self.stop.setVisible(busy)
        self.pause.setText("Resume" if state == "paused" else "Pause")
        self.pause.setEnabled(state in ("running", "paused"))
        self.stop.setEnabled(state != "stopping")
        run = training.run
        kept = run is not None and (run.checkpoint_path.exists() or run.previous_checkpoint_path.exists())
        again = state in ("stopped", "interrupted", "new") or (state == "failed" and kept)
        self.resume.setVisible(not busy and again)
        self.longer.setVisible(not busy and not again)
        self.folder.setVisible(not busy)

    def _take(self, events: list[Event]) -> None:
        if any(isinstance(event, Step | Snapshot | Finished) for event in events) and self._training.config is not None:
            self._show_numbers()
            self._show_curves()

    def _show_curves(self) -> None:
        several = bool(self._overlay.runs)
        self.curves.setVisible(not several)
        for widget in (self.overlaid, self.epochs, self.no_overlay):
            widget.setVisible(several)
        left_out = ""
        if several:
            epochs = self.epochs.isChecked()
            told = lines_of(self._overlay.told(), self.part, epochs)
            self.overlaid.show_lines(told, epochs)
            left_out = told.left_out
        else:
            config, part = self._training.config, self.part
            measured_in = unit(config) if config is not None and part != "kl" else "nats per image"
            self.curves.show_history(self._training.history, part, measured_in)
        self.left_out.setText(left_out)
        self.left_out.setVisible(bool(left_out))

    def _show_numbers(self) -> None:
        training, history, config = self._training, self._training.history, self._training.config
        step, state = history.step, training.state
        role = "danger" if state == "failed" else ""
        if self.line.property("role") != role:  # a label that gets its style anew has the whole panel laid out again
            self.line.setProperty("role", role)
            self.line.style().unpolish(self.line)
            self.line.style().polish(self.line)
        if step is None or config is None:
            self.bar.setValue(0)
            self.pace.setText("Starting the training process…" if training.busy() else "")
            self.left.setText("")
            self.line.setText(training.message)
            return
        self.bar.setValue(1000 if state == "finished" else round(step.progress * 1000))
        epoch = f"{step.epoch:.1f}" if step.epoch < 10 else f"{step.epoch:,.0f}"
        self.pace.setText(f"epoch {epoch} · {step.images_per_second:,.0f} images/s")
        self.left.setText(_time_left(state, step))
        self.line.setText(training.message or self._loss_words(step, state, config))

    def _loss_words(self, step: Step, state: str, config: Config) -> str:
        """The loss in its parts: of the test images once the training has finished, else of the newest steps."""
        end = self._training.history.end
        figures = end.figures if isinstance(end, Finished) and state == "finished" else {}
        reconstruction, kl = figures.get("reconstruction", step.reconstruction), figures.get("kl", step.kl)
        where = "Test " if figures else ""
        if kl is None:
            return f"{where}{'r' if where else 'R'}econstruction {figure(reconstruction)} {nats(config)}"
        total = figures.get("negative_elbo", reconstruction + kl)
        line = f"{where}{MINUS}ELBO {figure(total)} = reconstruction {figure(reconstruction)} + KL {figure(kl)}"
        return f"{line} {nats(config)}" if is_density(config) else line

    # --- buttons --------------------------------------------------------------------------------------------------

    def _toggle_pause(self) -> None:
        if self._training.state == "paused":
            self._training.resume_paused()
        else:
            self._training.pause()

    def _emit(self, signal: object) -> None:
        if self._training.run is not None:
            signal.emit(self._training.run)  # type: ignore[attr-defined]

    def _show_folder(self) -> None:
        if self._training.run is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._training.run.folder)))


def _time_left(state: str, step: Step) -> str:
    if state in ("running", "paused", "stopping") and step.seconds_left is not None:
        return f"{duration(step.seconds_left)} left"
    return f"trained for {duration(step.seconds)}"
