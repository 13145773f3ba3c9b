"""The network of the Keras example (see keras_example.py) in a plain PyTorch loop.

The layers, their sizes and the loss are the same, and so are batch and learning rate. What PyTorch does by default
where Keras does something else is left as it is: how weights are drawn, Adam's ε, and that strided convolutions are
padded on both sides (Keras pads at the end).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from peer.course import Course
from peer.torch_loop import Network, train

__all__ = ["KerasTwin"]

BATCH = 128
LATENT = 2


class KerasTwin(Network):
    """For images of 28 × 28, grey."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 32, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(32, 64, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(7 * 7 * 64, 16),
            nn.ReLU(),
        )
        self.mean = nn.Linear(16, LATENT)
        self.logvar = nn.Linear(16, LATENT)
        self.decoder = nn.Sequential(  # to logits
            nn.Linear(LATENT, 7 * 7 * 64),
            nn.ReLU(),
            nn.Unflatten(1, (64, 7, 7)),
            nn.ConvTranspose2d(64, 64, 3, stride=2, padding=1, output_padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(64, 32, 3, stride=2, padding=1, output_padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(32, 1, 3, padding=1),
        )

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features = self.encoder(x)
        return self.mean(features), self.logvar(features)

    def decode(self, z: Tensor) -> Tensor:
        white: Tensor = self.decoder(z).sigmoid()
        return white

    def loss(self, x: Tensor) -> Tensor:
        mean, logvar = self.encode(x)
        z = mean + (0.5 * logvar).exp() * torch.randn_like(mean)
        reconstruction = F.binary_cross_entropy_with_logits(self.decoder(z), x, reduction="sum")
        kl = 0.5 * (mean.square() + logvar.exp() - 1 - logvar).sum()
        return (reconstruction + kl) / len(x)


def main() -> None:
    course = Course()
    torch.manual_seed(course.seed)
    train(KerasTwin(), course, BATCH)


if __name__ == "__main__":
    main()
