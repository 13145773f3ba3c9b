"""An untrained model of the digits that come with the program, with the codes that it gives their test images."""

import torch

from trainer.codec import Codec
from trainer.config import make_config
from trainer.data import load_dataset
from trainer.files import Codes, ModelFile
from trainer.models.build import build_model

__all__ = ["digits_model"]


def digits_model(family: str = "vae", latent: int = 2, labels: bool = True) -> ModelFile:
    """Its weights are the same at each call."""
    torch.manual_seed(1)
    data = load_dataset("digits")
    vq = {"network": "conv"} if family == "vq-vae" else {"network": "mlp", "hidden": [32]}
    config = make_config({"data": "digits", "family": family, "latent": latent, "epochs": 1, **vq})
    conditional = family == "conditional-vae"
    model = build_model(config, (8, 8, 1), classes=10 if conditional else 0)
    codec = Codec(model)
    mean, logvar = codec.encode(data.test_images, torch.eye(10)[data.test_labels].numpy() if conditional else None)
    tokens = codec.tokens(data.test_images) if codec.grid else None
    known = data.test_labels if labels else None
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    return ModelFile(config, (8, 8, 1), data.class_names, weights, Codes(mean, logvar, known, tokens))
