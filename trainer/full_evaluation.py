"""Every figure of a model, those that take a while included."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.batches import Split, to_unit
from trainer.data.dataset import Dataset, Images, Labels
from trainer.errors import ConfigError
from trainer.evaluate import SAMPLES, Evaluation, batches, check_images, evaluate, measure_bound
from trainer.measures.codes import MOST_IN_AGGREGATE, kl_per_dimension, knn_accuracy, mutual_information, silhouette
from trainer.measures.importance import importance_weighted
from trainer.measures.quadrature import MOST_DIMENSIONS, exact_likelihood
from trainer.measures.recognition import label_recognised, train_classifier
from trainer.models.base import LatentModel

__all__ = ["Bounds", "Tell", "binarized", "evaluate_fully"]

DEFAULT_IMAGES = 1000  # for the importance-weighted bound

Tell = Callable[[str, float], None]  # what is being measured now, and how much of everything is done, from 0 to 1


@dataclass(frozen=True)
class Bounds:
    """Which bounds on −log p(x) to measure beside −ELBO.

    ``importance``: the importance-weighted one, of ``samples`` samples from the posterior of each of the first
    ``images`` test images (None: of 1,000, since it is slow). ``exact``: the quadrature, of as many (None: of all);
    None for ``exact`` measures it where it is possible, in one or two latent dimensions.
    """

    importance: bool = False
    exact: bool | None = None
    samples: int = 5000
    images: int | None = None


class _Measurement:
    """One model on one test split: each method adds its figures, and tells how far it is."""

    def __init__(self, model: LatentModel, dataset: Dataset, bounds: Bounds, seed: int, quick: Evaluation) -> None:
        self.figures: dict[str, float] = {}
        self._model, self._dataset, self._bounds, self._seed, self._quick = model, dataset, bounds, seed, quick
        self._device = next(model.parameters()).device
        self._train = Split.resident(dataset.train_images, dataset.train_labels, self._device)
        self._test = Split.resident(dataset.test_images, dataset.test_labels, self._device)

    def _bound_data(self, count: int | None) -> Split:
        """The first so many test images as the likelihood takes them: binarised for one of binary images."""
        images, labels = self._dataset.test_images[:count], self._dataset.test_labels
        some = images if self._model.likelihood.density else binarized(images, self._seed)
        return Split.resident(some, None if labels is None else labels[:count], self._device)

    def binarized_elbo(self, tell: Callable[[float], None]) -> None:
        bound = measure_bound(self._model, self._bound_data(None), samples=SAMPLES, seed=self._seed)
        self.figures["negative_elbo_binarized"] = bound.figures["negative_elbo"]

    def aggregate(self, tell: Callable[[float], None]) -> None:
        mean, logvar = self._quick.mean[:MOST_IN_AGGREGATE], self._quick.logvar
        assert logvar is not None
        information = mutual_information(mean, logvar[:MOST_IN_AGGREGATE], seed=self._seed, tell=tell)
        kl = float(kl_per_dimension(mean, logvar[:MOST_IN_AGGREGATE]).sum())
        self.figures |= {"mutual_information": information, "marginal_kl": kl - information}

    def classes(self, tell: Callable[[float], None]) -> None:
        known, labels = self._dataset.train_labels, self._dataset.test_labels
        assert known is not None
        assert labels is not None
        self.figures["knn_accuracy"] = knn_accuracy(encode(self._model, self._train), known, self._quick.mean, labels)
        if (found := silhouette(self._quick.mean, labels, self._seed)) is not None:
            self.figures["silhouette"] = found

    def recognition(self, tell: Callable[[float], None]) -> None:
        classifier, accuracy = train_classifier(
            self._train, self._test, self._model.classes, seed=self._seed, tell=tell
        )
        self.figures["label_recognised"] = label_recognised(self._model, classifier, seed=self._seed)
        self.figures["classifier_accuracy"] = accuracy

    def exact(self, tell: Callable[[float], None]) -> None:
        result = exact_likelihood(self._model, self._bound_data(self._bounds.images), tell=tell)
        count = float(min(self._bounds.images or len(self._test), len(self._test)))
        self.figures |= {"nll_exact": result.nll, "nll_exact_error": result.error, "nll_exact_images": count}

    def importance(self, tell: Callable[[float], None]) -> None:
        data = self._bound_data(self._bounds.images or DEFAULT_IMAGES)
        samples = self._bounds.samples
        self.figures["nll_iw"] = importance_weighted(self._model, data, samples, seed=self._seed, tell=tell)
        self.figures |= {"nll_iw_samples": float(samples), "nll_iw_images": float(len(data))}


def evaluate_fully(
    model: LatentModel,
    dataset: Dataset,
    bounds: Bounds | None = None,
    *,
    seed: int = 0,
    tell: Tell = lambda part, share: None,
) -> Evaluation:
    """Every figure of a model on a data set's test split. The same seed gives the same figures.

    ``tell`` hears what is going on; what it raises ends the measurement. Raises ConfigError, before work starts, as
    ``evaluate`` does, and for bounds that the model does not have.
    """
    bounds = bounds or Bounds()
    images, labels = dataset.test_images, dataset.test_labels
    check_images(model, images, labels)
    importance, exact = check_bounds(model, images, labels, bounds)
    tell("−ELBO", 0.0)
    quick = evaluate(model, images, labels, seed=seed)
    measurement = _Measurement(model, dataset, bounds, seed, quick)
    variational, labelled = quick.logvar is not None, labels is not None and dataset.train_labels is not None
    binary = variational and not model.likelihood.density
    # What is wanted, and about how long it takes in comparison.
    parts: list[tuple[str, float, Callable[[Callable[[float], None]], None], bool]] = [
        ("−ELBO, binarised", 1, measurement.binarized_elbo, binary),
        ("mutual information", 2, measurement.aggregate, variational),
        ("nearest neighbours", 2, measurement.classes, labelled),
        ("recognition", 10, measurement.recognition, bool(model.classes) and labelled),
        ("exact likelihood", 20, measurement.exact, exact),
        ("importance-weighted bound", 80, measurement.importance, importance),
    ]
    wanted = [part[:3] for part in parts if part[3]]
    done, everything = 1.0, 1.0 + sum(weight for _, weight, _ in wanted)
    for title, weight, work in wanted:
        tell(title, done / everything)
        work(partial(_tell_part, tell, title, done / everything, weight / everything))
        done += weight
    return replace(quick, figures=quick.figures | measurement.figures)


def _tell_part(tell: Tell, title: str, start: float, length: float, share: float) -> None:
    tell(title, start + length * share)


@torch.inference_mode()
def check_bounds(model: LatentModel, images: Images, labels: Labels | None, bounds: Bounds) -> tuple[bool, bool]:
    """Whether the importance-weighted and the exact bound are to be measured. Raises ConfigError."""
    if bounds.samples < 1 or (bounds.images is not None and bounds.images < 1):
        raise ConfigError("A bound is measured with at least one sample, on at least one image.")
    one = Split.resident(images[:1], None if labels is None else labels[:1], next(model.parameters()).device)
    _, logvar = model.encode(to_unit(one.images), one.condition(slice(0, 1), model.classes))
    dimensions = model.config.latent
    if (bounds.importance or bounds.exact) and logvar is None:
        raise ConfigError(
            f"The family {model.config.family} has no likelihood of an image that could be bounded, because it encodes "
            "an image as a point and not as a distribution; leave the bound out."
        )
    if bounds.exact and dimensions > MOST_DIMENSIONS:
        raise ConfigError(
            f"The exact likelihood is an integral over the latent space, which can be computed in one or two "
            f"dimensions, and this model has {dimensions}; take the importance-weighted bound (iw) instead."
        )
    possible = logvar is not None and dimensions <= MOST_DIMENSIONS
    return bounds.importance, possible if bounds.exact is None else bounds.exact


def binarized(images: Images, seed: int = 0) -> Images:
    """Images (N, H, W, C) whose pixels are 0 or 255: white with their grey / 255 as the probability.

    The draw of an image is the same for the same seed and its place, however many follow it.
    """
    random = np.random.default_rng(seed)
    result = np.empty_like(images)
    for image, binary in zip(images, result, strict=True):
        np.multiply(random.random(image.shape, np.float32) * 255 < image, 255, out=binary, casting="unsafe")
    return result


@torch.inference_mode()
def encode(model: LatentModel, data: Split) -> NDArray[np.float32]:
    """The codes (N, D) of a split."""
    return np.concatenate([model.encode(batch.x, batch.condition)[0].cpu().numpy() for batch in batches(model, data)])
