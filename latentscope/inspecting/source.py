"""Where the pictures and the codes of the inspected points come from at one moment. No Qt."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latentscope.decoding import TimedCodec
from latentscope.state.open_model import Condition
from trainer.files import Codes

__all__ = ["Source"]

STEP_MS = 25.0  # of one step on the worker
STEP_VALUES = 2**21  # decoded in one step at most

Pictures = NDArray[np.uint8]
Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Source:
    """``images`` are the originals behind the codes, None where they are not at hand; ``timed`` is the decoder, None
    until it is loaded; ``condition`` is the class that a conditional model decodes now, for images without a label."""

    codes: Codes
    class_names: tuple[str, ...]
    image_shape: tuple[int, int, int]
    images: Pictures | None = None
    timed: TimedCodec | None = None
    condition: Condition | None = None

    def is_like(self, other: "Source | None") -> bool:
        """Whether the same comes from both."""
        if other is None:
            return False
        same = self.codes is other.codes and self.images is other.images and self.timed is other.timed
        return same and (self.condition == other.condition or self.codes.labels is not None)

    @property
    def can_decode(self) -> bool:
        """Whether the codes can be decoded: a model with a codebook needs the images' grids of codes for it."""
        return self.timed is not None and (self.timed.codec.grid is None or self.codes.tokens is not None)

    @property
    def is_conditional(self) -> bool:
        return self.condition is not None

    def finite(self, index: Index) -> NDArray[np.bool_]:
        """Which of these codes are finite, (M,)."""
        return self.codes.finite[index]

    def batch(self) -> int:
        """How many images are decoded in one step."""
        assert self.timed is not None
        by_time = (STEP_MS - self.timed.first_ms) / max(self.timed.further_ms, 1e-3)
        return int(max(1, min(by_time, STEP_VALUES // math.prod(self.image_shape), 2048)))

    def milliseconds(self, count: int) -> float:
        """About how long it takes to decode so many."""
        assert self.timed is not None
        return self.timed.estimate(count)

    def reconstruct(self, index: Index) -> Pictures:
        """What the decoder makes of the codes of these images, (M, H, W, C) uint8: of the posteriors' means; with a
        codebook, of their grids of codes. A conditional model decodes each with its own class.

        Raises ConfigError for codes that are not finite, or not the model's.
        """
        assert self.timed is not None
        codec, codes = self.timed.codec, self.codes
        if codec.grid is not None and codes.tokens is not None:
            return codec.decode_tokens(codes.tokens[index])
        return codec.decode(codes.mean[index], self._conditions(index))

    def _conditions(self, index: Index) -> NDArray[np.float32] | None:
        if self.condition is None:
            return None
        labels = np.full(len(index), -1) if self.codes.labels is None else self.codes.labels[index]
        weights = np.tile(np.array(self.condition, np.float32), (len(index), 1))
        known = (labels >= 0) & (labels < len(self.condition))
        weights[known] = np.eye(len(self.condition), dtype=np.float32)[labels[known]]
        return weights

    def decode_mean(self, index: Index) -> Pictures:
        """What the decoder makes of the mean of these codes, (H, W, C) uint8; with a codebook, the encoded image that
        is nearest to it on the map. A conditional model decodes it with the mixture of their classes."""
        assert self.timed is not None
        conditions = self._conditions(index)
        mean = self.codes.mean[index].mean(axis=0, dtype=float)
        mixture = None if conditions is None else conditions.mean(axis=0)
        return self.timed.codec.decode(mean[None], mixture)[0]
