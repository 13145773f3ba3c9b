"""What encoded test images have in common, and how they compare: pure numpy, and in steps where there may be many.

Generators named ``…_steps`` do a small piece of the work at each step, so that whoever runs them can show how far they
are and can stop in between. Each step is (share of the work that is done, None), the last one (1.0, the result).
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.analysis import fields
from trainer.files import Codes

__all__ = [
    "Step",
    "Steps",
    "class_counts",
    "distances",
    "kl",
    "mean_image_steps",
    "nearest_in_pixels_steps",
    "squared_errors",
]

Step = tuple[float, Any]
Steps = Iterator[Step]

Images = NDArray[np.uint8]
Index = NDArray[np.intp]

STEP_VALUES = 2**20  # pixels of one step: a few milliseconds


def class_counts(labels: NDArray[np.int64], index: Index) -> NDArray[np.int64]:
    """How many of these codes (M,) each class has, (K,); labels below 0 are of no class."""
    found = labels[index]
    return np.bincount(found[found >= 0]).astype(np.int64)


def kl(codes: Codes, index: Index) -> NDArray[np.float64] | None:
    """KL(q(z|x) ‖ N(0, 1)) of these codes (M,), in nats; None for a family that encodes an image as one point."""
    return None if codes.logvar is None else fields.kl(Codes(codes.mean[index], codes.logvar[index]))


def distances(codes: Codes, index: Index, z: ArrayLike) -> NDArray[np.float64]:
    """Euclidean distances (M,) of these codes' means from a latent point z (D,)."""
    result: NDArray[np.float64] = np.linalg.norm(codes.mean[index] - np.asarray(z, float), axis=1)
    return result


def squared_errors(images: Images, others: Images) -> NDArray[np.float32]:
    """The squared difference a pixel (M,) of images (M, H, W, C) from others, or from another, in units of [0, 1]."""
    difference = images.astype(np.float32) - others
    flat = difference.reshape(len(difference), -1)
    result: NDArray[np.float32] = np.einsum("np,np->n", flat, flat) / np.float32(255**2 * flat.shape[1])
    return result


def mean_image_steps(images: Images, index: Index) -> Steps:
    """The mean (H, W, C) uint8 of these images (M ≥ 1), in steps."""
    total = np.zeros(images.shape[1:], np.int64)
    size = max(1, STEP_VALUES // total.size)
    for begin in range(0, len(index), size):
        total += images[index[begin : begin + size]].sum(axis=0, dtype=np.int64)
        if begin + size < len(index):
            yield (begin + size) / len(index), None
    yield 1.0, np.round(total / len(index)).astype(np.uint8)


def nearest_in_pixels_steps(images: Images, of: int, count: int) -> Steps:
    """The ``count`` images most like image ``of``, itself left out, nearest first, in steps.

    The result is their indices and their squared differences a pixel, in units of [0, 1].
    """
    errors = np.empty(len(images), np.float32)
    size = max(1, STEP_VALUES // max(1, images[0].size))
    for begin in range(0, len(images), size):
        errors[begin : begin + size] = squared_errors(images[begin : begin + size], images[of])
        if begin + size < len(images):
            yield (begin + size) / len(images), None
    errors[of] = np.inf
    count = min(count, len(images) - 1)
    found = np.argpartition(errors, count - 1)[:count] if count else np.empty(0, np.intp)
    found = found[np.argsort(errors[found], kind="stable")]
    yield 1.0, (found, errors[found])
