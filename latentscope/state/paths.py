"""Paths through a latent space, as the window keeps them: what the user drew, and how it is to be joined and walked.

Pure data. How a path then runs is found by ``latentscope.paths.routes``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.paths.timing import Walk

__all__ = [
    "KEPT_COLOURS",
    "KEPT_LOOKS",
    "NO_PATHS",
    "Latent",
    "LatentPath",
    "Paths",
    "at_codes",
    "latent_tuple",
    "new_path",
    "style_after",
]

Latent = NDArray[np.float64]

# How many colours there are for kept paths, counted from 1: as many as can be told apart from those of the classes.
# More paths have them again as dashed lines, and still more as dotted ones.
KEPT_COLOURS = 6
KEPT_LOOKS = 3 * KEPT_COLOURS


def latent_tuple(z: ArrayLike) -> tuple[float, ...]:
    return tuple(float(value) for value in np.asarray(z, float))


@dataclass(frozen=True)
class LatentPath:
    """An ordered list of latent waypoints, the rule that joins them, and how it is walked.

    ``anchors`` says of each waypoint which encoded point it is, by its row in the codes; None: it is anywhere. Empty:
    none is one. An anchored waypoint is the code of a real image, and goes where that code goes, in a training and in
    its film. A path that has a ``name`` is kept; one without is a draft, which the next one that is drawn replaces.
    ``colour`` counts in the theme's looks of paths; 0 is that of drafts.
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

    def is_end(self, index: int) -> bool:
        """Whether the path begins or ends at this waypoint; a closed one does neither."""
        return not self.closed and index in (0, len(self.waypoints) - 1)

    def with_waypoint(self, index: int, z: ArrayLike, anchor: int | None = None) -> "LatentPath":
        """The same path with one waypoint moved to z (D,), which is the encoded point ``anchor``."""
        return self._changed(index, index + 1, ((latent_tuple(z), anchor),))

    def with_inserted(self, index: int, z: ArrayLike, anchor: int | None = None) -> "LatentPath":
        """The same path with one more waypoint before the ``index``-th."""
        return self._changed(index, index, ((latent_tuple(z), anchor),))

    def without(self, index: int) -> "LatentPath":
        """The same path with one waypoint less; two make no loop."""
        path = self._changed(index, index + 1, ())
        return replace(path, closed=path.closed and len(path.waypoints) > 2)

    def reversed(self) -> "LatentPath":
        """The same path the other way; a loop still begins where it did."""
        order = [0, *range(len(self.waypoints) - 1, 0, -1)] if self.closed else range(len(self.waypoints) - 1, -1, -1)
        anchors = tuple(self.anchor(i) for i in order) if self.anchors else ()
        return replace(self, waypoints=tuple(self.waypoints[i] for i in order), anchors=anchors)

    def _changed(self, start: int, end: int, new: tuple[tuple[tuple[float, ...], int | None], ...]) -> "LatentPath":
        points = (*self.waypoints[:start], *(z for z, _ in new), *self.waypoints[end:])
        if not self.anchors and all(anchor is None for _, anchor in new):
            return replace(self, waypoints=points)
        anchors = [*self.anchors, *[None] * (len(self.waypoints) - len(self.anchors))]
        anchors[start:end] = [anchor for _, anchor in new]
        known = any(anchor is not None for anchor in anchors)
        return replace(self, waypoints=points, anchors=tuple(anchors) if known else ())

    def moved(self, move: Callable[[Latent], Latent]) -> "LatentPath":
        """The same path with each waypoint z (D,) at ``move(z)``."""
        return replace(self, waypoints=tuple(latent_tuple(move(np.array(z))) for z in self.waypoints))


def new_path(
    waypoints: tuple[tuple[float, ...], ...], style: LatentPath, anchors: tuple[int | None, ...] = ()
) -> LatentPath:
    """A path that is joined and walked like another, and has nothing else of it."""
    known = any(anchor is not None for anchor in anchors)
    return LatentPath(waypoints, style.kind, style.walk, anchors=anchors if known else ())


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

    def with_item(self, index: int, path: LatentPath) -> "Paths":
        """With another path in the place of the ``index``-th."""
        return Paths((*self.items[:index], path, *self.items[index + 1 :]), self.active)

    def without(self, index: int) -> "Paths":
        """With one path less; if it was the active one, none is any more."""
        active = self.active
        if active is not None and active >= index:
            active = None if active == index else active - 1
        return Paths(self.items[:index] + self.items[index + 1 :], active)

    def free_colour(self) -> int:
        """Of the looks of kept paths the first of those that are used least."""
        used = [path.colour for path in self.items if path.name]
        return min(range(1, KEPT_LOOKS + 1), key=used.count)

    def reordered(self, index: int, to: int) -> "Paths":
        """With the ``index``-th path at the place ``to``; the active one stays the active one."""
        order = [i for i in range(len(self.items)) if i != index]
        order.insert(to, index)
        active = None if self.active is None else order.index(self.active)
        return Paths(tuple(self.items[i] for i in order), active)

    @property
    def names(self) -> list[str]:
        """Of those that are kept."""
        return [path.name for path in self.items if path.name]

    def moved(self, move: Callable[[Latent], Latent]) -> "Paths":
        """The same paths with each waypoint z (D,) at ``move(z)``."""
        return Paths(tuple(one.moved(move) for one in self.items), self.active)


NO_PATHS = Paths()


def style_after(style: LatentPath, before: Paths, after: Paths) -> LatentPath:
    """How the next path is joined and walked, when the paths have become others: as the user has last chosen.

    To choose is to go to another path, or to change the rule or the walk of the active one. A path that comes new has
    been given its own by what drew it: after a stroke of the freehand tool straight lines are straight again.
    """
    was, path = before.current, after.current
    if path is None:
        return style
    if was is not None and was.waypoints == path.waypoints:
        kind = style.kind if was.kind == path.kind else path.kind
        return replace(style, kind=kind, walk=style.walk if was.walk == path.walk else path.walk)
    return replace(style, kind=path.kind, walk=path.walk) if path in before.items else style


def at_codes(paths: Paths, codes: NDArray[np.float32], known: int | None = None) -> Paths:
    """Paths whose anchored waypoints lie where their codes (N, D) are now.

    Only the first ``known`` codes count (default: all). Where a code is missing or not finite, its waypoint stays
    where it is, so that nothing that is no number enters a path.
    """
    count = len(codes) if known is None else min(known, len(codes))

    def placed(path: LatentPath) -> LatentPath:
        if not path.anchors:
            return path
        points = list(path.waypoints)
        for index, row in enumerate(path.anchors):
            if row is not None and 0 <= row < count and np.isfinite(codes[row]).all():
                points[index] = latent_tuple(codes[row])
        return path if tuple(points) == path.waypoints else replace(path, waypoints=tuple(points))

    items = tuple(placed(path) for path in paths.items)
    return paths if all(a is b for a, b in zip(items, paths.items, strict=True)) else Paths(items, paths.active)
