"""−ELBO from a model's two functions alone, so that every library's model is measured by the same code."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["Decode", "Encode", "negative_elbo"]

Floats = NDArray[np.float32]
Encode = Callable[[Floats], tuple[Floats, Floats]]  # (B, H, W, C) in [0, 1] to posterior mean and log-variance (B, D)
Decode = Callable[[Floats], Floats]  # (B, D) to the probability of white (B, H, W, C)

BATCH = 1000  # images
LEAST = 1e-7  # what Keras clips its probabilities to; the same for everybody


def negative_elbo(encode: Encode, decode: Decode, images: NDArray[np.uint8], seed: int = 0) -> float:
    """Mean over images (N, H, W, C) uint8 of E_q −log p(x|z) + KL(q(z|x) ‖ N(0, 1)), in nats.

    The first part is the Bernoulli cross-entropy summed over the pixels, at one sample of the posterior an image (on
    MNIST's 10,000 test images that moves the figure by 0.03 nats from seed to seed; the seed is the same for all); the
    second is exact (Kingma & Welling 2014, appendix B). Summed in float64.
    """
    noise = np.random.default_rng(seed)
    total = 0.0
    for begin in range(0, len(images), BATCH):
        x = images[begin : begin + BATCH].astype(np.float32) / np.float32(255)
        mean, logvar = encode(x)
        z = (mean + np.exp(logvar / 2) * noise.standard_normal(mean.shape)).astype(np.float32)
        white = np.clip(decode(z).astype(np.float64), LEAST, 1 - LEAST)
        total -= float(np.sum(x * np.log(white) + (1 - x) * np.log1p(-white)))
        total += 0.5 * float(np.sum(np.square(mean) + np.exp(logvar) - 1 - logvar, dtype=np.float64))
    return total / len(images)
