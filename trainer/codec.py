"""A model as two functions on numpy arrays: images to codes, codes to images."""

import math

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from trainer.errors import ConfigError
from trainer.files import ModelFile
from trainer.models.base import ImageShape, LatentModel
from trainer.models.build import load_model

__all__ = ["Codec"]

# Values of one image batch: enough to keep the processor busy, little enough for any machine's memory.
BATCH_VALUES = 2**21


class Codec:
    """Encodes and decodes with a model, which is used as it is: its later changes are seen."""

    def __init__(self, model: LatentModel) -> None:
        self._model = model.eval()
        self._device = next(model.parameters()).device
        self._batch = max(1, BATCH_VALUES // math.prod(model.image_shape))

    @classmethod
    def from_file(cls, file: ModelFile, device: str | torch.device = "cpu") -> "Codec":
        """Raises ModelFileError if the file's weights do not fit its config."""
        return cls(load_model(file, device))

    @property
    def latent(self) -> int:
        """The latent dimension, D."""
        return self._model.config.latent

    @property
    def classes(self) -> int:
        """How many classes the model is conditional on, K; 0 where it is not conditional."""
        return self._model.classes

    @property
    def image_shape(self) -> ImageShape:
        """(H, W, C)"""
        return self._model.image_shape

    @torch.inference_mode()
    def encode(
        self, images: NDArray[np.uint8], condition: ArrayLike | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """The posterior mean (N, D) of images (N, H, W, C) uint8, and its log-variance (N, D), or None for a family
        that encodes an image as one point. A conditional model wants a ``condition``, as ``decode`` does.

        Raises ConfigError for images of another shape and for a condition that does not go with the model.
        """
        if images.ndim != 4 or images.shape[1:] != self.image_shape or images.dtype != np.uint8:
            raise ConfigError(
                f"This model takes 8-bit images of {words(self.image_shape)}; "
                f"these are {words(images.shape[1:])} ({images.dtype})."
            )
        weights = self._condition(condition, len(images))
        means = [np.empty((0, self.latent), np.float32)]
        logvars: list[NDArray[np.float32]] = []
        for begin in range(0, len(images), self._batch):
            # np.array copies: torch cannot take read-only or flipped arrays.
            batch = torch.from_numpy(np.array(images[begin : begin + self._batch])).to(self._device)
            chosen = None if weights is None else weights[begin : begin + self._batch]
            mean, logvar = self._model.encode(batch.permute(0, 3, 1, 2).float() / 255, chosen)
            means.append(mean.cpu().numpy())
            if logvar is not None:
                logvars.append(logvar.cpu().numpy())
        return np.concatenate(means), np.concatenate(logvars) if logvars else None

    @torch.inference_mode()
    def decode(self, z: ArrayLike, condition: ArrayLike | None = None) -> NDArray[np.uint8]:
        """The mean images (N, H, W, C) uint8 of latent points z (N, D).

        A conditional model wants a ``condition``: the weights of its classes, (K,) for all points or (N, K) for each.
        Raises ConfigError if z has another shape or holds a number that is not finite, and for a condition that does
        not go with the model.
        """
        with np.errstate(over="ignore"):  # what is too large for float32 is refused below
            points = np.asarray(z, np.float32)
        if points.ndim != 2 or points.shape[1] != self.latent:
            raise ConfigError(
                f"Latent points of this model have {self.latent} coordinates each; "
                f"these have the shape {list(points.shape)}."
            )
        if not np.isfinite(points).all():
            raise ConfigError("A latent point has a coordinate that is not a finite number.")
        weights = self._condition(condition, len(points))
        if len(points) <= self._batch:
            return self._decode(points, weights)
        parts = [slice(begin, begin + self._batch) for begin in range(0, len(points), self._batch)]
        return np.concatenate(
            [self._decode(points[part], None if weights is None else weights[part]) for part in parts]
        )

    def _decode(self, points: NDArray[np.float32], weights: torch.Tensor | None) -> NDArray[np.uint8]:
        images = self._model.decode(torch.tensor(points, device=self._device), weights)
        # Adding a half before the cut rounds to the nearest of the 256 steps.
        pixels = images.mul(255).add_(0.5).to(torch.uint8).permute(0, 2, 3, 1)
        return pixels.contiguous().cpu().numpy()

    def _condition(self, condition: ArrayLike | None, count: int) -> torch.Tensor | None:
        """The weights of the classes (count, K), as the model takes them; None for a model that is not conditional."""
        classes = self.classes
        if condition is None:
            if classes:
                raise ConfigError("This model is conditional: say which class to decode.")
            return None
        if not classes:
            raise ConfigError("This model is not conditional: it decodes a latent point without a class.")
        weights = np.asarray(condition, np.float32)
        if weights.shape not in ((classes,), (count, classes)) or not np.isfinite(weights).all():
            raise ConfigError(
                f"A condition of this model has {classes} finite weights, one a class; "
                f"this one has the shape {list(weights.shape)}."
            )
        return torch.tensor(weights, device=self._device).expand(count, classes)


def words(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))
