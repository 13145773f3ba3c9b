"""Lowering the energy of a curve between fixed ends. Pure NumPy and SciPy."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from trainer.paths.curve import Array
from trainer.paths.energy import Energy, Seen
from trainer.paths.rule import Pull

__all__ = ["descended"]

REMEMBERED = 12  # steps that say how the energy is curved
LOOKED_BACK = 5  # rounds over which the gain is to be enough
ENOUGH_LOWER, TRIES = 1e-4, 8  # of the line search: the share of the foretold gain (Armijo 1966)
# Random directions in image space that the metric is seen by: at most so many at each point, and points in all for each
# dimension; and what is added where they show nothing, as a share of the mean.
MOST_LOOKS, LOOKS, BLUR = 8, 2, 0.02


def descended(energy: Energy, z: Array, rounds: int, enough: float) -> Iterator[tuple[Array, Seen]]:
    """A curve (n + 1, D), ever lower in energy: first as it is, then after each round. It ends after ``rounds``, or
    when the last five together gain less than the share ``enough``.

    L-BFGS (Nocedal 1980; Liu & Nocedal 1989): a round costs one backward pass through the decoder in any number of
    dimensions. It begins from what is known of the energy's curvature without looking: the springs between neighbours,
    whose stiffness is the decoder's mean metric (``Springs``).
    """
    seen, gradient, pull = energy.with_gradient(z)
    yield z, seen
    if len(z) < 3 or not np.isfinite(seen.energy):
        return
    memory, gains = Memory(springs(z, seen, pull)), [np.inf] * LOOKED_BACK
    for _ in range(rounds):
        found = moved(energy, z, seen, gradient, memory)
        if found is None and memory.pairs:
            memory.pairs.clear()
            found = moved(energy, z, seen, gradient, memory)
        if found is None:
            return
        memory.add(found[0][1:-1] - z[1:-1], found[2] - gradient)
        gains = [*gains[1:], 1 - found[1].energy / seen.energy]
        z, seen, gradient = found
        yield z, seen
        if sum(gains) < enough:
            return


def moved(energy: Energy, z: Array, seen: Seen, gradient: Array, memory: "Memory") -> tuple[Array, Seen, Array] | None:
    """The curve a step further down, and the gradient there; None where no step leads down."""
    step = memory.step(gradient)
    promised = float((gradient * step).sum())
    if not promised > 0:
        return None
    part = 1.0
    for _ in range(TRIES):
        tried = z.copy()
        tried[1:-1] -= part * step
        found, slope, _ = energy.with_gradient(tried)
        if found.energy <= seen.energy - ENOUGH_LOWER * part * promised:
            return tried, found, slope
        # Where the parabola through all that is known is lowest.
        short = found.energy - seen.energy + part * promised
        part *= float(np.clip(part * promised / (2 * short), 0.1, 0.5)) if np.isfinite(short) else 0.1
    return None


@dataclass(eq=False)
class Memory:
    """The last steps (n − 1, D), and how the gradient changed by each."""

    before: Callable[[Array], Array]
    pairs: list[tuple[Array, Array, float]] = field(default_factory=list)

    def add(self, step: Array, change: Array) -> None:
        product = float((step * change).sum())
        if product > 1e-10 * np.linalg.norm(step) * np.linalg.norm(change):
            self.pairs = [*self.pairs[1 - REMEMBERED :], (step, change, product)]

    def step(self, gradient: Array) -> Array:
        """The inverse of the energy's curvature, as far as it is known, times a gradient."""
        rest, shares = gradient.copy(), []
        for step, change, product in reversed(self.pairs):
            shares.append(float((step * rest).sum()) / product)
            rest -= shares[-1] * change
        found = self.before(rest)
        if self.pairs:
            _, change, product = self.pairs[-1]
            found *= product / float((change * self.before(change)).sum())
        for step, change, product in self.pairs:
            found += (shares.pop() - float((change * found).sum()) / product) * step
        return found


def springs(z: Array, seen: Seen, pull: Pull) -> Callable[[Array], Array]:
    """The inverse of what the energy's curvature would be if each step of a curve (n + 1, D) had a metric c M of its
    own, with one M (D, D) for all: takes an (n − 1, D) to the same.

    Both are the decoder's, JᵀJ, seen by random directions u in image space: the mean of Jᵀu uᵀJ is JᵀJ (Hutchinson
    1990).
    """
    from scipy.linalg import solveh_banded

    count, dimension = len(z) - 1, z.shape[1]
    looks = int(np.clip(np.ceil(LOOKS * dimension / (count + 1)), 1, MOST_LOOKS))
    random = np.random.default_rng(0)
    rows = np.stack([pull(random.standard_normal(seen.images.shape, np.float32)) for _ in range(looks)])
    trace = (rows**2).sum(axis=(0, 2)) / looks
    trace = np.convolve(np.pad(trace, 1, "edge"), [0.25, 0.5, 0.25], "valid")
    stiff = seen.weight[0] * (trace[1:] + trace[:-1]) / 2
    stiff = 2 * count * np.maximum(stiff + 0.1 * stiff.mean(), 1e-300)
    rows = (rows / np.sqrt(np.maximum(trace, 1e-300))[:, None]).reshape(-1, dimension)
    metric = rows.T @ rows / len(rows)
    metric += (BLUR * np.trace(metric) / dimension + 1e-12) * np.eye(dimension)
    inverse = np.linalg.inv(metric)
    bands = np.zeros((2, count - 1))
    bands[0], bands[1, :-1] = stiff[:-1] + stiff[1:], -stiff[1:-1]

    def solved(right: Array) -> Array:
        found: Array = solveh_banded(bands, right, lower=True, check_finite=False) @ inverse
        return found

    return solved
