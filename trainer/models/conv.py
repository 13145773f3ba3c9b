"""Convolutional networks: every layer halves the picture (encoder) or doubles it (decoder)."""

import math
from collections.abc import Sequence

from torch import nn

from trainer.models.base import ImageShape

__all__ = ["decoder", "encoder"]

FIRST_CHANNELS, MOST_CHANNELS = 32, 256
SMALLEST_SIDE = 4  # the default network stops halving here
DENSE = 128  # units between the convolutions and the latent code


def encoder(image_shape: ImageShape, hidden: Sequence[int] | None, outputs: int) -> nn.Module:
    """A network from images (B, C, H, W) to (B, outputs), through layers of ``hidden`` channels."""
    channels, sizes = plan(image_shape, hidden)
    layers: list[nn.Module] = []
    for inputs, width in zip((image_shape[2], *channels), channels, strict=False):
        layers += [nn.Conv2d(inputs, width, 3, stride=2, padding=1), nn.SiLU()]
    flat = channels[-1] * math.prod(sizes[-1])
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(flat, DENSE), nn.SiLU(), nn.Linear(DENSE, outputs))


def decoder(image_shape: ImageShape, hidden: Sequence[int] | None, inputs: int, classes: int = 0) -> nn.Module:
    """A network from latent points (B, inputs) to raw images (B, C, H, W): the encoder's mirror image.

    With ``classes`` it takes (B, inputs + classes): their weights stand behind the latent point.
    """
    channels, sizes = plan(image_shape, hidden)
    flat = channels[-1] * math.prod(sizes[-1])
    layers: list[nn.Module] = [nn.Linear(inputs + classes, DENSE), nn.SiLU(), nn.Linear(DENSE, flat), nn.SiLU()]
    layers.append(nn.Unflatten(1, (channels[-1], *sizes[-1])))
    widths = (*reversed(channels[:-1]), image_shape[2])
    for i, (before, width) in enumerate(zip(reversed(channels), widths, strict=True)):
        layers += [double(before, width, sizes[-1 - i], sizes[-2 - i]), nn.SiLU()]
    return nn.Sequential(*layers[:-1])


def double(inputs: int, outputs: int, size: tuple[int, int], target: tuple[int, int]) -> nn.Module:
    """A transposed convolution from a picture of ``size`` to exactly ``target``, where size = ⌈target / 2⌉."""
    extra = (target[0] - (2 * size[0] - 1), target[1] - (2 * size[1] - 1))
    return nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=extra)


def plan(image_shape: ImageShape, hidden: Sequence[int] | None) -> tuple[tuple[int, ...], list[tuple[int, int]]]:
    """The channels of each layer, and the picture's (height, width) before the first and after each of them."""
    height, width, _ = image_shape
    channels = tuple(hidden) if hidden else default_channels(max(height, width))
    sizes = [(height, width)]
    for _ in channels:
        height, width = (height + 1) // 2, (width + 1) // 2
        sizes.append((height, width))
    return channels, sizes


def default_channels(side: int) -> tuple[int, ...]:
    count = max(1, math.ceil(math.log2(side / SMALLEST_SIDE)))
    return tuple(min(MOST_CHANNELS, FIRST_CHANNELS * 2**i) for i in range(count))
