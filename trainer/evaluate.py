"""How good a model is on images that it has not seen: the quick figures. full_evaluation.py has the others."""

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.batches import Split, to_unit
from trainer.codec import BATCH_VALUES
from trainer.conditions import check_labels
from trainer.data.dataset import Images, Labels
from trainer.errors import ConfigError
from trainer.files import Tokens
from trainer.measures.codebook import codebook_figures
from trainer.measures.codes import active_dimensions, kl_per_dimension, sigma_per_dimension
from trainer.models.base import Batch, LatentModel

__all__ = ["SAMPLES", "Bound", "Evaluation", "batches", "check_images", "evaluate", "measure_bound"]

# Posterior samples an image. On MNIST's 10,000 test images one moves the figure by 0.03 nats from seed to seed, four by
# half of that.
SAMPLES = 4


@dataclass(frozen=True, eq=False)
class Bound:
    """The two parts of −ELBO, and the codes, of a set of images."""

    figures: dict[str, float]  # as in Evaluation: reconstruction, kl, negative_elbo
    mean: NDArray[np.float32]  # the codes (N, D)
    logvar: NDArray[np.float32] | None
    tokens: Tokens | None = None  # (N, h, w): which code each cell of an image's grid has


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A model's figures, each absent where it has no meaning for the family or the data.

    Of every model (``evaluate``):

    - ``negative_elbo``: reconstruction + kl, an upper bound on −log p(x) (Kingma & Welling 2014), whatever weights the
      two had in training. Images are grey, as they are: with the Bernoulli likelihood it is then the expectation of the
      reconstruction over binarised images, while the encoder sees the grey one
    - ``reconstruction``: E_q −log p(x|z), with z sampled from the posterior (an autoencoder: at the code)
    - ``kl``: KL(q(z|x) ‖ p(z)), in closed form
    - ``mse``: squared error a pixel, in units of the range [0, 1], of the image decoded from the posterior's mean;
      ``mse_over_variance``: the same over the variance of all these pixels (what papers on VQ-VAEs report)
    - ``active_units``: latent dimensions whose posterior mean varies over the images (measures.codes.ACTIVE)
    - ``codes``, ``codes_used``, ``codes_unused``, ``perplexity``: see measures.codebook.codebook_figures

    With ``full_evaluation.evaluate_fully`` also:

    - ``negative_elbo_binarized``: −ELBO on dynamically binarised images (see ``full_evaluation.binarized``; Bernoulli
      only)
    - ``nll_iw``: see measures.importance; ``nll_exact`` and ``nll_exact_error``: see measures.quadrature. With the
      Bernoulli likelihood both are of binarised images, the same ones: for a grey x, ∫ p(x|z) p(z) dz is no
      probability (it adds up to no 1 over grey images), while the literature's figures are of binary ones
    - ``mutual_information``, and ``marginal_kl``, which is kl without it: see measures.codes.mutual_information
    - ``knn_accuracy``, ``silhouette``: see measures.codes
    - ``label_recognised``, ``classifier_accuracy``: see measures.recognition; of a conditional model

    Of a conditional model every likelihood is that of an image given its class. Logarithms are natural: likelihoods are
    in nats per image, averaged over the images. Where ``density`` is true those of the likelihood are of a density over
    grey values, and not comparable with the others.
    """

    figures: dict[str, float]
    kl_per_dimension: list[float] | None  # nats; their sum is ``kl``
    mean: NDArray[np.float32]  # the codes (N, D)
    logvar: NDArray[np.float32] | None
    tokens: Tokens | None = None
    sigma_per_dimension: list[float] | None = None  # the posterior's standard deviation, averaged over images
    density: bool = False

    def to_json(self) -> dict[str, Any]:
        """Every figure under its name, and whether and in what likelihoods are measured."""
        lists = {"kl_per_dimension": self.kl_per_dimension, "sigma_per_dimension": self.sigma_per_dimension}
        unit = "nats per image (density)" if self.density else "nats per image"
        return {
            "density": self.density,
            "unit": unit,
            **self.figures,
            **{key: values for key, values in lists.items() if values is not None},
        }


def evaluate(
    model: LatentModel, images: Images, labels: Labels | None = None, *, samples: int = SAMPLES, seed: int = 0
) -> Evaluation:
    """The quick figures of a model on images (N, H, W, C) uint8, in float32. The same seed gives the same figures.

    A conditional model wants their labels (N,). Raises ConfigError if it has none or others, if the images are not of
    the model's shape, or if there are none.
    """
    check_images(model, images, labels)
    data = Split.resident(images, labels, next(model.parameters()).device)
    bound = measure_bound(model, data, samples=samples, seed=seed)
    mse = mean_squared_error(model, data)
    figures = bound.figures | {"mse": mse}
    if (variance := pixel_variance(images)) > 0:
        figures["mse_over_variance"] = mse / variance
    kl, sigma = None, None
    if bound.logvar is not None:
        kl = kl_per_dimension(bound.mean, bound.logvar).tolist()
        sigma = sigma_per_dimension(bound.logvar).tolist()
        figures["active_units"] = float(active_dimensions(bound.mean).sum())
    if bound.tokens is not None:
        figures |= codebook_figures(bound.tokens, model.config.codes)
    return Evaluation(figures, kl, bound.mean, bound.logvar, bound.tokens, sigma, model.likelihood.density)


def check_images(model: LatentModel, images: Images, labels: Labels | None) -> None:
    if len(images) == 0 or images.shape[1:] != model.image_shape:
        height, width, channels = model.image_shape
        raise ConfigError(
            f"This model is for images of {height}×{width}×{channels}; "
            f"there are {len(images)} of {'×'.join(map(str, images.shape[1:]))}."
        )
    if model.classes:
        check_labels(labels, model.classes)


def pixel_variance(images: Images) -> float:
    """The variance of all pixels together, in units of the range [0, 1]."""
    total = squares = 0.0
    for part in np.array_split(images, max(1, images.size // BATCH_VALUES)):
        grey = part.ravel().astype(np.float64)
        total += float(grey.sum())
        squares += float(grey @ grey)
    mean = total / images.size
    return (squares / images.size - mean**2) / 255**2


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
def mean_squared_error(model: LatentModel, data: Split) -> float:
    total = 0.0
    for batch in batches(model, data):
        total += float((model.reconstruct(batch.x, batch.condition) - batch.x).square().sum())
    return total / data.images.numel()


def batches(model: LatentModel, data: Split) -> Iterator[Batch]:
    """The whole of a split, in order, in parts that any machine's memory holds."""
    size = max(1, BATCH_VALUES // math.prod(model.image_shape))
    for begin in range(0, len(data), size):
        rows = slice(begin, begin + size)
        yield Batch(to_unit(data.images[rows]), data.condition(rows, model.classes), population=len(data))
