"""A model as two functions on numpy arrays: images to codes, codes to images."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from trainer.analysis.trust import round_trip, stretch
from trainer.batches import one_hot, to_unit
from trainer.conditions import class_weights
from trainer.errors import ConfigError, ModelFileError
from trainer.files import Codes, ModelFile, Tokens
from trainer.grids import NearestImages
from trainer.models.base import Batch, ImageShape, LatentModel
from trainer.models.build import load_model
from trainer.models.vq_vae import VQVAE

__all__ = ["Codec"]

# Values of one image batch: enough to keep the processor busy, little enough for any machine's memory.
BATCH_VALUES = 2**21
CLASSIFYING_SAMPLES = 8  # posterior samples that an image's class is decided on


class Codec:
    """Encodes and decodes with a model, which is used as it is: its later changes are seen.

    A model with a codebook decodes grids of codes (``decode_tokens``), not latent points. Where its file has the grids
    of the test images, a latent point is decoded as the encoded image that is nearest to it (``nearest_images``);
    where not, as a grid of nothing but the nearest code.
    """

    def __init__(self, model: LatentModel, codes: Codes | None = None) -> None:
        """``codes``: the encoded images among which the nearest is looked for."""
        self._model = model.eval()
        self._tokens = codes.tokens if codes is not None and isinstance(model, VQVAE) else None
        self._images = NearestImages(codes.mean) if codes is not None and self._tokens is not None else None
        self._device = next(model.parameters()).device
        self._batch = max(1, BATCH_VALUES // math.prod(model.image_shape))

    @classmethod
    def from_file(cls, file: ModelFile, device: str | torch.device = "cpu") -> "Codec":
        """Raises ModelFileError if the file's weights, or its images' grids of codes, do not fit its config."""
        model = load_model(file, device)
        tokens = file.codes.tokens if file.codes is not None else None
        if isinstance(model, VQVAE) and tokens is not None and tokens.shape[1:] != model.grid:
            raise ModelFileError(
                f"The model file does not fit its own settings: its images are grids of {words(tokens.shape[1:])} "
                f"codes, expected {words(model.grid)}. Use another copy of the file."
            )
        return cls(model, file.codes)

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
        weights = self._condition(condition, len(images))
        means = [np.empty((0, self.latent), np.float32)]
        logvars: list[NDArray[np.float32]] = []
        for number, x in enumerate(self._batches(images)):
            begin = number * self._batch
            mean, logvar = self._model.encode(x, None if weights is None else weights[begin : begin + self._batch])
            means.append(mean.cpu().numpy())
            if logvar is not None:
                logvars.append(logvar.cpu().numpy())
        return np.concatenate(means), np.concatenate(logvars) if logvars else None

    def _batches(self, images: NDArray[np.uint8]) -> Iterator[torch.Tensor]:
        """Images as the model takes them, (B, C, H, W) in [0, 1]. Raises ConfigError for others than it takes."""
        if images.ndim != 4 or images.shape[1:] != self.image_shape or images.dtype != np.uint8:
            raise ConfigError(
                f"This model takes 8-bit images of {words(self.image_shape)}; "
                f"these are {words(images.shape[1:])} ({images.dtype})."
            )
        for begin in range(0, len(images), self._batch):
            # np.array copies: torch cannot take read-only or flipped arrays.
            yield to_unit(torch.from_numpy(np.array(images[begin : begin + self._batch])).to(self._device))

    @torch.inference_mode()
    def classify(self, images: NDArray[np.uint8]) -> NDArray[np.int64]:
        """The class (N,) that explains each image best: the one under which its −ELBO is lowest, a bound on
        −log p(x | class). For images whose class is not known.

        Raises ConfigError for images of another shape, and if the model is not conditional.
        """
        if not self.classes:
            raise ConfigError("This model is not conditional: it has no classes to choose from.")
        best = [np.empty(0, np.int64)]
        for x in self._batches(images):
            costs = torch.stack([self._cost(x, label) for label in range(self.classes)], dim=1)
            best.append(costs.argmin(1).cpu().numpy())
        return np.concatenate(best)

    def _cost(self, x: torch.Tensor, label: int) -> torch.Tensor:
        """−ELBO (B,) of images under one class; every class meets the same noise."""
        condition = one_hot(torch.full((len(x),), label, device=self._device), self.classes)
        generator = torch.Generator(self._device).manual_seed(0)
        losses = [self._model.loss(Batch(x, condition), generator) for _ in range(CLASSIFYING_SAMPLES)]
        return torch.stack([one.reconstruction + (0 if one.kl is None else one.kl) for one in losses]).mean(0)

    @torch.inference_mode()
    def decode(self, z: ArrayLike, condition: ArrayLike | None = None) -> NDArray[np.uint8]:
        """The mean images (N, H, W, C) uint8 of latent points z (N, D).

        A conditional model wants a ``condition``: the weights of its classes, (K,) for all points or (N, K) for each.
        Raises ConfigError if z has another shape or holds a number that is not finite, and for a condition that does
        not go with the model.
        """
        points = self._points(z)
        weights = self._condition(condition, len(points))
        if self._images is not None and self._tokens is not None:
            return self.decode_tokens(self._tokens[self._images.find(points)[:, 0]])
        if len(points) <= self._batch:
            return self._decode(points, weights)
        parts = [slice(begin, begin + self._batch) for begin in range(0, len(points), self._batch)]
        return np.concatenate(
            [self._decode(points[part], None if weights is None else weights[part]) for part in parts]
        )

    @torch.inference_mode()
    def means(self, z: ArrayLike, condition: ArrayLike | None = None) -> NDArray[np.float32]:
        """The mean images of latent points z (N, D) as they are before they are rounded to pixels: (N, H·W·C), from 0
        to 1, rows from the top, a pixel's channels together.

        Raises ConfigError as ``decode`` does, and for a model with a codebook, which decodes no points.
        """
        points = self._trusted(z)
        weights = self._condition(condition, len(points))
        parts = [slice(begin, begin + self._batch) for begin in range(0, max(1, len(points)), self._batch)]
        images = [self._model.decode(points[part], None if weights is None else weights[part]) for part in parts]
        return np.concatenate([one.permute(0, 2, 3, 1).flatten(1).numpy(force=True) for one in images])

    @torch.enable_grad()
    def traced(
        self, z: ArrayLike, condition: ArrayLike | None = None
    ) -> tuple[NDArray[np.float32], Callable[[NDArray[np.float32]], NDArray[np.float64]]]:
        """The same as ``means``, and the function that takes the gradient (N, H·W·C) of something at these images back
        to that at the latent points, (N, D): Jᵀu, by one backward pass. It may be called several times.

        Raises ConfigError as ``means`` does.
        """
        points = self._trusted(z).requires_grad_()
        weights = self._condition(condition, len(points))
        parts = [slice(begin, begin + self._batch) for begin in range(0, max(1, len(points)), self._batch)]
        images = [self._model.decode(points[part], None if weights is None else weights[part]) for part in parts]
        traced = torch.cat([one.permute(0, 2, 3, 1).flatten(1) for one in images])

        def pull(gradient: NDArray[np.float32]) -> NDArray[np.float64]:
            # A sum, because torch looks at the gradient of anything else with libraries that take a second to load.
            whole = (traced * torch.from_numpy(gradient).to(self._device)).sum()
            (found,) = torch.autograd.grad(whole, points, retain_graph=True)
            return found.numpy(force=True).astype(float)

        return traced.numpy(force=True), pull

    def _points(self, z: ArrayLike) -> NDArray[np.float32]:
        """Latent points (N, D) as the model takes them. Raises ConfigError for what are none."""
        with np.errstate(over="ignore"):  # what is too large for float32 is refused below
            points = np.asarray(z, np.float32)
        if points.ndim != 2 or points.shape[1] != self.latent:
            raise ConfigError(
                f"Latent points of this model have {self.latent} coordinates each; "
                f"these have the shape {list(points.shape)}."
            )
        if not np.isfinite(points).all():
            raise ConfigError("A latent point has a coordinate that is not a finite number.")
        return points

    def round_trip(self, z: ArrayLike, condition: ArrayLike | None = None) -> NDArray[np.float32]:
        """How far encoding the decoded images of z (N, D) leads from z, (N,): ``trainer.analysis.trust.round_trip``.

        Raises ConfigError as ``decode`` does, and for a model with a codebook, which decodes no points.
        """
        points = self._trusted(z)
        return round_trip(self._model, points, self._condition(condition, len(points))).numpy(force=True)

    def stretch(self, z: ArrayLike, directions: ArrayLike, condition: ArrayLike | None = None) -> NDArray[np.float32]:
        """½ log det JᵀJ (N,) of the decoder at z (N, D) along directions (P, D): ``trainer.analysis.trust.stretch``.

        Raises ConfigError as ``round_trip`` does.
        """
        points = self._trusted(z)
        along = torch.tensor(np.asarray(directions, np.float32), device=self._device)
        return stretch(self._model, points, along, self._condition(condition, len(points))).numpy(force=True)

    def _trusted(self, z: ArrayLike) -> torch.Tensor:
        if isinstance(self._model, VQVAE):
            raise ConfigError("This model decodes grids of codes, not points: no way leads back to a point.")
        return torch.tensor(self._points(z), device=self._device)

    def _decode(self, points: NDArray[np.float32], weights: torch.Tensor | None) -> NDArray[np.uint8]:
        return pixels(self._model.decode(torch.tensor(points, device=self._device), weights))

    @property
    def codebook(self) -> NDArray[np.float32] | None:
        """The codes (K, D); None for a model without a codebook."""
        return self._model.codebook.numpy(force=True) if isinstance(self._model, VQVAE) else None

    @property
    def grid(self) -> tuple[int, int] | None:
        """The height and the width of an image's grid of codes; None for a model without a codebook."""
        return self._model.grid if isinstance(self._model, VQVAE) else None

    def nearest_images(self, z: ArrayLike) -> NDArray[np.intp] | None:
        """Which encoded images (N,) latent points z (N, D) are decoded as; None where they are decoded as points."""
        return None if self._images is None else self._images.find(z)[:, 0]

    @torch.inference_mode()
    def tokens(self, images: NDArray[np.uint8]) -> Tokens:
        """The grids of codes (N, h, w) of images (N, H, W, C) uint8.

        Raises ConfigError for images of another shape and for a model without a codebook.
        """
        model = self._with_codebook()
        parts = [np.empty((0, *model.grid), np.int16)]
        parts += [model.tokens(x).to(torch.int16).numpy(force=True) for x in self._batches(images)]
        return np.concatenate(parts)

    @torch.inference_mode()
    def decode_tokens(self, tokens: ArrayLike) -> NDArray[np.uint8]:
        """The mean images (N, H, W, C) uint8 of grids of codes (N, h, w).

        Raises ConfigError for grids of another shape, for codes that there are not, and for a model without a codebook.
        """
        model, grids = self._with_codebook(), np.asarray(tokens)
        if grids.ndim != 3 or grids.shape[1:] != model.grid or not np.issubdtype(grids.dtype, np.integer):
            raise ConfigError(
                f"This model decodes grids of {words(model.grid)} codes; these have the shape {list(grids.shape)}."
            )
        if grids.size and not 0 <= int(grids.min()) <= int(grids.max()) < len(model.codebook):
            raise ConfigError(f"The codes of this model are numbered from 0 to {len(model.codebook) - 1:,}.")
        parts = [np.empty((0, *self.image_shape), np.uint8)]
        for begin in range(0, len(grids), self._batch):
            part = torch.tensor(grids[begin : begin + self._batch].astype(np.int64), device=self._device)
            parts.append(pixels(model.decode_tokens(part)))
        return parts[1] if len(parts) == 2 else np.concatenate(parts)

    def _with_codebook(self) -> VQVAE:
        if not isinstance(self._model, VQVAE):
            raise ConfigError("This model has no codebook: its images are latent points, not grids of codes.")
        return self._model

    def _condition(self, condition: ArrayLike | None, count: int) -> torch.Tensor | None:
        """The weights of the classes (count, K), as the model takes them; None for a model that is not conditional."""
        classes = self.classes
        if condition is None:
            if classes:
                raise ConfigError("This model is conditional; say which class is meant.")
            return None
        if not classes:
            raise ConfigError("This model is not conditional: no class can be asked of it.")
        weights = class_weights(condition, classes)
        if weights.shape not in ((classes,), (count, classes)):
            raise ConfigError(
                f"One condition is wanted for all, or one for each of {count:,}; there are {len(weights):,}."
            )
        return torch.tensor(weights, device=self._device).expand(count, classes)


def pixels(images: torch.Tensor) -> NDArray[np.uint8]:
    """Images (N, C, H, W) in [0, 1] as (N, H, W, C) uint8."""
    # Adding a half before the cut rounds to the nearest of the 256 steps.
    steps = images.mul(255).add_(0.5).to(torch.uint8).permute(0, 2, 3, 1)
    return steps.contiguous().cpu().numpy()


def words(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))
