"""Finding the way of a path. Everything here runs on a worker and touches no QObject."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from latentscope.map.fields.work import Superseded, Ticket
from latentscope.paths.shapes import Leg, curve_of, legs_of
from latentscope.state.paths import LatentPath
from trainer.paths import RULES
from trainer.paths.curve import Array, Curve
from trainer.paths.rule import Surroundings, joined
from trainer.paths.timing import step_shares

__all__ = ["Found", "Search", "find"]


@dataclass(frozen=True, eq=False)
class Found:
    """The way of a path, as good as it is known by now; ``legs`` are those that will not change any more."""

    curve: Curve
    shares: NDArray[np.float64]
    legs: dict[Leg, Array]
    final: bool


@dataclass(frozen=True, eq=False)
class Search:
    """Which path is to be found, through what. ``known`` are legs of it that have been found before."""

    path: LatentPath
    around: Surroundings
    known: dict[Leg, Array]


def find(search: Search, ticket: Ticket, report: Callable[[Found], None]) -> Found:
    """The way of a path; ``report`` gets each better one before. One at least is reported before the ticket counts.

    Raises ConfigError where there can be none, and Superseded.
    """
    import torch

    # Each thread has a number of its own, and two would wait for each other (see decoding.load_codec).
    torch.set_num_threads(1)
    path, around = search.path, search.around
    wanted = legs_of(path)
    legs = dict(search.known)

    def found(now: dict[Leg, Array], final: bool) -> Found:
        curve = curve_of(path, [now.get(leg, np.array(leg[1:])) for leg in wanted])
        return Found(curve, step_shares(curve, path.walk, around), dict(legs), final)

    if not RULES[path.kind].traits:
        curve = joined(path.waypoints, path.kind, closed=path.closed)
        return Found(curve, step_shares(curve, path.walk, around), {}, True)
    for run in runs(wanted, legs):
        waypoints = [leg[1] for leg in run] + [run[-1][2]]

        def improve(curve: Curve, run: list[Leg] = run) -> None:
            better = {leg: curve.leg(i) for i, leg in enumerate(run)}
            report(found({**legs, **better}, False))
            ticket.check()

        curve = joined(waypoints, path.kind, replace(around, improving=improve))
        legs.update({leg: curve.leg(i) for i, leg in enumerate(run)})
        if not ticket.wanted:
            report(found(legs, False))
            raise Superseded
    return found(legs, True)


def runs(wanted: list[Leg], known: dict[Leg, Array]) -> list[list[Leg]]:
    """The legs that are not known, those together that follow on each other."""
    result: list[list[Leg]] = []
    before = None
    for number, leg in enumerate(wanted):
        if leg in known:
            continue
        if result and before == number - 1:
            result[-1].append(leg)
        else:
            result.append([leg])
        before = number
    return result
