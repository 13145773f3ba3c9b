"""The vector-quantised autoencoder: an image is a grid of codes from a codebook.

van den Oord et al. 2017, "Neural Discrete Representation Learning", arXiv:1711.00937.

What the defaults were chosen by, on 10,000 training images of CIFAR-10, with 512 codes on grids of 8 × 8 and batches of
64: the squared error over the variance of the pixels, and how the codes are used. The first five lines are of one batch
of the training, the others of the 1,000 test images.

| setting                                              | error / variance | perplexity | codes used |
|------------------------------------------------------|------------------|------------|------------|
| decay 0.99 from the first step on, 135 steps         | 0.25             | 9          | 16         |
| average over a tenth of the steps at first, the same | 0.16             | 221        | 427        |
| learning rate 1e-3, constant, 300 steps              | 0.100            | 329        | 480        |
| 2e-3, the same                                       | 0.079            | 360        | 480        |
| 4e-3, the same                                       | 0.080            | 348        | 485        |
| up to 2e-3, then down along the cosine, 6 epochs     | 0.0668           | 439        | 512        |
| up to 4e-3, the same                                 | 0.0634           | 441        | 512        |
| up to 4e-3, 12 epochs                                | 0.0598           | 432        | 512        |
| up to 4e-3, 20 epochs                                | 0.0568           | 426        | 512        |

The training images are no better reconstructed than the test images (0.065 against 0.063 after 6 epochs), so 10,000 of
them are enough for a model of this size, without augmentation.
"""

import math
from typing import cast

import torch
from torch import Tensor

from trainer.config import Config
from trainer.models.base import Batch, ImageShape, LatentModel, Loss, grid_shape
from trainer.models.build import make_grid_decoder, make_grid_encoder, make_likelihood, make_quantizer

__all__ = ["VQVAE", "model"]


class VQVAE(LatentModel):
    """q(z|x) puts all on one grid of codes. Its place on a map is the mean of the grid's vectors, the pooled code.

    A pooled code does not say which grid it was made of. So there is no decoder from latent points: as one, a grid of
    nothing but the code that is nearest to the point serves. An image is reconstructed from its own grid.
    """

    def __init__(self, config: Config, image_shape: ImageShape, classes: int = 0) -> None:
        super().__init__(config, image_shape)
        self.grid = grid_shape(image_shape)  # (h, w)
        self.encoder = make_grid_encoder(config, image_shape, config.latent)
        self.decoder = make_grid_decoder(config, image_shape, config.latent)
        self.quantizer = make_quantizer(config)
        self.likelihood = make_likelihood(config)

    @property
    def codebook(self) -> Tensor:
        """The codes, (K, D)."""
        return self.quantizer.codebook

    def encode(self, x: Tensor, condition: Tensor | None = None) -> tuple[Tensor, None]:
        return self.codebook[self.tokens(x)].mean(dim=(1, 2)), None

    def tokens(self, x: Tensor) -> Tensor:
        """Which codes (B, h, w) images (B, C, H, W) are made of; from 0."""
        return self.quantizer.tokens(self.vectors(x)).view(len(x), *self.grid)

    def decode_tokens(self, tokens: Tensor) -> Tensor:
        """The mean images (B, C, H, W) of grids of codes (B, h, w)."""
        return self.likelihood.image(self.raw_of(self.codebook[tokens]))

    def raw(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """What the decoder makes of a grid of nothing but the code nearest to z."""
        nearest = torch.cdist(z.float(), self.codebook).argmin(1)
        return self.raw_of(self.codebook[nearest][:, None, None].expand(-1, *self.grid, -1))

    def reconstruct(self, x: Tensor, condition: Tensor | None = None) -> Tensor:
        return self.decode_tokens(self.tokens(x))

    def loss(self, batch: Batch, generator: torch.Generator | None = None) -> Loss:
        """The reconstruction, a value of the image, plus the weighted commitment: so the same weights suit any size.

        ``reconstruction`` is, as ever, in nats per image. There is no KL: with a uniform prior over the codes it is the
        constant h·w·log K, whatever the model does.
        """
        found = self.quantizer(self.vectors(batch.x), batch.progress, generator)
        vectors = found.vectors.view(len(batch.x), *self.grid, -1)
        reconstruction = self.likelihood.negative_log(self.raw_of(vectors), batch.x)
        total = reconstruction.mean() / math.prod(self.image_shape) + self.config.commitment * found.commitment
        tokens = found.tokens.view(len(batch.x), *self.grid)
        return Loss(total, reconstruction, None, vectors.mean(dim=(1, 2)), None, tokens)

    def vectors(self, x: Tensor) -> Tensor:
        """What the encoder makes of images (B, C, H, W): (B·h·w, D), float32."""
        return cast("Tensor", self.encoder(x)).float().permute(0, 2, 3, 1).flatten(0, 2)

    def raw_of(self, vectors: Tensor) -> Tensor:
        """What the decoder makes of grids of vectors (B, h, w, D): (B, C, H, W)."""
        return cast("Tensor", self.decoder(vectors.permute(0, 3, 1, 2)))


def model(config: Config, image_shape: ImageShape, classes: int) -> VQVAE:
    return VQVAE(config, image_shape)
