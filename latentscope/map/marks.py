"""The codes of a codebook as the map sees them: where each one lies, and how often it is used. Pure NumPy, no Qt."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latentscope.map.camera import Bounds
from trainer.files import ModelFile
from trainer.geometry import Plane
from trainer.grids import codebook_of
from trainer.measures.codebook import usage

__all__ = ["CodeMarks", "marks_of"]

SMALLEST, LARGEST = 2.2, 9.0  # px: the radius of a code that is used once, and of the one that is used most
DEAD = 3.2  # px: half the width of the mark of a code that is never used
OUTSIDE = 5.0  # per cent of the codes at each end of each axis may lie outside the first view


@dataclass(frozen=True, eq=False)
class CodeMarks:
    """``position`` (K, 2) map points, ``count`` (K,) how often each code stands in the test images' grids."""

    position: NDArray[np.float64]
    count: NDArray[np.int64]

    def radius(self) -> NDArray[np.float64]:
        """In pixels, (K,): the area grows with the use."""
        share = np.sqrt(self.count / max(1, int(self.count.max(initial=1))))
        return np.where(self.count > 0, np.maximum(SMALLEST, LARGEST * share), DEAD)

    def bounds(self) -> Bounds:
        """The rectangle of most codes."""
        low, high = np.percentile(self.position, [OUTSIDE, 100 - OUTSIDE], axis=0)
        return Bounds(float(low[0]), float(low[1]), float(high[0]), float(high[1]))

    def at(self, xy: NDArray[np.float64], scale: float) -> tuple[int, float]:
        """The code whose mark is at map point ``xy`` and its distance, in pixels of ``scale`` to a map unit; −1, ∞."""
        distance = np.linalg.norm(self.position - xy, axis=1) * scale
        code = int(distance.argmin())
        if distance[code] > self.radius()[code] + 2:
            return -1, np.inf
        return code, float(distance[code])


def marks_of(file: ModelFile | None, plane: Plane) -> CodeMarks | None:
    """The codes of a model, projected on the plane; None for a model without a codebook."""
    codebook = None if file is None else codebook_of(file)
    if file is None or codebook is None:
        return None
    tokens = file.codes.tokens if file.codes is not None else None
    count = np.zeros(len(codebook), np.int64) if tokens is None else usage(tokens, len(codebook))
    return CodeMarks(plane.to_map(codebook), count)
