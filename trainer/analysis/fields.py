"""What each point of a map is besides its place: numbers by which points can be coloured. No torch."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.analysis.factors import FACTORS
from trainer.files import Codes, ModelFile

__all__ = ["FIELDS", "Decoder", "Field", "density", "errors_in_parts", "field_named", "kl", "posterior_sigma"]

Array = NDArray[np.float64]
Images = NDArray[np.uint8]

NEIGHBOURS = 10  # the density is that of the ball that reaches to this code
MOST_REFERENCES = 50_000  # codes in a tree, among which neighbours are looked for; of more, every so-manieth
MOST_LOOKED = 10_000  # the same, where all of them are looked at
TREE_DIMENSIONS = 8  # in more of them a tree is no faster than looking at all
FEW = 20_000  # codes that are looked at faster than the library with the trees is loaded
# Of so many codes in so many dimensions a neighbour is looked for that is at most 1 + SLACK times as far as the right
# one. For a million codes of eight dimensions that takes a quarter of the time, and is off by 0.16 nats (standard
# deviation), which is half of what the estimate itself is off by with ten neighbours. What it is off by on average is
# found on TRIED codes, and taken off.
MANY, HIGH, SLACK, TRIED = 200_000, 5, 1.0, 2_000
# Of more than MOST_EXACT codes in more than TREE_DIMENSIONS the neighbour is looked for among the nearest of each of
# GROUPS groups of the others (see ``among_groups``).
MOST_EXACT, GROUPS = 50_000, 500
ENDLESS = 1e30  # no square of a distance
CANCELLED = 1e-3  # a square this small beside those that it is the difference of is found again, exactly
ROWS, BLOCK = 2_000, 1 << 21  # codes looked up at a time in a tree; distances at a time without one
DECODED = 100  # images decoded at a time


@dataclass(frozen=True)
class Field:
    """A number of each point: its name, what it is called, its unit (empty for none), and in one line what it is.

    ``group`` is "model", of what the model makes of an image, or "image", of what is measured on the image itself.
    """

    name: str
    title: str
    unit: str
    explanation: str
    group: str


FIELDS = (
    Field(
        "error",
        "Reconstruction error",
        "",
        "The mean squared error per pixel of the image that is decoded from its code; pixels go from 0 to 1.",
        "model",
    ),
    Field("kl", "KL", "nats", "KL(q(z|x) ‖ p(z)): how much the code says beyond the prior.", "model"),
    Field(
        "sigma",
        "Posterior σ",
        "",
        "How wide the posterior is: the geometric mean of its σ over the dimensions. The prior's is 1.",
        "model",
    ),
    Field(
        "density",
        "Density of the codes",
        "nats",
        f"log q(z): how crowded the latent space is, from the distance to the {NEIGHBOURS}th nearest code: of at most "
        f"{MOST_REFERENCES:,}, in more than {TREE_DIMENSIONS} dimensions of {MOST_LOOKED:,}, and of very many codes in "
        f"{HIGH} or more dimensions to about 0.2 nats.",
        "model",
    ),
    *(Field(factor.name, factor.title, factor.unit, factor.explanation, "image") for factor in FACTORS),
)


class Decoder(Protocol):
    """What the error of a reconstruction is measured with; a ``Codec`` is one."""

    def decode(self, z: ArrayLike, condition: ArrayLike | None = None) -> Images: ...

    def decode_tokens(self, tokens: ArrayLike) -> Images: ...


def field_named(name: str) -> Field | None:
    return next((field for field in FIELDS if field.name == name), None)


def kl(codes: Codes) -> Array:
    """KL(q(z|x) ‖ N(0, I)) of each image, (N,), in nats: Kingma & Welling 2014, appendix B, summed over dimensions.

    Raises ValueError for codes without log-variances, as ``posterior_sigma`` does.
    """
    mean, log = codes.mean.astype(np.float64), _logvar(codes)
    with np.errstate(over="ignore"):
        return cast("Array", 0.5 * (mean**2 + np.exp(log) - 1 - log).sum(axis=1))


def posterior_sigma(codes: Codes) -> Array:
    """The geometric mean over dimensions of the posterior's standard deviation, (N,): the side of a cube as large."""
    with np.errstate(over="ignore"):
        return cast("Array", np.exp(0.5 * _logvar(codes).mean(axis=1)))


