"""What of a workspace file fits a model: every part made ready before anything of it is shown. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from latentscope.files.row_text import rows_from
from latentscope.files.workspace_file import (
    DirectionPart,
    InspectorPart,
    LayersPart,
    PlayPart,
    SelectionPart,
    ViewPart,
    WorkspaceFile,
)
from latentscope.state.layers import LAYERS, Layers
from latentscope.state.painting import Painting
from latentscope.state.paths import NO_PATHS, LatentPath, Paths
from latentscope.state.planes import PlaneChoice
from latentscope.state.selection import Selection
from trainer.analysis.factors import FACTORS
from trainer.analysis.fields import field_named
from trainer.conditions import class_weights, classes_of
from trainer.errors import ConfigError
from trainer.files import ModelFile
from trainer.geometry import Plane
from trainer.grids import codebook_of
from trainer.paths import RULES

__all__ = ["Fitting", "fit_to", "layers_of"]

SQUARE = 1e-6  # how far two directions of a plane may be from orthonormal
Part = TypeVar("Part")


@dataclass
class Fitting:
    """What is to be shown of a workspace; ``left_out`` says in plain words what is not, and why."""

    view: ViewPart | None = None
    choice: PlaneChoice = field(default_factory=PlaneChoice)
    plane: Plane | None = None
    layers: Layers = field(default_factory=Layers)
    hidden: frozenset[int] = frozenset()
    selection: Selection | None = None
    kept: tuple[Selection, ...] = ()
    paths: Paths = NO_PATHS
    style: LatentPath = field(default_factory=lambda: LatentPath(()))
    condition: tuple[float, ...] | None = None
    probe: tuple[float, ...] | None = None
    direction: DirectionPart | None = None
    painting: Painting | None = None
    playing: PlayPart | None = None
    inspector: InspectorPart = field(default_factory=InspectorPart)
    panels: tuple[str, ...] = ()
    left_out: list[str] = field(default_factory=list)


class _MisfitError(Exception):
    """A part does not go with the model; the text is what is left out, and why."""


def fit_to(file: WorkspaceFile, model: ModelFile) -> Fitting:
    """All that can be shown of a workspace with this model; whatever does not fit is left out, and said."""
    made = Fitting(layers=layers_of(file.layers), playing=file.playing, panels=file.panels)

    def take(make: Callable[[], Part], usual: Part) -> Part:
        try:
            return make()
        except _MisfitError as misfit:
            made.left_out.append(str(misfit))
            return usual

    made.hidden = take(lambda: _hidden(file, model), frozenset())
    made.selection = take(lambda: _selection(file.selection, model), None)
    made.kept = take(lambda: _kept(file, model), ())
    made.condition = take(lambda: _condition(file, model), None)
    made.inspector = _inspector(file, model)
    made.painting = take(lambda: _painting(file, model), None)
    latent = model.config.latent
    if file.dimension != latent:
        made.left_out.append(
            f"the view, the probe and the paths, which have {file.dimension} dimensions where this model has {latent}"
        )
        return made
    usual: tuple[PlaneChoice, Plane | None] = PlaneChoice(), None
    made.choice, made.plane = take(lambda: _plane(file.view, model), usual)
    made.view = file.view
    made.probe = take(lambda: _probe(file, latent), None)
    made.paths, made.style = _paths(file, model, made.left_out)
    made.direction = take(lambda: _direction(file, model), None)
    return made


def layers_of(part: LayersPart) -> Layers:
    """The layers as the window keeps them; names that this program does not know count for nothing."""
    shown = frozenset(layer.name for layer in LAYERS if part.switches.get(layer.name, layer.shown))
    by_class = part.colour_by == "class" or field_named(part.colour_by) is None
    layers = Layers(shown, max(0.05, part.atlas_opacity), "class" if by_class else part.colour_by)
    if part.arrows is not None:
        layers = replace(layers, arrows=frozenset(part.arrows) & {factor.name for factor in FACTORS})
    return replace(layers, depth=part.depth, ellipses=part.ellipses)


def _count(model: ModelFile) -> int:
    return 0 if model.codes is None else len(model.codes.mean)


def _hidden(file: WorkspaceFile, model: ModelFile) -> frozenset[int]:
    labels = model.codes.labels if model.codes is not None else None
    if not file.hidden:
        return frozenset()
    if labels is None:
        raise _MisfitError("the hidden classes, since the points have none")
    classes = max(len(model.class_names), int(labels.max(initial=-1)) + 1)
    return frozenset(label for label in file.hidden if label < classes)


def _selection(part: SelectionPart, model: ModelFile) -> Selection:
    rows = rows_from(part.rows)
    if len(rows) and int(rows[-1]) >= _count(model):
        what = f"the selection {part.name}" if part.name else "the selection"
        raise _MisfitError(f"{what}, which has points that this model has not")
    return Selection(rows, part.name)


def _kept(file: WorkspaceFile, model: ModelFile) -> tuple[Selection, ...]:
    kept = {part.name: _selection(part, model) for part in file.kept if part.name}
    return tuple(kept.values())


def _inspector(file: WorkspaceFile, model: ModelFile) -> InspectorPart:
    """Whoever is told that the selection does not fit need not be told the same of one of its points."""
    current = file.inspector.current
    there = current is not None and current < _count(model)
    return file.inspector if there else InspectorPart(everything=file.inspector.everything)


def _condition(file: WorkspaceFile, model: ModelFile) -> tuple[float, ...] | None:
    classes = classes_of(model.config, model.class_names)
    if file.condition is None or (not classes and not file.condition):
        return None
    try:
        class_weights(file.condition, classes)
    except ConfigError:
        raise _MisfitError("the class to decode, which is none of this model's") from None
    return file.condition


def _painting(file: WorkspaceFile, model: ModelFile) -> Painting | None:
    painting = file.painting
    if painting is None:
        return None
    tokens = model.codes.tokens if model.codes is not None else None
    codebook = codebook_of(model)
    rows, origin = (_grid(part) for part in (painting.rows, painting.origin))
    if tokens is None or codebook is None or not rows.shape == origin.shape == tokens.shape[1:]:
        raise _MisfitError("the painting, whose grid is not this model's")
    if not all(0 <= int(part.min()) <= int(part.max()) < len(codebook) for part in (rows, origin)):
        raise _MisfitError("the painting, which has codes that this model has not")
    return painting


def _grid(rows: tuple[tuple[int, ...], ...]) -> np.ndarray:
    if not rows or not rows[0] or len({len(row) for row in rows}) != 1:
        return np.empty((0, 0))
    return np.array(rows, object)  # objects: whole numbers of any size


def _plane(view: ViewPart, model: ModelFile) -> tuple[PlaneChoice, Plane | None]:
    choice, latent = view.plane, model.config.latent
    if latent <= 2:
        return PlaneChoice(), None
    points = (*choice.points, *(() if choice.through is None else (choice.through,)))
    right = all(len(point) == latent and np.isfinite(point).all() for point in points)
    right = right and all(0 <= axis < latent for axis in choice.axes) and choice.axes[0] != choice.axes[1]
    if not right or (choice.kind == "points" and len(choice.points) != 3):
        raise _MisfitError("the plane, which cannot be made in this model's latent space")
    try:
        choice.plane(latent, model.codes.mean if model.codes is not None else None)
    except ConfigError:
        raise _MisfitError("the plane, whose three points lie on one line") from None
    if view.basis is None:
        return choice, None
    if any(len(part) != latent for part in view.basis):
        raise _MisfitError("the plane, which cannot be made in this model's latent space")
    origin, u, v = (np.array(part, float) for part in view.basis)
    gram = np.array([u @ u - 1, v @ v - 1, u @ v])
    if not np.abs(gram).max() <= SQUARE:
        raise _MisfitError("the plane, whose directions are not at right angles")
    return choice, Plane(origin, u, v)


def _probe(file: WorkspaceFile, latent: int) -> tuple[float, ...]:
    if len(file.probe) != latent:
        raise _MisfitError("the probe, which is no point of this model's latent space")
    return file.probe


def _paths(file: WorkspaceFile, model: ModelFile, left_out: list[str]) -> tuple[Paths, LatentPath]:
    """The paths that this model and this program know how to join. Only the active one stays active."""
    latent, count = model.config.latent, _count(model)
    items: list[LatentPath] = []
    active, odd, bent = None, 0, 0
    for number, path in enumerate(file.paths.items):
        if len(path.waypoints) < 2 or any(len(z) != latent for z in path.waypoints):
            odd += 1
            continue
        known = _known(path, count)
        bent += known.kind != path.kind
        if number == file.paths.active:
            active = len(items)
        items.append(known)
    if odd:
        left_out.append(f"{odd} of the paths, which cannot be drawn in this model's latent space")
    if bent:
        left_out.append(f"the rule that joins {bent} of the paths, which this program does not know")
    return Paths(tuple(items), active), _known(replace(file.style, waypoints=(), anchors=()), 0)


def _known(path: LatentPath, count: int) -> LatentPath:
    """A path with a rule that there is, which begins and ends at points that there are."""
    kind = path.kind if path.kind in RULES.names() else "linear"
    anchors = tuple(a if a is not None and 0 <= a < count else None for a in path.anchors[: len(path.waypoints)])
    colour = path.colour if 0 <= path.colour < 1_000_000 else 0
    return replace(path, kind=kind, anchors=anchors if any(a is not None for a in anchors) else (), colour=colour)


def _direction(file: WorkspaceFile, model: ModelFile) -> DirectionPart | None:
    direction = file.direction
    if direction is None:
        return None
    names = {part.name for part in file.kept}
    labels = model.codes.labels if model.codes is not None else None
    classes = max(len(model.class_names), int(labels.max(initial=-1)) + 1) if labels is not None else 0
    for group in (direction.a, direction.b):
        known = {"kept": group.key in names, "class": _is_class(group.key, classes)}.get(group.kind, True)
        if not known:
            raise _MisfitError("the direction, which is between groups that there are not")
    return direction


def _is_class(key: str, classes: int) -> bool:
    return key.isascii() and key.isdecimal() and len(key) <= 9 and int(key) < classes
