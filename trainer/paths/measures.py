"""What a curve is like: how long, how much work for the decoder, how far from the data, and which classes it crosses.

With a curve z(t), t from 0 to 1, as its rule passes it, and the decoder g, images being in [0, 1]:

- its length in latent units, ∫ ‖z′‖ dt, and in image space, ∫ ‖(g∘z)′‖ dt, which is the length under the metric JᵀJ
  that the decoder pulls back (Shao, Kumar & Fletcher 2018, "The Riemannian Geometry of Deep Generative Models");
- its energy ∫ ‖(g∘z)′‖² dt, held against that of the straight line between the same ends (Chen et al. 2018, "Metrics
  for Deep Generative Models"). No curve has less than its length squared, and at constant visual speed it has that;
- the lowest density of the codes along it, held against the median of the codes' own: 1 is where half of them are.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trainer.analysis.plane_fields import Votes
from trainer.paths.curve import Array, Curve
from trainer.paths.density import Density, density_of, some_of
from trainer.paths.rule import Decode, Surroundings

__all__ = [
    "Change",
    "Classifier",
    "CodeDensity",
    "CodeVotes",
    "Figures",
    "class_changes",
    "classes_along",
    "energy",
    "figures",
    "image_length",
]

PIECES = 256  # that a curve is decoded in, at least; the figures of a polyline are too small, by the square of a piece
DECODED = 256  # at a time
MOST_VOTERS = 50_000
STILL = 1e-9  # the energy of a pixel that does not change, but for its last digits


@dataclass(frozen=True)
class Figures:
    """Of one curve. None is what cannot be said: of a model that decodes no points, of one without codes.

    ``latent`` and ``image`` are lengths, ``energy`` a multiple of that of the straight line, ``density`` a multiple of
    the median at the codes.
    """

    latent: float
    image: float | None
    energy: float | None
    density: float | None


def passed(curve: Curve) -> Array:
    """Points (K, D) along a curve as its rule passes it: between any two of its own points, which are as long apart in
    time as any other two, so many that there are ``PIECES``."""
    parts = max(1, -(-PIECES // (len(curve.points) - 1)))
    share = (np.arange(parts) / parts)[:, None, None]
    between = (1 - share) * curve.points[:-1] + share * curve.points[1:]
    return np.concatenate([between.swapaxes(0, 1).reshape(-1, curve.points.shape[1]), curve.points[-1:]])


def decoded(curve: Curve, decode: Decode) -> NDArray[np.float32]:
    """The images (K, P) along a curve."""
    points = passed(curve)
    return np.concatenate([decode(points[begin : begin + DECODED]) for begin in range(0, len(points), DECODED)])


def image_length(images: NDArray[np.float32]) -> float:
    """Σ ‖xᵢ₊₁ − xᵢ‖ of the images (K, P) along a curve."""
    return float(np.linalg.norm(np.diff(images, axis=0).astype(float), axis=1).sum())


def energy(images: NDArray[np.float32]) -> float:
    """(K − 1) Σ ‖xᵢ₊₁ − xᵢ‖² of images (K, P) that are passed one after the other, all at the same distance in time."""
    return (len(images) - 1) * float((np.diff(images, axis=0).astype(float) ** 2).sum())


@dataclass(frozen=True, eq=False)
class CodeDensity:
    """How densely codes lie, held against the median of their own: a kernel density estimate (``density.py``).

    ``median`` is the logarithm of that.
    """

    density: Density
    median: float

    @classmethod
    def of(cls, codes: NDArray[np.floating] | None) -> "CodeDensity | None":
        """That of codes (N, D); None without at least two finite ones."""
        if codes is None or len(some_of(codes, 2)) < 2:
            return None
        density = density_of(codes)
        return cls(density, density.median)

    def lowest(self, curve: Curve) -> float:
        """The lowest density along a curve, as a multiple of the median at the codes."""
        return float(np.exp(self.density.log(passed(curve)).min() - self.median))


def figures(curve: Curve, around: Surroundings, density: CodeDensity | None) -> Figures:
    """All figures of a curve through these surroundings. The energy is None also where the straight line has none."""
    image, ratio = None, None
    if around.decode is not None:
        images = decoded(curve, around.decode)
        image = image_length(images)
        straight = energy(decoded(Curve(curve.points[[0, -1]], np.array([0, 1])), around.decode))
        ratio = energy(images) / straight if straight > STILL * images.shape[1] else None
    return Figures(curve.length, image, ratio, density.lowest(curve) if density is not None else None)


class Classifier(Protocol):
    """Says which class is at a place of the latent space."""

    def shares(self, points: Array) -> NDArray[np.float32]:
        """How sure it is of each class, (M, K), at latent points (M, D): a row sums to 1; 0 where it cannot say."""


@dataclass(frozen=True, eq=False)
class CodeVotes:
    """The classes of the nearest codes: ``trainer.analysis.plane_fields.Votes``, in all latent dimensions."""

    votes: Votes
    count: int
    flat: bool

    @classmethod
    def of(cls, codes: NDArray[np.floating], labels: NDArray[np.integer], count: int) -> "CodeVotes":
        """Of codes (N, D) with labels (N,), of which those below 0 are none; there are ``count`` classes."""
        good = np.isfinite(codes).all(axis=1) & (labels >= 0) & (labels < count)
        flat = codes.shape[1] == 1
        places = np.pad(codes[good], ((0, 0), (0, 1))) if flat else codes[good]
        return cls(Votes(places, labels[good], places.shape[1], MOST_VOTERS), count, flat)

    def shares(self, points: Array) -> NDArray[np.float32]:
        found = np.zeros((len(points), self.count), np.float32)
        if len(self.votes.classes):
            found[:, self.votes.classes] = self.votes.shares(np.pad(points, ((0, 0), (0, 1))) if self.flat else points)
        return found


@dataclass(frozen=True)
class Change:
    """From one class to another, halfway between the samples ``index`` and the next."""

    index: int
    old: int
    new: int


def classes_along(shares: NDArray[np.float32]) -> NDArray[np.intp]:
    """The likeliest class (M,) at samples of a curve, from how likely each is, (M, K). Where the classifier has no say,
    it is the one before, or the first that is known; −1 everywhere if none is."""
    best, known = shares.argmax(axis=1), np.flatnonzero(shares.any(axis=1))
    if not len(known):
        return np.full(len(shares), -1)
    last = np.searchsorted(known, np.arange(len(shares)), side="right") - 1
    return best[known[np.maximum(last, 0)]]


def class_changes(shares: NDArray[np.float32]) -> list[Change]:
    """Where along a curve the likeliest class becomes another, from how likely each is at its samples (M, K)."""
    best = classes_along(shares)
    return [Change(int(i), int(best[i]), int(best[i + 1])) for i in np.flatnonzero(best[1:] != best[:-1])]
