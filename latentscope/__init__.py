"""Latentscope, a desktop microscope for latent spaces: the application."""

from trainer import __version__

__all__ = ["__version__"]
