"""The comparisons that every lecture on autoencoders makes, each of them one click: what is trained side by side."""

from dataclasses import dataclass
from typing import Any

from latentscope.runs.memory import default_seconds
from trainer.config import Config, make_config

__all__ = ["COMPARISONS", "LectureComparison", "variants"]


@dataclass(frozen=True)
class LectureComparison:
    """``settings`` has one entry a model: in what it differs from the default model."""

    name: str
    title: str
    help: str
    settings: tuple[dict[str, Any], ...]


COMPARISONS = {
    comparison.name: comparison
    for comparison in (
        LectureComparison(
            "autoencoder-vae",
            "Autoencoder and VAE",
            "The same data with and without a prior: where is there a picture between two clusters?",
            ({"family": "autoencoder"}, {"family": "vae"}),
        ),
        LectureComparison(
            "no-kl",
            "With and Without the KL Term",
            "Nothing holds the codes near the prior any more: they drift apart, and samples of the prior fail.",
            ({"beta": 1.0}, {"beta": 0.0}),
        ),
        LectureComparison(
            "no-reconstruction",
            "With and Without the Reconstruction Term",
            "Only the KL is left: every image ends up at the prior, and nothing can be told apart.",
            ({"reconstruction": True}, {"reconstruction": False}),
        ),
        LectureComparison(
            "beta",
            "β = 0.25, 1 and 4",
            "What the weight of the KL term does: from sharp and scattered to tidy and blurred.",
            ({"beta": 0.25}, {"beta": 1.0}, {"beta": 4.0}),
        ),
    )
}


def variants(comparison: LectureComparison, data: str) -> list[Config]:
    """The models of a comparison on that data set: of two dimensions, alike in all else, and long enough to see it."""
    shared = {"data": data, "seconds": default_seconds(data)}
    return [make_config(shared | settings) for settings in comparison.settings]
