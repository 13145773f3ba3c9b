"""The runs that are to be trained one after the other, and which of them may begin by themselves.

A queued run is an ordinary run folder that has not begun (or has stopped). Their order is kept in ``queue.json`` beside
the folders, so that a queue outlives the window. What was read from there is *held*: it waits for the user's word, and
so does what the user holds. All else begins as soon as nothing is being trained.
"""

import json
import logging
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from latentscope.runs.making import make_runs, unmake_runs
from latentscope.runs.training import Training
from trainer.atomic import reason, write_atomically
from trainer.config import Config
from trainer.container import parse_json
from trainer.errors import RunError
from trainer.run import Run, open_run, status

__all__ = ["RunQueue", "ordinal"]

FILE = "queue.json"
MAX_FILE = 2**20  # bytes
WAITING = ("new", "stopped", "interrupted", "failed")  # the states of a run that can be trained
log = logging.getLogger(__name__)


class RunQueue(QObject):
    """The queue of one window. Lives on the GUI thread, and needs no window."""

    changed = Signal()
    failed = Signal(str)  # a sentence for the user

    def __init__(self, training: Training, parent: QObject | None = None) -> None:
        """Begins with what an earlier window left behind, all of it held."""
        super().__init__(parent)
        self._training = training
        self._path = training.root / FILE
        self._runs = self._read()
        self._free_to_go: set[Run] = set()
        self.automatic = False  # true while a run begins that nobody has asked for just now
        training.started.connect(self._forget_begun)
        training.free.connect(self._go_on_by_itself)

    # --- what there is --------------------------------------------------------------------------------------------

    @property
    def runs(self) -> list[Run]:
        """All queued runs, in the order in which they are trained; the one that is being trained is not among them."""
        return list(self._runs)

    @property
    def next(self) -> Run | None:
        """The run that begins by itself when nothing is being trained any more."""
        return next((run for run in self._runs if run in self._free_to_go), None)

    def held(self, run: Run) -> bool:
        """Whether a queued run waits for the user's word."""
        return run in self._runs and run not in self._free_to_go

    @property
    def all_held(self) -> bool:
        """Whether there are queued runs, and none begins by itself."""
        return bool(self._runs) and self.next is None

    def words(self, run: Run) -> str:
        """Such as "queued, next", "queued, 2nd", "queued, on hold"; empty for a run that is not in the queue."""
        if run not in self._runs:
            return ""
        if self.held(run):
            return "queued, on hold"
        place = [one for one in self._runs if one in self._free_to_go].index(run) + 1
        return "queued, next" if place == 1 else f"queued, {ordinal(place)}"

    # --- what the user asks for -----------------------------------------------------------------------------------

    def add(self, configs: list[Config], title: str = "") -> list[Run]:
        """Make a run of each config and train them in turn, after what is queued already; the first begins now if
        nothing is being trained. With a ``title`` they are a group: one comparison.

        Raises RunError if a folder cannot be made or the queue not be kept on disk; then nothing was added.
        """
        made = make_runs(self._training.root, configs, title)
        try:
            self._write([*self._runs, *made])
        except RunError:
            unmake_runs(made)
            raise
        self._runs += made
        self._free_to_go.update(made)
        self.changed.emit()
        self._begin_next()
        return made

    def append(self, run: Run) -> None:
        """Queue a run that exists: to be begun, or to be gone on with. Raises RunError if there is no such run."""
        open_run(run.folder)
        if run not in self._runs:
            self._runs.append(run)
        self._free_to_go.add(run)
        self._keep()
        self._begin_next()

    def remove(self, run: Run) -> None:
        """Take a run out of the queue. Its folder stays."""
        if run in self._runs:
            self._runs.remove(run)
            self._free_to_go.discard(run)
            self._keep()

    def move(self, run: Run, by: int) -> None:
        """Let a run come so many places later (negative: earlier)."""
        if run not in self._runs:
            return
        place = self._runs.index(run)
        self._runs.remove(run)
        self._runs.insert(max(0, place + by), run)
        if self._runs.index(run) != place:
            self._keep()

    def hold(self) -> None:
        """Begin nothing that is queued now before ``go_on``. What is being trained goes on."""
        if self._free_to_go:
            self._free_to_go.clear()
            self.changed.emit()

    def go_on(self) -> None:
        """Let all that is queued begin in its turn."""
        self._free_to_go = set(self._runs)
        self.changed.emit()
        self._begin_next()

    def forget_gone(self) -> None:
        """Drop the runs whose folders are not there any more."""
        left = [run for run in self._runs if run.config_path.is_file()]
        if left != self._runs:
            self._runs = left
            self._free_to_go.intersection_update(left)
            self._keep()

    # --- how it goes on -------------------------------------------------------------------------------------------

    def _go_on_by_itself(self) -> None:
        self.automatic = True
        try:
            self._begin_next()
        finally:
            self.automatic = False

    def _begin_next(self) -> None:
        """Begin the next run that can be begun, if nothing is being trained. What cannot is said and left out."""
        while not self._training.busy() and (run := self.next) is not None:
            self.remove(run)
            try:
                if status(open_run(run.folder)) in WAITING:
                    self._training.resume(run)
            except RunError as error:
                self.failed.emit(f"{error} The queue goes on without this run." if self.next else str(error))

    def _forget_begun(self, run: Run) -> None:
        """A run that was begun in whatever way waits no longer; one that is only looked at does."""
        if self._training.busy():
            self.remove(run)

    # --- on disk --------------------------------------------------------------------------------------------------

    def _keep(self) -> None:
        try:
            self._write(self._runs)
        except RunError as error:
            self.failed.emit(str(error))
        self.changed.emit()

    def _write(self, runs: list[Run]) -> None:
        try:
            if runs:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                names = [run.folder.name if run.folder.parent == self._path.parent else str(run.folder) for run in runs]
                write_atomically(self._path, json.dumps({"runs": names}, indent=1, ensure_ascii=False).encode())
            else:
                self._path.unlink(missing_ok=True)
        except OSError as error:
            raise RunError(f"The queue cannot be kept in {self._path}, because {reason(error)}.") from None

    def _read(self) -> list[Run]:
        """What an earlier window left; runs that are gone or have been trained meanwhile are left out."""
        try:
            with self._path.open("rb") as file:
                names = parse_json(file.read(MAX_FILE))["runs"]
            folders = [self._path.parent / name for name in names if isinstance(name, str)]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError) as error:
            log.info("The queue in %s cannot be read (%s); starting with an empty one.", self._path, error)
            return []
        runs = dict.fromkeys(Run(Path(folder).absolute()) for folder in folders)
        return [run for run in runs if run.config_path.is_file() and status(run) in WAITING]


def ordinal(number: int) -> str:
    """ "1st", "2nd", "3rd", "4th", "11th", "22nd"."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
