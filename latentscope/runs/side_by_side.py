"""Two or three runs trained at the same time, as one: the first is the window's own training, the others go with it."""

import os
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from latentscope.runs.making import make_runs
from latentscope.runs.training import Training
from trainer.config import Config
from trainer.errors import RunError
from trainer.run import Run

__all__ = ["SideBySide"]


class SideBySide(QObject):
    """Begins the runs, each with its share of the processor, and pauses, resumes and stops the others with the first.

    A run that is done leaves the others to go on. Lives on the GUI thread.
    """

    failed = Signal(str)  # a sentence for the user, about one of the others

    def __init__(self, training: Training, parent: QObject | None = None) -> None:
        """``training`` is the window's own."""
        super().__init__(parent)
        self._training = training
        self._others: list[Training] = []
        self._paused = False
        training.state_changed.connect(self._pass_on)

    @property
    def others(self) -> list[Training]:
        """What trains beside the window's own training, and how it came on, until the next comparison."""
        return list(self._others)

    @property
    def trains(self) -> bool:
        return any(other.trains for other in self._others)

    def start(self, configs: list[Config], title: str, replace: bool = False) -> list[Run]:
        """Train these at once, as a group of that title; returns their runs, which may not have begun yet.

        Raises RunError if the folders cannot be made or, without ``replace``, something is being trained already; then
        nothing has changed.
        """
        if self._training.busy() and not replace:
            raise RunError("Another training is going on; stop it first.")
        runs = make_runs(self._training.root, configs, title)
        self._leave()
        threads = max(1, (os.cpu_count() or 1) // len(runs))
        self._paused = False
        self._others = [self._training.twin(self) for _ in runs[1:]]
        for other, run in zip(self._others, runs[1:], strict=True):
            other.failed.connect(self.failed)
            other.resume(run, threads=threads)
        self._training.resume(runs[0], replace, threads=threads)
        return runs

    def stop(self) -> None:
        for other in self._others:
            other.stop()

    def close(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """End for good: the others are asked to stop at once, and then waited for."""
        self.stop()
        for other in self._others:
            other.close(meanwhile=meanwhile)

    def _leave(self) -> None:
        """Stop what an earlier comparison may still be training."""
        for other in self._others:
            other.stop()
            other.free.connect(other.deleteLater)
            if not other.busy():
                other.deleteLater()
        self._others = []

    def _pass_on(self, state: str) -> None:
        if state == "stopping":
            self.stop()
        elif state == "paused" and not self._paused:
            self._paused = True
            for other in self._others:
                other.pause()
        elif state == "running" and self._paused:
            self._paused = False
            for other in self._others:
                other.resume_paused()
