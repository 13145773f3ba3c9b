"""The Gaussian likelihood: a pixel is the mean of a Gaussian of fixed width."""

import math

from torch import Tensor

from trainer.models.base import Likelihood

__all__ = ["SIGMA", "Gaussian", "likelihood", "squared_distances"]

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

    def negative_log_pairs(self, raw: Tensor, x: Tensor) -> Tensor:
        constant = x[0].numel() * (0.5 * math.log(2 * math.pi) + math.log(SIGMA))
        return squared_distances(x, self.image(raw)) / (2 * SIGMA**2) + constant

    def image(self, raw: Tensor) -> Tensor:
        return raw.float().sigmoid()


def squared_distances(x: Tensor, mean: Tensor) -> Tensor:
    """Σ (x − mean)² of every image (N, C, H, W) and every mean (G, C, H, W): (N, G).

    The square multiplied out, around the average image, so that its parts are not much larger than what is left.
    """
    images, means = x.flatten(1), mean.flatten(1)
    centre = images.mean(0)
    images, means = images - centre, means - centre
    return (images.square().sum(1)[:, None] + means.square().sum(1) - 2 * images @ means.T).clamp_min(0)


def likelihood() -> Gaussian:
    return Gaussian()
