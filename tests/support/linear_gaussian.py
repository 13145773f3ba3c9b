"""A model whose likelihood is known in closed form: probabilistic PCA (Tipping & Bishop 1999)."""

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import multivariate_normal
from torch import Tensor, nn

from trainer.batches import Split
from trainer.config import make_config
from trainer.models.base import Batch, LatentModel, Likelihood, Loss
from trainer.models.vae import kl_per_dimension

__all__ = ["LinearGaussian", "grey_images", "resident"]


class UnitLikelihood(Likelihood):
    """x ~ N(raw, σ²), with nothing squashed; has no matrix product of its own, as a new likelihood would not."""

    density = True

    def __init__(self, sigma: float) -> None:
        super().__init__()
        self.sigma = sigma

    def negative_log(self, raw: Tensor, x: Tensor) -> Tensor:
        error = (raw - x).flatten(1) / self.sigma
        return 0.5 * error.square().sum(1) + error.shape[1] * np.log(self.sigma * np.sqrt(2 * np.pi))

    def image(self, raw: Tensor) -> Tensor:
        return raw.clamp(0, 1)


class LinearGaussian(LatentModel):
    """x = W z + b + noise, with orthogonal columns in W, so that the true posterior is a diagonal Gaussian, which the
    encoder gives, ``wider`` than it is by that factor. With ``classes``, b is another one for each class."""

    def __init__(self, latent: int = 2, sigma: float = 0.2, wider: float = 1.0, classes: int = 0) -> None:
        super().__init__(make_config({"latent": latent, "epochs": 1}), (3, 4, 1), classes)
        generator = np.random.default_rng(5)
        columns = np.linalg.qr(generator.standard_normal((12, latent)))[0] * np.linspace(0.9, 0.4, latent)
        self.likelihood = UnitLikelihood(sigma)
        self.w = nn.Parameter(torch.tensor(columns, dtype=torch.float32))
        self.b = nn.Parameter(torch.tensor(generator.uniform(0.3, 0.7, (max(1, classes), 12)), dtype=torch.float32))
        self.wider = wider

    def _offset(self, condition: Tensor | None) -> Tensor:
        return self.b[0] if condition is None else condition @ self.b

    def encode(self, x: Tensor, condition: Tensor | None = None) -> tuple[Tensor, Tensor]:
        precision = 1 + self.w.square().sum(0) / self.likelihood.sigma**2
        mean = (x.flatten(1) - self._offset(condition)) @ self.w / self.likelihood.sigma**2 / precision
        return mean, (-precision.log() + 2 * np.log(self.wider)).expand_as(mean)

    def raw(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        return (z @ self.w.T + self._offset(condition)).view(-1, 1, 3, 4)

    def loss(self, batch: Batch, generator: torch.Generator | None = None) -> Loss:
        mean, logvar = self.encode(batch.x, batch.condition)
        z = mean + (0.5 * logvar).exp() * torch.randn(mean.shape, generator=generator)
        reconstruction = self.likelihood.negative_log(self.raw(z, batch.condition), batch.x)
        kl = kl_per_dimension(mean, logvar).sum(1)
        return Loss((reconstruction + kl).mean(), reconstruction, kl, mean, logvar)

    def exact_nll(self, images: NDArray[np.uint8], labels: NDArray[np.int64] | None = None) -> float:
        """−log N(x; b, W Wᵀ + σ² 1), averaged, by scipy."""
        w, b = self.w.detach().double().numpy(), self.b.detach().double().numpy()
        covariance = w @ w.T + self.likelihood.sigma**2 * np.eye(12)
        x = images.reshape(len(images), -1) / 255
        means = b[np.zeros(len(x), int) if labels is None else labels]
        return -float(
            np.mean([multivariate_normal(m, covariance).logpdf(row) for m, row in zip(means, x, strict=True)])
        )


def grey_images(count: int = 20) -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (count, 3, 4, 1), dtype=np.uint8)


def resident(images: NDArray[np.uint8], labels: NDArray[np.int64] | None = None) -> Split:
    return Split.resident(images, labels, torch.device("cpu"))
