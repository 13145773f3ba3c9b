"""The training that the window follows: one run at a time, its state, its curves and its newest weights."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal

from latentscope.runs.history import History
from latentscope.runs.trainer_thread import Ended, Loaded, Past, TrainerThread, Word
from latentscope.runs.words import model_title
from latentscope.runs.worker import worker_command
from trainer.config import Config
from trainer.errors import RunError
from trainer.events import Event, Paused, Resumed, Started
from trainer.run import Run, create_run, delete_run, new_run_folder, open_run, read_config, runs_folder, status

__all__ = ["Training"]

DRAIN_MS = 16


@dataclass(frozen=True)
class _Task:
    """What is done with a run: trained from the beginning ("new") or on ("resume") by a worker of ours, followed while
    another process trains it ("attach"), or only looked at ("review")."""

    run: Run
    kind: Literal["new", "resume", "attach", "review"]
    threads: int | None = None  # of the processor, for our worker; None: as many as it wants

    @property
    def trains(self) -> bool:
        return self.kind in ("new", "resume")

    def discard(self) -> None:
        """Remove a run that was made for this and in which nothing was trained."""
        if self.kind == "new":
            with suppress(RunError):
                delete_run(self.run)


class Training(QObject):
    """Starts, follows, pauses and stops runs. Lives on the GUI thread.

    ``state`` is "idle"; or, while ``busy()``, "starting", "running", "paused" or "stopping"; or how the run that
    ``run`` names ended: "finished", "stopped", "failed", "interrupted".
    """

    started = Signal(object)  # Run: it is followed from now on
    events = Signal(list)  # the events since the last time, at most once a display frame
    snapshot = Signal(object, object)  # OpenModel; TimedCodec, or None where torch is not loaded yet
    state_changed = Signal(str)
    finished = Signal(object)  # Run: its training has ended, in whatever way ``state`` says
    failed = Signal(str)  # a sentence for the user; ``finished`` follows
    free = Signal()  # nothing is being trained any more, and nothing else is about to be

    def __init__(
        self,
        root: Path | None = None,
        command: Callable[[Run], Sequence[str]] = worker_command,
        parent: QObject | None = None,
        *,
        load_models: bool = True,
    ) -> None:
        """New runs are made under ``root`` (default: where runs are kept); ``command`` trains one.

        Without ``load_models`` there is no ``snapshot``: only the events are followed.
        """
        super().__init__(parent)
        self._load_models = load_models
        self.history = History()
        self.state = "idle"
        self.message = ""
        self.run: Run | None = None
        self.config: Config | None = None
        self._root = root
        self._command = command
        self._thread: TrainerThread | None = None
        self._task: _Task | None = None
        self._next: _Task | None = None
        self._closed = False
        self._timer = QTimer(self)
        self._timer.setInterval(DRAIN_MS)
        self._timer.timeout.connect(self._drain)

    @property
    def root(self) -> Path:
        """Where new runs are made."""
        return self._root or runs_folder()

    def twin(self, parent: QObject) -> "Training":
        """Another that trains as this one does, at the same time, and whose models somebody else loads."""
        return Training(self._root, self._command, parent, load_models=False)

    def busy(self) -> bool:
        """Whether a run is followed that is being trained, by us or by another process."""
        return self._task is not None and self._task.kind != "review"

    @property
    def trains(self) -> bool:
        """Whether a worker of ours is at work."""
        return self._task is not None and self._task.trains

    # --- what the user asks for -----------------------------------------------------------------------------------

    def start(self, config: Config, replace: bool = False) -> Run:
        """Train a new model. While another is being trained: RunError, or with ``replace`` that one is stopped first.

        Raises RunError, too, if the run folder cannot be made.
        """
        self._check_free(replace)
        run = create_run(new_run_folder(self.root, config), config)
        self._follow_when_free(_Task(run, "new"))
        return run

    def resume(self, run: Run, replace: bool = False, threads: int | None = None) -> None:
        """Begin a run, go on with one that was stopped or interrupted, or follow it if somebody trains it already.

        ``threads`` is the share of the processor that the worker gets; None: all of it. Raises RunError as ``start``
        does.
        """
        self._check_free(replace)
        ours = self.trains and run == self.run
        elsewhere = not ours and status(open_run(run.folder)) in ("running", "paused")
        self._follow_when_free(_Task(run, "attach" if elsewhere else "resume", threads))

    def attach(self, run: Run, replace: bool = False) -> None:
        """Follow a run that another process is training. Raises RunError as ``start`` does."""
        self._check_free(replace)
        self._follow_when_free(_Task(run, "attach"))

    def review(self, run: Run) -> None:
        """Show the curves of a run that has ended. Does nothing while another is being trained."""
        if not self.busy() and not self._closed:
            self._follow(_Task(run, "review"))

    def pause(self) -> None:
        self._ask("pause")

    def resume_paused(self) -> None:
        self._ask("resume")

    def stop(self) -> None:
        """End the run before its budget is used up. What it has learnt is kept, and it can be resumed."""
        if self.busy() and self.state != "stopping":
            self._ask("stop")
            self._set_state("stopping")

    def close(self, wait: float = 8.0, meanwhile: Callable[[], None] = lambda: None) -> None:
        """End for good and leave nothing behind: our worker is asked to stop, given ``wait`` seconds to keep what it
        has learnt, and then killed. ``meanwhile`` is called some thirty times a second until this returns."""
        self._closed = True
        self._discard_next()
        thread, task = self._thread, self._task
        self._leave(wait, meanwhile)
        if thread is not None and task is not None and thread.ended is not None and thread.ended.state == "discarded":
            task.discard()
        self._set_state("idle")

    # --- how it goes on -------------------------------------------------------------------------------------------

    def _check_free(self, replace: bool) -> None:
        if self._closed:
            raise RunError("The window is closing, so no training can be started.")
        if self.busy() and not replace:
            raise RunError("Another training is going on; stop it first.")

    def _follow_when_free(self, task: _Task) -> None:
        self._discard_next()
        if self.trains:
            self._next = task
            self.stop()
        else:
            self._follow(task)

    def _follow(self, task: _Task) -> None:
        config = read_config(task.run)
        self._leave()
        self.history.clear()
        self.run, self.config, self.message = task.run, config, ""
        self._task = task
        command = [*self._command(task.run), *_threads(task.threads)] if task.trains else None
        load_models = self._load_models and task.kind != "review"
        self._thread = TrainerThread(task.run, model_title(config), command, load_models)
        self._thread.start()
        self._timer.start()
        self.started.emit(task.run)
        if task.kind != "review":
            self._set_state("starting" if task.trains else "running")

    def _leave(self, wait: float = 8.0, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Follow nothing; what is still in the outbox is dropped."""
        self._timer.stop()
        thread, self._thread, self._task = self._thread, None, None
        if thread is not None:
            thread.leave(wait, meanwhile)

    def _discard_next(self) -> None:
        task, self._next = self._next, None
        if task is not None:
            task.discard()

    def _ask(self, word: Word) -> None:
        if self._thread is not None and self.busy():
            self._thread.ask(word)

    def _drain(self) -> None:
        """Hand on the next that has come, one at a time: what the mouse does is not to wait for all of it."""
        if self._thread is None:
            return
        try:
            item = self._thread.outbox.get_nowait()
        except Empty:
            return
        if isinstance(item, Ended):
            self._end(item)
        elif isinstance(item, Loaded):
            self.snapshot.emit(item.model, item.codec)
        elif isinstance(item, Past):
            self._add(item.events)
        else:
            self._add(item)
            self._set_state(self._state_after(item))

    def _add(self, events: list[Event]) -> None:
        self.history.add(events)
        self.events.emit(events)

    def _state_after(self, events: list[Event]) -> str:
        state = self.state
        if self.busy() and state != "stopping":
            for event in events:
                if isinstance(event, Started | Resumed):
                    state = "running"
                elif isinstance(event, Paused):
                    state = "paused"
        return state

    def _end(self, ended: Ended) -> None:
        task = self._task
        if task is None:
            return
        self._leave()
        state = ended.state
        if state == "discarded":
            task.discard()
            state = "stopped"
            if task.kind == "new":
                state, self.run, self.config = "idle", None, None
        self.message = ended.message
        self._set_state(state)
        if task.kind != "review":
            if ended.message:
                self.failed.emit(ended.message)
            self.finished.emit(task.run)
        if self._next is not None and not self.busy():
            following, self._next = self._next, None
            self._follow(following)
        elif not self.busy():
            self.free.emit()

    def _set_state(self, state: str) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)


def _threads(count: int | None) -> list[str]:
    return [] if count is None else ["--threads", str(count)]
