"""The variational autoencoder.

Kingma & Welling 2014, "Auto-Encoding Variational Bayes", arXiv:1312.6114; Rezende et al. 2014, arXiv:1401.4082;
with a weight β on the KL: Higgins et al. 2017, "β-VAE".
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from trainer.config import Config
from trainer.models.base import Batch, ImageShape, LatentModel, Loss
from trainer.models.build import make_decoder, make_encoder, make_likelihood
from trainer.models.objective import kl_term

__all__ = ["VAE", "kl_per_dimension", "model"]

# Log-variances are bent, not cut, to this range: exp() of them and of their negative stay far from float32's limits.
LOGVAR_LOWEST, LOGVAR_HIGHEST = -20.0, 10.0


def kl_per_dimension(mean: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(mean, e^logvar) ‖ N(0, 1)) of each latent dimension, (B, D), in nats.

    ½ (μ² + σ² − 1 − log σ²): Kingma & Welling 2014, appendix B. Their sum is the KL of the whole code.
    """
    return 0.5 * (mean.square() + logvar.exp() - 1 - logvar)


def bend(logvar: Tensor) -> Tensor:
    """The same log-variance, smoothly held between the limits; the identity (to 1e-3) from seven nats inside them."""
    below = LOGVAR_HIGHEST - F.softplus(LOGVAR_HIGHEST - logvar)
    return LOGVAR_LOWEST + F.softplus(below - LOGVAR_LOWEST)


class VAE(LatentModel):
    """q(z|x) is a Gaussian with diagonal covariance, p(z) the standard normal, p(x|z) the config's likelihood."""

    def __init__(self, config: Config, image_shape: ImageShape, classes: int = 0) -> None:
        super().__init__(config, image_shape, classes)
        self.encoder = make_encoder(config, image_shape, 2 * config.latent)
        self.decoder = make_decoder(config, image_shape, config.latent, classes)
        self.likelihood = make_likelihood(config)

    def encode(self, x: Tensor, condition: Tensor | None = None) -> tuple[Tensor, Tensor]:
        mean, logvar = self.encoder(x).float().chunk(2, dim=1)
        return mean, bend(logvar)

    def raw(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        output: Tensor = self.decoder(z)
        return output

    def loss(self, batch: Batch, generator: torch.Generator | None = None) -> Loss:
        """One sample of z an image by the reparametrisation z = μ + σ·ε; the KL is exact.

        What the KL costs in training is in objective.py; outside training the total is −ELBO itself.
        """
        mean, logvar = self.encode(batch.x, batch.condition)
        noise = torch.randn(mean.shape, generator=generator, device=mean.device)
        z = mean + (0.5 * logvar).exp() * noise
        reconstruction = self.likelihood.negative_log(self.raw(z, batch.condition), batch.x)
        kl = kl_per_dimension(mean, logvar)
        if not self.training:
            return Loss(reconstruction.mean() + kl.sum(1).mean(), reconstruction, kl.sum(1), mean, logvar)
        total = kl_term(self.config, batch.progress, batch.population, z, mean, logvar, kl)
        if self.config.reconstruction:
            total = total + reconstruction.mean()
        return Loss(total, reconstruction, kl.sum(1), mean, logvar)


def model(config: Config, image_shape: ImageShape, classes: int) -> VAE:
    return VAE(config, image_shape)
