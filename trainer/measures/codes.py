"""What the codes of many images say about a latent space. No torch: the window measures snapshots as they come."""

import math
from collections.abc import Callable
from typing import cast

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ACTIVE",
    "MOST_IN_AGGREGATE",
    "NEIGHBOURS",
    "active_dimensions",
    "kl_per_dimension",
    "knn_accuracy",
    "mutual_information",
    "sigma_per_dimension",
    "silhouette",
]

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]

# A latent dimension is active if the variance over images of its posterior mean is above this (Burda et al. 2016,
# arXiv:1509.00519, section 5.1).
ACTIVE = 0.01
MOST_IN_AGGREGATE = 10_000  # images of which the aggregate posterior is made
NEIGHBOURS = 10
SILHOUETTE_SAMPLE = 2_000  # its cost grows with the square of this
BLOCK = 500  # rows of pairwise distances at a time


def kl_per_dimension(mean: Floats, logvar: Floats) -> NDArray[np.float64]:
    """The mean over images of KL(q(z_d|x) ‖ N(0, 1)) of each dimension, (D,), in nats; from codes (N, D).

    ½ (μ² + σ² − 1 − log σ²): Kingma & Welling 2014, arXiv:1312.6114, appendix B.
    """
    mu, log = mean.astype(np.float64), logvar.astype(np.float64)
    return cast("NDArray[np.float64]", 0.5 * (mu**2 + np.exp(log) - 1 - log).mean(0))


def sigma_per_dimension(logvar: Floats) -> NDArray[np.float64]:
    """The mean over images of the posterior's standard deviation in each dimension, (D,); the prior's is 1."""
    return cast("NDArray[np.float64]", np.exp(0.5 * logvar.astype(np.float64)).mean(0))


def active_dimensions(mean: Floats) -> NDArray[np.bool_]:
    """Which dimensions (D,) are active: those whose posterior mean has a variance above ``ACTIVE`` over images."""
    return cast("NDArray[np.bool_]", mean.var(axis=0, dtype=np.float64) > ACTIVE)


def mutual_information(
    mean: Floats, logvar: Floats, *, seed: int = 0, tell: Callable[[float], None] = lambda share: None
) -> float:
    """I_q(x; z) in nats: how much a code says about which image it came from, as far as the encoder goes.

    Hoffman & Johnson 2016, "ELBO surgery", section 2: the mean over images of KL(q(z|x) ‖ q(z)), where the aggregate
    posterior q(z) is the mixture of the posteriors of these N images themselves (at most the first
    ``MOST_IN_AGGREGATE``). Estimated with one sample z an image; by its construction at most about log N, 9.2 for
    10,000 images. What of the KL to the prior is left, KL − I, is the marginal KL, KL(q(z) ‖ p(z)).
    """
    mean64, logvar64 = (part[:MOST_IN_AGGREGATE].astype(np.float64) for part in (mean, logvar))
    count = len(mean64)
    noise = np.random.default_rng(seed).standard_normal(mean64.shape)
    z = mean64 + np.exp(0.5 * logvar64) * noise
    precision = np.exp(-logvar64)
    # log q(z_i|x_j), but for the factor (2π)^(−D/2), which it shares with log q(z_i|x_i): the square multiplied out.
    constant = (mean64**2 * precision + logvar64).sum(1)
    total = 0.0
    for begin in range(0, count, BLOCK):
        tell(begin / count)
        some = z[begin : begin + BLOCK]
        each = -0.5 * (some**2 @ precision.T - 2 * some @ (mean64 * precision).T + constant)
        highest = each.max(axis=1, keepdims=True)
        aggregate = highest[:, 0] + np.log(np.exp(each - highest).sum(1)) - math.log(count)
        own = -0.5 * (noise[begin : begin + BLOCK] ** 2 + logvar64[begin : begin + BLOCK]).sum(1)
        total += float((own - aggregate).sum())
    return total / count


def knn_accuracy(known: Floats, known_labels: Labels, codes: Floats, labels: Labels) -> float:
    """The part of the codes (N, D) whose class is that of most of their ``NEIGHBOURS`` nearest among the known codes.

    The known codes are the training images' posterior means, distances are Euclidean, ties go to the smaller label.
    """
    from sklearn.neighbors import KNeighborsClassifier

    classifier = KNeighborsClassifier(min(NEIGHBOURS, len(known))).fit(known, known_labels)
    return float(classifier.score(codes, labels))


def silhouette(codes: Floats, labels: Labels, seed: int = 0) -> float | None:
    """How well the classes are set apart in the codes (N, D): from −1 over 0 (not at all) to 1.

    The mean of (b − a) / max(a, b), with a the mean distance of a code to those of its own class and b to those of the
    nearest other class (Rousseeuw 1987, J. Comput. Appl. Math. 20); over a sample of ``SILHOUETTE_SAMPLE`` images
    drawn with this seed. None where the sample has fewer than two classes, or every image its own.
    """
    from sklearn.metrics import silhouette_score

    if len(codes) > SILHOUETTE_SAMPLE:
        chosen = np.random.default_rng(seed).choice(len(codes), SILHOUETTE_SAMPLE, replace=False)
        codes, labels = codes[chosen], labels[chosen]
    if not 2 <= len(np.unique(labels)) < len(labels):
        return None
    return float(silhouette_score(codes, labels))
