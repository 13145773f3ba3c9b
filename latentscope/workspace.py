"""The one state object of the window: what is open, what is probed, what is drawn over the map.

Setters compare, store and emit, so that no two of them can chase each other. Setters named ``set_…`` change the state
at once and leave no trace; methods with a verb of the user's (``change_…``) go through the undo stack.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from trainer.files import Codes, ModelFile
from trainer.geometry import PathKind, Plane, axis_plane, map_plane, path_points, turned_like

__all__ = ["LatentPath", "Layers", "OpenModel", "PlaneKind", "Workspace"]

Latent = NDArray[np.float64]
PlaneKind = Literal["codes", "axes"]  # through the codes' two main directions, or along the first two axes


@dataclass(frozen=True, eq=False)
class OpenModel:
    """What the window explores: a model file's content, where it came from and what to call it.

    ``live`` is true for a snapshot of a run that goes on: the next snapshot of it replaces this one.
    """

    file: ModelFile
    title: str
    path: Path | None = None
    live: bool = False


@dataclass(frozen=True)
class LatentPath:
    """An ordered list of latent waypoints and the rule that joins them."""

    waypoints: tuple[tuple[float, ...], ...]
    kind: PathKind = "linear"
    steps: int = 16

    def points(self, steps: int | None = None) -> Latent:
        """(steps, D) latent points along the path."""
        return path_points(self.waypoints, self.kind, steps or self.steps)

    def with_waypoint(self, index: int, z: ArrayLike) -> "LatentPath":
        """The same path with one waypoint moved to z (D,)."""
        points = list(self.waypoints)
        points[index] = latent_tuple(z)
        return replace(self, waypoints=tuple(points))


@dataclass(frozen=True)
class Layers:
    """Which layers of the map are shown, and how strongly."""

    points: bool = True
    atlas: bool = True
    prior: bool = True
    atlas_opacity: float = 0.35

    @classmethod
    def from_json(cls, text: str) -> "Layers":
        """The layers that ``to_json`` wrote; the usual ones where the text is of another program or time."""
        try:
            known = json.loads(text)
            shown = {name: bool(known[name]) for name in ("points", "atlas", "prior")}
            return cls(**shown, atlas_opacity=min(1.0, max(0.05, float(known["atlas_opacity"]))))
        except (ValueError, TypeError, KeyError):
            return cls()

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def latent_tuple(z: ArrayLike) -> tuple[float, ...]:
    return tuple(float(value) for value in np.asarray(z, float))


class Workspace(QObject):
    """The state and its signals. Everything lives on the GUI thread."""

    model_changed = Signal()  # another model is open: every view starts afresh
    snapshot_changed = Signal()  # the same run's newer weights and codes: views keep what they show
    plane_changed = Signal()
    probe_changed = Signal()
    path_changed = Signal()
    classes_changed = Signal()
    layers_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self._model: OpenModel | None = None
        self._plane: Plane = axis_plane(2)
        self._plane_kind: PlaneKind = "codes"
        self._probe: Latent = np.zeros(2)
        self._path: LatentPath | None = None
        self._hidden_classes: frozenset[int] = frozenset()
        self._layers = Layers()

    # --- what is open ---------------------------------------------------------------------------------------------

    @property
    def model(self) -> OpenModel | None:
        return self._model

    @property
    def codes(self) -> Codes | None:
        return self._model.file.codes if self._model else None

    @property
    def dimension(self) -> int:
        """The latent dimension of the open model."""
        return self._plane.dimension

    def open_model(self, model: OpenModel) -> None:
        """Explore another model: probe at the prior's centre, no path, every class shown, nothing to undo."""
        self._model = model
        self._plane_kind = "codes"
        self._plane = self._make_plane()
        self._probe = np.zeros(self.dimension)
        self._path = None
        self._hidden_classes = frozenset()
        self.undo_stack.clear()
        self.model_changed.emit()

    def set_snapshot(self, model: OpenModel) -> None:
        """Replace the open model by a newer snapshot of the same run; probe, path and classes stay.

        A plane that is the codes' own follows them, turned so that the map does not spin.
        """
        if self._model is None or model.file.config.latent != self.dimension:
            self.open_model(model)
            return
        self._model = model
        before, plane = self._plane, self._make_plane()
        follows = self.dimension > 2 and self._plane_kind == "codes"
        self._plane = turned_like(plane, before) if follows else before
        self.snapshot_changed.emit()
        if follows:
            self.plane_changed.emit()

    # --- plane and probe ------------------------------------------------------------------------------------------

    @property
    def plane(self) -> Plane:
        return self._plane

    @property
    def plane_kind(self) -> PlaneKind:
        return self._plane_kind

    def set_plane_kind(self, kind: PlaneKind) -> None:
        """Which plane through a latent space of more than two dimensions the map shows; fewer have only one."""
        if kind != self._plane_kind:
            self._plane_kind = kind
            self.set_plane(self._make_plane())

    def set_plane(self, plane: Plane) -> None:
        self._plane = plane
        self.plane_changed.emit()

    def _make_plane(self) -> Plane:
        dimension = self._model.file.config.latent if self._model else self.dimension
        codes = self.codes if self._plane_kind == "codes" else None
        return map_plane(dimension, codes.mean if codes is not None else None)

    @property
    def probe(self) -> Latent:
        """The latent point (D,) that is being decoded now."""
        return self._probe

    def set_probe(self, z: ArrayLike) -> None:
        point = np.array(z, float)
        if point.shape != self._probe.shape or not np.isfinite(point).all() or np.array_equal(point, self._probe):
            return
        self._probe = point
        self.probe_changed.emit()

    # --- path -----------------------------------------------------------------------------------------------------

    @property
    def path(self) -> LatentPath | None:
        return self._path

    def set_path(self, path: LatentPath | None) -> None:
        """Show a path while a gesture goes on. When it ends, ``change_path`` makes it one step to undo."""
        if path != self._path:
            self._path = path
            self.path_changed.emit()

    def change_path(self, path: LatentPath | None, text: str, before: Any = ...) -> None:
        """Show a path as one step to undo. ``before`` is the path at the gesture's start (default: the present one)."""
        old = self._path if before is ... else before
        self._push(text, old, path, self.set_path)

    # --- classes --------------------------------------------------------------------------------------------------

    @property
    def hidden_classes(self) -> frozenset[int]:
        return self._hidden_classes

    def set_hidden_classes(self, hidden: frozenset[int]) -> None:
        if hidden != self._hidden_classes:
            self._hidden_classes = hidden
            self.classes_changed.emit()

    def change_hidden_classes(self, hidden: frozenset[int], text: str) -> None:
        self._push(text, self._hidden_classes, hidden, self.set_hidden_classes)

    # --- layers ---------------------------------------------------------------------------------------------------

    @property
    def layers(self) -> Layers:
        return self._layers

    def set_layers(self, layers: Layers) -> None:
        if layers != self._layers:
            self._layers = layers
            self.layers_changed.emit()

    def change_layers(self, layers: Layers, text: str) -> None:
        self._push(text, self._layers, layers, self.set_layers)

    def _push(self, text: str, old: Any, new: Any, apply: Callable[[Any], None]) -> None:
        if old != new:
            self.undo_stack.push(_Change(text, old, new, apply))


class _Change(QUndoCommand):
    """A step between two states of one setter."""

    def __init__(self, text: str, old: Any, new: Any, apply: Callable[[Any], None]) -> None:
        super().__init__(text)
        self._old, self._new, self._apply = old, new, apply

    def redo(self) -> None:
        self._apply(self._new)

    def undo(self) -> None:
        self._apply(self._old)
