"""What the paths of a model run through: its decoder and its codes."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.files import Codes
from trainer.geometry import within_float32
from trainer.paths.curve import Array
from trainer.paths.rule import Pull, Surroundings

if TYPE_CHECKING:
    from trainer.codec import Codec

__all__ = ["surroundings"]


def surroundings(codec: "Codec | None", codes: Codes | None, condition: ArrayLike | None = None) -> Surroundings:
    """Those of a model under one ``condition`` (K,), which a conditional model wants.

    A model with a codebook decodes no points: on the way from one point to the next its image is now this, now that
    encoded one. Its surroundings are its codes alone.
    """

    def decode(z: Array) -> NDArray[np.float32]:
        assert codec is not None
        return codec.means(within_float32(z), condition)

    def trace(z: Array) -> tuple[NDArray[np.float32], Pull]:
        assert codec is not None
        return codec.traced(within_float32(z), condition)

    decodes, means = codec is not None and codec.codebook is None, codes.mean if codes is not None else None
    return Surroundings(decode, means, trace) if decodes else Surroundings(None, means)
