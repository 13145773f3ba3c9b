"""What every family, network and likelihood is to the rest of the engine.

The loop, the evaluation and the decoder know these classes only; a family file (vae.py, autoencoder.py, ...) defines
``model(config, image_shape, classes) -> LatentModel``, a network file ``encoder(...)`` and ``decoder(...)`` (see
mlp.py), a likelihood file ``likelihood() -> Likelihood``.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from trainer.config import Config

__all__ = ["GRID_SHRINK", "Batch", "ImageShape", "LatentModel", "Likelihood", "Loss", "grid_shape"]

ImageShape = tuple[int, int, int]  # height, width, channels
DOUBT = 1e-3

GRID_SHRINK = 4  # how many times smaller than the image the grid of a model with a codebook is, either way


def grid_shape(image_shape: ImageShape) -> tuple[int, int]:
    """The height and the width of the grid of vectors that images of this shape are made into; at least one each."""
    return math.ceil(image_shape[0] / GRID_SHRINK), math.ceil(image_shape[1] / GRID_SHRINK)


@dataclass(frozen=True, eq=False)
class Batch:
    """Images, and what a family may want to know beside them."""

    x: Tensor  # (B, C, H, W), in [0, 1]
    condition: Tensor | None = None  # (B, K): a weight for each class, which sum to 1; None: not conditional
    progress: float = 1.0  # of the training, from 0 to 1, for what changes while it goes on
    population: int = 0  # how many images the batch was drawn from; 0: it is all that there is


@dataclass(frozen=True, eq=False)
class Loss:
    """What one batch costs. Natural logarithms throughout, so reconstruction and KL are nats per image.

    ``total`` is the scalar to be minimised: the batch means of the two parts, weighted as the config asks. The parts
    themselves are unweighted, so −ELBO is always ``reconstruction + kl``. A family without a KL term has None there.
    """

    total: Tensor
    reconstruction: Tensor  # (B,), −log p(x|z)
    kl: Tensor | None  # (B,), KL(q(z|x) ‖ p(z))
    mean: Tensor  # (B, D), the batch's codes
    logvar: Tensor | None  # (B, D)
    tokens: Tensor | None = None  # (B, h, w), which code of the codebook each cell has; None: no codebook


class Likelihood(nn.Module, ABC):
    """p(x|z) for images with pixels in [0, 1], given the raw output of a decoder network.

    ``density`` says what it is a probability of: False of binary images, so that −log p is never negative; True a
    density over grey values, which must never share an axis or a column with the other kind.
    """

    density: bool

    @abstractmethod
    def negative_log(self, raw: Tensor, x: Tensor) -> Tensor:
        """−log p(x|z) in nats per image, (B,), from raw output and images, both (B, C, H, W); computed in float32."""

    def negative_log_pairs(self, raw: Tensor, x: Tensor) -> Tensor:
        """−log p(x|z) of every image (N, C, H, W) under every raw output (G, C, H, W): (N, G), in nats, float32.

        This goes image by image. A likelihood that knows a matrix product for it says so: integrals over the latent
        space ask for very many pairs.
        """
        return torch.stack([self.negative_log(raw, image.expand_as(raw)) for image in x])

    @abstractmethod
    def image(self, raw: Tensor) -> Tensor:
        """The mean of p(x|z): an image of the same shape, in [0, 1], float32."""


class LatentModel(nn.Module, ABC):
    """A trainable pair of maps between images and latent points.

    ``condition`` is the weights of the classes (B, K) that a conditional family wants, and None for any other; a row
    with a single 1 is a class, any other row a mixture. ``classes`` is K, and 0 where the family is not conditional.
    """

    decoder: nn.Module
    likelihood: Likelihood

    def __init__(self, config: Config, image_shape: ImageShape, classes: int = 0) -> None:
        super().__init__()
        self.config = config
        self.image_shape = image_shape
        self.classes = classes

    @abstractmethod
    def encode(self, x: Tensor, condition: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """The codes of images x (B, C, H, W) in [0, 1]: posterior mean and log-variance, (B, D), float32.

        The log-variance is None for a family that encodes an image as one point.
        """

    @abstractmethod
    def raw(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """What the decoder network makes of latent points z (B, D), for the likelihood to read: (B, C, H, W)."""

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """The mean images (B, C, H, W), in [0, 1], of latent points z (B, D)."""
        return self.likelihood.image(self.raw(z, condition))

    def reconstruct(self, x: Tensor, condition: Tensor | None = None) -> Tensor:
        """What decoding makes of the codes of images x: images of the same shape (B, C, H, W)."""
        return self.decode(self.encode(x, condition)[0], condition)

    @torch.no_grad()
    def start_at(self, mean: Tensor) -> None:
        """Let the untrained decoder make the mean image (C, H, W), in [0, 1], rather than grey.

        The first steps then need not learn it: after one epoch of MNIST in batches of 128 a 2-D VAE is at 150.8 nats
        instead of 159.3, after two at 143.5 instead of 145.8 (on images held out of the train split).
        """
        last = [weight for name, weight in self.decoder.named_parameters() if name.endswith("bias")][-1]
        channels = len(mean)
        if last.numel() == mean.numel():
            image = mean.flatten()
        elif last.numel() % channels == 0:  # one for each channel, or for each place in a patch of each channel
            image = mean.mean((1, 2)).repeat_interleave(last.numel() // channels)
        else:
            return
        # All likelihoods read raw output as logits, at least nearly; pixels that are always black are left some doubt.
        last.copy_(torch.logit(image.clamp(DOUBT, 1 - DOUBT)))

    @abstractmethod
    def loss(self, batch: Batch, generator: torch.Generator | None = None) -> Loss:
        """What a batch costs; noise is drawn from ``generator`` (None: torch's own)."""
