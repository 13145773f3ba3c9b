"""The VAE of pythae (https://github.com/clementchadebec/benchmark_VAE), trained through its public pipeline.

Its default network (dense, 784-512-2 and back) and its default optimiser, Adam. Its defaults for the rest would not be
compared fairly: a squared error (here: Bernoulli, "bce", as for everybody), a learning rate of 1e-4 (its own examples
use 1e-3) and batches of 64 (here 128, as in the Keras example).
"""

import tempfile
from typing import Any

import numpy as np
from pythae.models import VAE, VAEConfig
from pythae.pipelines import TrainingPipeline
from pythae.trainers import BaseTrainerConfig
from pythae.trainers.training_callbacks import TrainingCallback
from torch import Tensor

from peer.course import Course
from peer.torch_loop import Functions, Network

BATCH = 128
LATENT = 2


class Measured(Network):
    """pythae's model as it is measured."""

    def __init__(self, model: VAE) -> None:
        super().__init__()
        self.model = model

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        code = self.model.encoder(x)
        return code.embedding, code.log_covariance

    def decode(self, z: Tensor) -> Tensor:
        white: Tensor = self.model.decoder(z).reconstruction
        return white

    def loss(self, x: Tensor) -> Tensor:
        loss: Tensor = self.model({"data": x}).loss
        return loss


class Enough(Exception):
    """The only way out of pythae's loop before its last epoch."""


class EachEpoch(TrainingCallback):
    def __init__(self, course: Course, model: VAE) -> None:
        self._course = course
        self._functions = Functions(Measured(model))

    def on_epoch_end(self, training_config: BaseTrainerConfig, **others: Any) -> None:
        if self._course.epoch_done(self._functions.encode, self._functions.decode):
            raise Enough


def main() -> None:
    course = Course()
    model = VAE(VAEConfig(input_dim=(1, 28, 28), latent_dim=LATENT, reconstruction_loss="bce"))
    images = course.dataset.train_images.transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
    with tempfile.TemporaryDirectory() as folder:
        config = BaseTrainerConfig(
            output_dir=folder,
            num_epochs=course.epochs,
            learning_rate=1e-3,
            per_device_train_batch_size=BATCH,
            seed=course.seed,
            no_cuda=True,
        )
        try:
            TrainingPipeline(model=model, training_config=config)(images, callbacks=[EachEpoch(course, model)])
        except Enough:
            return


if __name__ == "__main__":
    main()
