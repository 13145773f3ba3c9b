"""What a run's events have told so far, as the series that curves are drawn from. No Qt."""

from array import array
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from trainer.events import Event, Failed, Finished, Snapshot, Started, Step

__all__ = ["History", "Series"]

MAX_POINTS = 8192
Values = NDArray[np.float64]


class Series:
    """Points in the order of training: step, seconds of training, and the loss in its parts, in nats per image.

    A part that has no meaning for the family is NaN. Every other point is dropped once there are ``MAX_POINTS``, so a
    run of any length takes the same memory and keeps its shape.
    """

    NAMES = ("step", "seconds", "reconstruction", "kl", "negative_elbo")

    def __init__(self) -> None:
        self._columns = {name: array("d") for name in self.NAMES}

    def __len__(self) -> int:
        return len(self._columns["step"])

    def __getitem__(self, name: str) -> Values:
        """A copy, so that a curve that is still shown does not pin the array."""
        return np.array(self._columns[name])

    def add(self, step: int, seconds: float, reconstruction: float, kl: float | None, bound: float | None) -> None:
        for name, value in zip(self.NAMES, (step, seconds, reconstruction, kl, bound), strict=True):
            self._columns[name].append(float("nan") if value is None else value)
        if len(self) >= MAX_POINTS:
            self._columns = {name: column[::2] for name, column in self._columns.items()}

    def cut_after(self, step: int) -> None:
        """Forget what a resumed run is about to train again."""
        keep = int(np.searchsorted(self["step"], step, side="right"))
        for column in self._columns.values():
            del column[keep:]


class History:
    """The curves of one run and the newest of each kind of event."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.train = Series()
        self.test = Series()
        self.step: Step | None = None
        self.snapshot: Snapshot | None = None
        self.end: Finished | Failed | None = None
        self.device = ""

    @property
    def epochs_per_step(self) -> float:
        """How much of a pass over the training images a step is; NaN while no step is known."""
        return self.step.epoch / self.step.step if self.step is not None and self.step.step else float("nan")

    def add(self, events: Iterable[Event]) -> None:
        for event in events:
            if isinstance(event, Step):
                bound = None if event.kl is None else event.reconstruction + event.kl
                self.train.add(event.step, event.seconds, event.reconstruction, event.kl, bound)
                self.step = event
            elif isinstance(event, Snapshot):
                bound = event.negative_elbo
                self.test.add(event.step, event.seconds, event.reconstruction, event.kl, bound)
                self.snapshot = event
            elif isinstance(event, Started):
                self._begin(event)
            elif isinstance(event, Finished | Failed):
                self.end = event

    def _begin(self, event: Started) -> None:
        if not event.continued:
            self.clear()
        self.train.cut_after(event.step)
        self.test.cut_after(event.step)
        self.end = None
        self.device = event.device
