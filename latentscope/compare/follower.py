"""Following a run for a map of its own: its newest snapshot, as long as there are any, and then its finished model."""

import time
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from latentscope.background import Background
from latentscope.decoding import TimedCodec, load_codec
from latentscope.runs.words import model_title
from latentscope.state.open_model import OpenModel
from trainer.errors import ModelFileError, RunError, TrainerError
from trainer.files import read_model
from trainer.run import Run, Status, open_run, read_config, summarise

__all__ = ["Follower"]

LOOK_MS, ENDED_LOOK_MS = 400, 2000
# Looking and loading may take this share of the follower's thread, so that the training gets the rest.
SHARE = 0.2
KEY = "follow"


@dataclass(frozen=True, eq=False)
class _Sight:
    """How the run stands, and what is newer than the file that was seen last (None if nothing is)."""

    status: Status
    source: Path | None
    model: OpenModel | None = None
    codec: TimedCodec | None = None
    seconds: float = 0.0  # that looking has taken


class Follower(QObject):
    """Looks at a run's folder from time to time, whoever trains it and whether or not that has begun."""

    found = Signal(object, object)  # OpenModel and TimedCodec: newer than those before
    status_changed = Signal(str)
    failed = Signal(str)  # a sentence for the user; nothing more is followed

    def __init__(self, run: Run, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.run = run
        self.status: Status = "new"
        self._background = background
        self._seen: Path | None = None
        try:
            self.title = model_title(read_config(run))
        except RunError:
            self.title = run.folder.name  # looking will say what is wrong with it
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._look)
        self._look()

    def stop(self) -> None:
        self._timer.stop()
        self._background.cancel(KEY)

    def _look(self) -> None:
        run, seen = self.run, self._seen
        self._background.submit(KEY, lambda: look(run, seen), self._take, self._fail)

    def _take(self, sight: _Sight) -> None:
        # A run that has ended is looked at on: it may be gone on with.
        usual = LOOK_MS if sight.status in ("new", "running", "paused") else ENDED_LOOK_MS
        self._timer.start(max(usual, round(1000 * sight.seconds * (1 / SHARE - 1))))
        if sight.status != self.status:
            self.status = sight.status
            self.status_changed.emit(sight.status)
        if sight.model is not None:
            self._seen = sight.source
            self.found.emit(sight.model, sight.codec)

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, TrainerError):
            raise error
        self.status = "interrupted"
        self.status_changed.emit(self.status)
        self.failed.emit(str(error))


def look(run: Run, seen: Path | None) -> _Sight:
    """What is newest in a run, read and ready to decode if it is not the file that was ``seen``.

    Raises RunError where the run is gone or damaged, ModelFileError for a damaged finished model.
    """
    start = time.monotonic()
    open_run(run.folder)
    summary = summarise(run)
    source = run.model_path if run.model_path.is_file() else summary.newest_snapshot
    if source is None or source == seen:
        return _Sight(summary.status, source)
    try:
        file = read_model(source)
        codec = load_codec(file, run.folder.name)
    except ModelFileError:
        if source == run.model_path:
            raise
        return _Sight(summary.status, None)  # a snapshot that is damaged or gone is passed over; a newer one will come
    live = summary.status in ("running", "paused")
    model = OpenModel(file, model_title(file.config), source, live)
    return _Sight(summary.status, source, model, codec, time.monotonic() - start)
