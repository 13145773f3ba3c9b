"""Joining waypoints by a rule of the table, and what a rule may look at to do so."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.errors import ConfigError
from trainer.paths import NEEDS_CODES, NEEDS_DECODER, RULES
from trainer.paths.curve import Array, Curve, by_legs

__all__ = ["NOTHING_AROUND", "Decode", "Surroundings", "better_legs", "joined"]

Decode = Callable[[Array], NDArray[np.float32]]


def _carry_on(curve: Curve) -> None:
    """Nobody wants to see what comes before the end."""


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What a path runs through, as far as a rule needs it (see the table's traits).

    ``decode`` takes latent points (N, D) to images (N, P), float32 from 0 to 1; ``codes`` are the finite encoded points
    (N, D). ``improving`` is given each better curve while a rule is still at work; it may raise to end that. ``kept``
    is what a rule has found out about all this, for the next path through it.
    """

    decode: Decode | None = None
    codes: NDArray[np.floating] | None = None
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
    rule = RULES[kind]
    points = np.asarray(waypoints, float)
    if points.ndim != 2 or len(points) < 2 or not points.shape[1]:
        raise ConfigError("A path needs at least two waypoints.")
    if not np.isfinite(points).all():
        raise ConfigError("A waypoint of the path is not a finite number; give numbers only.")
    if NEEDS_DECODER in rule.traits and around.decode is None:
        raise ConfigError(f"A path of the kind '{kind}' needs a decoder, and this model has none for single points.")
    if NEEDS_CODES in rule.traits and (around.codes is None or len(around.codes) < 2):
        raise ConfigError(f"A path of the kind '{kind}' needs encoded points, and this model file has none.")
    curve: Curve = rule.load().join(points, closed, around)
    return curve


REPORTS = 64  # legs up to which each better shape is told; of more legs only so many in all


def better_legs(
    waypoints: Array, closed: bool, around: Surroundings, shapes: Callable[[Array, Array], Iterable[Array]]
) -> Curve:
    """The curve of a rule that takes its time: ``shapes(start, end)`` gives ever better points (K, D) of a leg, both
    ends included; none where it is straight."""
    starts, ends = waypoints, np.roll(waypoints, -1, axis=0)
    legs = [np.stack(pair) for pair in zip(starts, ends, strict=True)][: len(waypoints) - (not closed)]

    def curve() -> Curve:
        left = iter(legs)
        return by_legs(waypoints, closed, lambda start, end: next(left))

    for number, (start, *_, end) in enumerate(legs):
        for points in shapes(start, end):
            legs[number] = points
            if len(legs) <= REPORTS:
                around.improving(curve())
        if len(legs) > REPORTS and number % (len(legs) // REPORTS) == 0:
            around.improving(curve())
    return curve()
