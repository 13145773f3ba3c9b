"""What every family, network and likelihood is to the rest of the engine.

The loop, the evaluation and the decoder know these classes only; a family file (vae.py, autoencoder.py, ...) defines
``model(config, image_shape) -> LatentModel``, a network file ``encoder(...)`` and ``decoder(...)`` (see mlp.py), a
likelihood file ``likelihood() -> Likelihood``.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from trainer.config import Config

__all__ = ["ImageShape", "LatentModel", "Likelihood", "Loss"]

ImageShape = tuple[int, int, int]  # height, width, channels


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


class Likelihood(ABC):
    """p(x|z) for images with pixels in [0, 1], given the raw output of a decoder network."""

    @abstractmethod
    def negative_log(self, raw: Tensor, x: Tensor) -> Tensor:
        """−log p(x|z) in nats per image, (B,), from raw output and images, both (B, C, H, W); computed in float32."""

    @abstractmethod
    def image(self, raw: Tensor) -> Tensor:
        """The mean of p(x|z): an image of the same shape, in [0, 1], float32."""


class LatentModel(nn.Module, ABC):
    """A trainable pair of maps between images and latent points."""

    def __init__(self, config: Config, image_shape: ImageShape) -> None:
        super().__init__()
        self.config = config
        self.image_shape = image_shape

    @abstractmethod
    def encode(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """The codes of images x (B, C, H, W) in [0, 1]: posterior mean and log-variance, (B, D), float32.

        The log-variance is None for a family that encodes an image as one point.
        """

    @abstractmethod
    def decode(self, z: Tensor) -> Tensor:
        """The mean images (B, C, H, W), in [0, 1], of latent points z (B, D)."""

    @abstractmethod
    def loss(self, x: Tensor, generator: torch.Generator | None = None) -> Loss:
        """What images x (B, C, H, W) in [0, 1] cost; noise is drawn from ``generator`` (None: torch's own)."""
