"""Aligning maps: how one set of codes must be turned to lie as near as can be to another set of the same test points.

The loss of a VAE whose prior is a standard normal does not change when the latent space is turned or mirrored about
the prior's centre, so two trainings, or two moments of one, may show the same map turned. What is undone here is that
and nothing else: no shift, so that the prior's centre stays the origin, and no change of scale, since how far codes
spread is something that training teaches. The same holds for the families without a prior: a map that is shifted and
scaled to please the eye would have coordinates that mean something else at every moment.

A turned *plane* shows the aligned map, and stays an exact coordinate system of the model's own latent space: what is
decoded at a map point is ``plane.to_latent`` of it, as of any plane. Pure numpy.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.geometry import Plane

__all__ = ["align", "aligned_plane", "chain", "turned"]

Array = NDArray[np.float64]

# Directions in which the codes agree by less than this part of the whole do not say how to turn; they stay.
UNDECIDED = 1e-9


def align(codes: ArrayLike, reference: ArrayLike) -> Array:
    """The rotation or reflection R (D, D) for which ``codes @ R`` is nearest to ``reference``, in least squares.

    Both are (N, D), the same test point in the same row; where one has more rows, those are left out, and so are rows
    with a number that is not finite. The orthogonal Procrustes problem: R = U Vᵀ of the singular value decomposition
    U S Vᵀ = codesᵀ reference (Schönemann 1966; Gower & Dijksterhuis 2004, §4.1), without the mean taken off.

    Where the codes do not say how to turn (all alike, all zero, fewer than D directions, no common row), R is the
    choice nearest to not turning: I is added to codesᵀ reference, with next to no weight. Raises ValueError where the
    numbers of dimensions differ.
    """
    one, other = np.asarray(codes, float), np.asarray(reference, float)
    if one.ndim != 2 or other.ndim != 2 or one.shape[1] != other.shape[1]:
        raise ValueError(f"codes of the shapes {one.shape} and {other.shape} cannot be aligned")
    rows = min(len(one), len(other))
    one, other = one[:rows], other[:rows]
    known = np.isfinite(one).all(axis=1) & np.isfinite(other).all(axis=1)
    one, other = _of_size_one(one[known]), _of_size_one(other[known])
    product = one.T @ other
    left, _, right = np.linalg.svd(product + (np.linalg.norm(product) * UNDECIDED or 1.0) * np.eye(one.shape[1]))
    return left @ right


def turned(plane: Plane, rotation: ArrayLike) -> Plane:
    """The plane that shows z where ``plane`` shows ``z @ rotation``; rotation (D, D) is orthogonal.

    With the rotation of ``align(codes, reference)``, ``turned(plane, rotation).to_map(codes)`` is the aligned map of
    codes, seen as ``plane`` shows the reference.
    """
    matrix = np.asarray(rotation, float)
    return Plane(matrix @ plane.origin, matrix @ plane.u, matrix @ plane.v)


def aligned_plane(plane: Plane, codes: ArrayLike, reference: ArrayLike) -> Plane:
    """The plane on which codes (N, D) lie as the reference (N, D) lies on ``plane``, as nearly as turning can do it.

    Raises ValueError where the numbers of dimensions differ.
    """
    return turned(plane, align(codes, reference))


def chain(steps: Sequence[ArrayLike], anchor: int, dimension: int) -> list[Array]:
    """The rotations (D, D), D = ``dimension``, that align each of len(steps) + 1 sets of codes with the ``anchor``-th.

    ``steps[i]`` is ``align(codes[i], codes[i + 1])``. Each set is thus aligned with its neighbour, which differs little
    from it, rather than with the anchor, of which the first moments of a training hold nothing yet: a film of them
    does not jump.
    """
    matrices = [np.asarray(step, float) for step in steps]
    rotations = [np.eye(dimension) for _ in range(len(matrices) + 1)]
    for i in range(anchor - 1, -1, -1):
        rotations[i] = matrices[i] @ rotations[i + 1]
    for i in range(anchor, len(matrices)):
        rotations[i + 1] = matrices[i].T @ rotations[i]
    return rotations


def _of_size_one(points: Array) -> Array:
    """The same shape, its largest number 1: products of very large or very small codes stay within range."""
    size = float(np.abs(points).max(initial=0.0))
    return points / size if size > 0 else points