def _logvar(codes: Codes) -> Array:
    if codes.logvar is None:
        raise ValueError("These codes have no posterior.")
    return codes.logvar.astype(np.float64)


def density(mean: NDArray[np.float32]) -> Iterator[Array]:
    """log q(z) in nats at each of the codes (N, D), some after the other, which together are (N,).

    The k-nearest-neighbour estimate of Loftsgaarden & Quesenberry 1965: k / (N · V_D · r_k^D), with r_k the distance to
    the k-th other code and V_D the volume of the D-dimensional unit ball. NaN for codes that are not finite, and for
    all where they lie in one place or there are no others. Neighbours are looked for among at most MOST_REFERENCES
    codes; for very many codes of many dimensions a little less than exactly (see ``in_tree`` and ``among_groups``).
    """
    finite = np.asarray(np.isfinite(mean).all(axis=1))
    good = mean[finite].astype(np.float64)
    tree = len(good) > FEW and good.shape[1] <= TREE_DIMENSIONS
    references = good[:: max(1, math.ceil(len(good) / (MOST_REFERENCES if tree else MOST_LOOKED)))]
    count, dimension = references.shape
    k = min(NEIGHBOURS, count - 1)
    spread = float(np.ptp(good, axis=0).max()) if len(good) else 0.0
    volume = 0.5 * dimension * math.log(math.pi) - math.lgamma(dimension / 2 + 1)
    looked = None
    if k > 0 and spread > 0:
        slack = SLACK if len(good) > MANY and dimension >= HIGH else 0.0
        rough = len(good) > MOST_EXACT and dimension > TREE_DIMENSIONS
        looked = in_tree(references, k, slack) if tree else (among_groups if rough else among_all)(references, k)
    for begin in range(0, len(mean), ROWS):
        part = slice(begin, begin + ROWS)
        result = np.full(len(mean[part]), np.nan)
        if looked is not None:
            # Codes that coincide are as near as can be told, not infinitely dense.
            distance = np.maximum(looked(mean[part][finite[part]].astype(np.float64)), 1e-6 * spread)
            result[finite[part]] = math.log(k / count) - volume - dimension * np.log(distance)
        yield result


class _Look(Protocol):
    def __call__(self, points: Array) -> Array: ...


