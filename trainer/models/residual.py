"""A residual convolutional network, for photographs.

He et al. 2016, "Identity Mappings in Deep Residual Networks", arXiv:1603.05027, for the blocks; Shi et al. 2016,
arXiv:1609.05158, for pictures of a half and a quarter of the size whose pixels are the blocks of pixels of the larger
one. So the widest layers work on the smallest pictures, where a convolution is a large product of matrices and a
processor without a graphics card is busy with arithmetic and not with memory. There is no batch normalisation: what an
image is made into never depends on the images beside it, nor on statistics that an evaluation would have to know. In
its place each block begins as the identity (its last layer is zero), which lets a net of this depth train as well.

Pictures whose sides are no multiples of four are filled up with their last row and column, and cut again at the end.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from trainer.models.base import GRID_SHRINK, ImageShape, grid_shape

__all__ = ["decoder", "encoder", "grid_decoder", "grid_encoder"]

# A file whose config names no widths has these: to change them is to raise the format of files. The first is the width
# at half the picture's size, each other one that of a block at a quarter.
WIDTHS = (64, 128, 128)
FLAT = 16  # channels of the grid between the convolutions and a latent point


def grid_encoder(image_shape: ImageShape, hidden: Sequence[int] | None, outputs: int) -> nn.Module:
    """A network from images (B, C, H, W) to a grid of vectors (B, outputs, h, w)."""
    half, *blocks = widths(hidden)
    layers = [
        Fill(image_shape),
        nn.PixelUnshuffle(2),
        nn.Conv2d(4 * image_shape[2], half, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(half, blocks[0], 2, stride=2),
        *stack([blocks[0], *blocks]),
        nn.ReLU(),
        nn.Conv2d(blocks[-1], outputs, 1),
    ]
    return nn.Sequential(*layers)


def grid_decoder(image_shape: ImageShape, hidden: Sequence[int] | None, inputs: int) -> nn.Module:
    """A network from a grid of vectors (B, inputs, h, w) to raw images (B, C, H, W): the encoder's mirror image."""
    half, *blocks = widths(hidden)
    blocks.reverse()
    layers = [
        nn.Conv2d(inputs, blocks[0], 3, padding=1),
        *stack([blocks[0], *blocks]),
        nn.ReLU(),
        nn.Conv2d(blocks[-1], 4 * half, 1),
        nn.PixelShuffle(2),
        Block(half, half),
        nn.ReLU(),
        nn.Conv2d(half, 4 * image_shape[2], 3, padding=1),
        nn.PixelShuffle(2),
        Cut(image_shape),
    ]
    return nn.Sequential(*layers)


def encoder(image_shape: ImageShape, hidden: Sequence[int] | None, outputs: int) -> nn.Module:
    """A network from images (B, C, H, W) to (B, outputs)."""
    flat = FLAT * math.prod(grid_shape(image_shape))
    return nn.Sequential(grid_encoder(image_shape, hidden, FLAT), nn.Flatten(), nn.ReLU(), nn.Linear(flat, outputs))


def decoder(image_shape: ImageShape, hidden: Sequence[int] | None, inputs: int, classes: int = 0) -> nn.Module:
    """A network from latent points (B, inputs) to raw images (B, C, H, W).

    With ``classes`` it takes (B, inputs + classes): their weights stand behind the latent point.
    """
    height, width = grid_shape(image_shape)
    return nn.Sequential(
        nn.Linear(inputs + classes, FLAT * height * width),
        nn.Unflatten(1, (FLAT, height, width)),
        grid_decoder(image_shape, hidden, FLAT),
    )


def widths(hidden: Sequence[int] | None) -> tuple[int, ...]:
    """The width at half size and those of the blocks at a quarter, of which there is at least one."""
    chosen = tuple(hidden or WIDTHS)
    return chosen if len(chosen) > 1 else (chosen[0], 2 * chosen[0])


def stack(channels: Sequence[int]) -> list[nn.Module]:
    """Residual blocks from each number of channels to the next."""
    return [Block(inputs, outputs) for inputs, outputs in pairwise(channels)]


class Block(nn.Module):
    """x + what two convolutions make of it, (B, inputs, h, w) to (B, outputs, h, w)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        last = nn.Conv2d(outputs, outputs, 1)
        nn.init.zeros_(last.weight)
        self.layers = nn.Sequential(nn.ReLU(), nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(), last)
        self.shortcut = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.shortcut(x) + self.layers(x)
        return result


class Fill(nn.Module):
    """Repeats the last row and column until a grid fits, and puts pixels of [0, 1] into [−1, 1]."""

    def __init__(self, image_shape: ImageShape) -> None:
        super().__init__()
        height, width = grid_shape(image_shape)
        self.rows, self.columns = GRID_SHRINK * height - image_shape[0], GRID_SHRINK * width - image_shape[1]

    def forward(self, x: Tensor) -> Tensor:
        x = 2 * x - 1
        return F.pad(x, (0, self.columns, 0, self.rows), mode="replicate") if self.rows or self.columns else x


class Cut(nn.Module):
    """Takes away what does not belong to the picture."""

    def __init__(self, image_shape: ImageShape) -> None:
        super().__init__()
        self.height, self.width, _ = image_shape

    def forward(self, x: Tensor) -> Tensor:
        return x[..., : self.height, : self.width]
