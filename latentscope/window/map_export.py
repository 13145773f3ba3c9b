"""Saving a picture of the map, behind the window: with very many points it takes seconds to be drawn."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from latentscope.background import Background
from latentscope.files.exporting import export_view
from latentscope.map.pace import DroppedError, Pace
from latentscope.map.points.plates import steps_to_draw
from trainer.errors import TrainerError
from trainer.pictures import check_png

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["MapExport"]

TOLD_MS = 250  # how often the window says how far it is; what takes less is not announced
KEY = "map picture"


class _Counted(Pace):
    """Counts the pieces of work, too."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = 0

    def __call__(self) -> None:
        self.steps += 1
        super().__call__()


class MapExport(QObject):
    """One picture at a time; another one takes its place. What is saved is the map as it was when it was asked for."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._background = Background(KEY, self, brief=True)
        self._pace = _Counted()
        self._name, self._steps = "", 1
        self._timer = QTimer(self, interval=TOLD_MS)
        self._timer.timeout.connect(self._tell)
        window.closed.connect(self.close)

    def start(self, path: Path, scale: float, note: str) -> None:
        """Save the map, or all that are compared, at ``scale`` pixels to a logical pixel, with ``note`` in the file."""
        self._drop()
        try:
            check_png(path)
        except TrainerError as error:
            self._window.say(str(error), "error")
            return
        draw, points = self._window.compare.picture_behind(scale)
        self._pace = pace = _Counted()
        self._name, self._steps = path.name, steps_to_draw(points)
        self._timer.start()
        self._background.submit(KEY, lambda: export_view(path, draw(pace), note), self._end, self._fail)

    def is_settled(self) -> bool:
        return not self._timer.isActive()

    def close(self) -> None:
        """Give up what is under way. A file that is being written is written whole, or not at all."""
        self._drop()
        self._background.close()

    def _drop(self) -> None:
        self._timer.stop()
        self._pace.dropped = True
        self._background.cancel(KEY)

    def _tell(self) -> None:
        share = min(0.99, self._pace.steps / self._steps)
        self._window.message_bar.say(f"Saving {self._name}… {share:.0%}", "info", "Cancel", self._cancel)

    def _cancel(self) -> None:
        self._drop()
        self._window.say("Nothing was saved.")

    def _end(self, _: None) -> None:
        self._timer.stop()
        self._window.say(f"Saved as {self._name}.")

    def _fail(self, error: Exception) -> None:
        self._timer.stop()
        if isinstance(error, DroppedError):
            return
        if not isinstance(error, TrainerError):
            raise error
        self._window.say(str(error), "error")
