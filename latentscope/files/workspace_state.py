"""From the window to a workspace file, and back: what is looked at on the GUI thread, and what is made of it anywhere.

``capture`` only takes hold of what the window has, none of which ever changes; ``file_of`` makes the file of it, on
any thread. ``restore`` puts into the window what ``workspace_fit`` has made ready, as one step.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from latentscope import __version__
from latentscope.analysis.groups import Group
from latentscope.compare.companion import Source
from latentscope.files.model_reference import reference_to
from latentscope.files.row_text import text_of
from latentscope.files.workspace_file import (
    ComparedPart,
    ComparisonPart,
    DirectionPart,
    GroupPart,
    InspectorPart,
    LayersPart,
    PicturePart,
    PlayPart,
    SelectionPart,
    ViewPart,
    WorkspaceFile,
)
from latentscope.files.workspace_fit import Fitting
from latentscope.map.camera import MAX_SCALE, Camera
from latentscope.runs.snapshots import run_of
from latentscope.state.layers import LAYERS, Layers
from latentscope.state.open_model import OpenModel
from latentscope.state.painting import Painting
from latentscope.state.paths import LatentPath, Paths, latent_tuple, new_path
from latentscope.state.planes import PlaneChoice
from latentscope.state.selection import NOTHING, Selection
from latentscope.window.docks import bring_to_front, is_in_front
from latentscope.window.map_at_rest import export_scale
from trainer.geometry import Plane
from trainer.run import Run

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["Captured", "Compared", "camera_of", "capture", "file_of", "restore"]


@dataclass(frozen=True)
class Compared:
    """A model beside the main one: its file, or its run's folder; ``followed``: that run's newest, as it comes."""

    path: Path
    title: str
    followed: bool


@dataclass(frozen=True, eq=False)
class Captured:
    """What the window shows at one moment. Places are in aligned coordinates, as they are of the run's newest."""

    model: Path
    title: str
    dimension: int
    followed: bool
    seconds: float | None
    data: str | None
    size: tuple[int, int]
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
    compared: tuple[Compared, ...]
    wipe: bool
    share: float
    playing: PlayPart
    inspector: InspectorPart
    panels: tuple[str, ...]
    saved_as: str = ""


def capture(window: "MainWindow", saved_as: Path | None = None) -> Captured | None:
    """What the window shows now; None where no model is open, or one that is on no disk."""
    workspace, view = window.workspace, window.map
    model = workspace.model
    if model is None or model.path is None:
        return None
    film, playing, inspecting = window.film, window.playback.playing, window.inspection.inspecting
    directing = window.selections.panel.directing
    return Captured(
        model=_home(window, model, model.path),
        title=model.title,
        dimension=workspace.dimension,
        followed=model.live or (film.detached and film.live),
        seconds=film.seconds if film.detached else None,
        data=window.documents.data,
        size=(window.stage.width(), window.stage.height()),
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
        compared=tuple(one for source in window.compare.sources if (one := _compared(source)) is not None),
        wipe=window.stage.wipe,
        share=window.stage.share,
        playing=PlayPart(
            mode=playing.mode_of(closed=False),
            closed_mode=playing.mode_of(closed=True),
            speed=playing.speed,
            moment=playing.moment,
        ),
        inspector=InspectorPart(
            everything=inspecting.everything, current=inspecting.current if inspecting.current >= 0 else None
        ),
        panels=tuple(title for title, dock in window.docks.items() if is_in_front(dock)),
        saved_as=str(saved_as) if saved_as is not None else "",
    )


def _home(window: "MainWindow", model: OpenModel, path: Path) -> Path:
    """What is to be opened to see this again: a run's folder where its newest model is meant, or was when an earlier
    moment was looked for; a snapshot's own file where that was opened."""
    run = run_of(model)
    if run is None:
        return path
    if window.workspace.moment is not None:
        return window.film.base or run.folder
    return run.folder if window.film.at_newest else path


