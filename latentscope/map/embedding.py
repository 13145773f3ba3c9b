"""The points laid out by t-SNE or UMAP instead of on the plane: a view of the codes, not a part of the latent space."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from latentscope.analysis.neighbours import nearest
from latentscope.map.camera import Bounds
from latentscope.map.points.cloud import Cloud, crowding_of, spread_of
from latentscope.state.layers import Layers
from latentscope.state.paths import Latent
from latentscope.state.workspace import Workspace
from trainer.analysis.embedding import EmbeddingMethod
from trainer.files import Codes

__all__ = ["MEANT", "TITLES", "Embedding", "embedding_of"]

TITLES: dict[EmbeddingMethod, str] = {"t-sne": "t-SNE", "umap": "UMAP"}
MEANT = frozenset({"points", "trust"})  # the layers that mean something in such a view
AIR = 0.06  # of its size, around the points


@dataclass(frozen=True, eq=False)
class Embedding:
    """``cloud`` has the points where the method has put them, in units of their own spread. ``codes`` are whose."""

    method: EmbeddingMethod
    codes: Codes
    cloud: Cloud

    @property
    def title(self) -> str:
        return TITLES[self.method]

    def layers(self, layers: Layers) -> Layers:
        """What is left of the layers: only points have a place here."""
        return replace(layers, shown=layers.shown & MEANT)

    def bounds(self) -> Bounds:
        bounds = self.cloud.bounds()
        assert bounds is not None  # there are points: else nothing could be laid out
        return bounds.padded(AIR * max(bounds.right - bounds.left, bounds.top - bounds.bottom, 1e-6))

    def latent_at(self, place: NDArray[np.float64], workspace: Workspace) -> Latent:
        """The code (D,) of the shown point nearest to a place; where all are hidden, the probe."""
        row = self.cloud.nearest(place, np.inf, workspace.hidden_classes)
        return workspace.probe if row < 0 else self.codes.mean[self.cloud.index[row]].astype(float)

    def nearest_row(self, z: Latent) -> tuple[int, float]:
        """The row of the point whose code is nearest to z (D,), and how far away it is in the latent space."""
        found, distance = nearest(self.codes.mean[self.cloud.index], z, 1)
        return int(found[0]), float(distance[0])


def embedding_of(
    method: EmbeddingMethod, codes: Codes, index: NDArray[np.int64], position: NDArray[np.float32]
) -> Embedding:
    """Codes ``index`` (M,) at positions (M, 2), which are moved and scaled to the middle and size of a map."""
    centred: NDArray[np.float32] = (position - np.median(position, axis=0)).astype(np.float32)
    centred /= np.float32(spread_of(centred))
    label = np.full(len(index), -1, np.int64) if codes.labels is None else codes.labels[index].astype(np.int64)
    cloud = Cloud(centred, index.astype(np.int32), label, spread_of(centred), crowding_of(centred))
    return Embedding(method, codes, cloud)
