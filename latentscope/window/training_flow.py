"""How a training meets the rest of the window: the form starts it, and its snapshots take over the map.

While a run is *followed*, each snapshot replaces the one before on the map. Opening another model ends the following,
not the training; ``follow`` takes it up again.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, Qt, Signal
from PySide6.QtWidgets import QMessageBox

from latentscope.decoding import TimedCodec
from latentscope.panels.training.run_form import RunForm
from latentscope.runs.comparisons import LectureComparison, variants
from latentscope.runs.memory import last_config, longer, remember_speed
from latentscope.runs.snapshots import run_of
from latentscope.state.open_model import OpenModel
from latentscope.theme import Theme
from latentscope.turns import Turn
from latentscope.words import MINUS, data_title, figure, nats
from trainer.config import Config
from trainer.data import is_at_hand
from trainer.errors import RunError, TrainerError
from trainer.run import Run, read_config, status, summarise

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["TrainingFlow"]


class TrainingFlow(QObject):
    """What Train does, and what a training does to the map."""

    message = Signal(str, str)  # text; info, warning or error

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self.form: RunForm | None = None
        self._following = False
        self._agreed_to_close = False
        self._left_alone = False  # whether the user looked at something else when the last training ended
        self._newest: tuple[OpenModel, TimedCodec | None] | None = None
        self._turn = Turn(self._show_newest, window.workspace.turns, self)
        training = window.training
        training.started.connect(self._begin)
        training.snapshot.connect(self._take_snapshot)
        training.finished.connect(self._end)
        training.failed.connect(self._say_failure)
        window.queue.failed.connect(lambda text: self.message.emit(text, "error"))

    # --- starting -------------------------------------------------------------------------------------------------

    def new_model(self, data: str | None = None, like: Config | None = None) -> None:
        """Ask what to train; ``data`` is a data set to begin with, ``like`` are settings to begin with."""
        window = self._window
        if self.form is None:
            downloads = window.fetching.downloads
            self.form = RunForm(
                window.files_thread, downloads, window.settings, window.theme, defaults=like, parent=window
            )
            self.form.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self.form.start_requested.connect(self.start)
            self.form.finished.connect(self._forget_form)
            self.form.open()
        elif like is not None:
            self.form.set_config(like)
        if data is not None:
            self.form.choose_data(data)

    def train_longer(self, run: Run) -> None:
        """Ask what to train, beginning with the settings of a run and twice its budget."""
        try:
            config = read_config(run)
        except RunError as error:
            self.message.emit(str(error), "error")
            return
        self.new_model(like=longer(config))

    def start(self, config: Config) -> None:
        """Train; while another is being trained the user decides whether this one waits for it."""
        window = self._window
        self._unless_busy(
            lambda replace_it: window.training.start(config, replace_it), lambda: window.queue.add([config])
        )

    def resume(self, run: Run) -> None:
        """Begin a run, or go on with one that was stopped or interrupted."""
        window = self._window
        self._unless_busy(lambda replace_it: window.training.resume(run, replace_it), lambda: window.queue.append(run))

    def train_in_turn(self, configs: list[Config], title: str) -> list[Run]:
        """Train several models one after the other, as one comparison of that title, their curves in one picture.

        Empty if that cannot be.
        """
        try:
            runs = self._window.queue.add(configs, title)
        except TrainerError as error:
            self.message.emit(str(error), "error")
            return []
        self._window.overlay.set_runs(runs)
        return runs

    def train_side_by_side(self, comparison: LectureComparison) -> None:
        """Train the models of a comparison at once, each on a map of its own that forms beside the others'."""
        window = self._window
        data = last_config(window.settings).data
        configs = variants(comparison, data)

        def begin(replace_it: bool) -> None:
            if not is_at_hand(data):
                raise RunError(f"{data_title(data)} is not on this computer; get it with New Model first.")
            runs = window.side_by_side.start(configs, comparison.title, replace_it)
            window.overlay.set_others(window.side_by_side.others)
            window.overlay.set_runs(runs)
            window.compare.open(runs)
            window.show_panel(window.training_panel)
            self.message.emit(f"{comparison.title}, on {data_title(data)}. {comparison.help}", "info")

        self._unless_busy(begin, lambda: self.train_in_turn(configs, comparison.title))

    def overlay(self, runs: list[Run]) -> None:
        """Show the curves of these runs together."""
        window = self._window
        known = [run for run in runs if run.events_path.exists()]
        if not known:
            self.message.emit("Nothing has been trained in these runs yet, so there are no curves.", "info")
            return
        if not window.training.busy() and window.training.run not in known:
            try:
                window.training.review(known[0])
            except RunError as error:
                self.message.emit(str(error), "error")
                return
        window.overlay.set_runs(known)
        window.show_panel(window.training_panel)

    def offer_queue(self) -> None:
        """Say what an earlier window left in the queue, and offer to go on with it."""
        queue = self._window.queue
        if queue.all_held:
            waiting = len(queue.runs)
            what = "A queued training has" if waiting == 1 else f"{waiting} queued trainings have"
            self._window.message_bar.say(f"{what} not begun yet.", "info", "Go on", queue.go_on)

    def open_run(self, run: Run) -> None:
        """Show a run on the map: as it goes on if it is being trained, else its newest model and its curves."""
        training = self._window.training
        if training.busy() and run == training.run:
            self.follow()
            return
        try:
            if run.folder.exists() and status(run) == "new":
                self.message.emit(f"{run.folder.name} has not begun yet, so there is nothing to look at.", "info")
            elif status(run) in ("running", "paused") and not training.busy():
                training.attach(run)
            else:
                self._window.open_path(run.folder)
                training.review(run)
                self._window.show_panel(self._window.training_panel)
        except TrainerError as error:
            self.message.emit(str(error), "error")

    def _forget_form(self) -> None:
        self.form = None

    def _unless_busy(self, begin: Callable[[bool], object], enqueue: Callable[[], object]) -> None:
        def attempt(do: Callable[[], object]) -> None:
            try:
                do()
            except TrainerError as error:
                self.message.emit(str(error), "error")

        if not self._window.training.busy():
            attempt(lambda: begin(False))
            return
        box = self._ask(
            "Another model is being trained.",
            "Queue this one, and it begins by itself when its turn has come. Or stop the other: what that has learnt "
            "is kept, and it can be resumed later.",
            "Queue",
        )
        stop = box.addButton("Stop and start", QMessageBox.ButtonRole.DestructiveRole)
        stop.clicked.connect(lambda: attempt(lambda: begin(True)))
        box.accepted.connect(lambda: attempt(enqueue))
        box.open()

    def _ask(self, text: str, more: str, yes: str) -> QMessageBox:
        box = QMessageBox(self._window)
        box.setWindowTitle("Latentscope")
        box.setText(f"<b>{text}</b>")
        box.setInformativeText(more)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        accept = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(accept)
        return box

    def set_theme(self, theme: Theme) -> None:
        if self.form is not None:
            self.form.set_theme(theme)

    # --- while it goes on -----------------------------------------------------------------------------------------

    def toggle_pause(self) -> None:
        training = self._window.training
        if training.state == "paused":
            training.resume_paused()
        elif training.busy():
            training.pause()

    def follow(self) -> None:
        """Show the run that is being trained on the map, now and as it goes on."""
        if not self._window.training.busy():
            self.message.emit("Nothing is being trained.", "info")
            return
        self._following = True
        if self._newest is not None:
            self._show(*self._newest)

    def follow_again(self, run: Run) -> None:
        """The film of this run has come back to its newest: what comes next is shown as it comes."""
        self._following = self._window.training.busy() and self._window.training.run == run

    def unfollow(self) -> None:
        """Another model was opened, or an earlier moment is looked at: leave the map to it."""
        self._following = False

    def show_run(self) -> None:
        """A model was opened: if it is of a run, show the curves of that, unless something is being trained."""
        training, run = self._window.training, run_of(self._window.workspace.model)
        if run is not None and run != training.run and not training.busy():
            with suppress(RunError):  # the model can be explored without the curves of its run
                training.review(run)

    def _begin(self, run: Run) -> None:
        self._newest = None
        # A run whose turn has come takes over the map only from the one before it, not from what was opened meanwhile.
        by_itself = self._window.queue.automatic
        self._following = self._window.training.busy() and not (by_itself and self._left_alone)
        if self._window.compare.shows(run):
            self._following = False  # it has a map of its own already
        if self._following and not by_itself:
            self._window.show_panel(self._window.training_panel)

    def _take_snapshot(self, model: OpenModel, codec: TimedCodec | None) -> None:
        first, self._newest = self._newest is None, (model, codec)
        if self._following and first:
            self._show(model, codec)
        elif self._following:
            self._turn.ask()

    def _show_newest(self) -> None:
        if self._following and self._newest is not None:
            self._show(*self._newest)

    def _show(self, model: OpenModel, codec: TimedCodec | None) -> None:
        """Show the newest of the training. Where the map shows this run already, what lies on the map stays there."""
        window = self._window
        same = run_of(window.workspace.model) == window.training.run
        if not same:
            window.decoding.drop()
            window.workspace.open_model(model)
            window.documents.find_originals()
        if codec is not None:
            window.decoding.use(codec)
        else:
            window.decoding.open(model.file, model.title)
        if same:
            window.workspace.set_snapshot(model)

    def _end(self, run: Run) -> None:
        training = self._window.training
        step = training.history.step
        if training.config is not None and step is not None:
            remember_speed(self._window.settings, training.config, step.images_per_second)
        if training.state == "finished":
            self._say_how_good(run)
        self._turn.take()
        model = self._window.workspace.model
        if self._following and model is not None and model.live:
            # The next run's first snapshot is another model, not a later state of this one.
            self._window.workspace.set_snapshot(replace(model, live=False))
        self._left_alone = not self._following
        self._following = False

    def _say_how_good(self, run: Run) -> None:
        try:
            summary = summarise(run)
        except RunError as error:
            self.message.emit(str(error), "error")
            return
        elbo = summary.negative_elbo
        how_good = f": test {MINUS}ELBO {figure(elbo)} {nats(summary.config)}" if elbo is not None else ""
        self.message.emit(f"{run.folder.name} has finished{how_good}.{self._what_is_next()}", "info")

    def _say_failure(self, text: str) -> None:
        self.message.emit(text + self._what_is_next(), "error")

    def _what_is_next(self) -> str:
        following = self._window.queue.next
        return "" if following is None else f" The queue goes on with {following.folder.name}."

    # --- the end --------------------------------------------------------------------------------------------------

    def may_close(self) -> bool:
        """Whether the window may close now. Asks while a model is being trained, and closes it after a yes."""
        if not self._trains() or self._agreed_to_close:
            return True
        queued = " What is queued is kept, too." if self._window.queue.runs else ""
        box = self._ask(
            "A model is being trained.",
            f"Close the window and stop the training? What it has learnt is kept, and it can be resumed.{queued}",
            "Stop and close",
        )
        box.accepted.connect(self._close_window)
        box.open()
        return False

    def _trains(self) -> bool:
        return self._window.training.trains or self._window.side_by_side.trains

    def _close_window(self) -> None:
        self.agree_to_close()
        self._window.close()

    def agree_to_close(self) -> None:
        """Let the next closing of the window stop what is being trained without a question."""
        self._agreed_to_close = True

    def close(self) -> None:
        """Stop what is under way and leave nothing behind."""
        self._following = False
        if self._trains():
            self._window.say("Stopping the training…")
        self._window.side_by_side.stop()
        self._window.training.close(meanwhile=self._breathe)
        self._window.side_by_side.close(meanwhile=self._breathe)

    def _breathe(self) -> None:
        """Let the window paint, but not act, while the worker keeps what it has learnt."""
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
