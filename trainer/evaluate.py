"""How good a model is on images that it has not seen."""

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.batches import Split, to_unit
from trainer.codec import BATCH_VALUES
from trainer.data.dataset import Images, Labels
from trainer.errors import ConfigError
from trainer.files import Tokens
from trainer.models.base import Batch, LatentModel
from trainer.models.vae import kl_per_dimension

__all__ = ["Bound", "Evaluation", "evaluate", "measure_bound"]

# Posterior samples an image. On MNIST's 10,000 test images one moves the figure by 0.03 nats from seed to seed, four by
# half of that.
SAMPLES = 4

# A latent dimension is active if the variance over images of its posterior mean is above this (Burda et al. 2016,
# arXiv:1509.00519, section 5.1).
ACTIVE = 0.01


@dataclass(frozen=True, eq=False)
class Bound:
    """The two parts of −ELBO, and the codes, of a set of images."""

    figures: dict[str, float]  # as in Evaluation: reconstruction, kl, negative_elbo
    mean: NDArray[np.float32]  # the codes (N, D)
    logvar: NDArray[np.float32] | None
    tokens: Tokens | None = None  # (N, h, w): which code each cell of an image's grid has


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A model's figures, each absent where it has no meaning for the family.

    - ``negative_elbo``: reconstruction + kl, an upper bound on −log p(x) (Kingma & Welling 2014), whatever weights the
      two had in training
    - ``reconstruction``: E_q −log p(x|z), with z sampled from the posterior (an autoencoder: at the code)
    - ``kl``: KL(q(z|x) ‖ p(z)), in closed form
    - ``mse``: squared error a pixel, in units of the range [0, 1], of the image decoded from the posterior's mean
    - ``active_units``: latent dimensions whose posterior mean varies by more than ``ACTIVE`` over the images

    The first three are natural logarithms, averaged over the images: nats per image.
    """

    figures: dict[str, float]
    kl_per_dimension: list[float] | None  # nats; their sum is ``kl``
    mean: NDArray[np.float32]  # the codes (N, D)
    logvar: NDArray[np.float32] | None
    tokens: Tokens | None = None


def evaluate(
    model: LatentModel, images: Images, labels: Labels | None = None, *, samples: int = SAMPLES, seed: int = 0
) -> Evaluation:
    """The figures of a model on images (N, H, W, C) uint8, in float32. The same seed gives the same figures.

    A conditional model wants their labels (N,). Raises ConfigError if it has none, if the images are not of the
    model's shape, or if there are none.
    """
    if len(images) == 0 or images.shape[1:] != model.image_shape:
        height, width, channels = model.image_shape
        raise ConfigError(
            f"This model is for images of {height}×{width}×{channels}; "
            f"there are {len(images)} of {'×'.join(map(str, images.shape[1:]))}."
        )
    if model.classes and labels is None:
        raise ConfigError("This model is conditional: it can only be measured on a data set with labels.")
    data = Split.resident(images, labels, next(model.parameters()).device)
    bound = measure_bound(model, data, samples=samples, seed=seed)
    figures = bound.figures | {"mse": mean_squared_error(model, data, bound.mean)}
    per_dimension = None
    if bound.logvar is not None:
        mean, logvar = (torch.from_numpy(codes).double() for codes in (bound.mean, bound.logvar))
        per_dimension = kl_per_dimension(mean, logvar).mean(0).tolist()
        figures["active_units"] = float((mean.var(0, correction=0) > ACTIVE).sum())
    return Evaluation(figures, per_dimension, bound.mean, bound.logvar, bound.tokens)


@torch.inference_mode()
def measure_bound(
    model: LatentModel,
    data: Split,
    *,
    samples: int = 1,
    seed: int = 0,
    precision: AbstractContextManager[object] | None = None,
) -> Bound:
    """The parts of −ELBO on a split, with so many posterior samples an image.

    ``precision`` is a context to compute in, such as autocast; None: float32.
    """
    generator = torch.Generator(data.images.device).manual_seed(seed)
    reconstruction, kl = 0.0, 0.0
    means, logvars, tokens = [], [], []
    for batch in batches(model, data):
        for sample in range(samples):
            with precision or nullcontext():
                loss = model.loss(batch, generator)
            reconstruction += float(loss.reconstruction.sum())
            if sample == 0:
                means.append(loss.mean)
                if loss.kl is not None:
                    kl += float(loss.kl.sum())
                if loss.logvar is not None:
                    logvars.append(loss.logvar)
                if loss.tokens is not None:
                    tokens.append(loss.tokens.to(torch.int16))
    figures = {"reconstruction": reconstruction / (len(data) * samples)}
    if loss.kl is not None:
        figures["kl"] = kl / len(data)
        figures["negative_elbo"] = figures["reconstruction"] + figures["kl"]
    return Bound(
        figures,
        torch.cat(means).cpu().numpy(),
        torch.cat(logvars).cpu().numpy() if logvars else None,
        torch.cat(tokens).cpu().numpy() if tokens else None,
    )


@torch.inference_mode()
def mean_squared_error(model: LatentModel, data: Split, codes: NDArray[np.float32]) -> float:
    total, begin = 0.0, 0
    for batch in batches(model, data):
        z = torch.from_numpy(codes[begin : begin + len(batch.x)]).to(data.images.device)
        total += float((model.decode(z, batch.condition) - batch.x).square().sum())
        begin += len(batch.x)
    return total / data.images.numel()


def batches(model: LatentModel, data: Split) -> Iterator[Batch]:
    """The whole of a split, in order, in parts that any machine's memory holds."""
    size = max(1, BATCH_VALUES // math.prod(model.image_shape))
    for begin in range(0, len(data), size):
        rows = slice(begin, begin + size)
        yield Batch(to_unit(data.images[rows]), data.condition(rows, model.classes), population=len(data))
