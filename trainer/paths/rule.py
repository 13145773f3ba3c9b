"""Joining waypoints by a rule of the table, and what a rule may look at to do so."""

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.errors import ConfigError
from trainer.paths import NEEDS_CODES, NEEDS_DECODER, RULES
from trainer.paths.curve import Array, Curve, by_legs
from trainer.paths.density import some_of

__all__ = ["NOTHING_AROUND", "Decode", "Pull", "Surroundings", "Trace", "better_legs", "joined", "joining"]

Decode = Callable[[Array], NDArray[np.float32]]
Pull = Callable[[NDArray[np.float32]], Array]
Trace = Callable[[Array], tuple[NDArray[np.float32], Pull]]


def _carry_on(curve: Curve) -> None:
    """Nobody wants to see what comes before the end."""


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What a path runs through, as far as a rule needs it (see the table's traits).

    ``decode`` takes latent points (N, D) to images (N, P), float32 from 0 to 1; ``trace`` also gives the function that
    takes the gradient (N, P) of something at these images back to that at the points (N, D), Jᵀu, and without it a rule
    makes do with differences. ``codes`` are the encoded points (N, D). ``improving`` is given each better curve while
    a rule is still at work; it may raise to end that. ``kept`` is what a rule has found out about all this, for the
    next path through it.
    """

    decode: Decode | None = None
    codes: NDArray[np.floating] | None = None
    trace: Trace | None = None
    improving: Callable[[Curve], None] = _carry_on
    kept: dict[str, Any] = field(default_factory=dict)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What ``make`` has made, when it was first asked for under this name."""
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]


NOTHING_AROUND = Surroundings()


def joined(waypoints: ArrayLike, kind: str, around: Surroundings = NOTHING_AROUND, *, closed: bool = False) -> Curve:
    """The curve through waypoints (W, D), W ≥ 2, by a rule of the table; ``closed`` leads it back to the first.

    Raises ConfigError for an unknown rule, one that needs what is not around, and waypoints that are too few or not
    finite.
    """
    steps = joining(waypoints, kind, around, closed=closed)
    try:
        while True:
            next(steps)
    except StopIteration as end:
        curve: Curve = end.value
        return curve


def joining(
    waypoints: ArrayLike, kind: str, around: Surroundings = NOTHING_AROUND, *, closed: bool = False
) -> Generator[float, None, Curve]:
    """The same as ``joined`` in pieces of some milliseconds, between which it can be given up: yields the share that is
    done after each, and returns the curve."""
    rule = RULES[kind]
    points = np.asarray(waypoints, float)
    if points.ndim != 2 or len(points) < 2 or not points.shape[1]:
        raise ConfigError("A path needs at least two waypoints.")
    if not np.isfinite(points).all():
        raise ConfigError("A waypoint of the path is not a finite number; give numbers only.")
    if NEEDS_DECODER in rule.traits and around.decode is None:
        raise ConfigError(f"A path of the kind '{kind}' needs a decoder, and this model has none for single points.")
    if NEEDS_CODES in rule.traits and (around.codes is None or len(some_of(around.codes, 2)) < 2):
        raise ConfigError(f"A path of the kind '{kind}' needs encoded points, and this model file has none.")
    made: Curve | Generator[float, None, Curve] = rule.load().join(points, closed, around)
    if isinstance(made, Curve):
        return made
    curve: Curve = yield from made
    return curve


REPORTS = 64  # legs up to which each better shape is told; of more legs only so many in all
HALFWAY = 10  # shapes after which a leg counts as half done: nobody knows how many it will have


def better_legs(
    waypoints: Array, closed: bool, around: Surroundings, shapes: Callable[[Array, Array], Iterable[Array]]
) -> Generator[float, None, Curve]:
    """What ``join`` of a rule that takes its time returns: ``shapes(start, end)`` gives ever better points (K, D) of a
    leg, both ends included; none where it is straight. Yields the share that is done after each, returns the curve."""
    starts, ends = waypoints, np.roll(waypoints, -1, axis=0)
    legs = [np.stack(pair) for pair in zip(starts, ends, strict=True)][: len(waypoints) - (not closed)]

    def curve() -> Curve:
        left = iter(legs)
        return by_legs(waypoints, closed, lambda start, end: next(left))

    for number, (start, *_, end) in enumerate(legs):
        for count, points in enumerate(shapes(start, end)):
            legs[number] = points
            if len(legs) <= REPORTS:
                around.improving(curve())
            yield (number + count / (count + HALFWAY)) / len(legs)
        if len(legs) > REPORTS and number % (len(legs) // REPORTS) == 0:
            around.improving(curve())
        yield (number + 1) / len(legs)
    return curve()
