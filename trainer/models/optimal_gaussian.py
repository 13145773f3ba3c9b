"""The Gaussian likelihood with the variance that fits best.

Rybkin, Daniilidis & Levine 2021, "Simple and effective VAE training with calibrated decoders" (σ-VAE),
arXiv:2006.13202.
"""

import math

import torch
from torch import Tensor

from trainer.models.base import Likelihood
from trainer.models.gaussian import squared_distances

__all__ = ["LEAST", "OptimalGaussian", "likelihood"]

# The variance of the rounding to 256 levels. A model cannot know pixels better than that, and without a limit the
# density of images that it copies exactly would have none either.
LEAST = (1 / 255) ** 2 / 12
BEFORE = 1 / 12  # of a model that has not been trained: the variance of a uniform pixel
WINDOW = 100  # steps that the kept variance looks back


class OptimalGaussian(Likelihood):
    """Independent pixels, x ~ N(mean, σ²), with one σ² for all; the raw output, squashed by a sigmoid, is the mean.

    σ² maximises the likelihood: it is the mean squared error (equation 6). While training, that is the error of the
    batch itself; outside training, a running mean of those, kept with the weights, so that the model of a file is a
    proper density, which knows nothing of the images that it is measured on. −log p(x|z) = Σ (x − mean)² / 2σ² +
    ½ log 2πσ², not comparable with the Bernoulli's probability, but with that of the Gaussian of fixed width.
    """

    density = True
    variance: Tensor
    steps: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("variance", torch.tensor(BEFORE))
        self.register_buffer("steps", torch.tensor(0.0))

    def negative_log(self, raw: Tensor, x: Tensor) -> Tensor:
        square = (self.image(raw) - x).square().flatten(1)
        variance = self._fitted(square) if self.training else self.variance
        return square.sum(1) / (2 * variance) + square.shape[1] * 0.5 * (math.log(2 * math.pi) + variance.log())

    def negative_log_pairs(self, raw: Tensor, x: Tensor) -> Tensor:
        """With the kept variance."""
        constant = x[0].numel() * 0.5 * (math.log(2 * math.pi) + self.variance.log())
        return squared_distances(x, self.image(raw)) / (2 * self.variance) + constant

    @torch.no_grad()
    def _fitted(self, square: Tensor) -> Tensor:
        """The batch's own variance, which the running mean takes in.

        No gradient goes through it: where σ² is the best, the loss is flat in σ², and the gradient is the same.
        """
        variance = square.mean().clamp(min=LEAST)
        self.steps += 1
        # The plain mean at first, then an exponential one.
        self.variance.lerp_(variance, (1 / self.steps).clamp(min=1 / WINDOW))
        return variance

    def image(self, raw: Tensor) -> Tensor:
        return raw.float().sigmoid()


def likelihood() -> OptimalGaussian:
    return OptimalGaussian()
