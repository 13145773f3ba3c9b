"""What every quantizer is to the family vq-vae."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn

__all__ = ["Quantized", "Quantizer"]


@dataclass(frozen=True, eq=False)
class Quantized:
    """What became of the vectors (N, D)."""

    vectors: Tensor  # (N, D), the codes, whose gradient goes straight through to the vectors
    tokens: Tensor  # (N,), which code each is, from 0
    commitment: Tensor  # scalar: the mean squared distance of a vector's numbers to its code's; 0 without a meaning


class Quantizer(nn.Module, ABC):
    """A codebook of K vectors of D numbers. All that changes in training is a float32 buffer."""

    @abstractmethod
    def forward(self, vectors: Tensor, progress: float = 1.0, generator: torch.Generator | None = None) -> Quantized:
        """The codes of vectors (N, D). In training mode the codebook learns from them.

        ``progress`` of the training, from 0 to 1; what is random is drawn from ``generator`` (None: torch's own).
        """

    @abstractmethod
    def tokens(self, vectors: Tensor) -> Tensor:
        """Which code (N,) each of the vectors (N, D) is."""

    @property
    @abstractmethod
    def codebook(self) -> Tensor:
        """The codes, (K, D)."""
