"""The tables of families, networks, likelihoods and quantizers. To add one: write its file, add its line here."""

from trainer.registry import Choice, Table

__all__ = ["FAMILIES", "LIKELIHOODS", "NETWORKS", "QUANTIZERS"]

FAMILIES = Table(
    "family",
    Choice(
        "vae",
        "Variational autoencoder (β-VAE)",
        "Encodes an image as a Gaussian and keeps the code near the prior with a KL term, weighted by β.",
        "trainer.models.vae",
    ),
    Choice(
        "autoencoder",
        "Autoencoder",
        "Encodes an image as one point. Reconstructs best, but leaves holes in its latent space.",
        "trainer.models.autoencoder",
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
)

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
