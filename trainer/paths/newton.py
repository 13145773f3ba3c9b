"""Lowering the energy of a curve between fixed ends in few dimensions, by the method of Gauss and Newton."""

from collections.abc import Iterator

import numpy as np

from trainer.paths.curve import Array
from trainer.paths.energy import Energy, Seen

__all__ = ["refined"]

STEP = 1e-3  # of the differences, in units of the codes' spread: float32 images leave them four digits
DAMPING, LEAST_DAMPING, TRIES = 1e-3, 1e-6, 6


def refined(energy: Energy, z: Array, rounds: int, enough: float) -> Iterator[tuple[Array, Seen]]:
    """A curve (n + 1, D), ever lower in energy: first as it is, then after each round. It ends after ``rounds``, or
    when one gains less than the share ``enough``.

    With the damping of Levenberg (1944) and Marquardt (1963). A round decodes the curve D + 1 times or more.
    """
    seen = energy.of(z)
    yield z, seen
    if len(z) < 3 or not np.isfinite(seen.energy):
        return
    damping = DAMPING
    for _ in range(rounds):
        gradient, diagonal, beside = model(energy, z, seen)
        before = seen.energy
        for _ in range(TRIES):
            tried = z.copy()
            try:
                tried[1:-1] += step(gradient, diagonal, beside, damping)
            except np.linalg.LinAlgError:  # what rounding has left of the system has no solution
                damping = 8 * damping
                continue
            found = energy.of(tried)
            if found.energy < before:
                z, seen = tried, found
                damping = max(damping / 4, LEAST_DAMPING)
                yield z, seen
                break
            damping = 8 * damping
        if not seen.energy < (1 - enough) * before:
            return


def model(energy: Energy, z: Array, seen: Seen) -> tuple[Array, Array, Array]:
    """The energy's gradient (n − 1, D) at the inner points of a curve, and its Hessian after Gauss and Newton: the
    blocks (n − 1, D, D) on the diagonal and (n − 2, D, D) next to it.

    Both without the factor 2n. The derivative of an image is a difference.
    """
    inner, dimension = z[1:-1], z.shape[1]
    size = STEP * energy.unit
    moved = (inner[:, None] + size * np.eye(dimension)).reshape(-1, dimension)
    slopes = energy.decode(moved).reshape(len(inner), dimension, -1) - seen.images[1:-1, None]
    slopes /= np.float32(size)  # (n − 1, D, pixels)
    change, exact = np.diff(seen.images, axis=0), np.sqrt(seen.weight[0])
    root, slope = exact.astype(np.float32)[:, None, None], seen.weight[1] / (2 * exact)[:, None]
    # The residuals are √w (g(zᵢ₊₁) − g(zᵢ)); √w is taken halfway between the two.
    by_start, by_end = -root[1:] * slopes, root[:-1] * slopes
    if slope.any():
        of_weight = (0.5 * slope).astype(np.float32)[:, :, None] * change[:, None]
        by_start += of_weight[1:]
        by_end += of_weight[:-1]
    residual = root * change[:, :, None]
    gradient = (by_end @ residual[:-1] + by_start @ residual[1:])[..., 0]
    turned = by_end.swapaxes(1, 2)
    diagonal = by_end @ turned + by_start @ by_start.swapaxes(1, 2)
    beside = by_start[:-1] @ turned[1:]
    return gradient.astype(float), diagonal.astype(float), beside.astype(float)


def step(gradient: Array, diagonal: Array, beside: Array, damping: float) -> Array:
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
