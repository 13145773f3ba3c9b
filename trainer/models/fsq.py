"""Finite scalar quantisation: every number of a vector is rounded to one of a few levels.

Mentzer et al. 2023, "Finite Scalar Quantization: VQ-VAE Made Simple", arXiv:2309.15505. The codebook is the grid of all
levels: it is not learnt, needs neither commitment nor restarts, and nearly all of it comes into use by itself.
"""

import math

import torch
from torch import Tensor

from trainer.config import Config
from trainer.models.levels import levels_of
from trainer.models.quantizer import Quantized, Quantizer

__all__ = ["FiniteScalarQuantizer", "quantizer"]

SMALLEST_SPREAD = 1e-6
MARGIN = 1e-3  # the outermost levels are reached a little before infinity


class FiniteScalarQuantizer(Quantizer):
    """Vectors of as many numbers as ``levels`` has entries; a code's numbers lie in [−1, 1]."""

    def __init__(self, levels: tuple[int, ...]) -> None:
        super().__init__()
        self.levels = levels
        self.places = [math.prod(levels[:i]) for i in range(len(levels))]
        every = torch.arange(math.prod(levels))[:, None]
        middle = torch.tensor(levels) // 2
        self.register_buffer("codes", (every // torch.tensor(self.places) % torch.tensor(levels) - middle) / middle)
        self.register_buffer("mean", torch.zeros(len(levels)))
        self.register_buffer("spread", torch.ones(len(levels)))
        self.register_buffer("started", torch.zeros(()))
        self.codes: Tensor
        self.mean: Tensor
        self.spread: Tensor
        self.started: Tensor

    @property
    def codebook(self) -> Tensor:
        return self.codes

    def tokens(self, vectors: Tensor) -> Tensor:
        return self.numbered(self.bound(vectors).round())

    def forward(self, vectors: Tensor, progress: float = 1.0, generator: torch.Generator | None = None) -> Quantized:
        if self.training and not self.started:
            self.start(vectors.detach())
        bounded = self.bound(vectors)
        rounded = bounded.round()
        codes = bounded + (rounded - bounded).detach()
        return Quantized(codes / (self.steps // 2), self.numbered(rounded), vectors.new_zeros(()))

    @property
    def steps(self) -> Tensor:
        """The levels as a tensor (D,), float32."""
        return self.codes.new_tensor(self.levels)

    @torch.no_grad()
    def start(self, vectors: Tensor) -> None:
        """Spread the vectors of the first batch over the levels (as Salimans & Kingma 2016, arXiv:1602.07868, start).

        An untrained encoder's numbers are small and nearly the same; they would all be rounded to one code, of which
        the decoder can learn nothing. The digits then still had one of 240 codes in use after 130 steps.
        """
        self.mean.copy_(vectors.mean(0))
        self.spread.copy_(vectors.std(0, correction=0).clamp(min=SMALLEST_SPREAD))
        self.started.fill_(1)

    def bound(self, vectors: Tensor) -> Tensor:
        """Squashed (N, D) so that rounding gives each number its levels (the paper's section 3.1 and figure 2)."""
        half = (self.steps - 1) * (1 + MARGIN) / 2
        offset = torch.where(self.steps % 2 == 0, 0.5, 0.0)
        even = (vectors - self.mean) / self.spread
        return (even + (offset / half).atanh()).tanh() * half - offset

    def numbered(self, rounded: Tensor) -> Tensor:
        """The codes (N,) of rounded vectors (N, D)."""
        return ((rounded + self.steps // 2).long() * torch.tensor(self.places, device=rounded.device)).sum(1)


def quantizer(config: Config) -> FiniteScalarQuantizer:
    levels = levels_of(config.codes)
    assert levels is not None  # the config has seen to it
    return FiniteScalarQuantizer(levels)
