"""How far a training is, and how large its steps are there."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

from trainer.config import Config

__all__ = ["Budget", "Clock", "Timer", "batch_size", "learning_rate"]

WARM_UP = 0.02  # of the training: the learning rate rises from zero, until Adam's moments mean something
WARM_UP_STEPS = 30  # at least: by time alone the slow first step would be all of it in a training of few seconds


# Images a step, where the config does not say. On MNIST a step costs as much as 230 images beside those that it learns
# from (the optimiser's work), so a long training learns most a second from large batches; but a map needs some 800
# steps to get near 150 nats whatever their size (390 steps: 159 nats at 128 and at 64 images; 780: 146 and 152).
SMALLEST_BATCH, LARGEST_BATCH = 32, 512
ENOUGH_STEPS = 1500  # where the budget is in epochs
STEPS_OF_AN_EPOCH = 64  # at least
SHORT, MEDIUM = (10.0, 192), (30.0, 256)  # up to so many seconds, so many images


def batch_size(config: Config, images: int) -> int:
    """How many of so many training images a step takes: the config's number, else what suits its budget."""
    if config.batch is not None:
        return min(config.batch, images)
    most = images // STEPS_OF_AN_EPOCH
    if config.epochs is not None:
        most = min(most, images * config.epochs // ENOUGH_STEPS)
    largest = LARGEST_BATCH
    for seconds, size in (MEDIUM, SHORT):
        if config.seconds is not None and config.seconds <= seconds:
            largest = size
    power = 2 ** max(0, most.bit_length() - 1)
    return min(images, max(SMALLEST_BATCH, min(power, largest)))


class Clock:
    """Seconds of training; it can stand still."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._before = seconds
        self._since: float | None = time.perf_counter()

    def seconds(self) -> float:
        return self._before + (0.0 if self._since is None else time.perf_counter() - self._since)

    def pause(self) -> None:
        self._before = self.seconds()
        self._since = None

    def resume(self) -> None:
        self._since = time.perf_counter()


class Budget:
    """The config's budget, in seconds or in epochs of so many steps."""

    def __init__(self, config: Config, steps_per_epoch: int) -> None:
        self._seconds = config.seconds
        self._steps = config.epochs * steps_per_epoch if config.epochs is not None else None

    def spent(self, step: int, seconds: float) -> bool:
        """Whether it is used up after so many steps and seconds."""
        return step >= self._steps if self._steps is not None else seconds >= (self._seconds or 0.0)

    def progress(self, step: int, seconds: float) -> float:
        """How much of it is used up, from 0 to 1."""
        done = step / self._steps if self._steps is not None else seconds / (self._seconds or 1.0)
        return min(1.0, done)

    def position(self, step: int, seconds: float) -> float:
        """Where on the learning rate's curve the next step is, between 0 and 1: its middle, where steps are counted.

        A budget in epochs thus gives the same curve on every machine and after every interruption. One in seconds
        warms up by steps too: without that a VAE of MNIST came to 151 nats after 8 to 10 seconds instead of 5 or 6.
        """
        if self._steps is not None:
            return (step + 0.5) / self._steps
        progress = self.progress(step, seconds)
        return progress if step >= WARM_UP_STEPS else min(progress, WARM_UP * (step + 0.5) / WARM_UP_STEPS)

    def seconds_left(self, step: int, seconds: float) -> float | None:
        """An estimate, where the budget is in epochs; None before the first step."""
        if self._steps is None:
            return max(0.0, (self._seconds or 0.0) - seconds)
        return seconds / step * (self._steps - step) if step else None


def learning_rate(highest: float, position: float) -> float:
    """A linear warm-up, then a half cosine down to zero (Loshchilov & Hutter 2017, arXiv:1608.03983, one cycle)."""
    if position < WARM_UP:
        return highest * position / WARM_UP
    return highest * 0.5 * (1 + math.cos(math.pi * (position - WARM_UP) / (1 - WARM_UP)))


class Timer:
    """Says when something is to be done again: every so often, but with only a share of the time to spend on it.

    The share is larger in the first seconds, which people watch: doing it takes at most 1 / (first + t/3) of the time
    after t seconds, down to ``share``. Measured by what the last time has cost, it comes evenly: with a tenth of the
    time spent at once it came five times in four seconds and then not for six.
    """

    SLOWING = 3.0

    def __init__(self, every: float, growth: float, share: float, first: float = 6.0) -> None:
        """Every ``every`` seconds at first, later each ``growth`` of the time so far, at most a ``share`` of it."""
        self._every, self._growth, self._share, self._first = every, growth, share, first
        self._start = time.perf_counter()
        self._last = self._start
        self._cost = 0.0  # s that the last time took

    def due(self) -> bool:
        now = time.perf_counter()
        elapsed = now - self._start
        share = max(self._share, 1 / (self._first + elapsed / self.SLOWING))
        return now - self._last >= max(self._every, self._growth * elapsed, self._cost / share)

    @contextmanager
    def spend(self) -> Iterator[None]:
        """Around the doing, which begins a new interval."""
        start = time.perf_counter()
        yield
        self._last = time.perf_counter()
        self._cost = self._last - start
