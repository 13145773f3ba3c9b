"""The autoencoder: deterministic, with nothing that holds its codes together.

Hinton & Salakhutdinov 2006, "Reducing the Dimensionality of Data with Neural Networks", Science 313.
"""

import torch
from torch import Tensor

from trainer.config import Config
from trainer.models.base import Batch, ImageShape, LatentModel, Loss
from trainer.models.build import make_decoder, make_encoder, make_likelihood

__all__ = ["Autoencoder", "model"]


class Autoencoder(LatentModel):
    """An image is one latent point; the loss is the reconstruction alone."""

    def __init__(self, config: Config, image_shape: ImageShape, classes: int = 0) -> None:
        super().__init__(config, image_shape)
        self.encoder = make_encoder(config, image_shape, config.latent)
        self.decoder = make_decoder(config, image_shape, config.latent)
        self.likelihood = make_likelihood(config)

    def encode(self, x: Tensor, condition: Tensor | None = None) -> tuple[Tensor, None]:
        return self.encoder(x).float(), None

    def raw(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        output: Tensor = self.decoder(z)
        return output

    def loss(self, batch: Batch, generator: torch.Generator | None = None) -> Loss:
        code, _ = self.encode(batch.x)
        reconstruction = self.likelihood.negative_log(self.raw(code), batch.x)
        return Loss(reconstruction.mean(), reconstruction, None, code, None)


def model(config: Config, image_shape: ImageShape, classes: int) -> Autoencoder:
    return Autoencoder(config, image_shape)
