"""Several runs' curves in one picture: which runs, what each is called, and which of them may share an axis.

Only figures of the test images are compared: those of the training images are averages over different spans.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from latentscope.background import Background
from latentscope.runs.history import History
from latentscope.runs.training import Training
from latentscope.runs.words import count, telling_apart
from trainer.config import VARIATIONAL, Config
from trainer.errors import RunError
from trainer.models import is_density, unit
from trainer.run import Run, events_backwards, read_config

__all__ = ["MOST", "Line", "Lines", "Overlay", "Told", "lines_of"]

MOST = 10  # curves: no more colours can be told apart by everybody
Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Told:
    """What is known of one run."""

    run: Run
    config: Config
    history: History


@dataclass(frozen=True, eq=False)
class Line:
    """One curve; ``place`` is that of its run in the overlay, from which its colour comes."""

    name: str
    place: int
    x: Values  # seconds of training, or epochs; never falls
    values: Values  # nats per image, all finite


@dataclass(frozen=True, eq=False)
class Lines:
    """The curves that one picture shows, what they are measured in, and one sentence about the runs that are left out
    and why (empty where there are none)."""

    lines: list[Line]
    unit: str
    left_out: str


class Overlay(QObject):
    """The runs whose curves are shown together. Lives on the GUI thread; the logs are read on one of its own.

    The run that ``training`` follows is told by its live history, and is among them as long as it is being trained.
    """

    changed = Signal()

    def __init__(self, training: Training, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._training = training
        self._background = Background("overlay", self)
        self._runs: list[Run] = []
        self._read: dict[Run, Told] = {}
        self._others: list[Training] = []
        training.started.connect(self._read_again)

    @property
    def runs(self) -> list[Run]:
        """As the user chose them; empty: there is no overlay."""
        return list(self._runs)

    def set_runs(self, runs: list[Run]) -> None:
        """Show these together, as far as there are colours."""
        self._runs = runs[:MOST]
        self._read_again()
        self.changed.emit()

    def set_others(self, trainings: list[Training]) -> None:
        """What is being trained beside the followed run: these are live, too."""
        self._others = trainings
        for training in trainings:
            training.events.connect(self.changed)

    def clear(self) -> None:
        self.set_runs([])

    def busy(self) -> bool:
        """Whether logs are being read."""
        return self._background.busy()

    def close(self) -> None:
        self._background.close()

    def told(self) -> list[Told]:
        """What is known by now, in the order of the runs; a run that is being trained and was not chosen is last."""
        training = self._training
        live = None
        if training.run is not None and training.config is not None:
            live = Told(training.run, training.config, training.history)
        beside = {
            other.run: Told(other.run, other.config, other.history)
            for other in self._others
            if other.config and other.run
        }
        found = [live if live and run == live.run else beside.get(run, self._read.get(run)) for run in self._runs]
        if live is not None and training.busy() and live.run not in self._runs:
            found.append(live)
        return [one for one in found if one is not None][:MOST]

    def _read_again(self) -> None:
        runs = self._runs
        if runs:
            self._background.submit("read", lambda: _read(runs), self._take, self._fail)
        else:
            self._background.cancel("read")
            self._read = {}

    def _take(self, read: dict[Run, Told]) -> None:
        self._read = read
        self.changed.emit()

    def _fail(self, error: Exception) -> None:
        raise error  # what can go wrong with a file was caught: this is a fault of ours


def _read(runs: list[Run]) -> dict[Run, Told]:
    """The logs, as far as the curves of the test images need them. Runs that are gone or damaged are left out."""
    found = {}
    for run in runs:
        try:
            config = read_config(run)
        except RunError:
            continue
        history = History()
        history.add(list(events_backwards(run, "started", "snapshot"))[::-1])
        newest = next(events_backwards(run, "step"), None)
        history.add([newest] if newest is not None else [])  # how many steps an epoch has
        found[run] = Told(run, config, history)
    return found


def lines_of(told: list[Told], part: str, epochs: bool = False) -> Lines:
    """The curves of that part of the loss (negative_elbo, reconstruction, kl), over seconds or ``epochs``.

    Densities and probabilities never share an axis: the first run that has such a figure says which of them it is. (A
    KL divergence is the same under every likelihood.)
    """
    names = telling_apart([one.config for one in told])
    curves = [_curve(one, part, epochs) for one in told]
    measured = [one.config for one, (_, values) in zip(told, curves, strict=True) if len(values)]
    lines: list[Line] = []
    left_out: Counter[str] = Counter()
    for place, (one, name, (x, values)) in enumerate(zip(told, names, curves, strict=True)):
        if part != "reconstruction" and one.config.family not in VARIATIONAL:
            left_out["a model without a KL term has none"] += 1
        elif not len(values):
            left_out["nothing has been measured yet"] += 1
        elif part != "kl" and is_density(one.config) != is_density(measured[0]):
            left_out["densities and probabilities cannot share an axis"] += 1
        else:
            lines.append(Line(name, place, x, values))
    why = "; ".join(f"{count(number, 'run')}, because {reason}" for reason, number in left_out.items())
    measured_in = unit(measured[0]) if measured and part != "kl" else "nats per image"
    return Lines(lines, measured_in, f"Without {why}." if why else "")


def _curve(told: Told, part: str, epochs: bool) -> tuple[Values, Values]:
    test = told.history.test
    x, values = test["step"] * told.history.epochs_per_step if epochs else test["seconds"], test[part]
    known = np.isfinite(values) & np.isfinite(x)
    return x[known], values[known]
