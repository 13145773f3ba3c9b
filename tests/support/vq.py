"""A tiny VQ-VAE of the digits, trained for a moment, for the window to work with."""

from pathlib import Path

import torch
from fitting import final, small, train

from trainer.data import load_dataset
from trainer.files import ModelFile, write_model

__all__ = ["CODES", "tiny_vq", "with_dead_codes"]

CODES = 32


def tiny_vq(folder: Path) -> ModelFile:
    """Images of 8 × 8 on grids of 2 × 2."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        config = small(family="vq-vae", codes=CODES, latent=8, epochs=6, hidden=(16, 32), data="digits")
        return final(train(folder, config, load_dataset("digits"))[0])
    finally:
        torch.set_num_threads(threads)


def with_dead_codes(file: ModelFile, path: Path, alive: int) -> Path:
    """The same model in a file whose test images use only the first so many codes."""
    assert file.codes is not None
    assert file.codes.tokens is not None
    file.codes.tokens[:] = file.codes.tokens % alive
    write_model(path, file)
    return path
