"""The tables of families, networks, likelihoods and quantizers. To add one: write its file, add its line here."""

from typing import TYPE_CHECKING

from trainer.registry import Choice, Table

if TYPE_CHECKING:
    from trainer.config import Config

__all__ = ["FAMILIES", "LIKELIHOODS", "NETWORKS", "QUANTIZERS", "is_density", "unit"]

FAMILIES = Table(
    "family",
    Choice(
        "vae",
        "Variational autoencoder (β-VAE)",
        "Encodes an image as a Gaussian and keeps the code near the prior with a KL term, weighted by β.",
        "trainer.models.vae",
    ),
    Choice(
        "conditional-vae",
        "Conditional VAE",
        "A VAE that is told each image's class, so that the code holds what the class does not say: slant, width, "
        "style. Needs labels.",
        "trainer.models.conditional_vae",
    ),
    Choice(
        "autoencoder",
        "Autoencoder",
        "Encodes an image as one point. Reconstructs best, but leaves holes in its latent space.",
        "trainer.models.autoencoder",
    ),
    Choice(
        "vq-vae",
        "Vector-quantised autoencoder (VQ-VAE)",
        "Encodes an image as a grid of codes from a codebook that it learns. The codes can be painted by hand.",
        "trainer.models.vq_vae",
        prefers={"network": "residual", "latent": 64, "likelihood": "gaussian", "batch": 64, "learning_rate": 4e-3},
    ),
)

NETWORKS = Table(
    "network",
    Choice(
        "mlp",
        "Fully connected (MLP)",
        "Dense layers. The fastest on small images, and it decodes in a fraction of a millisecond.",
        "trainer.models.mlp",
    ),
    Choice(
        "conv",
        "Convolutional",
        "Strided convolutions. Better on larger images, slower to train without a GPU.",
        "trainer.models.conv",
    ),
    Choice(
        "residual",
        "Residual convolutional",
        "Residual blocks on a quarter of the image's size. For colour photographs, and for the grids of a codebook.",
        "trainer.models.residual",
    ),
)

# Traits: "density" as in trainer.models.base.Likelihood; "unbounded" where that density has no upper limit on images
# that the model can copy exactly, such as black-and-white ones.
LIKELIHOODS = Table(
    "likelihood",
    Choice(
        "bernoulli",
        "Bernoulli",
        "Every pixel is the probability of white (binary cross-entropy). The usual choice for digits.",
        "trainer.models.bernoulli",
    ),
    Choice(
        "gaussian",
        "Gaussian",
        "Every pixel is the mean of a Gaussian of fixed width (squared error). The usual choice for photographs.",
        "trainer.models.gaussian",
        ("density",),
    ),
    Choice(
        "continuous-bernoulli",
        "Continuous Bernoulli",
        "A density for grey pixels with the shape of the Bernoulli. What is shown is its mean.",
        "trainer.models.continuous_bernoulli",
        ("density", "unbounded"),
    ),
    Choice(
        "optimal-gaussian",
        "Gaussian, optimal variance (σ-VAE)",
        "As the Gaussian, with the width that fits best: nothing has to be balanced by hand.",
        "trainer.models.optimal_gaussian",
        ("density", "unbounded"),
    ),
)

QUANTIZERS = Table(
    "quantizer",
    Choice(
        "vq",
        "Nearest code (EMA)",
        "A vector becomes the nearest entry of a learnt codebook, which follows the vectors as a running mean.",
        "trainer.models.vq",
    ),
    Choice(
        "fsq",
        "Finite scalar (FSQ)",
        "Every number of a vector is rounded to a few levels; the codebook is the grid of them, and is not learnt.",
        "trainer.models.fsq",
    ),
)


def is_density(config: "Config") -> bool:
    """Whether the model's −ELBO and reconstruction are of a density over grey values, not of a probability.

    The two kinds must never share an axis or a column of a table.
    """
    return "density" in LIKELIHOODS[config.likelihood].traits


def unit(config: "Config") -> str:
    """What the model's −ELBO and reconstruction are measured in. (A KL is in nats per image with any likelihood.)"""
    return "nats per image (density)" if is_density(config) else "nats per image"
