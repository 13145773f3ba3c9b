"""From a config, or from a model file, to a model."""

import math
from typing import Any

import numpy as np
import torch
from torch import nn

from trainer.config import Config
from trainer.errors import ConfigError, ModelFileError
from trainer.files import ModelFile
from trainer.models import FAMILIES, LIKELIHOODS, NETWORKS, QUANTIZERS
from trainer.models.base import ImageShape, LatentModel, Likelihood, grid_shape
from trainer.models.quantizer import Quantizer

__all__ = [
    "MOST_PARAMETERS",
    "build_model",
    "load_model",
    "make_decoder",
    "make_encoder",
    "make_grid_decoder",
    "make_grid_encoder",
    "make_likelihood",
    "make_quantizer",
    "weight_shapes",
]

MOST_PARAMETERS = 500_000_000  # 2 GB in float32, and four times that in training


def make_encoder(config: Config, image_shape: ImageShape, outputs: int) -> nn.Module:
    """The config's network from images (B, C, H, W) to (B, outputs)."""
    network: Any = NETWORKS[config.network].load()
    module: nn.Module = network.encoder(image_shape, config.hidden or default_hidden(config), outputs)
    return module


def make_decoder(config: Config, image_shape: ImageShape, inputs: int, classes: int = 0) -> nn.Module:
    """The config's network from latent points (B, inputs) to raw images (B, C, H, W).

    With ``classes`` it takes (B, inputs + classes), where the weights of the classes stand behind the latent point.
    """
    network: Any = NETWORKS[config.network].load()
    encoders = tuple(reversed(config.decoder_hidden)) if config.decoder_hidden else config.hidden
    module: nn.Module = network.decoder(image_shape, encoders or default_hidden(config), inputs, classes)
    return module


def default_hidden(config: Config) -> tuple[int, ...] | None:
    """What the network would have for so many latent dimensions; None: its default for any."""
    find = getattr(NETWORKS[config.network].load(), "default_hidden", None)
    return find(config.latent) if find else None


def make_grid_encoder(config: Config, image_shape: ImageShape, outputs: int) -> nn.Module:
    """The config's network from images (B, C, H, W) to a grid of vectors (B, outputs, h, w).

    A network that knows no grids makes the vectors of all places at once.
    """
    network: Any = NETWORKS[config.network].load()
    if hasattr(network, "grid_encoder"):
        module: nn.Module = network.grid_encoder(image_shape, config.hidden, outputs)
        return module
    height, width = grid_shape(image_shape)
    flat = make_encoder(config, image_shape, outputs * height * width)
    return nn.Sequential(flat, nn.Unflatten(1, (outputs, height, width)))


def make_grid_decoder(config: Config, image_shape: ImageShape, inputs: int) -> nn.Module:
    """The config's network from a grid of vectors (B, inputs, h, w) to raw images (B, C, H, W)."""
    network: Any = NETWORKS[config.network].load()
    if hasattr(network, "grid_decoder"):
        module: nn.Module = network.grid_decoder(image_shape, config.hidden, inputs)
        return module
    return nn.Sequential(nn.Flatten(), make_decoder(config, image_shape, inputs * math.prod(grid_shape(image_shape))))


def make_quantizer(config: Config) -> Quantizer:
    quantizer: Quantizer = QUANTIZERS[config.quantizer].load().quantizer(config)
    return quantizer


def make_likelihood(config: Config) -> Likelihood:
    likelihood: Likelihood = LIKELIHOODS[config.likelihood].load().likelihood()
    return likelihood


def build_model(
    config: Config, image_shape: ImageShape, device: str | torch.device = "cpu", *, classes: int = 0
) -> LatentModel:
    """A new model with random weights, the same for the same ``config.seed``, in training mode.

    ``classes`` is how many the data set has, for families that want to know.

    The weights are drawn on the processor, so that a seed means the same model on every device; torch's global random
    state is left as it was. Raises ConfigError, before memory is taken, for a model of too many parameters.
    """
    weight_shapes(config, image_shape, classes)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        return family_model(config, image_shape, classes).to(device)


def load_model(file: ModelFile, device: str | torch.device = "cpu") -> LatentModel:
    """The model of a file, in evaluation mode.

    Raises ModelFileError, before memory is taken, if the weights' names or shapes are not those that the file's config
    asks for, or are too many.
    """
    try:
        expected = weight_shapes(file.config, file.image_shape, len(file.class_names))
    except ConfigError as error:
        raise ModelFileError(f"The model file asks for a model that cannot be made. {error}") from None
    for name, shape in expected.items():
        if name not in file.weights:
            raise ModelFileError(
                f"The model file is incomplete: the tensor '{name}' is missing. Use another copy of the file."
            )
        found = file.weights[name].shape
        if found != shape:
            raise ModelFileError(
                f"The model file does not fit its own settings: the tensor '{name}' has shape {list(found)}, "
                f"expected {list(shape)}. Use another copy of the file."
            )
    surplus = sorted(file.weights.keys() - expected.keys())
    if surplus:
        raise ModelFileError(
            f"The model file does not fit its own settings: its model has no place for the tensor '{surplus[0]}'. "
            "Use another copy of the file."
        )
    with torch.device("meta"):
        model = family_model(file.config, file.image_shape, len(file.class_names))
    # np.array copies: a file's arrays may be read-only, and the model must not change with them.
    weights = {name: torch.from_numpy(np.array(array, np.float32)) for name, array in file.weights.items()}
    model.load_state_dict(weights, assign=True)
    return model.to(device).eval()


def family_model(config: Config, image_shape: ImageShape, classes: int) -> LatentModel:
    model: LatentModel = FAMILIES[config.family].load().model(config, image_shape, classes)
    return model


def weight_shapes(config: Config, image_shape: ImageShape, classes: int = 0) -> dict[str, tuple[int, ...]]:
    """The names and shapes of a model's weights, found out without taking memory for them.

    Raises ConfigError if they are more than ``MOST_PARAMETERS``.
    """
    count = math.prod(image_shape)  # a picture of so many pixels would already be too much for the network's layers
    if count <= MOST_PARAMETERS:
        with torch.device("meta"):
            state = family_model(config, image_shape, classes).state_dict()
        shapes = {name: tuple(tensor.shape) for name, tensor in state.items()}
        count = sum(math.prod(shape) for shape in shapes.values())
        if count <= MOST_PARAMETERS:
            return shapes
    raise ConfigError(
        f"The model would have more than {MOST_PARAMETERS:,} parameters; choose narrower layers or smaller images."
    )
