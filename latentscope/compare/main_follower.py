"""Following a run on the main map without being the one who trains it: the first of several that are compared."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from latentscope.background import Background
from latentscope.compare.follower import Follower
from latentscope.decoding import TimedCodec
from latentscope.runs.snapshots import run_of
from latentscope.state.open_model import OpenModel
from trainer.run import Run

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["MainFollower"]


class MainFollower(QObject):
    """Brings what is newest of a run to the main map, until another model is opened there."""

    failed = Signal(str)  # a sentence for the user

    def __init__(self, window: "MainWindow", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window = window
        self._background = Background("follower", self)
        self._follower: Follower | None = None
        self._first = True
        self._taking = False
        window.workspace.model_changed.connect(self._leave_to_others)

    @property
    def run(self) -> Run | None:
        return self._follower.run if self._follower else None

    def follow(self, run: Run) -> None:
        self.stop()
        self._first = True
        self._follower = Follower(run, self._background, self)
        self._follower.found.connect(self._take)
        self._follower.failed.connect(self._fail)

    def stop(self) -> None:
        follower, self._follower = self._follower, None
        if follower is not None:
            follower.stop()
            follower.deleteLater()

    def close(self) -> None:
        self.stop()
        self._background.close()

    def is_settled(self) -> bool:
        """Whether it has shown something, or nothing is to be shown."""
        return self._follower is None or not self._first

    def _take(self, model: OpenModel, codec: TimedCodec) -> None:
        window = self._window
        self._taking = True
        try:
            known = run_of(window.workspace.model) == self.run  # what lies on the map stays there
            if not known:
                window.decoding.drop()
                window.documents.show_model(model)
            window.decoding.use(codec)
            if known:
                window.workspace.set_snapshot(model)
        finally:
            self._taking = False
        self._first = False

    def _fail(self, text: str) -> None:
        self.stop()
        self.failed.emit(text)

    def _leave_to_others(self) -> None:
        if not self._taking:
            self.stop()
