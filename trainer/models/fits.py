"""Whether a recipe and a data set go together; asked before any memory is taken, and by the form while it is filled in.

Needs no torch.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from trainer.config import CONDITIONAL, Config
from trainer.data.dataset import Dataset, Images
from trainer.errors import ConfigError
from trainer.models import LIKELIHOODS

__all__ = ["Traits", "check_fits", "traits"]

CHUNK = 1024  # images


@dataclass(frozen=True)
class Traits:
    """What of a data set decides which models can be trained on it."""

    train_images: int
    channels: int
    labelled: bool
    black_and_white: bool  # every pixel is 0 or 255
    all_alike: bool  # one and the same image, over and over


def traits(dataset: Dataset) -> Traits:
    """Looks at no more of the training images than it takes: a few where they are grey, all where they are not."""
    images = dataset.train_images
    return Traits(
        train_images=len(images),
        channels=dataset.image_shape[2],
        labelled=dataset.train_labels is not None and dataset.test_labels is not None,
        black_and_white=not any(((part != 0) & (part != 255)).any() for part in _chunks(images)),
        all_alike=not any((part != images[:1]).any() for part in _chunks(images)),
    )


def _chunks(images: Images) -> Iterator[Images]:
    for begin in range(0, len(images), CHUNK):
        yield images[begin : begin + CHUNK]


def check_fits(config: Config, data: Dataset | Traits) -> None:
    """Raises ConfigError, in one sentence, where the model cannot be trained on this data, or makes no sense there."""
    data = traits(data) if isinstance(data, Dataset) else data
    if config.family in CONDITIONAL and not data.labelled:
        raise ConfigError(
            "A conditional model learns from labels, and this data set has none; choose another family or another "
            "data set."
        )
    if config.family == "vq-vae" and config.quantizer == "vq" and config.codes > data.train_images:
        raise ConfigError(
            f"A codebook of {config.codes:,} codes is larger than the {data.train_images:,} training images; choose "
            "fewer codes."
        )
    if config.binarize and data.channels != 1:
        raise ConfigError(
            "Dynamic binarisation draws pixels black or white, and these images are in colour; switch it off."
        )
    likelihood = LIKELIHOODS[config.likelihood]
    if "unbounded" in likelihood.traits and data.black_and_white:
        raise ConfigError(
            f"These images are pure black and white, where the likelihood {likelihood.title} grows without bound; "
            "choose Bernoulli."
        )
    if "unbounded" in likelihood.traits and data.all_alike:
        raise ConfigError(
            f"All images are the same, so there is no variance for the likelihood {likelihood.title} to learn; choose "
            "another data set."
        )
