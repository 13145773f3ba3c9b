"""What the layers of the map draw from, and what a layer is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QFont, QPainter, QRegion

from latentscope.map.camera import Camera
from latentscope.map.embedding import Embedding
from latentscope.map.marks import CodeMarks
from latentscope.map.points.cloud import Cloud
from latentscope.map.points.look import Look
from latentscope.paths.routes import Route, route_at_once
from latentscope.state.layers import Layers
from latentscope.state.open_model import Condition
from latentscope.state.paths import NO_PATHS, LatentPath, Paths
from latentscope.theme import Theme
from trainer.files import Codes
from trainer.geometry import Plane

if TYPE_CHECKING:
    from latentscope.map.factor_arrows import FactorArrow

__all__ = ["BaseLayer", "Overlay", "Scene", "colour", "faint_classes"]


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything that the map shows at one moment. The painter that a layer gets counts in logical pixels."""

    camera: Camera
    theme: Theme
    font: QFont
    plane: Plane
    cloud: Cloud
    look: Look
    layers: Layers
    probe: NDArray[np.float64] | None
    paths: Paths = NO_PATHS
    route: Callable[[LatentPath], Route] = route_at_once  # how a path runs, as far as that is known
    codebook: CodeMarks | None = None  # of a model that has one
    has_prior: bool = True
    held: bool = False  # the mouse drags something over the map, and is not to wait for what is dear to draw
    moving: bool = False  # the camera is on its way: what is dear to draw may be drawn roughly until it has stopped
    directions: tuple[str, str] = ("PC 1", "PC 2")  # what those of the plane are called that are no latent axes
    still: bool = False  # the picture is one to be kept: all is drawn as well as can be, however long that takes
    arrows: "tuple[FactorArrow, ...]" = ()
    codes: Codes | None = None  # what the cloud was made of
    embedding: Embedding | None = None  # the points lie as t-SNE or UMAP has them, and not on the plane
    axes: Plane | None = None  # the plane whose axes the map shows, where ``plane`` is that one turned to be aligned

    @property
    def path(self) -> LatentPath | None:
        """The active path."""
        return self.paths.current


def faint_classes(condition: Condition | None) -> frozenset[int]:
    """Those that have no part in what a conditional model decodes; none of a model that is not conditional."""
    return frozenset(label for label, weight in enumerate(condition or ()) if weight == 0)


class BaseLayer(Protocol):
    """A layer of the cached picture under the overlays. It is drawn again only when what it shows has changed."""

    def paint(self, painter: QPainter, scene: Scene) -> None: ...


class Overlay(Protocol):
    """What moves with the mouse: drawn over the cached picture, and only where it is."""

    def region(self, scene: Scene) -> QRegion:
        """The logical pixels that ``paint`` may touch; empty where there is nothing to draw."""

    def paint(self, painter: QPainter, scene: Scene) -> None: ...


def colour(name: str, opacity: float = 1.0) -> QColor:
    """A colour of the theme with an opacity."""
    result = QColor(name)
    result.setAlphaF(opacity)
    return result
