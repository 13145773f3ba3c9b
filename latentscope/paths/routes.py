"""How the paths of a map run: by their rules, with the newest decoder. What takes long is found off the GUI thread."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from latentscope.background import Background
from latentscope.decoding import Decoding
from latentscope.state.paths import LatentPath
from latentscope.state.workspace import Workspace
from trainer.paths import RULES
from trainer.paths.curve import Curve
from trainer.paths.rule import joined
from trainer.paths.timing import step_shares

__all__ = ["Route", "Routes", "route_at_once"]

KEPT = 32  # routes of paths that were shown last


@dataclass(frozen=True, eq=False)
class Route:
    """How a path runs, and at which ``shares`` (steps,) of its length the frames of its film are.

    Not ``final`` while a better one is sought.
    """

    curve: Curve
    shares: NDArray[np.float64]
    final: bool = True

    @cached_property
    def steps(self) -> NDArray[np.float64]:
        """The latent points (steps, D) of the film."""
        return self.curve.at(self.shares)

    def share_at(self, time: float) -> float:
        """Where along the curve the film is at a share of its time: between two frames on the way from one to the
        next, and not across a bend."""
        return float(np.interp(time * (len(self.shares) - 1), np.arange(len(self.shares)), self.shares))


class Routes(QObject):
    """Finds the routes of one workspace's paths. ``changed`` says that one is another than it was when asked for."""

    changed = Signal()

    def __init__(self, workspace: Workspace, decoding: Decoding, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._decoding = workspace, decoding
        self._background = Background("routes", self, brief=True)
        self._known: OrderedDict[LatentPath, Route] = OrderedDict()
        workspace.model_changed.connect(self._forget)

    def route(self, path: LatentPath) -> Route:
        """How it runs, as far as that is known by now: at first, where it takes long to find, straight."""
        key = replace(path, name="", colour=0, anchors=())
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._found(key)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(key)
        return known

    def is_settled(self) -> bool:
        return not self._background.busy()

    def close(self) -> None:
        self._background.close()

    def _found(self, path: LatentPath) -> Route:
        return route_at_once(path)

    def _forget(self) -> None:
        self._known.clear()
        self.changed.emit()


def route_at_once(path: LatentPath) -> Route:
    """How a path runs by its rule alone; straight, at constant latent speed, and not final, where it needs more."""
    by_itself, latent = not RULES[path.kind].traits, path.walk.pace == "latent"
    curve = joined(path.waypoints, path.kind if by_itself else "linear", closed=path.closed)
    return Route(curve, step_shares(curve, replace(path.walk, pace="latent")), final=by_itself and latent)
