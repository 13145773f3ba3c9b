"""The discrete energy of a curve in image space, and how to lower it. Pure NumPy and SciPy.

A curve of latent points z₀ … zₙ has the energy n Σ w ‖g(zᵢ₊₁) − g(zᵢ)‖², with g the decoder. Its minimum under fixed
ends is a geodesic of the metric JᵀJ that the decoder pulls back from image space (Shao, Kumar & Fletcher 2018, "The
Riemannian Geometry of Deep Generative Models"; Chen et al. 2018; Arvanitidis, Hansen & Hauberg 2018, "Latent Space
Oddity"), passed at constant speed. The decoder says little about where it was never trained, and without more the
shortest way may lead there. Arvanitidis et al. let a decoder of variances tell; these have none, so the metric is made
larger where codes are sparse: w JᵀJ, a conformal change of the metric as in Arvanitidis, Georgiev & Schölkopf 2022, "A
Prior-Based Approximate Latent Riemannian Metric", here of the codes' density p:

    w = 1 + λ max(0, log p₀ − log p)².

It is 1, and the metric the decoder's own, wherever codes lie at least as densely as p₀.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.paths.curve import Array
from trainer.paths.density import Density

__all__ = ["Energy", "Images", "Shape", "lowered"]

Images = NDArray[np.float32]
Weight = tuple[Array, Array]
Shape = tuple[Array, Array, float]  # a curve (n + 1, D), how long its steps (n,) are, and its energy

STRENGTH = 100.0  # λ: a density lower by a factor of e makes a way 10 times as long
# Latent directions looked into at once, of more the ones after the others; and the step of the differences, in units of
# the codes' spread: float32 images leave them four digits.
MOST_DIRECTIONS, STEP = 16, 1e-3
MOST_SWEEPS = 3  # times the rounds that there are at most, in however many dimensions
DAMPING, LEAST_DAMPING, TRIES = 1e-3, 1e-6, 6


@dataclass(frozen=True, eq=False)
class Energy:
    """Measures curves (n + 1, D). ``floor`` is log p₀, and ``unit`` the spread of the codes, in latent units."""

    decode: Callable[[Array], Images]
    density: Density | None
    floor: float
    unit: float

    def weight(self, z: Array) -> Weight:
        """√w (...,) at latent points z (..., D), and its gradient (..., D)."""
        if self.density is None:
            return np.ones(z.shape[:-1]), np.zeros(z.shape)
        log, slope = self.density.with_slope(z)
        lack, root = np.maximum(0, self.floor - log), self.root(log)
        return root, (-STRENGTH * lack / root)[..., None] * slope

    def root(self, log_density: Array) -> Array:
        """√w (...,) where the density has this logarithm (...,)."""
        return np.sqrt(1 + STRENGTH * np.maximum(0, self.floor - log_density) ** 2)

    def of(self, z: Array) -> tuple[Images, Weight, float]:
        """The images (n + 1, P) of a curve, its weight halfway between any two of its points, and its energy."""
        images = self.decode(z)
        weight = self.weight((z[1:] + z[:-1]) / 2)
        return images, weight, (len(z) - 1) * float((steps(images, weight) ** 2).sum())

    def model(self, z: Array, images: Images, weight: Weight, basis: Array) -> tuple[Array, Array, Array]:
        """The energy's gradient (n − 1, K) at the inner points of a curve, along the columns of ``basis`` (D, K), and
        its Hessian after Gauss and Newton: the blocks (n − 1, K, K) on the diagonal and (n − 2, K, K) next to it.

        Both without the factor 2n. The derivative of an image is a difference.
        """
        inner, count = z[1:-1], basis.shape[1]
        step = STEP * self.unit
        moved = (inner[:, None] + step * basis.T).reshape(-1, z.shape[1])
        slopes = self.decode(moved).reshape(len(inner), count, -1) - images[1:-1, None]
        slopes /= np.float32(step)  # (n − 1, K, pixels)
        change = np.diff(images, axis=0)
        root, slope = weight[0].astype(np.float32)[:, None, None], weight[1]
        # The residuals are √w (g(zᵢ₊₁) − g(zᵢ)); √w is taken halfway between the two.
        by_start, by_end = -root[1:] * slopes, root[:-1] * slopes
        if slope.any():
            of_weight = (0.5 * slope @ basis).astype(np.float32)[:, :, None] * change[:, None]
            by_start += of_weight[1:]
            by_end += of_weight[:-1]
        residual = root * change[:, :, None]
        gradient = (by_end @ residual[:-1] + by_start @ residual[1:])[..., 0]
        turned = by_end.swapaxes(1, 2)
        diagonal = by_end @ turned + by_start @ by_start.swapaxes(1, 2)
        beside = by_start[:-1] @ turned[1:]
        return gradient.astype(float), diagonal.astype(float), beside.astype(float)


def steps(images: Images, weight: Weight) -> Array:
    """How long each of the steps of a curve is, (n,), in image space and by √w."""
    return weight[0] * np.linalg.norm(np.diff(images, axis=0), axis=1)


def lowered(energy: Energy, z: Array, rounds: int, enough: float) -> Iterator[Shape]:
    """A curve (n + 1, D) with fixed ends, ever lower in energy: the curve, how long its steps are and the energy, first
    as it is. It ends after some rounds, or when one gains less than the share ``enough``.

    The method of Gauss and Newton with the damping of Levenberg (1944) and Marquardt (1963). In many dimensions each
    round moves the points along some directions only: in the plane of both ends and the prior's centre, and along
    random ones (Cartis, Fowkes & Shao 2022, "Randomised Subspace Gauss-Newton"), the same at each call.
    """
    images, weight, now = energy.of(z)
    yield z, steps(images, weight), now
    if len(z) < 3:
        return
    damping, dimension = DAMPING, z.shape[1]
    random = np.random.default_rng(0)
    sweep = max(1, -(-dimension // MOST_DIRECTIONS))
    gained = np.full(sweep, np.inf)
    for number in range(rounds * min(sweep, MOST_SWEEPS)):
        basis = np.eye(dimension)
        if sweep > 1:
            others = random.standard_normal((dimension, MOST_DIRECTIONS - 2))
            basis = np.linalg.qr(np.column_stack([z[-1] - z[0], z[-1] + z[0], others]))[0]
        gradient, diagonal, beside = energy.model(z, images, weight, basis)
        before = now
        for _ in range(TRIES):
            tried = z.copy()
            try:
                tried[1:-1] += _step(gradient, diagonal, beside, damping) @ basis.T
            except np.linalg.LinAlgError:  # what rounding has left of the system has no solution
                damping = 8 * damping
                continue
            found = energy.of(tried)
            if found[2] < now:
                z, (images, weight, now) = tried, found
                damping = max(damping / 4, LEAST_DAMPING)
                yield z, steps(images, weight), now
                break
            damping = 8 * damping
        gained[number % sweep] = 1 - now / before if before > 0 else 0.0
        if gained.sum() < enough:
            break


def _step(gradient: Array, diagonal: Array, beside: Array, damping: float) -> Array:
    """The solution (N, K) of a symmetric system of blocks, diagonal (N, K, K) and beside (N − 1, K, K), damped."""
    from scipy.linalg import solveh_banded

    count, size = gradient.shape
    own = np.einsum("nkk->nk", diagonal)
    damped = damping * own + 1e-6 * own.mean() + 1e-12
    bands = np.zeros((2 * size, count * size))  # row r holds what is r below the diagonal
    for row in range(size):
        for column in range(row + 1):
            extra = damped[:, row] if row == column else 0.0
            bands[row - column, column::size] = diagonal[:, row, column] + extra
        for column in range(size):
            bands[size + column - row, row : (count - 1) * size : size] = beside[:, row, column]
    found: Array = solveh_banded(bands, -gradient.ravel(), lower=True, check_finite=False).reshape(count, size)
    return found
