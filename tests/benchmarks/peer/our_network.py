"""This engine's default network in a plain PyTorch loop: what is left when the engine around it is taken away.

Batches of the engine's default size; no schedule, no averaged weights, no bfloat16.
"""

import torch
from torch import Tensor

from peer.course import Course
from peer.torch_loop import Network, train
from trainer.config import make_config
from trainer.models.base import Batch, LatentModel
from trainer.models.build import build_model
from trainer.schedule import batch_size

__all__ = ["Ours"]


class Ours(Network):
    def __init__(self, model: LatentModel) -> None:
        super().__init__()
        self.model = model

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mean, logvar = self.model.encode(x)
        assert logvar is not None
        return mean, logvar

    def decode(self, z: Tensor) -> Tensor:
        return self.model.decode(z)

    def loss(self, x: Tensor) -> Tensor:
        return self.model.loss(Batch(x)).total


def main() -> None:
    course = Course()
    torch.manual_seed(course.seed)
    config = make_config({"epochs": course.epochs, "seed": course.seed})
    train(
        Ours(build_model(config, course.dataset.image_shape)),
        course,
        batch_size(config, len(course.dataset.train_images)),
    )


if __name__ == "__main__":
    main()
