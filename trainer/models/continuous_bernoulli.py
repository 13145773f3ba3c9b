"""The continuous Bernoulli likelihood: a proper density for grey pixels, with the Bernoulli's shape.

Loaiza-Ganem & Cunningham 2019, "The continuous Bernoulli: fixing a pervasive error in variational
autoencoders", arXiv:1907.06845.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from trainer.models.base import Likelihood

__all__ = ["ContinuousBernoulli", "likelihood", "log_normaliser", "mean"]

# Below this logit the closed forms lose digits to cancellation, and the series are exact to float32.
SMALL = 0.4


def log_normaliser(logit: Tensor) -> Tensor:
    """log C(λ) of a logit l of λ (equation 5): C = 2 artanh(1 − 2λ) / (1 − 2λ) = l / tanh(l / 2), and 2 at λ = ½.

    Near λ = ½ by its Taylor series, log 2 + l²/12 − 7 l⁴/1440 + 31 l⁶/90720.
    """
    small = logit.abs() < SMALL
    # Each branch sees only numbers that suit it, so that the other one's gradient is no NaN.
    size = torch.where(small, 1.0, logit.abs())
    square = torch.where(small, logit, 0.0).square()
    series = math.log(2) + square * (1 / 12 + square * (-7 / 1440 + square * (31 / 90720)))
    return torch.where(small, series, size.log() - (size / 2).tanh().log())


def mean(logit: Tensor) -> Tensor:
    """E[x] (equation 8), which is *not* λ: ½ + ½ coth(l / 2) − 1 / l, and near l = 0 ½ + l/12 − l³/720 + l⁵/30240."""
    small = logit.abs() < SMALL
    large = torch.where(small, 1.0, logit)
    little = torch.where(small, logit, 0.0)
    square = little.square()
    series = little * (1 / 12 + square * (-1 / 720 + square * (1 / 30240)))
    return 0.5 + torch.where(small, series, 0.5 / (large / 2).tanh() - 1 / large)


class ContinuousBernoulli(Likelihood):
    """Independent pixels, p(x|λ) = C(λ) λ^x (1 − λ)^(1 − x) on [0, 1]; the raw output is the logit of λ.

    A density, which may be above 1: not comparable with the Bernoulli's probability. What is shown is the mean, the
    image with the least squared error; λ itself is far more extreme (where λ is 0.99 the mean is 0.79), and would show
    more contrast than the model expects to see.
    """

    density = True

    def negative_log(self, raw: Tensor, x: Tensor) -> Tensor:
        logit = raw.float()
        cross_entropy = F.binary_cross_entropy_with_logits(logit, x, reduction="none")
        return (cross_entropy - log_normaliser(logit)).flatten(1).sum(1)

    def negative_log_pairs(self, raw: Tensor, x: Tensor) -> Tensor:
        """With logits l it is Σ log(1 + e^l) − log C − x·l: linear in x."""
        logit = raw.float().flatten(1)
        return (F.softplus(logit) - log_normaliser(logit)).sum(1) - x.flatten(1) @ logit.T

    def image(self, raw: Tensor) -> Tensor:
        return mean(raw.float())


def likelihood() -> ContinuousBernoulli:
    return ContinuousBernoulli()
