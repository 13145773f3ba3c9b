"""Writing a file behind the window, said how far it is and to be given up."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from latentscope.background import Background
from latentscope.steps import run_in_steps

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["Saving"]


class Saving:
    """One file at a time under one key of a worker; another one takes its place."""

    def __init__(self, window: "MainWindow", worker: Background, key: str) -> None:
        self._window, self._worker, self._key = window, worker, key

    def start(self, path: Path, steps: Iterator[float], note: str = "") -> None:
        """``steps`` give the share that is done; the file appears at the last. ``note`` is said when it is there."""
        window, said = self._window, -1

        def take(done: float) -> None:
            nonlocal said
            if done < 1 and round(100 * done) != said:
                said = round(100 * done)
                window.message_bar.say(f"Saving {path.name}… {said} %", "info", "Cancel", self.stop)
            elif done >= 1:
                window.say(f"Saved as {path.name}. {note}".rstrip())

        run_in_steps(self._worker, self._key, steps, take, lambda text: window.say(text, "error"))

    def stop(self) -> None:
        """Give it up: who stops in between leaves no file behind."""
        self._worker.cancel(self._key)
        self._window.say("Nothing was saved.")
