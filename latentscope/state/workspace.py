"""The one state object of the window: what is open, what is probed, what is drawn over the map.

Setters compare, store and emit, so that no two of them can chase each other. Setters named ``set_…`` change the state
at once and leave no trace; methods with a verb of the user's (``change_…``) go through the undo stack.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from latentscope.after_paint import AfterPaint
from latentscope.state.layers import Layers
from latentscope.state.open_model import Condition, Moment, OpenModel
from latentscope.state.painting import Painting
from latentscope.state.pathing import Pathing
from latentscope.state.paths import Latent, latent_tuple
from latentscope.state.planes import PlaneChoice, PlaneKind
from latentscope.state.selection import Selecting
from latentscope.state.undo import push_change
from latentscope.turns import Turns
from trainer.alignment import turned
from trainer.conditions import class_weights, classes_of, condition_text, pure
from trainer.files import Codes
from trainer.geometry import Plane, axis_plane, moved_through, turned_like

__all__ = ["Condition", "Moment", "OpenModel", "Workspace"]


class Workspace(QObject):
    """The state and its signals. Everything lives on the GUI thread.

    While a moment of a run's film is shown, the latent space is turned so that the map lies as it does at the run's
    newest. What stays in its place on the map (plane, probe, path) is therefore kept in aligned coordinates, ``_still``
    here and on the undo stack; what others get and give are the latent coordinates of the model that is decoded.
    """

    leaving = Signal()  # another model is about to be opened: all is still as it was
    model_changed = Signal()  # another model is open: every view starts afresh
    snapshot_changed = Signal()  # the same run's newer weights and codes: views keep what they show
    plane_changed = Signal()
    probe_changed = Signal()  # at once: for what follows the hand, the mark on the map and the picture
    probe_shown = Signal()  # after these have been painted: for all else that goes with the probe
    condition_changed = Signal()
    classes_changed = Signal()
    layers_changed = Signal()
    painting_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.selecting = Selecting(self.undo_stack, self)
        self.pathing = Pathing(self.undo_stack, self)
        self._model: OpenModel | None = None
        self._plane: Plane = axis_plane(2)
        self._plane_choice = PlaneChoice()
        self._probe: Latent = np.zeros(2)
        self._moment: Moment | None = None
        self._still_plane: Plane = self._plane
        self._still_probe: Latent = self._probe
        self._condition: Condition | None = None
        self._hidden_classes: frozenset[int] = frozenset()
        self._counted: tuple[Any, int] = (None, 0)  # labels, and one more than the largest
        self._layers = Layers()
        self._painting: Painting | None = None
        self.turns = Turns(self)  # of what follows a snapshot and need not be there with it
        self.after_paint = AfterPaint(self.probe_shown.emit, self)
        self.probe_shown.connect(self.turns.probe_painted)
        self.probe_changed.connect(self.after_paint.ask)

    # --- what is open ---------------------------------------------------------------------------------------------

    @property
    def model(self) -> OpenModel | None:
        return self._model

    @property
    def codes(self) -> Codes | None:
        """The codes that the map shows: the open model's, or those of the moment that is shown."""
        if self._moment is not None:
            return self._moment.codes
        return self._model.file.codes if self._model else None

    @property
    def dimension(self) -> int:
        """The latent dimension of the open model."""
        return self._plane.dimension

    def open_model(self, model: OpenModel) -> None:
        """Explore another model: probe at the prior's centre as the map shows it, no path, nothing hidden or to undo.

        A conditional model decodes its first class.
        """
        if self._model is not None:
            self.leaving.emit()
        self._model, self._moment = model, None
        self._plane_choice = PlaneChoice()
        self._plane = self._still_plane = self._make_plane(self._plane_choice)
        self._probe = self._still_probe = self._plane.to_latent(self._plane.to_map(self.centre))  # on the plane
        self.pathing.start_afresh(self.codes)
        before, self._condition = self._condition, tuple(pure(0, self.classes).tolist()) if self.classes else None
        self._hidden_classes = frozenset()
        self._painting = None
        self.undo_stack.clear()
        self.selecting.start_afresh()
        self.model_changed.emit()
        if self._condition != before:
            self.condition_changed.emit()

    def set_snapshot(self, model: OpenModel) -> None:
        """Replace the open model by a newer snapshot of the same run; probe, path, condition and classes stay.

        A plane that is the codes' own follows them, turned so that the map does not spin.
        """
        if self._model is None or model.file.config.latent != self.dimension:
            self.open_model(model)
            return
        self._model = model
        turned_back, paths_moved = self._turn(None), self._paths_follow()
        before, choice = self._plane, self._plane_choice
        follows = self.dimension > 2 and choice.kind == "codes"
        if follows:
            plane = turned_like(self._make_plane(replace(choice, through=None)), before)
            self._plane = plane if choice.through is None else moved_through(plane, choice.through)
            self._still_plane = self._plane
        self.snapshot_changed.emit()
        if follows:
            self.plane_changed.emit()
        self._tell_places(turned_back, paths_moved)

    # --- the film of a run ----------------------------------------------------------------------------------------

    @property
    def moment(self) -> Moment | None:
        """The moment of the run's film that is shown; None while it is the open model itself."""
        return self._moment

    def set_moment(self, moment: Moment) -> None:
        """Show the open run as it was; plane, probe and path stay in their places on the map. ``set_snapshot`` ends it.

        A moment of another latent dimension is opened as another model.
        """
        if moment is self._moment:
            return
        if self._model is None or moment.model.file.config.latent != self.dimension:
            self.open_model(moment.model)
        self._model = moment.model
        other_places, paths_moved = self._turn(moment), self._paths_follow()
        self.snapshot_changed.emit()
        self._tell_places(other_places, paths_moved)

    def _turn(self, moment: Moment | None) -> bool:
        """Show a moment, or none, without telling anybody. Whether places have other latent coordinates now."""
        before = self._moment.turn if self._moment is not None else None
        self._moment = moment
        if moment is None:
            self._plane, self._probe = self._still_plane, self._still_probe
            return before is not None
        if before is not None and np.array_equal(before, moment.turn):
            return False
        back = moment.turn.T
        as_it_is = np.array_equal(back, np.eye(len(back)))
        self._plane = self._still_plane if as_it_is else turned(self._still_plane, moment.turn)
        self._probe = self._still_probe @ back
        return True

    def _paths_follow(self) -> bool:
        """The paths follow the codes that are shown now, without telling anybody. Whether any lies elsewhere."""
        return self.pathing.follow(self.codes, self._moment.turn if self._moment is not None else None)

    def _tell_places(self, all_turned: bool, paths_moved: bool) -> None:
        if all_turned:
            self.probe_changed.emit()
        if paths_moved:
            self.pathing.tell()

    # --- plane and probe ------------------------------------------------------------------------------------------

    @property
    def plane(self) -> Plane:
        return self._plane

    @property
    def still_plane(self) -> Plane:
        """The plane in aligned coordinates: ``plane`` itself, unless a moment is shown whose latent space is turned."""
        return self._still_plane

    @property
    def plane_choice(self) -> PlaneChoice:
        """Which plane is shown through a latent space of more than two dimensions; fewer have only one."""
        return self._plane_choice

    @property
    def plane_kind(self) -> PlaneKind:
        return self._plane_choice.kind

    def change_plane(self, choice: PlaneChoice, text: str) -> None:
        """Show another plane, as one step to undo; the probe stays where it is.

        Raises ConfigError where the three points of the choice lie on one line.
        """
        if choice != self._plane_choice:
            old = self._plane_choice, self._still_plane
            self._push(text, old, (choice, self._make_plane(choice)), self._set_chosen_plane)

    def bring_plane_to_probe(self) -> None:
        """Move the plane, parallel to itself, to go through the probe, as one step to undo."""
        choice = replace(self._plane_choice, through=self.still_point(self._probe))
        self.change_plane(choice, "Bring the plane to the probe")

    def set_plane(self, plane: Plane) -> None:
        self._plane = plane
        self._still_plane = plane if self._moment is None else turned(plane, self._moment.turn.T)
        self.plane_changed.emit()

    def still_point(self, z: Latent) -> tuple[float, ...]:
        """A latent point (D,) in aligned coordinates."""
        return latent_tuple(z if self._moment is None else z @ self._moment.turn)

    def _set_chosen_plane(self, chosen: tuple[PlaneChoice, Plane]) -> None:
        self._plane_choice, self._still_plane = chosen
        still, moment = self._still_plane, self._moment
        self._plane = still if moment is None else turned(still, moment.turn)
        self.plane_changed.emit()

    def _make_plane(self, choice: PlaneChoice) -> Plane:
        """The chosen plane in aligned coordinates."""
        dimension = self._model.file.config.latent if self._model else self.dimension
        codes, moment = self.codes, self._moment
        mean = codes.mean if codes is not None else None
        return choice.plane(dimension, mean if mean is None or moment is None else mean @ moment.turn)

    @property
    def probe(self) -> Latent:
        """The latent point (D,) that is being decoded now."""
        return self._probe

    @property
    def centre(self) -> Latent:
        """The prior's centre (D,); with a codebook, where there is no prior, the middle of the codes."""
        has_codebook = self.codes is not None and self.codes.tokens is not None
        return self._plane.origin.copy() if has_codebook else np.zeros(self.dimension)

    def set_probe(self, z: ArrayLike) -> None:
        point = np.array(z, float)
        if point.shape != self._probe.shape or not np.isfinite(point).all() or np.array_equal(point, self._probe):
            return
        self._probe = point
        self._still_probe = point if self._moment is None else point @ self._moment.turn
        self.probe_changed.emit()

    # --- condition ------------------------------------------------------------------------------------------------

    @property
    def classes(self) -> int:
        """How many classes the open model is conditional on; 0 where it is not conditional."""
        return classes_of(self._model.file.config, self._model.file.class_names) if self._model else 0

    @property
    def condition(self) -> Condition | None:
        """The weights (K,) of the classes that are decoded; None where the model is not conditional."""
        return self._condition

    @property
    def condition_text(self) -> str:
        """ "class 7", or "3 70 % + 8 30 %"; empty where the model is not conditional."""
        if self._condition is None or self._model is None:
            return ""
        text = condition_text(self._condition, self._model.file.class_names)
        return f"class {text}" if max(self._condition) == 1 else text

    def set_condition(self, weights: ArrayLike) -> None:
        """Decode this class or mixture while a gesture goes on. Raises ConfigError for weights that are none.

        When the gesture ends, ``change_condition`` makes it one step to undo.
        """
        if not self.classes:
            return
        condition = tuple(class_weights(weights, self.classes).tolist())
        if condition != self._condition:
            self._condition = condition
            self.condition_changed.emit()

    def change_condition(self, weights: ArrayLike, text: str, before: Any = ...) -> None:
        """Decode a class or a mixture as one step to undo; ``before`` is the condition at the gesture's start."""
        if self.classes:
            new = tuple(class_weights(weights, self.classes).tolist())
            self._push(text, self._condition if before is ... else before, new, self.set_condition)

    # --- classes --------------------------------------------------------------------------------------------------

    @property
    def class_count(self) -> int:
        """How many classes the points that are shown may have; 0 where they have no labels."""
        labels = self.codes.labels if self.codes is not None else None
        if self._model is None or labels is None:
            return 0
        if labels is not self._counted[0]:  # asked for at each frame, and there may be millions
            self._counted = labels, int(labels.max(initial=-1)) + 1
        return max(len(self._model.file.class_names), self._counted[1])

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

    def change_layers(self, layers: Layers, text: str, before: Any = ..., *, merge: bool = False) -> None:
        """One step to undo. ``before`` is what was shown when the gesture began (default: now)."""
        old = self._layers if before is ... else before
        push_change(self.undo_stack, text, old, layers, self.set_layers, merge=merge)

    # --- painting -------------------------------------------------------------------------------------------------

    @property
    def painting(self) -> Painting | None:
        """The grid of codes in the token painter; None without a codebook."""
        return self._painting

    def set_painting(self, painting: Painting | None) -> None:
        if painting != self._painting:
            self._painting = painting
            self.painting_changed.emit()

    def change_painting(self, painting: Painting | None, text: str, before: Any = ...) -> None:
        """One step to undo. ``before`` is the painting at the stroke's start (default: the present one)."""
        self._push(text, self._painting if before is ... else before, painting, self.set_painting)

    def _push(self, text: str, old: Any, new: Any, apply: Callable[[Any], None]) -> None:
        push_change(self.undo_stack, text, old, new, apply)
