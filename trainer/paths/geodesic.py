"""The rule ``geodesic``: the shortest way in image space, between places where codes lie densely enough."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from trainer.paths.code_graph import CodeGraph, Rows, code_graph
from trainer.paths.curve import Array, Curve
from trainer.paths.density import Density, density_of, some_of
from trainer.paths.energy import Energy, Images, Shape, lowered
from trainer.paths.rule import Surroundings, better_legs

__all__ = ["join"]

# Codes that the way is looked for among, at first: at most, and with at most so many values of images.
NODES, NODE_VALUES, CHUNK = 2_000, 2**24, 256
# Pieces of the curve while it takes shape; pieces in the end, by the least change of the image along one of them.
ROUGH, FEWEST, MOST, CHANGE = 16, 4, 60, 0.12
TRIAL, ROUNDS, ENOUGH = 1, (3, 5), 2e-3  # after the trial the better of two starts is gone on with
FINE = 2  # points that each piece is drawn with
PROBES = 65  # places along the straight line that are looked at
MARGIN = 0.1  # log density that the curve is kept above the least along the straight line
STILL = 1e-4  # the change of a pixel that nobody sees


def join(waypoints: Array, closed: bool, around: Surroundings) -> Curve:
    """Geodesics of the decoder's metric, kept off where codes are sparse (``energy.py`` has the equations).

    They begin as the better of the straight line and the shortest way in a nearest-neighbour graph of the codes, whose
    edges are as long as the decoded images of their ends are apart (Chen et al. 2018, "Fast approximate geodesics for
    deep generative models"; Yang et al. 2018, "Geodesic clustering in deep generative models"), and are then improved
    as curves. "Sparse" is what 95 of 100 codes are denser than; between two places among denser ones, what is sparser
    than all of the straight line between them. Without codes only the decoder counts.

    Each curve is lower in energy than the last; the result is the same at each call, and that of a leg does not depend
    on the others. See ``trainer.paths.rule.joined``.
    """
    return better_legs(waypoints, closed, around, lambda start, end: _Leg(start, end, around).shapes())


@dataclass(frozen=True, eq=False)
class _Landscape:
    """What all geodesics of a model run through: where codes are dense, and how far apart their images are."""

    density: Density
    graph: CodeGraph
    images: Images
    change: Array  # (E,), of the image along each edge of the graph
    log_density: Array  # (E,), halfway along it

    @classmethod
    def of(cls, codes: NDArray[np.floating], decode: Callable[[Array], Images], density: Density) -> "_Landscape":
        values = decode(some_of(codes, 1)).size
        nodes = some_of(codes, int(np.clip(NODE_VALUES // max(values, 1), 64, NODES)))
        images = np.concatenate([decode(nodes[begin : begin + CHUNK]) for begin in range(0, len(nodes), CHUNK)])
        graph = code_graph(nodes)
        change = np.empty(len(graph.start))
        for begin in range(0, len(change), CHUNK):
            part = slice(begin, begin + CHUNK)
            change[part] = np.linalg.norm(images[graph.start[part]] - images[graph.end[part]], axis=1)
        middle = (nodes[graph.start] + nodes[graph.end]) / 2
        log_density = np.concatenate([density.log(middle[b : b + CHUNK]) for b in range(0, len(middle), CHUNK)])
        return cls(density, graph, images, change, log_density)


@dataclass(frozen=True, eq=False)
class _Leg:
    """From one waypoint to the next."""

    start: Array
    end: Array
    around: Surroundings

    @cached_property
    def _codes(self) -> NDArray[np.floating] | None:
        codes = self.around.codes
        enough = codes is not None and self.around.once("enough codes", lambda: len(some_of(codes, 2)) == 2)
        return codes if enough else None

    @cached_property
    def _energy(self) -> Energy:
        decode = self.around.decode
        assert decode is not None
        codes = self._codes
        if codes is None:
            return Energy(decode, None, 0.0, 1.0)
        unit = self.around.once("spread", lambda: float(some_of(codes, 2_000).std(axis=0).mean()))
        density: Density = self.around.once("density", lambda: density_of(codes))
        line = float(density.log(straight(self.start, self.end, PROBES - 1)).min())
        return Energy(decode, density, max(density.usual, line) + MARGIN, unit or 1.0)

    def shapes(self) -> Iterator[Array]:
        """Ever better points (K, D) of the way, the ends included; nothing where nothing is better than straight."""
        energy = self._energy
        line = straight(self.start, self.end, ROUGH)
        change = float(np.abs(np.diff(energy.decode(line), axis=0)).max())
        if np.array_equal(self.start, self.end) or not change >= STILL:  # also where the decoder gives no numbers
            return
        starts = [lowered(energy, line, ROUNDS[0], ENOUGH)]
        found = [after(TRIAL, starts[0])]
        if "landscape" not in self.around.kept:
            yield found[0][0]  # to prepare the graph takes a while
        starts.append(lowered(energy, self._by_graph(), ROUNDS[0], ENOUGH))
        found.append(after(TRIAL, starts[1]))
        better = int(found[1][2] < found[0][2])
        best, steps, _ = (deque(starts[better], 1) or [found[better]])[0]
        yield best
        pieces = int(np.clip(np.ceil(steps.sum() / CHANGE), FEWEST, MOST))
        for z, _, _ in lowered(energy, evenly(best, steps, pieces), ROUNDS[1], ENOUGH):
            best = z
            yield best
        # Also between its points it is to be passed at constant speed.
        fine = drawn(best)
        steps = np.linalg.norm(np.diff(energy.decode(fine), axis=0), axis=1)
        yield evenly(fine, steps, len(fine) - 1)

    def _by_graph(self) -> Array:
        """The shortest way along the edges of the graph (ROUGH + 1, D); straight where there is none."""
        codes, energy = self._codes, self._energy
        if codes is None or energy.density is None:
            return straight(self.start, self.end, ROUGH)
        density = energy.density
        land: _Landscape = self.around.once("landscape", lambda: _Landscape.of(codes, energy.decode, density))
        ends = np.stack([self.start, self.end])
        images = energy.decode(ends)

        def toll(which: int, nodes: Rows) -> Array:
            apart = np.linalg.norm(land.images[nodes] - images[which], axis=1)
            toll_here: Array = apart * energy.weight((land.graph.nodes[nodes] + ends[which]) / 2)[0]
            return toll_here

        way, costs = land.graph.way(ends, land.change * energy.root(land.log_density), toll)
        return evenly(np.concatenate([ends[:1], land.graph.nodes[way], ends[1:]]), costs, ROUGH)


def after(rounds: int, shapes: Iterator[Shape]) -> Shape:
    """The shape after so many rounds, or the last one."""
    return deque(islice(shapes, rounds + 1), 1)[0]


def straight(start: Array, end: Array, pieces: int) -> Array:
    """Points (pieces + 1, D) on the line between two latent points."""
    share = np.linspace(0, 1, pieces + 1)[:, None]
    points: Array = (1 - share) * start + share * end
    points[0], points[-1] = start, end
    return points


def evenly(points: Array, costs: Array, pieces: int) -> Array:
    """Points (pieces + 1, D) along a polyline (K, D) whose K − 1 pieces cost so much, between which it is the same."""
    reach = np.concatenate([[0.0], np.cumsum(np.maximum(costs, 1e-12))])
    wanted = np.linspace(0, reach[-1], pieces + 1)
    found = np.stack([np.interp(wanted, reach, column) for column in points.T], axis=1)
    found[0], found[-1] = points[0], points[-1]
    return found


def drawn(points: Array) -> Array:
    """A smooth curve through points (K, D) that does not overshoot (Fritsch & Butland 1984), by their counting."""
    from scipy.interpolate import PchipInterpolator

    if len(points) < 3:
        return points
    smooth = PchipInterpolator(np.arange(len(points)), points)
    fine: Array = smooth(np.linspace(0, len(points) - 1, FINE * (len(points) - 1) + 1))
    fine[::FINE] = points
    return fine
