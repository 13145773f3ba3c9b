"""What the KL term of a variational autoencoder costs: its weight, and the ways to make it less blunt than KL itself.

In training the loss is reconstruction + w · β · K, where w is 1, or rises from 0 (``kl_warm_up``), and K is

- KL(q(z|x) ‖ p(z)), the mean over the batch: the β-VAE, where nothing else is asked;
- Σ_d max(λ, KL_d), with λ = ``free_bits`` and KL_d the batch's mean in dimension d (Kingma et al. 2016);
- |KL − C|, with C rising to ``capacity`` (Burgess et al. 2018);
- KL + (τ − 1) · TC, with τ = ``total_correlation``: the β-TCVAE (Chen et al. 2018). KL is the sum of the mutual
  information of index and code, the total correlation TC of the code's dimensions, and their KLs from the prior
  (equation 2 there), so TC weighs β · τ and the rest β. With τ = 1 that is the β-VAE: TC is not even estimated.

``trainer.config`` refuses more than one of the last three, and a warm-up beside the capacity, which is one already.
"""

import math

import torch
from torch import Tensor

from trainer.config import Config

__all__ = ["capacity", "free_bits", "kl_term", "log_aggregate", "total_correlation", "warm_up"]

CAPACITY_SHARE = 0.5  # of the training, over which the capacity rises


def kl_term(
    config: Config, progress: float, population: int, z: Tensor, mean: Tensor, logvar: Tensor, kl: Tensor
) -> Tensor:
    """w · β · K of a batch, a scalar: samples z, posterior mean and log-variance, and KL per dimension, all (B, D).

    ``progress`` is that of the training, ``population`` the number of training images (see ``Batch``).
    """
    weight = config.beta * warm_up(progress, config.kl_warm_up)
    if config.free_bits > 0:
        return weight * free_bits(kl, config.free_bits)
    cost = kl.sum(1).mean()
    if config.capacity is not None:
        return weight * (cost - capacity(progress, config.capacity)).abs()
    if config.total_correlation != 1:
        cost = cost + (config.total_correlation - 1) * total_correlation(z, mean, logvar, population)
    return weight * cost


def warm_up(progress: float, share: float) -> float:
    """w: from 0 to 1, linearly, over the first ``share`` of the training; 1 throughout where that is 0.

    Bowman et al. 2016, "Generating sentences from a continuous space", arXiv:1511.06349, section 3.1; linear as in
    Sønderby et al. 2016, "Ladder variational autoencoders", arXiv:1602.02282, section 2.3.
    """
    return min(1.0, progress / share) if share > 0 else 1.0


def free_bits(kl: Tensor, least: float) -> Tensor:
    """Σ_d max(λ, mean over the batch of KL_d), from KL per image and dimension (B, D).

    Kingma et al. 2016, "Improving variational inference with inverse autoregressive flow", arXiv:1606.04934,
    equation 15, each dimension being a group. Below λ a dimension has no gradient: what it tells costs nothing.
    """
    return kl.mean(0).clamp(min=least).sum()


def capacity(progress: float, most: float) -> float:
    """C in nats: from 0 to ``most``, linearly, over the first half of the training.

    Burgess et al. 2018, "Understanding disentangling in β-VAE", arXiv:1804.03599, equation 8.
    """
    return most * min(1.0, progress / CAPACITY_SHARE)


def total_correlation(z: Tensor, mean: Tensor, logvar: Tensor, population: int) -> Tensor:
    """KL(q(z) ‖ Π_d q(z_d)) in nats, estimated from a batch: samples z of its posteriors, their mean and logvar (B, D).

    q(z) is the mean of the posteriors of all training images, ``population`` in number (0: the batch is all of them);
    see ``log_aggregate``. Takes memory for B × B × D numbers.
    """
    scaled = (z[:, None] - mean) * (-0.5 * logvar).exp()
    log_q = -0.5 * (scaled.square() + logvar + math.log(2 * math.pi))  # (B, B, D): of sample i under posterior j
    joint = log_aggregate(log_q.sum(2), population)
    marginals = log_aggregate(log_q, population).sum(1)
    return (joint - marginals).mean()


def log_aggregate(log_q: Tensor, population: int) -> Tensor:
    """log q(z_i), (B, ...), from the log-densities (B, B, ...) of sample i under the posterior of image j of its batch.

    Chen et al. 2018, "Isolating sources of disentanglement in VAEs", arXiv:1802.04942, appendix C.2: minibatch
    stratified sampling, here averaged over which image is the one of lower weight, so that the order of the batch does
    not count. Of N images, i itself stands for 1 / N of the mixture, and each of the B − 1 others for an equal share
    of the rest: an unbiased estimate of q(z_i), which their weighted sampling is not.
    """
    batch = len(log_q)
    population = max(population, batch)
    if batch == 1:
        return log_q[0]
    weights = log_q.new_full((batch, batch), math.log((population - 1) / (population * (batch - 1))))
    weights.fill_diagonal_(-math.log(population))
    return torch.logsumexp(log_q + weights.reshape(batch, batch, *[1] * (log_q.dim() - 2)), 1)
