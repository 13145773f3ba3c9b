"""How the map of one model is laid beside another's so that the same test points lie in the same places.

Two trainings of one recipe give maps that are turned and mirrored against each other, since the prior looks the same
from all sides. Nothing of a model is changed here: only the plane through its latent space that its map shows. So what
a click decodes is exactly the point that is shown.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latentscope.map.camera import Bounds, Camera
from trainer.alignment import align as rotation
from trainer.files import Codes, ModelFile
from trainer.geometry import Plane, map_plane

__all__ = ["Alignment", "align", "common_points"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Alignment:
    """How the points of a companion (z, the plane ``plane``) go with those of the main model (``reference``).

    One map unit of the companion is ``scale`` units of the main map. Where both have the same dimension, ``turn``
    (D, D) is orthogonal, and main = scale · (companion − centre) · turn + main_centre; else ``turn`` is None and only
    the places on the two maps correspond. ``fit`` is the Procrustes correlation, 0 to 1: how alike the two are after
    alignment; None where the maps are not aligned. ``note`` says so in words. ``points`` of the codes, counted from the
    first, are of the same test points in both.
    """

    plane: Plane
    reference: Plane
    scale: float
    note: str
    points: int = 0
    turn: Array | None = None
    centre: Array = field(default_factory=lambda: np.zeros(()))
    main_centre: Array = field(default_factory=lambda: np.zeros(()))
    fit: float | None = None

    def to_main(self, z: ArrayLike) -> Array:
        """The main model's latent points (..., D) that correspond to the companion's (..., D')."""
        point = np.asarray(z, float)
        if self.turn is not None:
            return self.scale * (point - self.centre) @ self.turn + self.main_centre
        return self.reference.to_latent(self.scale * self.plane.to_map(point))

    def to_companion(self, z: ArrayLike) -> Array:
        """The companion's latent points (..., D') that correspond to the main model's (..., D)."""
        point = np.asarray(z, float)
        if self.turn is not None:
            return (point - self.main_centre) @ self.turn.T / self.scale + self.centre
        return self.plane.to_latent(self.reference.to_map(point) / self.scale)

    def seen_from(self, rotation: Array, reference: Plane) -> "Alignment":
        """The same with the main model's latent space turned: its z is z @ rotation now, its plane ``reference``."""
        if self.turn is None:
            return replace(self, reference=reference)
        main_centre = self.main_centre @ rotation
        return replace(self, reference=reference, turn=self.turn @ rotation, main_centre=main_centre)

    def camera_of(self, main: Camera, own: Camera) -> Camera:
        """The companion's camera, of its own size, that looks at what the main map's looks at."""
        return replace(own, x=main.x / self.scale, y=main.y / self.scale, scale=main.scale * self.scale)

    def main_camera_of(self, own: Camera, main: Camera) -> Camera:
        """The main map's camera, of its own size, that looks at what the companion's looks at."""
        return replace(main, x=own.x * self.scale, y=own.y * self.scale, scale=own.scale / self.scale)

    def bounds_in_main(self, bounds: Bounds) -> Bounds:
        s = self.scale
        return Bounds(bounds.left * s, bounds.bottom * s, bounds.right * s, bounds.top * s)

    def bounds_in_companion(self, bounds: Bounds) -> Bounds:
        s = 1 / self.scale
        return Bounds(bounds.left * s, bounds.bottom * s, bounds.right * s, bounds.top * s)


def align(main: ModelFile, reference: Plane, companion: ModelFile) -> Alignment:
    """Lay the companion's map over the main one, which shows the plane ``reference`` and stays as it is.

    With the same test points in both, and the same dimension, by the orthogonal Procrustes problem in the whole
    latent space (Schönemann 1966). Where both have a prior its centre is kept and so is the scale, since the prior
    gives both their meaning; the codes of an autoencoder may lie anywhere and be of any size, so there centre and
    size of the codes are made the same. In two spaces of different dimension the companion's own plane is turned
    within itself.
    """
    points = common_points(main, companion)
    dimension = companion.config.latent
    own = map_plane(dimension, companion.codes.mean if companion.codes is not None else None)
    if points == 0:
        return Alignment(own, reference, 1.0, "not aligned: other test points")
    assert main.codes is not None
    assert companion.codes is not None
    ours, theirs = main.codes.mean[:points].astype(float), companion.codes.mean[:points].astype(float)
    if dimension == reference.dimension:
        found = _turned(ours, theirs, reference, has_prior(main.codes) and has_prior(companion.codes))
    elif min(dimension, reference.dimension) == 1:
        found = Alignment(own, reference, 1.0, "not aligned: one latent dimension")
    else:
        found = _turned_in_plane(ours, theirs, reference, own)
    return replace(found, points=points)


def common_points(main: ModelFile, companion: ModelFile) -> int:
    """How many codes, counted from the first, are of the same test points in both models; 0 where they differ.

    The same are points of the same data set with the same labels in the same order; one model may have more of them.
    """
    ours, theirs = main.codes, companion.codes
    if ours is None or theirs is None:
        return 0
    count = min(len(ours.mean), len(theirs.mean))
    if main.config.data != companion.config.data or (ours.labels is None) != (theirs.labels is None):
        return 0
    if ours.labels is not None and theirs.labels is not None:
        return count if np.array_equal(ours.labels[:count], theirs.labels[:count]) else 0
    return count if len(ours.mean) == len(theirs.mean) else 0


def has_prior(codes: Codes) -> bool:
    """Whether the family draws its codes from a posterior, and so holds them to a prior."""
    return codes.logvar is not None


def _turned(ours: Array, theirs: Array, reference: Plane, prior: bool) -> Alignment:
    dimension = ours.shape[1]
    zero = np.zeros(dimension)
    a, b = (zero, zero) if prior else (ours.mean(axis=0), theirs.mean(axis=0))
    turn = rotation(theirs - b, ours - a)
    scale = 1.0 if prior else _size(ours - a) / _size(theirs - b)
    # What the main map shows at a place, this shows at the same place (its units, if not as large, counted in its own).
    plane = Plane(turn @ (reference.origin - a) / scale + b, turn @ reference.u, turn @ reference.v)
    fit = _likeness((theirs - b) @ turn, ours - a)
    return Alignment(plane, reference, scale, "aligned", turn=turn, centre=b, main_centre=a, fit=fit)


def _turned_in_plane(ours: Array, theirs: Array, reference: Plane, own: Plane) -> Alignment:
    """The companion's own plane, moved and turned within itself to put the projected points where the main map has
    theirs. The scale stays: spaces of different dimension have nothing else in common that could be measured."""
    here, there = reference.to_map(ours), own.to_map(theirs)
    a, b = here.mean(axis=0), there.mean(axis=0)
    turn = rotation(there - b, here - a)
    u = turn[0, 0] * own.u + turn[1, 0] * own.v
    v = turn[0, 1] * own.u + turn[1, 1] * own.v
    plane = Plane(own.to_latent(b) - a[0] * u - a[1] * v, u, v)
    return Alignment(plane, reference, 1.0, "aligned on the map", fit=_likeness((there - b) @ turn, here - a))


def _likeness(points: Array, target: Array) -> float:
    """The Procrustes correlation of points (N, D) that have been turned to target (N, D)."""
    sizes = float(np.linalg.norm(points) * np.linalg.norm(target))
    return float((points * target).sum() / sizes) if sizes > 0 else 0.0


def _size(points: Array) -> float:
    """The root mean square distance from the centre; 1 where all points are one."""
    return float(np.sqrt((points**2).sum(axis=1).mean())) or 1.0
