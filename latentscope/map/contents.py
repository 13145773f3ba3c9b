"""What of a workspace lies on the map, where, and how it is drawn: what every scene is made from."""

from collections.abc import Callable

from PySide6.QtGui import QFont

from latentscope.analysis.colouring import Colouring
from latentscope.map.camera import Bounds, Camera
from latentscope.map.embedding import Embedding
from latentscope.map.factor_arrows import FactorArrow
from latentscope.map.framing import home_bounds
from latentscope.map.marks import CodeMarks, marks_of
from latentscope.map.points.cloud import Cloud, cloud_of
from latentscope.map.points.fading import Depth
from latentscope.map.points.look import Look
from latentscope.map.points.looks import Looks
from latentscope.map.scene import Scene
from latentscope.paths.routes import Route
from latentscope.state.open_model import has_prior
from latentscope.state.paths import NO_PATHS, LatentPath, Paths
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme
from trainer.geometry import Plane

__all__ = ["Contents"]


class Contents:
    """``lay_out`` lays points and codebook on the plane, or as ``embedding`` has them; ``scene`` shows all there is.

    ``arrows`` and ``colouring`` are asked each time: the factors' arrows on a plane, and what the points are coloured
    by (None: their classes).
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._looks = Looks(workspace)
        self.embedding: Embedding | None = None  # how the points lie if not on the plane
        self.arrows: Callable[[Plane], tuple[FactorArrow, ...]] = lambda plane: ()
        self.colouring: Callable[[], Colouring | None] = lambda: None
        self.cloud: Cloud
        self.marks: CodeMarks | None  # the codes of the codebook as they lie on the map
        self.lay_out()

    def lay_out(self) -> bool:
        """The codes, or the plane through them, are others. Whether the embedding had to go: it is of other codes."""
        model, codes, plane = self._workspace.model, self._workspace.codes, self._workspace.plane
        outdated = self.embedding is not None and self.embedding.codes is not codes
        if outdated:
            self.embedding = None
        self.cloud = cloud_of(codes, plane) if self.embedding is None else self.embedding.cloud
        self.marks = marks_of(model.file if model and self.embedding is None else None, plane)
        return outdated

    def bounds(self) -> Bounds:
        """What the map would show by itself: the prior and nearly all of its codes."""
        if self.embedding is not None:
            return self.embedding.bounds()
        return home_bounds(self.cloud, self._workspace.plane, self.marks, prior=has_prior(self._workspace.model))

    def paths(self) -> Paths:
        """Where the points do not lie on a plane, a path would mean nothing."""
        return self._workspace.pathing.paths if self.embedding is None else NO_PATHS

    def look(self, theme: Theme) -> Look:
        """How the points are drawn; the same object as long as nothing of it has changed."""
        return self._looks.look(self.cloud, theme, self.colouring(), self.depth())

    def depth(self) -> Depth | None:
        """How far the points lie off the plane; None where that makes no difference to them."""
        return self._looks.depth(self.cloud) if self.embedding is None else None

    def looks_like(self, scene: Scene) -> bool:
        """Whether points and arrows are drawn as in a scene of before."""
        return self.look(scene.theme) is scene.look and self.arrows(self._workspace.plane) == scene.arrows

    def scene(
        self,
        camera: Camera,
        theme: Theme,
        font: QFont,
        route: Callable[[LatentPath], Route],
        *,
        moving: bool,
        held: bool,
    ) -> Scene:
        """All that the map shows now; ``moving``: the camera is on its way, ``held``: the mouse drags something."""
        workspace = self._workspace
        return Scene(
            camera=camera,
            theme=theme,
            font=font,
            plane=workspace.plane,
            cloud=self.cloud,
            look=self.look(theme),
            layers=workspace.layers if self.embedding is None else self.embedding.layers(workspace.layers),
            probe=workspace.probe if workspace.model else None,
            paths=self.paths(),
            route=route,
            embedding=self.embedding,
            codebook=self.marks,
            has_prior=has_prior(workspace.model),
            moving=moving,
            held=held,
            directions=workspace.plane_choice.directions,
            arrows=self.arrows(workspace.plane),
            codes=workspace.codes,
            axes=workspace.still_plane,
        )
