"""The training loop that everybody writes in PyTorch: DataLoader, Adam, float32."""

from abc import ABC, abstractmethod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from peer.course import Course
from peer.elbo import Floats

__all__ = ["Functions", "Network", "to_batch", "train"]


class Network(nn.Module, ABC):
    """Images are (B, C, H, W) in [0, 1], codes (B, D)."""

    @abstractmethod
    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Posterior mean and log-variance, (B, D)."""

    @abstractmethod
    def decode(self, z: Tensor) -> Tensor:
        """The probability of white."""

    @abstractmethod
    def loss(self, x: Tensor) -> Tensor:
        """−ELBO, one posterior sample an image; the mean over the batch."""


def to_batch(images: Floats) -> Tensor:
    """(B, H, W, C) to (B, C, H, W)"""
    return torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))


class Functions:
    """A network's two functions on numpy arrays, as peer.elbo wants them."""

    def __init__(self, network: Network) -> None:
        self._network = network

    @torch.inference_mode()
    def encode(self, images: Floats) -> tuple[Floats, Floats]:
        mean, logvar = self._network.encode(to_batch(images))
        return mean.numpy(), logvar.numpy()

    @torch.inference_mode()
    def decode(self, z: Floats) -> Floats:
        white: NDArray[np.float32] = self._network.decode(torch.from_numpy(z)).numpy()
        return white.transpose(0, 2, 3, 1)


def train(network: Network, course: Course, batch: int) -> None:
    """Train in batches of so many images, with Adam's defaults, until the course says that it is enough."""
    images = to_batch(course.dataset.train_images.astype(np.float32) / np.float32(255))
    loader = DataLoader(TensorDataset(images), batch_size=batch, shuffle=True)
    optimiser = torch.optim.Adam(network.parameters())
    functions = Functions(network)
    enough = False
    while not enough:
        for (x,) in loader:
            optimiser.zero_grad()
            network.loss(x).backward()
            optimiser.step()
        enough = course.epoch_done(functions.encode, functions.decode)
