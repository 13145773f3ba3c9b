"""Which class the images along a path are of: what a classifier of real images says."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.classifier import ImageClassifier
from trainer.paths.curve import Array
from trainer.paths.rule import Decode

__all__ = ["ImageClasses"]

BLOCK = 256  # images at a time


@dataclass(frozen=True, eq=False)
class ImageClasses:
    """The classifier's confidence, of the images that ``decode`` makes. It also tells the classes of a conditional
    model, whose codes do not."""

    decode: Decode
    classifier: ImageClassifier

    def shares(self, points: Array) -> NDArray[np.float32]:
        blocks = (points[begin : begin + BLOCK] for begin in range(0, len(points), BLOCK))
        return np.concatenate([self.classifier.shares(self.decode(block)) for block in blocks])
