"""From the window to a workspace file, and back: what is looked at on the GUI thread, and what is made of it anywhere.

``capture`` only takes hold of what the window has, none of which ever changes; ``file_of`` makes the file of it, on
any thread. ``restore`` puts into the window what ``workspace_fit`` has made ready, as one step.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from latentscope import __version__
from latentscope.analysis.groups import Group
from latentscope.files.model_reference import reference_to
from latentscope.files.row_text import text_of
from latentscope.files.workspace_file import (
    DirectionPart,
    GroupPart,
    LayersPart,
    PicturePart,
    SelectionPart,
    ViewPart,
    WorkspaceFile,
)
from latentscope.files.workspace_fit import Fitting
from latentscope.map.camera import MAX_SCALE, Camera
from latentscope.runs.snapshots import run_of
from latentscope.state.layers import LAYERS, Layers
from latentscope.state.painting import Painting
from latentscope.state.paths import LatentPath, Paths, latent_tuple, new_path
from latentscope.state.planes import PlaneChoice
from latentscope.state.selection import NOTHING, Selection
from latentscope.window.map_at_rest import export_scale
from trainer.geometry import Plane

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["Captured", "camera_of", "capture", "file_of", "restore"]


@dataclass(frozen=True, eq=False)
class Captured:
    """What the window shows at one moment. Places are in aligned coordinates, as they are of the run's newest."""

    model: Path
    title: str
    dimension: int
    data: str | None
    camera: Camera
    chosen: bool
    embedding: str
    choice: PlaneChoice
    plane: Plane
    scale: float
    theme: str
    layers: Layers
    hidden: frozenset[int]
    selection: Selection
    kept: tuple[Selection, ...]
    paths: Paths
    style: LatentPath
    condition: tuple[float, ...] | None
    probe: tuple[float, ...]
    groups: tuple[Group, Group]
    t: float
    directing: bool
    painting: Painting | None
    saved_as: str = ""


def capture(window: "MainWindow", saved_as: Path | None = None) -> Captured | None:
    """What the window shows now; None where no model is open, or one that is on no disk."""
    workspace, view = window.workspace, window.map
    model = workspace.model
    if model is None or model.path is None:
        return None
    run = run_of(model)
    directing = window.selections.panel.directing
    return Captured(
        model=run.folder if run is not None else model.path,
        title=model.title,
        dimension=workspace.dimension,
        data=window.documents.data,
        camera=view.camera,
        chosen=view.looking.moved_by_user,
        embedding=view.embedding.method if view.embedding is not None else "",
        choice=workspace.plane_choice,
        plane=workspace.still_plane,
        scale=export_scale(window),
        theme=window.theme.name,
        layers=workspace.layers,
        hidden=workspace.hidden_classes,
        selection=workspace.selecting.selection,
        kept=workspace.selecting.kept,
        paths=workspace.pathing.paths if workspace.moment is None else workspace.pathing.still,
        style=new_path((), workspace.pathing.style),
        condition=workspace.condition,
        probe=workspace.still_point(workspace.probe),
        groups=(directing.a, directing.b),
        t=directing.t,
        directing=directing.active,
        painting=workspace.painting,
        saved_as=str(saved_as) if saved_as is not None else "",
    )


def file_of(captured: Captured, folder: Path | None = None) -> WorkspaceFile:
    """The file of what was captured, to be written into ``folder``. Reads the model's header; any thread may do it."""
    camera, layers, plane = captured.camera, captured.layers, captured.plane
    a, b = (GroupPart(kind=group.kind, key=group.key) for group in captured.groups)
    basis = tuple(latent_tuple(part) for part in (plane.origin, plane.u, plane.v))
    return WorkspaceFile(
        program=__version__,
        model=reference_to(captured.model, captured.title, folder),
        dimension=captured.dimension,
        data=captured.data,
        view=ViewPart(
            x=float(camera.x),
            y=float(camera.y),
            scale=float(camera.scale),
            chosen=captured.chosen,
            embedding=captured.embedding,
            plane=captured.choice,
            basis=(basis[0], basis[1], basis[2]) if captured.dimension > 2 else None,
        ),
        picture=PicturePart(width=camera.width, height=camera.height, scale=captured.scale, theme=captured.theme),  # type: ignore[arg-type]
        layers=LayersPart(
            switches={layer.name: layers.shows(layer.name) for layer in LAYERS},
            atlas_opacity=layers.atlas_opacity,
            colour_by=layers.colour_by,
            arrows=tuple(sorted(layers.arrows)),
            depth=layers.depth,
            ellipses=layers.ellipses,
        ),
        hidden=tuple(sorted(captured.hidden)),
        selection=_part(captured.selection),
        kept=tuple(_part(one) for one in captured.kept),
        paths=captured.paths,
        style=captured.style,
        condition=captured.condition,
        probe=captured.probe,
        direction=DirectionPart(a=a, b=b, t=float(captured.t), shown=captured.directing),
        painting=captured.painting,
        saved_as=captured.saved_as,
    )


def _part(selection: Selection) -> SelectionPart:
    return SelectionPart(rows=text_of(selection.index), name=selection.name)


def camera_of(view: ViewPart, now: Camera) -> Camera:
    """The camera of a file in a map of the present size."""
    return Camera(view.x, view.y, min(view.scale, MAX_SCALE), now.width, now.height, now.ratio)


def restore(window: "MainWindow", fitting: Fitting, picture: PicturePart | None) -> None:
    """Show what fits, in the window that has just opened its model; there is then nothing to undo."""
    workspace, looking = window.workspace, window.map.looking
    workspace.set_layers(fitting.layers)
    workspace.set_hidden_classes(fitting.hidden)
    workspace.selecting.set(fitting.selection or NOTHING)
    workspace.selecting.set_kept(fitting.kept)
    if fitting.choice != workspace.plane_choice:
        workspace.change_plane(fitting.choice, "Open the workspace")
    if fitting.plane is not None:
        workspace.set_plane(fitting.plane)
    if fitting.condition is not None:
        workspace.set_condition(fitting.condition)
    if fitting.probe is not None:
        workspace.set_probe(fitting.probe)
    workspace.pathing.set(fitting.paths)
    workspace.pathing.style = fitting.style
    if fitting.painting is not None:
        workspace.set_painting(fitting.painting)
    if fitting.direction is not None:
        direction = fitting.direction
        if direction.shown:
            window.show_panel(window.selections.panel)
        a, b = (Group(group.kind, group.key) for group in (direction.a, direction.b))
        window.selections.panel.directing.resume(a, b, direction.t)
    view = fitting.view
    if view is not None:
        now = looking.camera
        same_size = picture is not None and (picture.width, picture.height) == (now.width, now.height)

        def look() -> None:
            if view.chosen or same_size:
                looking.follow(camera_of(view, looking.camera), view.chosen)

        look()
        if view.embedding:
            window.planes.views.restore(view.embedding, look)
    workspace.undo_stack.clear()
