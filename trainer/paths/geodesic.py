"""The rule ``geodesic``: the shortest way in image space, between places where codes lie densely enough."""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from trainer.paths.code_graph import CodeGraph, Rows, code_graph
from trainer.paths.curve import Array, Curve
from trainer.paths.density import Density, density_of, some_of
from trainer.paths.descent import descended
from trainer.paths.energy import Energy, Floor, Images, Seen
from trainer.paths.lifting import lifted
from trainer.paths.newton import refined
from trainer.paths.rule import Surroundings, better_legs

__all__ = ["join"]

# Codes that the way is looked for among, at first: at most, and with at most so many values of images.
NODES, NODE_VALUES, CHUNK = 2_000, 2**24, 256
# Pieces of the curve while it takes shape; pieces in the end, by the least change of the image along one of them.
ROUGH, FEWEST, MOST, CHANGE = 16, 4, 60, 0.12
# Up to so many dimensions it is the method of Gauss and Newton that improves a curve, whose round costs D + 1 decodes,
# in more L-BFGS, whose round costs a decode and its way back. Rounds of either: after a trial the better of two starts
# is gone on with, rough and then fine; it ends when it gains less than this share.
FEW = 2
TRIAL, ROUGH_ROUNDS, FINE_ROUNDS, ENOUGH = (1, 4), (3, 20), (5, 30), 2e-3
FINE = 2  # points that each piece is drawn with
PROBES = 65  # places along the straight line that are looked at
# λ: how much longer a way a density makes that is lower by a factor of e, squared, in two dimensions; and where it may
# on no account be lower. Log density that the curve is kept above either.
STRENGTH, WALL, MARGIN = 30.0, 300.0, 0.06
# How often a curve that is finished is moved away from where it is too sparse; and by how much it may grow by that.
FINISHES, DETOUR = 4, 1.1
STILL = 1e-4  # the change of a pixel that nobody sees


