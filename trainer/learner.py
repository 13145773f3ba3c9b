"""A model in training: its weights, their average, its optimiser and its noise; one step at a time. Knows no family."""

import copy
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.adam import Adam, Average
from trainer.config import Config
from trainer.device import choose_device, choose_precision
from trainer.models.base import Batch, ImageShape, LatentModel, Loss
from trainer.models.build import build_model

__all__ = ["Learner"]


class Learner:
    """Everything that changes from step to step. ``average`` is the model to look at: see trainer.adam.Average."""

    def __init__(self, config: Config, image_shape: ImageShape, classes: int = 0) -> None:
        """Raises ConfigError if there is no such device, or the model would be too large."""
        self.device = choose_device(config.device)
        self.model: LatentModel = build_model(config, image_shape, self.device, classes=classes)
        # As the images lie in memory, and as convolutions are fastest; it means nothing to dense layers.
        self.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average: LatentModel = copy.deepcopy(self.model).requires_grad_(False).eval()
        self.precision = choose_precision(
            config.precision, self.device, sum(w.numel() for w in self.model.parameters())
        )
        self.steps = 0
        self._seed = config.seed
        self._binarize = config.binarize
        self._generator = torch.Generator(self.device)
        self._adam = Adam(self.model.named_parameters())
        self._mean = Average(self.model, self.average)

    def start_at(self, mean: NDArray[np.float32]) -> None:
        """Begin with decoders that make the mean image (H, W, C), in [0, 1]."""
        for model in (self.model, self.average):
            model.start_at(torch.tensor(mean, device=self.device).permute(2, 0, 1))

    def autocast(self) -> torch.autocast:
        """The context in which the model computes at this learner's precision."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bfloat16")

    def step(self, batch: Batch, learning_rate: float) -> Loss:
        """One step on a batch; returns what it cost before that.

        The noise of a step is known from the seed and the step alone, so there is no random state to be kept.
        """
        self._generator.manual_seed(int(np.random.SeedSequence([self._seed, self.steps]).generate_state(1)[0]))
        if self._binarize:
            batch = replace(batch, x=torch.bernoulli(batch.x, generator=self._generator))
        with self.autocast():
            loss = self.model.loss(batch, self._generator)
        loss.total.backward()
        self._adam.step(learning_rate)
        self.steps += 1
        self._mean.update(self.steps)
        return loss

    def is_finite(self) -> bool:
        """Whether every weight is a number."""
        with torch.no_grad():
            tensors = (tensor for m in (self.model, self.average) for tensor in m.state_dict().values())
            return all(bool(tensor.isfinite().all()) for tensor in tensors)

    def state(self) -> dict[str, Tensor]:
        """The tensors that, with ``steps``, are all that an exact continuation needs; not copies."""
        parts = {"model": self.model.state_dict(), "average": self.average.state_dict(), "adam": self._adam.state()}
        return {f"{part}.{name}": tensor for part, tensors in parts.items() for name, tensor in tensors.items()}

    @torch.no_grad()
    def load(self, state: dict[str, Tensor], steps: int) -> None:
        """Go on from there. Raises ValueError if the tensors are not those of this model."""
        mine = self.state()
        if {name: tensor.shape for name, tensor in state.items()} != {
            name: tensor.shape for name, tensor in mine.items()
        }:
            raise ValueError("these are the tensors of another model")
        for name, tensor in mine.items():
            tensor.copy_(state[name])
        self.steps = steps
