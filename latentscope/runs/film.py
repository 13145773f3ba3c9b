"""The film of a run: any moment of its training is shown on the map, and played.

The points move in straight lines between two snapshots, in coordinates that are aligned from snapshot to snapshot; the
decoder is that of the nearest snapshot that is loaded. Nothing here is undone: to look back is not to change anything.
"""

import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from latentscope.decoding import Decoding, TimedCodec
from latentscope.runs.snapshots import LoadedShot, Shot, run_of
from latentscope.runs.stock import Stock
from latentscope.runs.training import Training
from latentscope.state.open_model import Moment, OpenModel
from latentscope.state.workspace import Workspace
from trainer.events import Event, Snapshot
from trainer.files import Codes
from trainer.geometry import map_plane
from trainer.run import Run

__all__ = ["Film"]

TICK_MS = 16
# Playing takes so long for each snapshot, but neither less nor more than so long in all.
SECONDS_PER_SHOT, LEAST_SECONDS, MOST_SECONDS = 0.3, 1.5, 15.0
LONGEST_STEP = 0.1  # s; where the window was busy for longer, the film has waited
AHEAD = 3  # snapshots whose decoders are loaded before they are needed


@dataclass(frozen=True, eq=False)
class _Shown:
    """The snapshot whose decoder answers, and how its latent space is turned on the map (D, D)."""

    shot: Shot
    model: OpenModel
    turn: NDArray[np.float64]


