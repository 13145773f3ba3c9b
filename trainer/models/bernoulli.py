"""The Bernoulli likelihood: a pixel is the probability of white."""

import torch.nn.functional as F
from torch import Tensor

from trainer.models.base import Likelihood

__all__ = ["Bernoulli", "likelihood"]


class Bernoulli(Likelihood):
    """Independent pixels; the raw output is the logit of white (Kingma & Welling 2014, appendix C.1).

    For grey pixels x in [0, 1] it is the expectation of −log p over binary images drawn with probability x, since the
    binary cross-entropy −x·log p − (1 − x)·log(1 − p) is linear in x. So it is comparable with figures on dynamically
    binarised images.
    """

    density = False

    def negative_log(self, raw: Tensor, x: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(raw.float(), x, reduction="none").flatten(1).sum(1)

    def negative_log_pairs(self, raw: Tensor, x: Tensor) -> Tensor:
        """With logits l it is Σ log(1 + e^l) − x·l: linear in x."""
        logits = raw.float().flatten(1)
        return F.softplus(logits).sum(1) - x.flatten(1) @ logits.T

    def image(self, raw: Tensor) -> Tensor:
        return raw.float().sigmoid()


def likelihood() -> Bernoulli:
    return Bernoulli()
