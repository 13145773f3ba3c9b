"""Dense networks."""

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from trainer.models.base import ImageShape

__all__ = ["decoder", "encoder"]

WIDTHS = (512, 256)


def encoder(image_shape: ImageShape, hidden: Sequence[int] | None, outputs: int) -> nn.Module:
    """A network from images (B, C, H, W) to (B, outputs), through layers of ``hidden`` units."""
    widths = tuple(hidden or WIDTHS)
    return nn.Sequential(Centre(), nn.Flatten(), dense(math.prod(image_shape), *widths, outputs))


def decoder(image_shape: ImageShape, hidden: Sequence[int] | None, inputs: int) -> nn.Module:
    """A network from latent points (B, inputs) to raw images (B, C, H, W), through the encoder's layers in reverse."""
    widths = tuple(hidden or WIDTHS)
    height, width, channels = image_shape
    layers = dense(inputs, *reversed(widths), math.prod(image_shape))
    return nn.Sequential(layers, nn.Unflatten(1, (channels, height, width)))


def dense(*widths: int) -> nn.Sequential:
    """Linear layers from the first width to the last, with an activation between two of them."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        layers += [nn.Linear(inputs, outputs), nn.SiLU()]
    return nn.Sequential(*layers[:-1])


class Centre(nn.Module):
    """Pixels in [0, 1] to [−1, 1]."""

    def forward(self, x: Tensor) -> Tensor:
        return 2 * x - 1
