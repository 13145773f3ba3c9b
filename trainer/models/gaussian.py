"""The Gaussian likelihood: a pixel is the mean of a Gaussian of fixed width."""

import math

from torch import Tensor

from trainer.models.base import Likelihood

__all__ = ["SIGMA", "Gaussian", "likelihood"]

# The standard deviation of a pixel in [0, 1]: about the error that a small model of digits or photographs is left with,
# so that reconstruction and KL are of one order of magnitude at β = 1. With σ = 1 the KL would drown everything.
SIGMA = 0.1


class Gaussian(Likelihood):
    """Independent pixels, x ~ N(mean, σ²) with σ = ``SIGMA``; the raw output, squashed by a sigmoid, is the mean.

    −log p(x|z) = Σ (x − mean)² / 2σ² + ½ log 2πσ²: a density per unit of pixel value, which may be negative, and which
    is not comparable with the Bernoulli's probability.
    """

    density = True

    def negative_log(self, raw: Tensor, x: Tensor) -> Tensor:
        error = (self.image(raw) - x).flatten(1)
        return error.square().sum(1) / (2 * SIGMA**2) + error.shape[1] * (0.5 * math.log(2 * math.pi) + math.log(SIGMA))

    def image(self, raw: Tensor) -> Tensor:
        return raw.float().sigmoid()


def likelihood() -> Gaussian:
    return Gaussian()
