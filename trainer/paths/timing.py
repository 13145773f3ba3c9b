"""How a path is walked: where along it each step is."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from trainer.errors import ConfigError
from trainer.paths.curve import Array, Curve
from trainer.paths.rule import NOTHING_AROUND, Surroundings
from trainer.paths.visual import visual_shares

__all__ = ["Ease", "Pace", "Walk", "step_shares", "walked"]

Pace = Literal["latent", "visual"]
Ease = Literal["none", "in", "out", "both"]


@dataclass(frozen=True)
class Walk:
    """How many ``steps`` a path has, its ends included, by which measure they are equal, and how it starts and ends.

    The ``pace`` "latent" goes the same distance in latent units from step to step; "visual" changes the decoded image
    by the same amount, measured as the Euclidean distance of its pixels. ``ease`` slows it down at the ends.
    """

    steps: int = 16
    pace: Pace = "latent"
    ease: Ease = "none"


def eased(t: Array, ease: Ease) -> Array:
    """Shares of the way (T,) at shares t (T,) of the time: a cubic that starts slowly, ends slowly, or both."""
    if ease == "in":
        return t**2 * (1.5 - 0.5 * t)
    if ease == "out":
        return 1 - (1 - t) ** 2 * (1 + 0.5 * t)
    return t**2 * (3 - 2 * t) if ease == "both" else t


def step_shares(curve: Curve, walk: Walk, around: Surroundings = NOTHING_AROUND) -> Array:
    """At which shares (steps,) of the curve's length the steps are, the first 0 and the last 1.

    A curve along which the image does not change has the pace "latent", whatever was asked.

    Raises ConfigError for fewer than two steps, an unknown pace or an unknown ease, and for the pace "visual" without a
    decoder around.
    """
    if walk.steps < 2:
        raise ConfigError("A path needs at least two steps.")
    if walk.pace not in get_args(Pace) or walk.ease not in get_args(Ease):
        raise ConfigError(f"There is no timing '{walk.pace}' with the ease '{walk.ease}'.")
    when = eased(np.linspace(0, 1, walk.steps), walk.ease)
    if walk.pace == "latent":
        return when
    if around.decode is None:
        raise ConfigError("Steps of equal image change need a decoder of single points, and this model has none.")
    shares = visual_shares(curve, np.diff(when), around.decode)
    return when if shares is None else shares


def walked(curve: Curve, walk: Walk, around: Surroundings = NOTHING_AROUND) -> Array:
    """The latent points (steps, D) of a curve's steps. Raises ConfigError as ``step_shares`` does."""
    return curve.at(step_shares(curve, walk, around))
