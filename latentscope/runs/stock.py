"""What of a run's film is in memory, and the loading of the rest behind the window."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from latentscope.background import Background
from latentscope.runs.snapshots import LoadedShot, Reel, Shelf, Shot, load_shot, read_shot_codes, size_of_codes, wind
from trainer.errors import TrainerError
from trainer.files import Codes
from trainer.run import Run

__all__ = ["Stock"]

MOST_CODES = MOST_MODELS = 2**28  # bytes that are kept of each


class Stock(QObject):
    """The reel of one run, which grows while it is trained, and its codes and decoders as far as memory allows.

    What is asked for and not there is read on the worker, one thing of a kind at a time, and what has begun is
    finished: however fast a film is dragged, something arrives.
    """

    wound = Signal()  # the reel is another: it has grown, or lost a shot
    arrived = Signal()  # something that was asked for is there, or will never be
    failed = Signal(str)  # a sentence for the user

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._run: Run | None = None
        self._reel: Reel | None = None
        self._codes: Shelf[Shot, Codes] = Shelf(MOST_CODES)
        self._models: Shelf[Shot, LoadedShot] = Shelf(MOST_MODELS)
        self._like: LoadedShot | None = None  # the first that was loaded: the others take as long to decode
        self._loading: set[str] = set()
        self._wind_again = False

    @property
    def run(self) -> Run | None:
        return self._run

    @property
    def reel(self) -> Reel | None:
        """The film as far as it is known; None before it has been looked at."""
        return self._reel

    def open(self, run: Run | None) -> None:
        """Keep the film of this run from now on. What is kept of it already stays."""
        if run != self._run:
            self._run, self._reel, self._like = run, None, None
            self._codes.clear()
            self._models.clear()
            for key in self._loading:
                self._background.cancel(key)
            self._loading.clear()
        self.wind()

    def wind(self) -> None:
        """Read what is new of the film."""
        run, before = self._run, self._reel
        self._wind_again = run is not None and "film" in self._loading
        if run is not None and not self._wind_again:
            self._load("film", lambda: wind(run, before, MOST_CODES), self._take_reel)

    def codes(self, shot: Shot) -> Codes | None:
        """The codes of a shot; None while they are read."""
        codes = self._codes.get(shot)
        if codes is None and self._reel is not None:
            dimension = self._reel.dimension
            self._load("film codes", lambda: read_shot_codes(shot, dimension), self._take_codes, shot)
        return codes

    def holds(self, shot: Shot) -> bool:
        """Whether the decoder of a shot is there."""
        return self._models.holds(shot)

    def model(self, shot: Shot) -> LoadedShot | None:
        """The model of a shot and its decoder; None while they are read."""
        loaded = self._models.get(shot)
        if loaded is None and self._reel is not None:
            dimension, like = self._reel.dimension, self._like.codec if self._like else None
            self._load("film model", lambda: load_shot(shot, dimension, like), self._take_model, shot)
        return loaded

    def keep_model(self, shot: Shot, loaded: LoadedShot) -> None:
        """A model that somebody else has loaded."""
        self._like = self._like or loaded
        self._models.put(shot, loaded, loaded.size)

    def _load(
        self, key: str, work: Callable[[], Any], take: Callable[[Any, Shot | None], None], shot: Shot | None = None
    ) -> None:
        if key in self._loading:
            return
        self._loading.add(key)

        def deliver(result: Any) -> None:
            self._loading.discard(key)
            take(result, shot)
            self.arrived.emit()

        def fail(error: Exception) -> None:
            self._loading.discard(key)
            if not isinstance(error, TrainerError):
                raise error
            self._lose(shot)
            self.arrived.emit()

        self._background.submit(key, work, deliver, fail)

    def _take_codes(self, codes: Codes, shot: Shot | None) -> None:
        if shot is not None:
            self._codes.put(shot, codes, size_of_codes(codes))

    def _take_model(self, loaded: LoadedShot, shot: Shot | None) -> None:
        if shot is not None:
            self.keep_model(shot, loaded)

    def _take_reel(self, wound: tuple[Reel, dict[Shot, Codes]], _: Shot | None) -> None:
        reel, found = wound
        known = self._reel.lost if self._reel is not None else frozenset()
        for shot in known:  # one of them may have been found gone while this was under way
            reel = reel.without(shot)
        self._reel = reel
        for shot, codes in found.items():
            self._codes.put(shot, codes, size_of_codes(codes))
        self._say_lost(reel.lost - known)
        self.wound.emit()
        if self._wind_again:
            self.wind()

    def _lose(self, shot: Shot | None) -> None:
        """A file that was there is gone or damaged: the film goes on without it."""
        if self._reel is not None and shot is not None and shot in self._reel.shots:
            self._reel = self._reel.without(shot)
            self._say_lost(frozenset([shot]))
            self.wound.emit()

    def _say_lost(self, lost: frozenset[Shot]) -> None:
        if not lost or self._reel is None or not self._reel.shots:  # all are gone: somebody has cleared up
            return
        name = self._reel.run.folder.name
        if len(lost) == 1:
            (shot,) = lost
            what = f"the snapshot of step {shot.step:,}, which is"
        else:
            what = f"{len(lost)} of its {len(lost) + len(self._reel.shots)} snapshots, which are"
        self.failed.emit(f"The film of {name} is shown without {what} gone or damaged.")
