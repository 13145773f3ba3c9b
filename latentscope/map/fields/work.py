"""What is computed about the plane of a map, off the GUI thread: in pieces, and given up when something newer is asked.

Everything here runs on a worker and touches no QObject.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from latentscope.analysis.neighbours import nearest
from latentscope.map.camera import Bounds
from latentscope.map.points.cloud import Cloud
from trainer.analysis.contours import boundaries, contour_lines
from trainer.analysis.plane_fields import TALL, Field, Votes, density_field, grid_nodes, projected, share_level
from trainer.files import Codes
from trainer.geometry import Plane, within_float32

if TYPE_CHECKING:
    from latentscope.state.open_model import Condition
    from trainer.codec import Codec

__all__ = [
    "SHARES",
    "Contours",
    "DecoderAt",
    "Measure",
    "Regions",
    "Superseded",
    "Ticket",
    "Tint",
    "Usual",
    "contours_of",
    "distances_of",
    "regions_of",
    "tint_of",
    "usual_of",
]

Array = NDArray[np.float64]
Measure = Literal["round-trip", "stretch"]

# The lines of the density: each holds this share of the codes, in the smallest region that does.
SHARES = (0.5, 0.8, 0.95)
# Far from data and round trip begin to be tinted where this share of the codes ends, and fully are so many times
# beyond. The stretch, which is largest among the data, is shown over the range that it has at most of the codes.
USUAL = 0.95
FOLD = 10.0
STRETCHES = 0.05, 0.99
LEAST_RANGE = float(np.log(2))  # a decoder that is as stiff everywhere is not to look as if it were torn
# Image values decoded in one go, as for the atlas but less: torch keeps other threads waiting for a core, not a lock.
CHUNK_VALUES = 200_000
CHUNK_POINTS = 100_000  # of the codes, and
CHUNK_NODES = 400  # of a grid, that NumPy works on in some milliseconds
LEVEL_POINTS = 20_000  # codes enough to know a share of them by
SAMPLE, LARGE_SAMPLE, LARGE = 256, 64, 100_000  # the codes that say what is usual; of more codes than the last, fewer
LOGVARS = -30.0, 30.0  # what is beyond these means no more than they do
REACH = 7  # the neighbour of a place whose distance says how far from the codes it is


class Superseded(Exception):
    """Nobody wants the result any more."""


class Ticket:
    """Stands for one request. The GUI thread takes ``wanted`` away, the worker looks at it between two pieces."""

    wanted = True

    def check(self) -> None:
        """Raises Superseded."""
        if not self.wanted:
            raise Superseded


@dataclass(frozen=True, eq=False)
class Tint:
    """How strongly each node of a grid is tinted: ``tone`` (rows, columns) 0..255, the top row first, as an image.

    ``low`` and ``high`` are the values where the tint begins and is full.
    """

    bounds: Bounds
    step: tuple[float, float]
    tone: NDArray[np.uint8]
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Contours:
    """The lines round each share of the codes, as polylines (M, 2) of map points; the tint of where there are none."""

    lines: tuple[tuple[float, list[Array]], ...]
    sparse: Tint


@dataclass(frozen=True, eq=False)
class Regions:
    """The lines between classes; ``winner`` (rows, columns) is the class that leads at each node, the top row first,
    ``lead`` 0..255 how far it is ahead of the next."""

    bounds: Bounds
    step: tuple[float, float]
    lines: list[Array]
    winner: NDArray[np.int64]
    lead: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Usual:
    """What is usual on the data, each ascending: the distance to the codes, and with a decoder for points the round
    trip and the stretch."""

    distance: NDArray[np.float64]
    round_trip: NDArray[np.float64]
    stretch: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DecoderAt:
    """A decoder, what it is told to decode, and the plane along which its stretch is measured."""

    codec: "Codec"
    condition: "Condition | None"
    plane: Plane

    def measure(self, what: Measure, z: Array, ticket: Ticket) -> Array:
        """Round trips or stretches (N,) at latent points z (N, D), in pieces. Raises Superseded."""
        along = np.stack([self.plane.u, self.plane.v])[: min(2, self.plane.dimension)]
        piece = max(1, CHUNK_VALUES // int(np.prod(self.codec.image_shape)))
        result = [np.empty(0)]
        for begin in range(0, len(z), piece):
            ticket.check()
            some = within_float32(z[begin : begin + piece])
            if what == "round-trip":
                result.append(self.codec.round_trip(some, self.condition).astype(float))
            else:
                result.append(self.codec.stretch(some, along, self.condition).astype(float))
        return np.concatenate(result)


def distances_of(codes: Codes, ticket: Ticket) -> Array:
    """How far from the seventh nearest of the codes their posteriors usually lie, (N,), ascending. Raises Superseded.

    The decoder learns from points that are drawn from the posteriors, not from the means: that is where it is on its
    data. Most of all at the beginning of a training, when all means lie on one another and each posterior is the prior.
    """
    chosen, random = _sample(codes)
    z = codes.mean[chosen].astype(float)
    if codes.logvar is not None:
        logvar = np.clip(np.nan_to_num(codes.logvar[chosen].astype(float)), *LOGVARS)
        z += np.exp(logvar / 2) * random.normal(size=z.shape)
    itself = int(codes.logvar is None)  # a code is the nearest to itself
    distance = np.empty(len(z))
    for row, point in enumerate(z):
        ticket.check()
        distance[row] = nearest(codes.mean, point, REACH + itself)[1].max(initial=0)
    return np.sort(distance)


def usual_of(codes: Codes, distance: Array, decoder: DecoderAt | None, ticket: Ticket) -> Usual:
    """What is usual among a sample of the codes, whose distances are known; the decoder is left out where it decodes no
    points. Raises Superseded."""
    z, empty = codes.mean[_sample(codes)[0]].astype(float), np.empty(0)
    return Usual(
        distance,
        np.sort(decoder.measure("round-trip", z, ticket)) if decoder else empty,
        np.sort(decoder.measure("stretch", z, ticket)) if decoder else empty,
    )


def _sample(codes: Codes) -> tuple[NDArray[np.intp], np.random.Generator]:
    """Some of the codes that are numbers, always the same, and the generator that chose them."""
    finite, random = np.flatnonzero(codes.finite), np.random.default_rng(0)
    count = SAMPLE if len(finite) <= LARGE else LARGE_SAMPLE
    return random.choice(finite, min(count, len(finite)), replace=False), random


def contours_of(cloud: Cloud, codes: Codes, plane: Plane, ticket: Ticket) -> Contours:
    """The density of all codes that are on the map. Raises Superseded."""
    parts: list[Array] = []
    if codes.logvar is not None:
        for begin in range(0, len(cloud.index), CHUNK_POINTS):
            ticket.check()
            logvar = np.nan_to_num(codes.logvar[cloud.index[begin : begin + CHUNK_POINTS]].astype(float))
            parts.append(projected(np.exp(np.clip(logvar, *LOGVARS)), plane))
    for made in density_field(cloud.position, np.concatenate(parts) if parts else None, plane.dimension):
        ticket.check()
        field = made
    some = cloud.position[:: max(1, len(cloud.position) // LEVEL_POINTS)]
    density = field.at(some * (1.0, 0.0) if plane.dimension == 1 else some)
    lines = []
    for share in SHARES:
        ticket.check()
        lines.append((share, contour_lines(field, share_level(density, share))))
    edge = share_level(density, USUAL)
    with np.errstate(divide="ignore", invalid="ignore"):
        below = np.log(edge) - np.log(field.values)
    sparse = tinted(field, below / np.log(FOLD), edge, edge / FOLD)
    return Contours(tuple(lines), sparse)


def regions_of(votes: Votes, bounds: Bounds, shape: tuple[int, int], ticket: Ticket) -> Regions:
    """The classes of a part of the map, on a grid of so many rows and columns. Raises Superseded."""
    nodes = grid_nodes(bounds.left, bounds.bottom, bounds.right, bounds.top, *shape)
    flat = nodes.reshape(-1, 2)
    parts = []
    for begin in range(0, len(flat), CHUNK_NODES):
        ticket.check()
        parts.append(votes.shares(flat[begin : begin + CHUNK_NODES]))
    values = np.concatenate(parts).reshape(*shape, -1)
    field = Field(bounds.left, bounds.bottom, bounds.right, bounds.top, values)
    ticket.check()
    best = np.sort(values, axis=2)[..., -2:]
    ahead = best[..., -1] - (best[..., 0] if best.shape[2] > 1 else 0)
    winner = votes.classes[values.argmax(axis=2)] if len(votes.classes) else np.full(shape, -1, np.int64)
    return Regions(bounds, field.step, boundaries(field), winner[::-1], (ahead[::-1] * 255).astype(np.uint8))


def tint_of(
    decoder: DecoderAt, what: Measure, usual: Usual, bounds: Bounds, shape: tuple[int, int], ticket: Ticket
) -> Tint:
    """Round trip or stretch over a part of the map. Raises Superseded."""
    nodes = grid_nodes(bounds.left, bounds.bottom, bounds.right, bounds.top, *shape)
    values = decoder.measure(what, decoder.plane.to_latent(nodes.reshape(-1, 2)), ticket).reshape(shape)
    field = Field(bounds.left, bounds.bottom, bounds.right, bounds.top, values.astype(np.float32))
    if what == "stretch":
        low, high = (usual_level(usual.stretch, share) for share in STRETCHES)
        high = max(high, low + LEAST_RANGE)
        return tinted(field, (values - low) / (high - low), low, high)
    low = max(usual_level(usual.round_trip, USUAL), 1e-9)
    return tinted(field, np.log(np.maximum(values, 1e-12) / low) / np.log(FOLD), low, low * FOLD)


def usual_level(values: Array, share: float) -> float:
    """What a share of the values is below, of those that are numbers; 0 where none is."""
    known = values[np.isfinite(values)]
    return float(np.quantile(known, share)) if len(known) else 0.0


def tinted(field: Field, share: NDArray[np.floating], low: float, high: float) -> Tint:
    tone = (np.nan_to_num(share[::-1], nan=1.0, posinf=1.0).clip(0, 1) * 255).astype(np.uint8)
    return Tint(Bounds(field.left, field.bottom, field.right, field.top), field.step, tone, low, high)


def tall(bounds: Bounds) -> Bounds:
    """A part of a map of one dimension: as high as any view of it."""
    return Bounds(bounds.left, -TALL, bounds.right, TALL)