def _compared(source: Source) -> Compared | None:
    """None for a model that is on no disk."""
    if isinstance(source, Run):
        return Compared(source.folder, source.folder.name, followed=True)
    path = source.path if isinstance(source, OpenModel) else source
    return None if path is None else Compared(path, path.name, followed=False)


def file_of(captured: Captured, folder: Path | None = None) -> WorkspaceFile:
    """The file of what was captured, to be written into ``folder``. Reads the model's header; any thread may do it."""
    camera, layers, plane = captured.camera, captured.layers, captured.plane
    a, b = (GroupPart(kind=group.kind, key=group.key) for group in captured.groups)
    basis = tuple(latent_tuple(part) for part in (plane.origin, plane.u, plane.v))
    return WorkspaceFile(
        program=__version__,
        model=reference_to(captured.model, captured.title, folder),
        dimension=captured.dimension,
        followed=captured.followed,
        seconds=captured.seconds,
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
        picture=PicturePart(
            width=captured.size[0],
            height=captured.size[1],
            scale=captured.scale,
            theme=captured.theme,  # type: ignore[arg-type]
        ),
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
        comparison=ComparisonPart(
            models=tuple(
                ComparedPart(model=reference_to(one.path, one.title, folder), followed=one.followed)
                for one in captured.compared
            ),
            wipe=captured.wipe,
            share=captured.share,
        ),
        playing=captured.playing,
        inspector=captured.inspector,
        panels=captured.panels,
        saved_as=captured.saved_as,
    )


def _part(selection: Selection) -> SelectionPart:
    return SelectionPart(rows=text_of(selection.index), name=selection.name)


def camera_of(view: ViewPart, now: Camera) -> Camera:
    """The camera of a file in a map of the present size."""
    return Camera(view.x, view.y, min(view.scale, MAX_SCALE), now.width, now.height, now.ratio)


def restore(window: "MainWindow", fitting: Fitting, picture: PicturePart | None) -> Callable[[], None]:
    """Show what fits, in the window that has just opened its model; there is then nothing to undo.

    What is returned looks at the map from where the file says once more: whoever changes the size of the map after
    this, as the maps of other models do, calls it then.
    """
    workspace, looking, inspector = window.workspace, window.map.looking, fitting.inspector
    for title in fitting.panels:
        bring_to_front(window.docks.get(title))
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
    workspace.pathing.set(fitting.paths)
    workspace.pathing.style = fitting.style
    if fitting.playing is not None:
        part = fitting.playing
        window.playback.restore({False: part.mode, True: part.closed_mode}, part.speed, part.moment)
    window.inspection.inspecting.inspect_all(inspector.everything)
    if inspector.current is not None:
        window.inspection.inspecting.look_at(inspector.current)
    if fitting.probe is not None:  # after all else that takes it along
        workspace.set_probe(fitting.probe)
    if fitting.painting is not None:
        workspace.set_painting(fitting.painting)
    if fitting.direction is not None:
        direction = fitting.direction
        if direction.shown:
            window.show_panel(window.selections.panel)
        a, b = (Group(group.kind, group.key) for group in (direction.a, direction.b))
        window.selections.panel.directing.resume(a, b, direction.t)
    view = fitting.view
    last: Camera | None = None

    def look() -> None:
        nonlocal last
        now = looking.camera
        if last is not None and looking.moved_by_user and (now.x, now.y, now.scale) != (last.x, last.y, last.scale):
            return  # the user looks elsewhere by now
        size = window.stage.width(), window.stage.height()
        same_size = picture is not None and (picture.width, picture.height) == size
        if view is not None and (view.chosen or same_size):
            looking.follow(camera_of(view, now), view.chosen)
        last = looking.camera

    look()
    if view is not None and view.embedding:
        window.planes.views.restore(view.embedding, look)
    workspace.undo_stack.clear()
    return look
