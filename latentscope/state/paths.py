"""Paths through a latent space, as the window keeps them: what the user drew, and how it is to be joined and walked.

Pure data. How a path then runs is found by ``latentscope.paths.routes``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.paths.timing import Walk

__all__ = ["NO_PATHS", "Latent", "LatentPath", "Paths", "latent_tuple", "new_path"]

Latent = NDArray[np.float64]


def latent_tuple(z: ArrayLike) -> tuple[float, ...]:
    return tuple(float(value) for value in np.asarray(z, float))


@dataclass(frozen=True)
class LatentPath:
    """An ordered list of latent waypoints, the rule that joins them, and how it is walked.

    ``anchors`` says of each waypoint which encoded point it is, by its row in the codes; None: it is anywhere. Empty:
    none is one. A path that has a ``name`` is kept; one without is a draft, which the next one that is drawn replaces.
    ``colour`` counts in the theme's colours of paths; 0 is that of drafts.
    """

    waypoints: tuple[tuple[float, ...], ...]
    kind: str = "linear"  # one of trainer.paths.RULES
    walk: Walk = field(default_factory=Walk)
    closed: bool = False
    anchors: tuple[int | None, ...] = ()
    name: str = ""
    colour: int = 0

    @property
    def steps(self) -> int:
        return self.walk.steps

    def anchor(self, index: int) -> int | None:
        """Which encoded point a waypoint is."""
        return self.anchors[index] if index < len(self.anchors) else None

    def with_waypoint(self, index: int, z: ArrayLike, anchor: int | None = None) -> "LatentPath":
        """The same path with one waypoint moved to z (D,), which is the encoded point ``anchor``."""
        return self._changed(index, index + 1, ((latent_tuple(z), anchor),))

    def with_inserted(self, index: int, z: ArrayLike, anchor: int | None = None) -> "LatentPath":
        """The same path with one more waypoint before the ``index``-th."""
        return self._changed(index, index, ((latent_tuple(z), anchor),))

    def without(self, index: int) -> "LatentPath":
        """The same path with one waypoint less."""
        return self._changed(index, index + 1, ())

    def _changed(self, start: int, end: int, new: tuple[tuple[tuple[float, ...], int | None], ...]) -> "LatentPath":
        anchors = [self.anchor(i) for i in range(len(self.waypoints))]
        anchors[start:end] = [anchor for _, anchor in new]
        points = list(self.waypoints)
        points[start:end] = [z for z, _ in new]
        known = any(anchor is not None for anchor in anchors)
        return replace(self, waypoints=tuple(points), anchors=tuple(anchors) if known else ())

    def moved(self, move: Callable[[Latent], Latent]) -> "LatentPath":
        """The same path with each waypoint z (D,) at ``move(z)``."""
        return replace(self, waypoints=tuple(latent_tuple(move(np.array(z))) for z in self.waypoints))


def new_path(waypoints: tuple[tuple[float, ...], ...], style: LatentPath) -> LatentPath:
    """A path that is joined and walked like another, and has nothing else of it."""
    return LatentPath(waypoints, style.kind, style.walk)


@dataclass(frozen=True)
class Paths:
    """All paths of a workspace, and which of them is the active one: whose film is shown, and that is changed."""

    items: tuple[LatentPath, ...] = ()
    active: int | None = None

    @property
    def current(self) -> LatentPath | None:
        """The active path."""
        return None if self.active is None else self.items[self.active]

    def with_current(self, path: LatentPath | None) -> "Paths":
        """With another path in the place of the active one, one more if none is active; None removes it."""
        if self.active is None:
            return self if path is None else Paths((*self.items, path), len(self.items))
        if path is None:
            return Paths(self.items[: self.active] + self.items[self.active + 1 :], None)
        return Paths((*self.items[: self.active], path, *self.items[self.active + 1 :]), self.active)

    def drawn(self, path: LatentPath) -> "Paths":
        """With a new draft: in the place of the one there was, beside those that are kept."""
        kept = tuple(one for one in self.items if one.name)
        return Paths((*kept, replace(path, name="", colour=0)), len(kept))

    def activated(self, index: int | None) -> "Paths":
        return Paths(self.items, index)

    def moved(self, move: Callable[[Latent], Latent]) -> "Paths":
        """The same paths with each waypoint z (D,) at ``move(z)``."""
        return Paths(tuple(one.moved(move) for one in self.items), self.active)


NO_PATHS = Paths()
