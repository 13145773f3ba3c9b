"""The importance-weighted bound on the likelihood.

Burda, Grosse & Salakhutdinov 2016, "Importance Weighted Autoencoders", arXiv:1509.00519, equation 8.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from trainer.batches import Split, to_unit
from trainer.codec import BATCH_VALUES
from trainer.models.base import LatentModel

__all__ = ["importance_weighted"]


@torch.inference_mode()
def importance_weighted(
    model: LatentModel, data: Split, samples: int, *, seed: int = 0, tell: Callable[[float], None] = lambda share: None
) -> float:
    """−log (1/K Σ p(x, z_k) / q(z_k|x)), z_k ~ q(z|x), K = ``samples``: nats per image, averaged over the split.

    The mean inside the logarithm is an unbiased estimate of p(x), so this is never below −log p(x) in expectation, and
    falls towards it as K grows; K = 1 is −ELBO. The proposal is the encoder's posterior itself, as in the paper, so
    that figures can be compared. The sum over samples is taken in float64, at most ``BATCH_VALUES`` pixels at a time.
    ``tell`` hears how much is done, from 0 to 1.
    """
    values = math.prod(model.image_shape)
    chunk = min(samples, max(1, BATCH_VALUES // values))
    group = max(1, BATCH_VALUES // (values * chunk))
    generator = torch.Generator(data.images.device).manual_seed(seed)
    total = 0.0
    for begin in range(0, len(data), group):
        tell(begin / len(data))
        rows = slice(begin, begin + group)
        x, condition = to_unit(data.images[rows]), data.condition(rows, model.classes)
        mean, logvar = model.encode(x, condition)
        assert logvar is not None  # only asked of families with a posterior
        log_mass = torch.full((len(x),), -torch.inf, dtype=torch.float64)
        for first in range(0, samples, chunk):
            weights = log_weights(model, x, condition, mean, logvar, min(chunk, samples - first), generator)
            log_mass = torch.logaddexp(log_mass, weights.cpu().double().logsumexp(1))
        total += float((math.log(samples) - log_mass).sum())
    return total / len(data)


def log_weights(
    model: LatentModel,
    x: Tensor,
    condition: Tensor | None,
    mean: Tensor,
    logvar: Tensor,
    count: int,
    generator: torch.Generator,
) -> Tensor:
    """log p(x, z) − log q(z|x) of so many samples from each posterior: (B, count)."""
    noise = torch.randn((len(x), count, mean.shape[1]), generator=generator, device=x.device)
    z = mean[:, None] + (0.5 * logvar).exp()[:, None] * noise
    each = None if condition is None else condition.repeat_interleave(count, 0)
    raw = model.raw(z.flatten(0, 1), each)
    if len(x) == 1:  # one image under many latent points: the likelihood may have a faster way
        negative = model.likelihood.negative_log_pairs(raw, x)
    else:
        negative = model.likelihood.negative_log(raw, x.repeat_interleave(count, 0)).view(len(x), count)
    # The factors (2π)^(D/2) of prior and posterior cancel.
    ratio = 0.5 * (noise.square() - z.square() + logvar[:, None]).sum(2)
    return ratio - negative