class Film(QObject):
    """Where the film of the open run stands; without one, that of the run whose training is followed.

    ``position`` counts shots: 2.5 is half way from the third to the fourth. Lives on the GUI thread.
    """

    changed = Signal()  # another run, more shots, another position, playing or not
    taken = Signal()  # an earlier moment has taken the map over
    opened = Signal()  # the map showed something else, and now shows this run
    given_back = Signal(object)  # Run: the map shows its newest again

    def __init__(
        self, workspace: Workspace, decoding: Decoding, training: Training, stock: Stock, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace, self._decoding, self._training, self._stock = workspace, decoding, training, stock
        self._position = 0.0
        self._awaited: float | None = None  # seconds of training: a moment to be shown as soon as the film is known
        self._direction = 1
        self._wanted = False  # a moment is to be shown
        self._shown: _Shown | None = None
        self._turns: dict[Shot, NDArray[np.float64]] = {}
        self._newest: tuple[OpenModel, TimedCodec | None] | None = None  # what the map showed before, if that was it
        self.base: Path | None = None  # the snapshot that moments are aligned with, if it is not the newest
        self._told: tuple[Run, OpenModel, TimedCodec | None] | None = None  # the newest that the training has told of
        self._times = np.empty(0)
        self._opening = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._ticked = 0.0
        stock.wound.connect(self._take_reel)
        stock.wound.connect(self._show_awaited)
        stock.arrived.connect(self._show)
        workspace.model_changed.connect(self._look)
        workspace.snapshot_changed.connect(self._look_at_snapshot)
        training.started.connect(self._begin)
        training.events.connect(self._take_events)
        training.snapshot.connect(self._hear)
        self._look()

    # --- what there is --------------------------------------------------------------------------------------------

    @property
    def run(self) -> Run | None:
        """The run whose film this is."""
        return self._stock.run

    @property
    def shots(self) -> tuple[Shot, ...]:
        """In the order of training; fewer than two are no film."""
        return self._stock.reel.shots if self._stock.reel is not None else ()

    @property
    def position(self) -> float:
        return self._position

    @property
    def seconds(self) -> float:
        """The position as seconds of training."""
        return float(np.interp(self._position, np.arange(len(self._times)), self._times)) if len(self._times) else 0.0

    @property
    def shot(self) -> Shot | None:
        """The snapshot nearest to the position."""
        return self.shots[self._nearest()] if self.shots else None

    @property
    def detached(self) -> bool:
        """Whether the map shows a moment of the film instead of the newest."""
        return self._workspace.moment is not None

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    @property
    def live(self) -> bool:
        """Whether the film still grows."""
        return self._training.busy() and self._training.run == self.run

    @property
    def at_newest(self) -> bool:
        """Whether the map shows the newest there is; of a training that goes on, the log may tell of one on its way."""
        model = self._workspace.model
        follows = model is not None and model.live
        return not self.detached and (follows or self._position >= len(self.shots) - 1)

    def position_at(self, seconds: float) -> float:
        """The position at so many seconds of training."""
        return float(np.interp(seconds, self._times, np.arange(len(self._times)))) if len(self._times) else 0.0

    def _nearest(self) -> int:
        return min(int(self._position + 0.5), len(self.shots) - 1)

    # --- what the user asks for -----------------------------------------------------------------------------------

    def seek(self, position: float) -> None:
        """Show the moment at a position, between 0 and the number of shots − 1."""
        if len(self.shots) < 2:
            return
        self._awaited = None
        position = min(max(position, 0.0), len(self.shots) - 1.0)
        if position == self._position and self._wanted:
            return
        if not self._wanted:
            self._detach()
        self._direction = 1 if position >= self._position else -1
        self._position = position
        self._show()
        self.changed.emit()

    def show_at(self, seconds: float) -> None:
        """Show the moment after so many seconds of training, as soon as the film is known as far as that."""
        self._awaited = seconds
        self._stock.wind()

    def step_by(self, shots: int) -> None:
        """To the next snapshot (1) or the one before (−1); after the last comes the newest."""
        self.stop()
        here = np.floor(self._position) if shots > 0 else np.ceil(self._position)
        if here + shots >= len(self.shots) - 1:
            self.newest()
        else:
            self.seek(float(here) + shots)

    def newest(self) -> None:
        """Back to the newest: the training as it goes on, the finished model, or else the last snapshot."""
        self.stop()
        run, told = self.run, self._told
        newest = told[1:] if told is not None and told[0] == run else self._newest
        if not self.detached or run is None or newest is None:
            self.seek(len(self.shots) - 1.0)
            return
        model, codec = newest
        self._workspace.set_snapshot(model)
        if codec is not None:
            self._decoding.use(codec)
        else:
            self._decoding.open(model.file, model.title)
        self.given_back.emit(run)

    def toggle_play(self) -> None:
        """Play from here, or from the beginning where this is the end; or stop."""
        if self.playing:
            self.stop()
        elif len(self.shots) > 1:
            if self._position >= len(self.shots) - 1:
                self.seek(0.0)
            self._ticked = time.perf_counter()
            self._timer.start()
            self.changed.emit()

    def stop(self) -> None:
        if self.playing:
            self._timer.stop()
            self.changed.emit()

    def _tick(self) -> None:
        now, last = time.perf_counter(), len(self.shots) - 1
        passed, self._ticked = min(now - self._ticked, LONGEST_STEP), now
        lasts = min(max(SECONDS_PER_SHOT * last, LEAST_SECONDS), MOST_SECONDS)
        position = self._position + passed * last / lasts
        if position >= last:
            self.newest()
        else:
            self.seek(position)

    # --- which film -----------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Another model is open: show its film, or else that of the run that is followed."""
        if not self._opening:
            self.stop()
            self._forget_moment()
            self._newest = self._awaited = None
            self._stock.open(run_of(self._workspace.model) or self._training.run)
            self._take_reel()

    def _look_at_snapshot(self) -> None:
        """A newer snapshot of the open run has come, or its newest is shown again; moments are our own."""
        if self._workspace.moment is None:
            self._forget_moment()
            self._take_reel()
            self._stock.wind()

    def _forget_moment(self) -> None:
        self._wanted, self._shown, self._turns = False, None, {}

    def _begin(self, run: Run) -> None:
        self._told = None
        if run_of(self._workspace.model) is None:
            self._look()

    def _hear(self, model: OpenModel, codec: TimedCodec | None) -> None:
        if self._training.run is not None:
            self._told = (self._training.run, model, codec)

    def _take_events(self, events: list[Event]) -> None:
        if self._training.run == self.run and any(isinstance(event, Snapshot) for event in events):
            self._stock.wind()

    def _take_reel(self) -> None:
        """The reel is another: the map stays at its moment, or at what is open."""
        reel, seconds = self._stock.reel, self.seconds
        times = np.maximum.accumulate([shot.seconds for shot in self.shots]) if self.shots else np.empty(0)
        self._times = times + 1e-9 * np.arange(len(times))  # strictly rising, so that each has one position
        if self._wanted:
            self._position = self.position_at(seconds)
        elif reel is not None:
            index = reel.index_of(self._workspace.model.path if self._workspace.model else None)
            self._position = float(max(len(self.shots) - 1, 0) if index is None else index)
        self.changed.emit()

    def _show_awaited(self) -> None:
        """The film is known as far as it goes now."""
        seconds, self._awaited = self._awaited, None
        if seconds is not None:
            self.seek(self.position_at(seconds))

    # --- showing --------------------------------------------------------------------------------------------------

    def _detach(self) -> None:
        """From here on the map shows moments. What it shows now is what all of them are aligned with."""
        reel, model, timed = self._stock.reel, self._workspace.model, self._decoding.timed
        assert reel is not None
        last = len(reel.shots) - 1
        anchor = last
        self._forget_moment()
        self.base = None
        self._newest = None
        if model is not None and run_of(model) == reel.run and model.file.config.latent == reel.dimension:
            index = reel.index_of(model.path)
            anchor = last if index is None else index
            shot = reel.shots[anchor]
            self._shown = _Shown(shot, model, np.eye(reel.dimension))
            self.base = None if anchor == last else shot.path
            if anchor == last:
                self._newest = (replace(model, live=False), timed)
            if timed is not None and model.path == shot.path:
                self._stock.keep_model(shot, LoadedShot(model.file, timed))
        self._turns[reel.shots[anchor]] = np.eye(reel.dimension)
        self._wanted = True
        self.taken.emit()

    def _turn_of(self, shot: Shot) -> NDArray[np.float64]:
        """How the codes of a shot are turned on the map, (D, D): as those of its neighbours, from one that is known."""
        reel = self._stock.reel
        assert reel is not None
        if shot not in self._turns:
            known = next((i for i, other in enumerate(reel.shots) if other in self._turns), len(reel.shots) - 1)
            base = self._turns.get(reel.shots[known], np.eye(reel.dimension))
            for other, rotation in zip(reel.shots, reel.rotations(known), strict=True):
                self._turns.setdefault(other, rotation @ base)
        return self._turns[shot]

    def _show(self) -> None:
        """Show the position as well as what is loaded allows; what is missing is asked for, and calls this again."""
        reel = self._stock.reel
        if not self._wanted or reel is None or not reel.shots:
            return
        shown, codec = self._shown, None
        loaded = self._load()
        if loaded is not None and (shown is None or loaded[0] != shown.shot):
            shot, codec = loaded[0], loaded[1].codec
            title = shown.model.title if shown is not None else reel.run.folder.name
            shown = _Shown(shot, OpenModel(loaded[1].file, title, shot.path), self._turn_of(shot))
        codes = self._codes(shown) if shown is not None else None
        if shown is None or codes is None:
            return
        if self._shown is None:
            self._open(shown.model)
        self._shown = shown
        self._workspace.set_moment(Moment(shown.model, codes, shown.turn))
        if codec is not None:
            self._decoding.use(codec)

    def _open(self, model: OpenModel) -> None:
        """The map showed something else. Its plane becomes that of the newest, where there is most to see."""
        newest = self._stock.codes(self.shots[-1])
        self._opening = True
        self._decoding.drop()
        self._workspace.open_model(model)
        self._workspace.set_plane(map_plane(model.file.config.latent, newest.mean if newest else None))
        self._opening = False
        self.opened.emit()

    def _load(self) -> tuple[Shot, LoadedShot] | None:
        """The loaded shot nearest to the position, None where that one answers already. Asks for what will be needed:
        the nearest, then those that come next."""
        shots, nearest = self.shots, self._nearest()
        for i in range(nearest, nearest + (AHEAD + 1) * self._direction, self._direction):
            if 0 <= i < len(shots) and not self._stock.holds(shots[i]) and not self._answers(shots[i]):
                self._stock.model(shots[i])
                break
        for i in sorted(range(len(shots)), key=lambda i: abs(i - nearest)):
            if self._answers(shots[i]):
                return None
            if self._stock.holds(shots[i]) and (loaded := self._stock.model(shots[i])) is not None:
                return shots[i], loaded
        return None

    def _answers(self, shot: Shot) -> bool:
        return self._shown is not None and self._shown.shot == shot

    def _codes(self, shown: _Shown) -> Codes | None:
        """The codes at the position, in the latent coordinates of the shown model; None while they are read."""
        low = int(self._position)
        share = self._position - low
        high = low + 1 if share > 0 else low
        first, second = (self._stock.codes(self.shots[i]) for i in (low, high))
        if first is None or second is None:
            return None
        if first.mean.shape != second.mean.shape:  # not the same points
            low, first, share = (low, first, 0.0) if share < 0.5 else (high, second, 0.0)
        if share == 0 and self.shots[low] == shown.shot:
            return first
        back = shown.turn.T
        mean = (1 - share) * (first.mean @ (self._turn_of(self.shots[low]) @ back))
        if share > 0:
            mean += share * (second.mean @ (self._turn_of(self.shots[high]) @ back))
        # Variances along axes do not survive a turn.
        return replace(first, mean=mean.astype(np.float32), logvar=None)
