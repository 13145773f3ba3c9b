"""The look of a map's points, kept as long as nothing has changed that it is made from."""

from latentscope.analysis.colouring import Colouring
from latentscope.map.points.cloud import Cloud
from latentscope.map.points.fading import Depth, at_share, depth_of, faded
from latentscope.map.points.look import Look, look_of
from latentscope.map.scene import faint_classes
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme

__all__ = ["Looks"]


class Looks:
    """The look and the depth of what a workspace shows."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._look: Look | None = None
        self._look_made_from: tuple[object, ...] = ()
        self._depth: Depth | None = None
        self._depth_made_from: tuple[object, ...] = ()

    def look(self, cloud: Cloud, theme: Theme, colouring: Colouring | None, depth: Depth | None) -> Look:
        """How the points are drawn; the same object as long as nothing of it has changed."""
        workspace = self._workspace
        made_from = (
            cloud, theme, workspace.class_count, workspace.hidden_classes, faint_classes(workspace.condition),
            workspace.selecting.selection, colouring,
        )  # fmt: skip
        if self._look is None or (*made_from, depth) != self._look_made_from:
            self._look_made_from = (*made_from, depth)
            self._look = faded(look_of(*made_from), depth)
        return self._look

    def depth(self, cloud: Cloud) -> Depth | None:
        """How far the points lie off the plane; None where that makes no difference to how they are drawn."""
        workspace, codes = self._workspace, self._workspace.codes
        if codes is None or workspace.dimension <= 2 or not workspace.layers.shows("fade"):
            return None
        made_from = cloud, workspace.layers.depth
        before, share = self._depth_made_from, workspace.layers.depth
        if made_from != before:
            same_cloud = self._depth is not None and before[:1] == made_from[:1]
            depth = (
                at_share(self._depth.distance, share)
                if same_cloud and self._depth is not None
                else depth_of(codes, cloud, workspace.plane, share)
            )
            self._depth_made_from, self._depth = made_from, depth
        return self._depth