def join(waypoints: Array, closed: bool, around: Surroundings) -> Generator[float, None, Curve]:
    """Geodesics of the decoder's metric, kept off where codes are sparse (``energy.py`` has the equations).

    They begin as the better of the straight line and the shortest way in a nearest-neighbour graph of the codes, whose
    edges are as long as the decoded images of their ends are apart (Chen et al. 2018, "Fast approximate geodesics for
    deep generative models"; Yang et al. 2018, "Geodesic clustering in deep generative models"), and are then improved
    as curves. "Sparse" is what 95 of 100 codes are denser than; between two places among denser ones, what is sparser
    than all of the straight line between them. Without codes only the decoder counts.

    None is anywhere sparser than the straight line is somewhere. Where the curve that was found is, over a ridge lower
    than the line's, it is moved up; where that leads nowhere, it is looked for once more behind a wall at the least
    density of the line; and if that fails, too, it is the line. Of 100 ways between MNIST's test points on the shipped
    model: energy in the median (1 is the line's), how many pass sparser places than the line:

    - as it is: 0.69, none. Without all this, λ = 100 and a margin of 0.1: 0.69, 14 (the worst by a factor of 1.2).
    - λ = 100, margin 0.1: 0.70, none; the wall from the start, λ = 1000: 0.71, 9; only moved up, else the line: 0.72.
    - λ = 10: 0.70, none; without all this: 0.68, 46.
    - L-BFGS in two dimensions, too: 0.71, none, in twice the time. To the very minimum of the energy: 0.71.

    The result is the same at each call, and that of a leg does not depend on the others. See
    ``trainer.paths.rule.joining``.
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
    def _line(self) -> Array:
        """Log densities (PROBES,) along the straight line."""
        assert self._density is not None
        return self._density.log(straight(self.start, self.end, PROBES - 1))

    @cached_property
    def _density(self) -> Density | None:
        codes = self._codes
        return None if codes is None else self.around.once("density", lambda: density_of(codes))

    @cached_property
    def _energy(self) -> Energy:
        decode, trace, codes, density = self.around.decode, self.around.trace, self._codes, self._density
        assert decode is not None
        if codes is None or density is None:
            return Energy(decode, trace)
        unit = self.around.once("spread", lambda: float(some_of(codes, 2_000).std(axis=0).mean())) or 1.0
        floor = max(density.usual, float(self._line.min()))
        return Energy(decode, trace, density, (Floor(floor + MARGIN, STRENGTH),), unit)

    def shapes(self) -> Iterator[Array]:
        """Ever better points (K, D) of the way, the ends included; nothing where nothing is better than straight."""
        decode = self.around.decode
        assert decode is not None
        line = straight(self.start, self.end, ROUGH)
        change = float(np.abs(np.diff(decode(line), axis=0)).max())
        if np.array_equal(self.start, self.end) or not change >= STILL:  # also where the decoder gives no numbers
            return
        energy = self._energy
        best = yield from self._shaped(energy)
        done = self._finished(best)
        if done is None:
            wall = Floor(float(self._line.min()) + MARGIN, WALL)
            best = yield from self._shaped(replace(energy, floors=(*energy.floors, wall)))
            done = self._finished(best)
        yield straight(self.start, self.end, 1) if done is None else done

    def _shaped(self, energy: Energy) -> Generator[Array, None, Array]:
        """Ever better points of the way; returns the last."""
        line = straight(self.start, self.end, ROUGH)
        starts = [lowered(energy, line, ROUGH_ROUNDS, ENOUGH)]
        found = [after(TRIAL[len(self.start) > FEW], starts[0])]
        if "landscape" not in self.around.kept:
            yield found[0][0]  # to prepare the graph takes a while
        starts.append(lowered(energy, self._by_graph(energy), ROUGH_ROUNDS, ENOUGH))
        found.append(after(TRIAL[len(self.start) > FEW], starts[1]))
        better = int(found[1][1].energy < found[0][1].energy)
        best, seen = (deque(starts[better], 1) or [found[better]])[0]
        yield best
        pieces = int(np.clip(np.ceil(seen.steps.sum() / CHANGE), FEWEST, MOST))
        for z, _ in lowered(energy, evenly(best, seen.steps, pieces), FINE_ROUNDS, ENOUGH):
            best = z
            yield best
        return best

    def _finished(self, points: Array) -> Array | None:
        """A smooth curve through points, passed at constant speed also between them, and nowhere sparser than the
        straight line is somewhere. None where no such curve is nearby."""
        energy, fine, most = self._energy, drawn(points), np.inf
        for _ in range(FINISHES):
            steps = np.linalg.norm(np.diff(energy.decode(fine), axis=0), axis=1)
            if steps.sum() > most:  # pushed about, more than moved
                return None
            most = min(most, DETOUR * float(steps.sum()))
            even = evenly(fine, steps, len(fine) - 1)
            if energy.density is None:
                return even
            found = lifted(even, energy.density, float(self._line.min()), energy.unit)
            if found is None or found is even:
                return found
            fine = found
        return fine

    def _by_graph(self, energy: Energy) -> Array:
        """The shortest way along the edges of the graph (ROUGH + 1, D); straight where there is none."""
        codes, density, decode = self._codes, self._density, self.around.decode
        assert decode is not None
        if codes is None or density is None:
            return straight(self.start, self.end, ROUGH)
        land: _Landscape = self.around.once("landscape", lambda: _Landscape.of(codes, decode, density))
        ends = np.stack([self.start, self.end])
        images = decode(ends)

        def toll(which: int, nodes: Rows) -> Array:
            apart = np.linalg.norm(land.images[nodes] - images[which], axis=1)
            between = (land.graph.nodes[nodes] + ends[which]) / 2
            toll_here: Array = apart * np.sqrt(energy.weight(between)[0])
            return toll_here

        prices = land.change * np.sqrt(energy.weight_of(land.log_density, len(self.start)))
        way, costs = land.graph.way(ends, prices, toll)
        return evenly(np.concatenate([ends[:1], land.graph.nodes[way], ends[1:]]), costs, ROUGH)


def lowered(energy: Energy, z: Array, rounds: tuple[int, int], enough: float) -> Iterator[tuple[Array, Seen]]:
    """A curve (n + 1, D) with fixed ends, ever lower in energy, and what is known about it; first as it is."""
    if z.shape[1] <= FEW:
        return refined(energy, z, rounds[0], enough)
    return descended(energy, z, rounds[1], enough)


def after(rounds: int, shapes: Iterator[tuple[Array, Seen]]) -> tuple[Array, Seen]:
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
