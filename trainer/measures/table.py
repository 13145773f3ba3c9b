"""The table of figures: what each is called, what it is measured in and what it means, for every place that shows one.

A figure's key is its name in ``--json``, in model files and in events.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["DIMENSIONS", "MEASURES", "Measure", "scope", "shown", "unit_of"]

MINUS = "\N{MINUS SIGN}"
Form = Literal["nats", "number", "count", "share"]


@dataclass(frozen=True)
class Measure:
    """One figure. ``definition`` is one or two sentences for whoever asks. ``likelihood`` marks those that are a
    density where the likelihood is one; they never stand beside those that are a probability."""

    key: str
    title: str
    group: str
    form: Form
    unit: str
    definition: str
    likelihood: bool = False

    def text(self, value: float) -> str:
        """The figure without its unit, as a person reads it."""
        match self.form:
            case "nats":
                text = f"{value:,.2f}"
            case "count":
                text = f"{value:,.0f}"
            case "share":
                text = f"{100 * value:.1f} %"
            case _:
                text = f"{value:.4g}"
        return text.replace("-", MINUS)


NATS = "nats per image"
LIKELIHOOD, SPACE, PICTURES, CLASSES, CODEBOOK = "Likelihood", "Latent space", "Reconstruction", "Classes", "Codebook"

MEASURES: dict[str, Measure] = {
    measure.key: measure
    for measure in (
        Measure(
            "negative_elbo",
            f"{MINUS}ELBO",
            LIKELIHOOD,
            "nats",
            NATS,
            f"Reconstruction + KL: an upper bound on {MINUS}log p(x), lower is better. Images as they are, in grey; "
            "whatever weights the two had in training. Kingma & Welling 2014.",
            True,
        ),
        Measure(
            "reconstruction",
            "Reconstruction",
            LIKELIHOOD,
            "nats",
            NATS,
            f"{MINUS}log p(x|z), with z drawn from the posterior (autoencoder: at the code), in grey.",
            True,
        ),
        Measure(
            "kl",
            "KL",
            LIKELIHOOD,
            "nats",
            NATS,
            "KL(q(z|x) ‖ p(z)): how much a code costs over the prior, in closed form, averaged over images.",
        ),
        Measure(
            "negative_elbo_binarized",
            f"{MINUS}ELBO, binarised",
            LIKELIHOOD,
            "nats",
            NATS,
            f"{MINUS}ELBO of images whose pixels were drawn black or white with their grey as the probability of "
            "white, which the encoder sees, too: what the literature reports for dynamically binarised MNIST.",
            True,
        ),
        Measure(
            "nll_iw",
            f"{MINUS}log p(x), importance-weighted",
            LIKELIHOOD,
            "nats",
            NATS,
            f"An upper bound on {MINUS}log p(x) that falls towards it with the number of samples from the posterior; "
            "for the Bernoulli likelihood of binarised images. Burda et al. 2016.",
            True,
        ),
        Measure(
            "nll_exact",
            f"{MINUS}log p(x), exact",
            LIKELIHOOD,
            "nats",
            NATS,
            f"{MINUS}log of the integral of p(x|z) p(z) over the whole latent space, by quadrature; for one or two "
            "dimensions; for the Bernoulli likelihood of binarised images.",
            True,
        ),
        Measure(
            "nll_exact_error",
            "Error of the quadrature",
            LIKELIHOOD,
            "number",
            NATS,
            "By how much an image's figure moved, on average, when its grid was made twice as fine for the last time: "
            "an upper estimate.",
        ),
        Measure(
            "active_units",
            "Active dimensions",
            SPACE,
            "count",
            "",
            "Latent dimensions whose posterior mean has a variance above 0.01 over the images. Burda et al. 2016.",
        ),
        Measure(
            "mutual_information",
            "Mutual information",
            SPACE,
            "nats",
            "nats",
            "I(x; z): how much a code says about which image it came from; at most the logarithm of the number of "
            "images, 9.2 for 10,000. Hoffman & Johnson 2016.",
        ),
        Measure(
            "marginal_kl",
            "Marginal KL",
            SPACE,
            "nats",
            "nats",
            "KL(q(z) ‖ p(z)), the KL without the mutual information: how far all codes together are from the prior. "
            "Hoffman & Johnson 2016.",
        ),
        Measure(
            "mse",
            "Squared error",
            PICTURES,
            "number",
            "per pixel",
            "Mean squared error of the image decoded from the posterior's mean, pixels from 0 to 1.",
        ),
        Measure(
            "mse_over_variance",
            "Squared error / variance",
            PICTURES,
            "number",
            "",
            "The squared error divided by the variance of all pixels of the test images: 1 is a constant grey.",
        ),
        Measure(
            "knn_accuracy",
            "Nearest neighbours",
            CLASSES,
            "share",
            "",
            "How often most of the 10 training codes that are nearest to a test image's code are of its class.",
        ),
        Measure(
            "silhouette",
            "Silhouette",
            CLASSES,
            "number",
            "",
            f"How well the classes are set apart in the codes, from {MINUS}1 over 0 (not at all) to 1; on 2,000 test "
            "images. Rousseeuw 1987.",
        ),
        Measure(
            "label_recognised",
            "Label recognised",
            CLASSES,
            "share",
            "",
            "How often a classifier trained on real images sees the class that was asked for, in 1,000 samples of the "
            "prior.",
        ),
        Measure(
            "classifier_accuracy",
            "The classifier itself",
            CLASSES,
            "share",
            "",
            "How often that classifier is right about real test images.",
        ),
        Measure(
            "codes_used",
            "Codes in use",
            CODEBOOK,
            "count",
            "",
            "Entries of the codebook that stand in at least one cell of the test images.",
        ),
        Measure(
            "codes_unused",
            "Codes not in use",
            CODEBOOK,
            "count",
            "",
            "Entries of the codebook that no test image uses: dead codes.",
        ),
        Measure("codes", "Codes in all", CODEBOOK, "count", "", "Entries of the codebook."),
        Measure(
            "perplexity",
            "Perplexity",
            CODEBOOK,
            "number",
            "codes",
            "e to the entropy of how often each code is used, over all cells of all test images: so many codes, used "
            "equally often, would be as varied. van den Oord et al. 2017.",
        ),
    )
}

# Lists of one number a latent dimension.
DIMENSIONS: dict[str, Measure] = {
    measure.key: measure
    for measure in (
        Measure(
            "kl_per_dimension",
            "KL",
            SPACE,
            "number",
            "nats",
            "KL of the posterior to the prior in one dimension, averaged over images; they add up to the KL.",
        ),
        Measure(
            "sigma_per_dimension",
            "σ",
            SPACE,
            "number",
            "",
            "The posterior's standard deviation in one dimension, averaged over images; the prior's is 1.",
        ),
    )
}


def unit_of(measure: Measure, density: bool) -> str:
    """Its unit, and with it whether it is a density."""
    return f"{measure.unit} (density)" if density and measure.likelihood else measure.unit


def scope(measure: Measure, figures: Mapping[str, Any]) -> str:
    """What a figure was measured on where it is not all test images: ", 5,000 samples, first 1,000 images"; or ""."""
    samples, images = (figures.get(f"{measure.key}_{what}") for what in ("samples", "images"))
    parts = [f", {samples:,.0f} samples"] if samples else []
    if images and images != figures.get("images"):
        parts.append(f", first {images:,.0f} images")
    return "".join(parts)


def shown(figures: Mapping[str, Any]) -> Iterable[tuple[Measure, float]]:
    """The figures of the table that there are, in its order."""
    return [(measure, figures[key]) for key, measure in MEASURES.items() if key in figures]