def in_tree(references: Array, k: int, slack: float = 0.0) -> _Look:
    """A function from points (M, D), which may be among the references, to the distance of the k-th other, (M,).

    With a slack the tree may give a neighbour up to 1 + slack times as far (Arya & Mount 1993, "Approximate nearest
    neighbor queries in fixed dimensions"). The distances are made shorter by the factor, the geometric mean over some
    of the references, by which they are too long.
    """
    from scipy.spatial import cKDTree  # which, unlike that of scikit-learn, keeps no other thread waiting

    tree = cKDTree(references)

    def look(points: Array, eps: float = slack) -> Array:
        return cast("Array", tree.query(points, [k + 1], eps=eps)[0][:, 0]) if len(points) else np.empty(0)

    if not slack:
        return look
    some = references[:: max(1, len(references) // TRIED)]
    exact, rough = look(some, 0.0), look(some)
    apart = exact > 0  # codes that coincide tell nothing
    factor = math.exp(float(np.log(exact[apart] / rough[apart]).mean())) if apart.any() else 1.0
    return lambda points: factor * look(points)


def among_all(references: Array, k: int) -> _Look:
    """The same, by looking at all of them."""
    few = references.shape[1] <= TREE_DIMENSIONS
    near, squares = references.astype(np.float32), (references**2).sum(axis=1)

    def look(points: Array) -> Array:
        found = [np.empty(0)]
        rows = max(1, BLOCK // len(references))
        for begin in range(0, len(points), rows):
            some = points[begin : begin + rows]
            if few:
                square = np.zeros((len(some), len(near)), np.float32)
                for own, others in zip(some.astype(np.float32).T, near.T, strict=True):
                    square += (own[:, None] - others) ** 2
            else:  # the square multiplied out
                square = (squares - 2 * some @ references.T + (some**2).sum(axis=1)[:, None]).astype(np.float32)
            square.partition(k, axis=1)
            found.append(np.sqrt(np.maximum(square[:, k].astype(np.float64), 0)))
        return np.concatenate(found)

    return look


def among_groups(references: Array, k: int) -> _Look:
    """Nearly the same, in a fraction of the time: by the nearest of each of GROUPS groups of references.

    The distance is that of the k-th other group. Where two of the nearest references are in one group it is too long by
    a neighbour, and never too short: among MOST_LOOKED codes the density is too low by 0.01 nats in the mean, with a
    standard deviation of 0.06, in 16 dimensions, and by 0.02 with one of 0.08 in 64. Squares are found in 32 bits, and
    those that mostly cancel out, or are too large for these, once more by looking at all.
    """
    exactly, centre = among_all(references, k), references.mean(axis=0)
    size = -(-len(references) // GROUPS)
    near = np.zeros((size * GROUPS, references.shape[1] + 1), np.float32)
    near[:, -1] = ENDLESS  # what fills up the last group is far from everything
    with np.errstate(over="ignore"):
        near[: len(references), :-1] = -2 * (references - centre)
        near[: len(references), -1] = ((references - centre) ** 2).sum(axis=1)

    @np.errstate(over="ignore", invalid="ignore")
    def look(points: Array) -> Array:
        found = [np.empty(0)]
        rows = max(1, BLOCK // len(near))  # few products of large matrices: of small ones, BLAS only waits
        own = np.ones((len(points), near.shape[1]), np.float32)
        own[:, :-1] = points - centre
        own_square = ((points - centre) ** 2).sum(axis=1)
        for begin in range(0, len(points), rows):
            square = (own[begin : begin + rows] @ near.T).reshape(-1, size, GROUPS).min(axis=1)
            square.partition(k, axis=1)
            found.append(square[:, k].astype(np.float64))
        square = np.concatenate(found) + own_square
        known = (square >= CANCELLED * own_square) & (square < ENDLESS)
        result = np.sqrt(square)
        result[~known] = exactly(points[~known])
        return result

    return look


def errors_in_parts(decoder: Decoder, file: ModelFile, codes: Codes, images: Images) -> Iterator[Array]:
    """The mean squared error a pixel (in [0, 1]²) of each image's reconstruction, some after the other.

    What is decoded is the mean of the posterior, with a codebook the image's grid of codes; a conditional model is told
    the image's class. ``images`` are those behind the codes, at least as many.
    """
    classes = len(file.class_names) if file.config.family == "conditional-vae" else 0
    for begin in range(0, len(codes.mean), DECODED):
        part = slice(begin, begin + DECODED)
        mean = codes.mean[part]
        good = np.isfinite(mean).all(axis=1)
        result = np.full(len(mean), np.nan)
        if codes.tokens is not None:
            decoded = decoder.decode_tokens(codes.tokens[part][good])
        elif classes and codes.labels is not None:
            decoded = decoder.decode(mean[good], np.eye(classes, dtype=np.float32)[codes.labels[part][good]])
        else:
            decoded = decoder.decode(mean[good])
        error = decoded.astype(np.float32) - images[part][: len(mean)][good]
        result[good] = np.einsum("nhwc,nhwc->n", error, error) / (255.0**2 * max(1, error[0].size if len(error) else 1))
        yield result
